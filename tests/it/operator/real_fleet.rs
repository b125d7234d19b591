//! Load without a rollout, as a real proxy in front of eight bots of four workers bore it.
//!
//! Measured were an overload of twice what they can do (335/s) for 20 s with a deadline of 1 s, without and with three
//! retries, while probes are answered beside the queue: 13,890 and 14,143 requests failed and the bots recovered after
//! 9 s; with retries they never did. Not handed down are the load before it and the length of the bots' queues. The load
//! is taken as half of what they can do (168/s), and the queue as the 190 that give the recovery after 9 s: 8 x 190
//! requests beyond what is due, at 335/s less 168/s. Both were chosen with the measured figures at hand, so failures and
//! recovery without retries are a fit, not a prediction; that retries never end is what comes of it.

use rollsim::{kernel::Seed, model::Measure, scenario::Plan, sim};

use crate::trials::plan;

/// Second at which the overload ends.
const OVER: f64 = 60.0;
const SEEDS: u64 = 4;

fn storm(retries: &str) -> Plan {
    plan(&format!(
        "title: twice the capacity for 20 s
length: 2m
fleet:
  instances: 8
  workers: 4
  queue: 190
  errors: 0%
  balancer: round_robin
  service_time: {{lognormal: {{median: 80ms, p99: 320ms}}}}
  readiness: {{period: 1s, timeout: 1s, failure_threshold: 2, success_threshold: 2, through: beside}}
traffic: {{rate: 168/s, spikes: [{{at: 40s, length: 20s, factor: 4x}}]}}
users: {{count: 10000, activity: equal}}
client: {{deadline: 1s{retries}}}
telemetry: {{interval: 1s}}
strategy: none
"
    ))
}

/// Seconds from the end of the overload until the first whole second in which nine of ten requests end well.
fn recovery(outcome: &sim::Outcome) -> Option<f64> {
    let after = outcome.series.points.iter().filter(|it| it.at.as_secs_f64() > OVER + 0.5);
    let mut well = after.filter(|it| it.good > 9 * it.failed);
    well.next().map(|it| it.at.as_secs_f64() - 1.0 - OVER)
}

fn trials(retries: &str) -> Vec<(f64, Option<f64>)> {
    let plan = storm(retries);
    let trial = |seed: u64| {
        let outcome = sim::run(&plan, Seed::new(seed));
        (outcome.figure(Measure::failed).unwrap(), recovery(&outcome))
    };
    (0..SEEDS).map(trial).collect()
}

#[test]
fn an_overload_without_retries_fails_as_many_as_on_the_real_fleet_and_recovers_as_soon() {
    let trials = trials("");
    let failed = trials.iter().map(|it| it.0).sum::<f64>() / SEEDS as f64;
    // the two measurements, and one standard deviation of a run (160, and 1.4 s) to either side
    assert!((13_730.0..=14_303.0).contains(&failed), "{trials:?}");
    let recovered = trials.iter().filter_map(|it| it.1).sum::<f64>() / SEEDS as f64;
    assert!((7.6..=10.4).contains(&recovered), "{trials:?}");
}

#[test]
fn a_storm_of_retries_never_ends_where_the_probe_is_answered_beside_the_queue() {
    let trials = trials(", retries: {max: 3}");
    assert!(trials.iter().all(|it| it.1.is_none()), "{trials:?}");
}
