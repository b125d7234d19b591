//! Inputs that went wrong, and what is right.

use rollsim::{kernel::Seed, model::Measure, sim};

use super::{changes, fleet, run, sizes};
use crate::trials::plan;

fn quiet(length: &str, rest: &str) -> String {
    format!(
        "title: a case\nlength: {length}\nrollout_at: {length}\n{rest}strategy: {{rolling: {{}}}}\n"
    )
}

/// When the fleet got which size.
type Sizes = Vec<(u64, u32)>;

#[test]
fn a_fleet_that_is_too_large_shrinks_after_the_window_and_not_before() {
    let rest =
        format!("{}traffic: {{rate: 1000/s}}\n", fleet(10, 1000, "min: 1, max: 60, target: 50%"));
    let sizes = sizes(&run(&quiet("12m", &rest)));
    // 100 of 10,000 workers are busy; the size of the start is recommended until 300 s have passed
    assert_eq!(sizes, [(300, 1)]);
}

#[test]
fn a_fleet_that_is_far_too_small_grows_by_four_or_to_twice_its_size() {
    let rest = format!("{}traffic: {{rate: 180/s}}\n", fleet(2, 10, "min: 1, max: 60, target: 5%"));
    let sizes = sizes(&run(&quiet("3m", &rest)));
    // 18 workers are busy, of 20 at first: the policies hold it back until 36 are within reach, give or take
    // the tolerance
    assert_eq!(sizes[..3], [(15, 6), (30, 12), (45, 24)]);
    let last = sizes.last().unwrap().1;
    assert!((33..=38).contains(&last), "{sizes:?}");
}

#[test]
fn an_outage_in_which_no_instance_has_metrics_leaves_the_fleet_its_size() {
    let text = quiet(
        "40m",
        "fleet:
  instances: 20
  workers: 4
  autoscaler: {min: 2, max: 40, target: 60%, shrink_after: 5m}
  service_time: {lognormal: {median: 60ms, p99: 400ms}}
traffic: {rate: 500/s}
incidents:
  - {name: nothing starts, when: {at: 10m}, lasts: 10s, effect: {crash: {}}}
  - {name: nothing starts either, when: {at: 10m}, lasts: 10m, effect: {startup_failure: {rate: 100%}}}
",
    );
    let sizes = sizes(&run(&text));
    let (before, after): (Sizes, Sizes) = sizes.iter().copied().partition(|it| it.0 < 600);
    let size = before.last().map_or(20, |it| it.1);
    assert!(size >= 15, "{sizes:?}");
    assert!(after.iter().all(|it| it.0 > 1_200), "nothing moves in the outage: {sizes:?}");
    // then it follows the load that it sees again: 37 workers busy of 4 each
    assert!(after.iter().all(|it| it.1 >= 15), "nor does it shrink because of it: {sizes:?}");
}

#[test]
fn instances_are_up_for_at_most_all_of_the_time_that_they_are_wanted() {
    let text = "title: both releases in full
length: 1h
rollout_at: 5m
fleet: {instances: 8, workers: 8}
traffic: {rate: 40/s}
strategy: {canary: {match_replicas: false, analysis: none, steps: [{weight: 10%, hold: 40m}]}}
";
    let up = run(text).figure(Measure::instances_up).unwrap();
    // sixteen are wanted from 300 s to 2740 s, and eight of them take 10 s to start
    let wanted = 8.0 * 3_600.0 + 8.0 * 2_440.0;
    assert!((up - (1.0 - 8.0 * 10.0 / wanted)).abs() < 1e-4, "{up}");
}

#[test]
fn a_constant_load_within_the_tolerance_moves_nothing() {
    let rest =
        format!("{}traffic: {{rate: 400/s}}\n", fleet(8, 10, "min: 1, max: 60, target: 50%"));
    for seed in 0..3 {
        let plan = plan(&quiet("10m", &rest));
        assert_eq!(changes(&sim::run(&plan, Seed::new(seed))), []);
    }
}

#[test]
fn nothing_of_the_autoscaler_waits_for_a_scrape() {
    let story = |interval: &str| {
        let text = format!(
            "{}telemetry: {{interval: {interval}}}
traffic: {{rate: 60/s, bursts: {{factor: 3x, every: 3m, length: 1m}}}}
",
            fleet(6, 2, "min: 2, max: 30, target: 50%, shrink_after: 1m")
        );
        let outcome = run(&quiet("30m", &text));
        let figures = [Measure::requests, Measure::instance_hours, Measure::utilisation];
        (changes(&outcome), figures.map(|it| outcome.figure(it).unwrap().to_bits()))
    };
    let often = story("1s");
    assert!(often.0.len() > 5, "{often:?}");
    for interval in ["7s", "15s", "1m", "5m"] {
        assert_eq!(story(interval), often, "every {interval}");
    }
}
