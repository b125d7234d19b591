//! Estimates of one candidate, against published tables and by hand.

use super::*;
use crate::experiment::tune::{Aims, Releases};

/// Rows of the table `certify_rate_runs.csv`: limit, confidence, runs without any event, and runs
/// that are enough for so many events.
#[test]
fn as_many_trials_show_a_rate_as_the_table_says() {
    for (limit, confidence, without, runs, events) in [
        (0.005, 0.9, 460, 2_100, 5),
        (0.01, 0.95, 299, 1_049, 5),
        (0.01, 0.95, 299, 12_555, 107),
        (0.01, 0.99, 459, 459, 0),
        (0.02, 0.99, 228, 725, 6),
        (0.05, 0.95, 59, 93, 1),
        (0.05, 0.99, 90, 23_905, 1_117),
    ] {
        // the second row of the first limit holds at 95 %
        let of = if runs == 2_100 { 0.95 } else { confidence };
        assert_eq!(trials_to_certify(limit, confidence), without, "{limit} at {confidence}");
        let high = |events, n| clopper_pearson(events, n, 2.0 * of - 1.0).high;
        assert!(high(events, runs) <= limit, "{events} of {runs}");
        assert!(high(events + 1, runs) > limit, "{events} and one more of {runs}");
    }
}

const CLASSES: [ClassOf; 2] =
    [ClassOf { chance: 0.9, good: true }, ClassOf { chance: 0.1, good: false }];

/// Good releases of which so many were rolled back, and bad ones that hurt 1 to 100 users.
fn tally(good: u64, back: u64) -> Tally {
    let mut tally = Tally::new(2);
    for number in 0..good {
        let flag = if number < back { 1.0 } else { 0.0 };
        tally.add(0, vec![0.0, flag, 1.0 - flag, 0.0, 0.0, 600.0]);
    }
    for number in 1..=100_u32 {
        tally.add(1, vec![0.0, 1.0, 0.0, 0.0, f64::from(number), f64::NAN]);
    }
    tally
}

fn required(group: &str, name: &str, condition: &str) -> Requirement {
    let spec = serde_json::json!({"constraints": {group: {name: condition}}});
    let spec = serde_json::from_value(spec).unwrap();
    Aims::of(&spec).requirements[0].clone()
}

#[test]
fn a_rate_is_shown_broken_or_neither() {
    let wanted = required("all", "false_rollback", "<= 1%");
    let standing = |good, back| tally(good, back).judged(&wanted, &CLASSES, 0.95).standing;
    assert_eq!(standing(298, 0), Standing::Open);
    assert_eq!(standing(299, 0), Standing::Certified);
    assert_eq!(standing(1_049, 5), Standing::Certified);
    assert_eq!(standing(1_049, 6), Standing::Open);
    assert_eq!(standing(100, 5), Standing::Broken);
    assert_eq!(standing(0, 0), Standing::Open);
}

#[test]
fn a_quantile_is_a_limit_on_how_often() {
    // 10 of 100 hurt more than 90: that at most 5 % may is violated, 30 % holds
    let judged = |name: &str, limit: &str| {
        tally(300, 0).judged(&required("bad", name, limit), &CLASSES, 0.95)
    };
    let p95 = judged("users_hurt_p95", "<= 90");
    assert_eq!((p95.standing, p95.value), (Standing::Broken, Some(95.0)));
    assert_eq!(judged("users_hurt_p95", "<= 98").standing, Standing::Open);
    assert_eq!(judged("users_hurt_p95", "<= 100").standing, Standing::Certified);
    assert_eq!(judged("users_hurt_p50", "<= 70").standing, Standing::Certified);
    assert_eq!(judged("users_hurt_p50", ">= 20").standing, Standing::Certified);
    // a rollout that never was over took longer than any limit
    assert_eq!(judged("rollout_time_p50", "<= 9h").standing, Standing::Broken);
}

/// One release of forty that hurts 1,000 users: the mean is 25, and two standard errors reach below zero.
#[test]
fn the_interval_of_a_mean_of_counts_ends_at_zero() {
    let hurt = Aims::usual(
        crate::experiment::tune::Tracked::Of(crate::model::Measure::users_hurt),
        Releases::All,
    );
    let mut tally = Tally::new(1);
    for number in 0..40 {
        let hurt = if number == 7 { 1_000.0 } else { 0.0 };
        tally.add(0, vec![0.0, 0.0, 1.0, 0.0, hurt, 600.0]);
    }
    let classes = [ClassOf { chance: 1.0, good: true }];
    let found = tally.estimate(&hurt, &classes, 0.95).unwrap();
    assert!((found.value - 25.0).abs() < 1e-9, "{found:?}");
    // the standard error is 25, and t with 39 degrees of freedom 2.0227
    assert!(found.interval.low.abs() < 1e-12, "{found:?}");
    assert!((found.interval.high - 75.57).abs() < 0.01, "{found:?}");
    // a difference may be below zero
    let none = Tally { trials: vec![vec![vec![0.0, 0.0, 1.0, 0.0, 0.0, 600.0]; 40]] };
    let less = none.difference(&tally, &hurt, (&classes, 0.95)).unwrap();
    assert!((less.interval.low + 75.57).abs() < 0.01, "{less:?}");
}

#[test]
fn classes_count_by_their_chance() {
    let hurt = Aims::usual(
        crate::experiment::tune::Tracked::Of(crate::model::Measure::users_hurt),
        Releases::All,
    );
    let tally = tally(300, 0);
    // 0.9 x 0 + 0.1 x 50.5
    assert!((tally.value(&hurt, &CLASSES).unwrap() - 5.05).abs() < 1e-12);
    let nothing = tally.difference(&tally, &hurt, (&CLASSES, 0.95)).unwrap();
    assert!(nothing.value.abs() < 1e-15 && nothing.interval.width() < 1e-15);
    assert_eq!(Tally::new(2).value(&hurt, &CLASSES), None);
}
