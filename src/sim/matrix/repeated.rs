//! A number of instances is drawn among those that exist, again each time that the fault starts.

use std::collections::BTreeSet;

use serde_json::json;

use super::bot::{Extra, Played, SECOND, played, played_with};
use crate::{model::ReleaseId, sim::LifeState};

/// Instances that crash at an instant.
fn crashed(played: &Played, at: u64) -> BTreeSet<u32> {
    played.crashes().into_iter().filter(|it| it.1 == at).map(|it| it.0).collect()
}

#[test]
fn each_repetition_crashes_two_of_those_that_exist_then() {
    let crash = json!({
        "effect": {"crash": {}}, "scope": {"instances": 2}, "when": {"at": "4s"}, "lasts": "1s",
        "repeat": "9s",
    });
    let played = played(&Extra { incidents: &[crash], ..Extra::default() });
    let times: Vec<u64> = (0..7).map(|it| (4 + 9 * it) * SECOND).collect();
    let drawn: Vec<BTreeSet<u32>> = times.iter().map(|&at| crashed(&played, at)).collect();
    assert!(drawn.iter().all(|it| it.len() == 2), "{drawn:?}");
    assert_eq!(played.crashes().len(), 14, "none crashes at another time");
    assert!(drawn.iter().collect::<BTreeSet<_>>().len() > 2, "always the same: {drawn:?}");
    // the old release first, then both, then the new one
    let old: BTreeSet<u32> = played.pods(ReleaseId::STABLE).collect();
    let of_old: Vec<usize> = drawn.iter().map(|it| it.intersection(&old).count()).collect();
    assert_eq!(of_old[0], 2);
    let gone = |pod: &u32| matches!(played.state(*pod, times[6]), Some((LifeState::Gone, _)));
    assert!(old.iter().all(gone) && of_old[6] == 0, "{of_old:?}");
}

#[test]
fn those_that_were_drawn_before_are_well_again() {
    let errors = json!({
        "effect": {"errors": {"rate": "100%"}}, "scope": {"instances": 2}, "when": {"at": "4s"},
        "lasts": "5s", "repeat": "9s",
    });
    let played = played(&Extra { incidents: &[errors], held: true, ..Extra::default() });
    let mut all = BTreeSet::new();
    for start in (0..6).map(|it| (4 + 9 * it) * SECOND) {
        let sent = |from: u64, to: u64| {
            played.booked.iter().filter(move |it| (start + from..start + to).contains(&it.arrived))
        };
        let failing = |from, to| -> BTreeSet<u32> {
            sent(from, to).filter(|it| !it.is_healthy()).filter_map(|it| it.pod).collect()
        };
        let during = failing(0, 5 * SECOND);
        assert_eq!(during.len(), 2, "at {start}: {during:?}");
        let of_those =
            sent(0, 5 * SECOND).filter(|it| it.pod.is_some_and(|it| during.contains(&it)));
        assert!(of_those.clone().all(|it| !it.is_healthy()), "at {start}");
        assert!(failing(5 * SECOND, 9 * SECOND).is_empty(), "between two repetitions");
        all.insert(during);
    }
    assert!(all.len() > 2, "always the same: {all:?}");
}

#[test]
fn each_of_those_that_exist_is_drawn_as_often_as_any_other() {
    let crash = json!({"effect": {"crash": {}}, "scope": {"instances": 1}, "when": {"at": "2s"}});
    let mut counts = [0_u32; 4];
    for seed in 0..200 {
        let extra = Extra { incidents: std::slice::from_ref(&crash), ..Extra::default() };
        let played = played_with(seed, &extra);
        for pod in crashed(&played, 2 * SECOND) {
            counts[pod as usize - played.pods(ReleaseId::STABLE).min().unwrap() as usize] += 1;
        }
    }
    // binomial with 200 trials of a quarter: 50, standard deviation 6.1
    assert_eq!(counts.iter().sum::<u32>(), 200);
    assert!(counts.iter().all(|it| it.abs_diff(50) <= 24), "{counts:?}");
}
