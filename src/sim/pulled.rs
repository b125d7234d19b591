//! A channel that workers fetch from, which only tests know: what is fetched is answered once or dead, a user's
//! requests stay in order where the channel says so, and the balancer has no part in it.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Trial,
    channels::{SECOND, checked, fates, played},
    run,
    witness::{Booked, Fate},
};
use crate::{kernel::Seed, model::Measure, units::Instant};

/// Instances that crash, answers that are errors, and work that takes longer than its time.
const ROUGH: &str = "
format: 2
title: a rough hour
length: 1h
rollout_at: 10m
fleet: {instances: 4, workers: 2, errors: 15%, service_time: {exponential: {mean: 1s}}, startup: {constant: 4s}, restart: {backoff: 1s, backoff_max: 1s}}
traffic: {rate: 3/s}
users: {count: 60}
operations: {write: {share: 100%, channel: post}}
incidents:
  - {when: {random: 3m}, effect: {crash: {}}}
  - {when: {at: 20m}, lasts: 30s, scope: {instances: 2}, effect: {hang: {}}}
strategy: {rolling: {}}
";

fn rough(settings: &str) -> (Vec<Booked>, f64, f64) {
    let post = format!("channels: {{post: {{mailbox: {settings}}}}}\n");
    let plan = checked(&format!("{ROUGH}{post}")).unwrap();
    let (outcome, booked) = played(&plan);
    let figure = |it| outcome.figure(it).unwrap();
    (booked, figure(Measure::requests), figure(Measure::attempts_mean))
}

/// Requests of a user that ended after a later one of the same user.
fn overtaken(booked: &[Booked]) -> usize {
    let mut last: BTreeMap<u32, u64> = BTreeMap::new();
    let mut overtaken = 0;
    for it in booked {
        let newest = last.entry(it.user).or_default();
        overtaken += usize::from(it.arrived < *newest);
        *newest = it.arrived.max(*newest);
    }
    overtaken
}

#[test]
fn every_letter_is_answered_once_or_dead() {
    for brought in [false, true] {
        let (booked, requests, attempts) =
            rough(&format!("{{visibility: 4s, fetches: 3, brought: {brought}}}"));
        let letters: BTreeSet<(u64, u32)> = booked.iter().map(|it| (it.arrived, it.user)).collect();
        assert_eq!(letters.len(), booked.len(), "each ends once");
        // the checker of every trial holds that the others are still under way
        assert!(requests - booked.len() as f64 <= 40.0, "{requests}: {}", booked.len());
        if brought {
            continue;
        }
        let dead = booked.iter().filter(|it| it.fate != Fate::Good).count() as f64;
        // an error or an overdue answer, three times: 1 - 0.85 (1 - e^-4) of all fetches are in vain
        let in_vain = 0.165_569;
        let expected = in_vain * in_vain * in_vain * booked.len() as f64;
        assert!((dead - expected).abs() < 4.5 * expected.sqrt() + 12.0, "{dead}: {expected}");
        assert!(attempts > 1.15 && attempts < 1.25, "{attempts}");
    }
}

#[test]
fn the_letters_of_a_user_keep_their_order_where_the_channel_says_so() {
    for brought in [false, true] {
        let settings = |in_order| {
            format!("{{visibility: 4s, fetches: 3, brought: {brought}, in_order: {in_order}}}")
        };
        let (booked, requests, _) = rough(&settings(true));
        assert_eq!(overtaken(&booked), 0);
        assert!(requests - booked.len() as f64 <= 60.0, "{requests}: {}", booked.len());
        assert!(overtaken(&rough(&settings(false)).0) > 100);
    }
}

const QUIET: &str = "
format: 2
title: a quiet hour
length: 1h
strategy: none
fleet: {instances: 6, workers: 4, errors: 0%, service_time: {constant: 25s}, startup: {constant: 2s}, readiness: {period: 1s}, restart: {backoff: 1s}}
traffic: {rate: 4/m}
users: {count: 50}
channels: {post: {mailbox: {visibility: 30s}}}
";

/// What a consumer had in hand when it died is fetched again when its 30 s are over, and takes 25 s from then on.
#[test]
fn a_letter_whose_reader_dies_is_there_again_when_its_time_is_over() {
    let more = "
operations: {write: {share: 100%, channel: post}}
incidents: [{when: {at: 30m}, effect: {crash: {}}, scope: {instances: 6}}]
";
    let plan = checked(&format!("{QUIET}{more}")).unwrap();
    let (_, booked) = played(&plan);
    let crash = 1_800 * SECOND;
    let in_hand = |it: &&Booked| it.arrived < crash && it.arrived + 25 * SECOND > crash;
    let took = |it: &Booked| it.ended - it.arrived;
    assert!(booked.iter().any(|it| in_hand(&it)), "someone had a letter");
    for it in &booked {
        assert_eq!(it.fate, Fate::Good);
        if in_hand(&it) {
            assert_eq!(took(it), 55 * SECOND);
        } else if it.arrived < crash {
            assert_eq!(took(it), 25 * SECOND);
        }
    }
}

#[test]
fn two_channels_in_one_bot_do_not_share_the_balancer() {
    let more = "
client: {deadline: 1m}
operations: {ask: {share: 50%}, write: {share: 50%, channel: post}}
incidents: [{when: {at: 20m}, lasts: 10m, effect: {unready: {}}}]
";
    let plan = checked(&format!("{QUIET}{more}")).unwrap();
    let (_, booked) = played(&plan);
    let (asked, written) = (fates(&plan, &booked, "ask"), fates(&plan, &booked, "write"));
    let refused = asked.iter().filter(|it| it.0 != Fate::Good).count();
    // 2 a minute for ten minutes, less what the balancer hears late
    assert!((10..=32).contains(&refused), "{refused}");
    assert!(written.len() > 80);
    assert!(written.iter().all(|it| *it == (Fate::Good, 25 * SECOND)));
}

/// What waits before the fleet is part of a fork, and each letter still ends once.
#[test]
fn a_trial_with_letters_can_be_forked() {
    let post = "channels: {post: {mailbox: {visibility: 4s, in_order: true}}}\n";
    let plan = checked(&format!("{ROUGH}{post}")).unwrap();
    let mut trial = Trial::new(&plan, Seed::DEFAULT).start();
    trial.until(Instant::from_nanos(1_210 * SECOND));
    let (same, fresh) = (trial.clone().finish(), trial.forked(7).finish());
    assert_eq!(same.figures, trial.finish().figures);
    assert_eq!(same.figures, run(&plan, Seed::DEFAULT).figures);
    assert_ne!(same.figures, fresh.figures);
}
