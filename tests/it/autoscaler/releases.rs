//! One autoscaler for all releases, or one for each.

use rollsim::model::Measure;

use super::{changes, fleet, run};

fn text(strategy: &str, per: &str) -> String {
    format!(
        "title: two deployments\nlength: 1h\nrollout_at: 10m\n{}traffic: {{rate: 80/s}}\nstrategy: {strategy}\n",
        fleet(8, 2, &format!("min: 2, max: 30, target: 50%, per: {per}"))
    )
}

const BLUE_GREEN: &str = "{blue_green: {analysis: false, approve: true, bake: 15m, keep_old: 15m}}";

#[test]
fn a_new_environment_that_waits_without_traffic_is_scaled_down_by_its_own_autoscaler() {
    let waits =
        format!("{}operator: {{approve: {{constant: 10m}}}}\n", text(BLUE_GREEN, "release"));
    let outcome = run(&waits);
    let changes = changes(&outcome);
    // ready at 602 s, seeded with its size, idle: down to the least after the window, and then too few
    let new: Vec<_> = changes.iter().filter(|it| it.1 == "1.1.0").collect();
    assert_eq!((new[0].2, new[0].3), (8, 2), "{changes:?}");
    assert!((900..=930).contains(&new[0].0), "{changes:?}");
    assert!(new.iter().any(|it| it.0 > 1_200 && it.3 >= 8), "{changes:?}");
    let old: Vec<_> = changes.iter().filter(|it| it.1 == "1.0.0").collect();
    let ends_with = old.last().unwrap().3;
    assert!(old[0].0 >= 1_500 && ends_with == 2, "the old one when its traffic is gone: {old:?}");
    // and the same with one autoscaler for both, which keeps the whole of it waiting
    let together = run(&waits.replace("per: release", "per: fleet"));
    let waited = |it: &rollsim::sim::Outcome| it.figure(Measure::wait_mean).unwrap();
    assert!(waited(&outcome) > 10.0 * waited(&together).max(1e-3), "{}", waited(&outcome));
}

#[test]
fn a_canary_that_is_too_small_is_scaled_up_alone() {
    let canary = "{canary: {analysis: none, steps: [{weight: 50%, hold: 10m}]}}";
    let outcome = run(&text(canary, "release").replace("min: 2", "min: 5"));
    assert_eq!(outcome.phase.name(), "completed");
    let changes = changes(&outcome);
    assert_eq!(changes[0].1, "1.1.0", "{changes:?}");
    assert_eq!((changes[0].2, changes[0].3), (4, 5), "at least five: {changes:?}");
    let old = changes.iter().find(|it| it.1 == "1.0.0").unwrap();
    assert!(old.0 >= 900, "half of the load is left, which shows after the window: {changes:?}");
}

#[test]
fn releases_behind_one_balancer_have_one_autoscaler() {
    let outcome = run(&text("{rolling: {}}", "release"));
    assert!(changes(&outcome).iter().all(|it| it.1 == "the fleet"));
}
