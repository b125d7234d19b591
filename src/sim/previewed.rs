//! A rollout with two groups of the new release: a small preview first, then the primary beside it. They are one release for
//! defects, books, alerts and arrival, and two for the balancer.

use super::{
    Outcome, Trial,
    channels::checked,
    witness::{Booked, Fate, witnessed},
};
use crate::{
    kernel::Seed,
    model::{Action, Cohort, GroupId, GroupSpec, Measure, Phase, ReleaseId, UserMatch, View, Wake},
    scenario::Plan,
    strategy::{Routing, Strategy},
    units::{Instant, Ratio, Span},
};

const BOT: &str = "
format: 2
title: a preview
length: 1h
rollout_at: 10m
fleet:
  instances: 8
  workers: 8
  errors: 1%
  service_time: {exponential: {mean: 100ms}}
  startup: {constant: 20s}
  propagation: 7s
traffic: {rate: 40/s}
users: {count: 4000, attributes: {region: {eu: 25%, us: 75%}}}
strategy: none
alerts: [{name: worse, metric: error_rate, against: difference, above: 30%, window: 1m}]
telemetry: {interval: 10s}
";

const PREVIEW: GroupId = GroupId::new(2);
const HOLD: Span = Span::from_secs(600);

#[derive(Clone)]
struct Previewed {
    place: Place,
    routing: Routing,
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    New,
    Starting,
    /// The preview alone has a tenth.
    Small(Instant),
    Large,
    /// Both have all, four fifths and one.
    Promoted,
    Over,
}

impl Previewed {
    fn weights(primary: f64, preview: f64) -> [Action; 2] {
        [(GroupId::CANDIDATE, primary), (PREVIEW, preview)]
            .map(|(group, share)| Action::Weight { group, share: Ratio::clamped(share) })
    }
}

impl Strategy for Previewed {
    fn routing(&self) -> Routing {
        self.routing.clone()
    }

    fn groups(&self) -> Vec<GroupSpec> {
        let preview = GroupSpec { name: "preview", release: ReleaseId::CANDIDATE };
        vec![GroupSpec::STABLE, GroupSpec::CANDIDATE, preview]
    }

    fn uses_flag(&self) -> bool {
        false
    }

    fn reconcile(&mut self, view: &View, actions: &mut Vec<Action>) -> Wake {
        let scale = |group, replicas| Action::Scale { group, replicas };
        match self.place {
            Place::New => {
                self.place = Place::Starting;
                actions.push(Action::Enter(Phase::Progressing, "begins".to_owned()));
                actions.push(scale(PREVIEW, 2));
            }
            Place::Starting if view.groups[PREVIEW].ready() == 2 => {
                let until = view.now.saturating_add(HOLD);
                self.place = Place::Small(until);
                actions.extend(Self::weights(0.0, 0.1));
                return Wake::At(until);
            }
            Place::Small(until) if view.now < until => return Wake::At(until),
            Place::Small(_) => {
                self.place = Place::Large;
                actions.push(scale(GroupId::CANDIDATE, view.fleet));
            }
            Place::Large if view.candidate().ready() == view.fleet => {
                self.place = Place::Promoted;
                actions.extend(Self::weights(0.8, 0.2));
            }
            Place::Promoted if view.groups[PREVIEW].weight.reached == Ratio::clamped(0.2) => {
                self.place = Place::Over;
                actions.push(scale(GroupId::STABLE, 0));
                actions.push(Action::Enter(Phase::Completed, "all of it".to_owned()));
            }
            Place::Starting | Place::Large | Place::Promoted | Place::Over => {}
        }
        Wake::OnChange
    }
}

fn plan(defects: &str) -> Plan {
    checked(&format!("{BOT}release: {{from: v1, to: v2, defects: [{defects}]}}\n")).unwrap()
}

fn played(plan: &Plan, routing: Routing) -> (Outcome, Vec<Booked>) {
    let strategy = Box::new(Previewed { place: Place::New, routing });
    witnessed(|| Trial::new(plan, Seed::DEFAULT).run_with_strategy(strategy))
}

fn europeans() -> Routing {
    let europe: UserMatch = [("region".to_owned(), "eu".to_owned())].into_iter().collect();
    Routing::Attributes(vec![europe])
}

/// When this entry of the timeline was made.
fn entry_at(outcome: &Outcome, text: &str) -> u64 {
    let found = outcome.timeline.iter().find(|it| it.text == text);
    let texts = || outcome.timeline.iter().map(|it| it.text.clone()).collect::<Vec<_>>();
    found.unwrap_or_else(|| panic!("{text}: {:#?}", texts())).at.nanos()
}

/// The parts of these requests that the stable group, the primary and the preview had, to four standard errors.
#[track_caller]
fn has_parts<'a>(booked: impl Iterator<Item = &'a Booked>, parts: [f64; 3]) {
    let booked: Vec<&Booked> = booked.collect();
    let all = booked.len() as f64;
    assert!(all > 10_000.0, "{all}");
    let preview = Cohort::of(PREVIEW, ReleaseId::CANDIDATE);
    for (cohort, part) in [Cohort::STABLE, Cohort::EXPOSED, preview].into_iter().zip(parts) {
        let of = booked.iter().filter(|it| it.cohort == cohort).count() as f64;
        // users keep their group, and ask more or less often
        let standard_error = (part * (1.0 - part) * (all + all * all / 4000.0)).sqrt();
        assert!((of - all * part).abs() <= 4.0 * standard_error, "{cohort:?}: {of} of {all}");
    }
}

#[test]
fn two_groups_of_the_new_release_have_their_parts_and_one_book() {
    let (outcome, booked) = played(&plan(""), Routing::Requests);
    assert_eq!((outcome.phase, outcome.further.len()), (Phase::Completed, 0));
    let small = entry_at(&outcome, "10 % of the traffic goes to v2 (preview)");
    let large = entry_at(&outcome, "20 % of the traffic goes to v2 (preview)");
    let during =
        |from: u64, to: u64| booked.iter().filter(move |it| (from + 1..to).contains(&it.arrived));
    has_parts(during(small, large - Span::from_secs(60).nanos()), [0.9, 0.0, 0.1]);
    has_parts(during(large, u64::MAX), [0.0, 0.8, 0.2]);
    // all users are on the new release at once with the last weight, whichever of its groups they are sent to
    let began = outcome.rollout_began.unwrap().nanos();
    let arrived = outcome.figure(Measure::rollout_time).unwrap();
    assert_eq!(began + Span::from_secs_f64(arrived).nanos(), large);
    let point = outcome.series.points.last().unwrap();
    assert_eq!(point.ready, [0, 10]);
    assert!((point.weight - 1.0).abs() < 1e-9, "{}", point.weight);
    let lives = |release| outcome.lives.iter().filter(|it| it.release == release).count();
    assert_eq!((lives(ReleaseId::STABLE), lives(ReleaseId::CANDIDATE)), (8, 10));
}

#[test]
fn a_defect_is_of_both_groups_and_an_alert_compares_the_releases() {
    let (outcome, booked) = played(&plan("{effect: {errors: {rate: 60%}}}"), Routing::Requests);
    let failed = |group| {
        let cohort = Cohort::of(group, ReleaseId::CANDIDATE);
        let of: Vec<&Booked> = booked.iter().filter(|it| it.cohort == cohort).collect();
        let failed = of.iter().filter(|it| matches!(it.fate, Fate::Failed(_))).count();
        failed as f64 / of.len() as f64
    };
    for group in [GroupId::CANDIDATE, PREVIEW] {
        assert!((failed(group) - 0.6).abs() < 0.05, "{group:?}: {}", failed(group));
    }
    let share = outcome.figure(Measure::failed_share_candidate).unwrap();
    assert!((share - 0.6).abs() < 0.05, "{share}");
    // while the primary has no instance yet
    let small = entry_at(&outcome, "10 % of the traffic goes to v2 (preview)");
    let detected = outcome.detected.unwrap().nanos();
    let soon = small..small + Span::from_secs(60).nanos();
    assert!(soon.contains(&detected), "{detected} {soon:?}");
    let (outcome, _) = played(&plan(""), Routing::Requests);
    assert_eq!(outcome.detected, None);
}

#[test]
fn users_whom_the_old_release_cannot_take_go_to_both_groups_of_the_new_one() {
    let (outcome, booked) = played(&plan(""), europeans());
    assert_eq!(outcome.phase, Phase::Completed);
    let small = entry_at(&outcome, "10 % of the traffic goes to v2 (preview)");
    let large = entry_at(&outcome, "20 % of the traffic goes to v2 (preview)");
    let until = large - Span::from_secs(60).nanos();
    has_parts(
        booked.iter().filter(|it| (small + 1..until).contains(&it.arrived)),
        [1.0 - 0.25 * 0.1, 0.0, 0.25 * 0.1],
    );
    let gone = outcome.series.points.iter().rev().take_while(|it| it.ready == [0, 10]);
    let gone = gone.last().unwrap().at.nanos() + Span::from_secs(60).nanos();
    has_parts(booked.iter().filter(|it| it.arrived > gone), [0.0, 0.8, 0.2]);
}
