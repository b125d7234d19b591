//! A real fleet behind HAProxy 2.6.12: 8 bots of 4 workers on one machine, lognormal service (median 80 ms,
//! p99 320 ms), Poisson load, 0.8 ms of network and proxy. What was measured, each repetition, and what the keys
//! of the proxy make of the configured figures alone.

use rollsim::{kernel::Sampler, model::Measure, scenario::Plan, units::Span};

use super::{mean, outcome};
use crate::trials::plan;

/// Requests a second that all workers together can serve.
const CAPACITY: f64 = 335.0;

fn bots(load: f64, balancer: &str, fleet: &str, more: &str) -> Plan {
    let rate = load * CAPACITY;
    plan(&format!(
        "title: bots behind HAProxy
length: 150s
warm_up: 20s
rollout_at: 40s
fleet:
  instances: 8
  workers: 4
  queue: 1000
  errors: 0%
  service_time: {{lognormal: {{median: 80ms, p99: 320ms}}}}
  balancer: {balancer}
  startup: {{constant: 1s}}
  readiness: null
  propagation: 1h
  drain: {{pre_stop: 0s, grace: 30s}}
  {fleet}
traffic: {{rate: {rate}/s}}
users: {{count: 1000}}
{more}
"
    ))
}

/// Between the smallest and the greatest that was measured, widened by the spread of a single run.
#[track_caller]
fn within(value: f64, real: [f64; 2], spread: f64) {
    let [low, high] = real;
    assert!((low - spread..=high + spread).contains(&value), "{value} for {real:?} ± {spread}");
}

fn steady(load: f64, balancer: &str) -> [f64; 4] {
    let mut plan =
        bots(load, balancer, "proxy: {overhead: {constant: 800us}}", "strategy: {rolling: {}}");
    plan.scenario.rollout_at = plan.scenario.length;
    let measures =
        [Measure::latency_mean, Measure::latency_p50, Measure::latency_p99, Measure::waited_share];
    measures.map(|it| mean(&plan, it, 4))
}

#[test]
fn round_robin_at_80_percent() {
    let [mean, p50, p99, waited] = steady(0.8, "round_robin");
    within(mean, [0.1095, 0.1101], 0.0016);
    within(p50, [0.0937, 0.0943], 0.001);
    within(p99, [0.334, 0.349], 0.008);
    within(waited, [0.355, 0.357], 0.016);
}

#[test]
fn least_connections_at_92_percent() {
    let [mean, _, p99, waited] = steady(0.92, "least_outstanding");
    within(mean, [0.1120, 0.1141], 0.0031);
    within(p99, [0.340, 0.342], 0.008);
    within(waited, [0.432, 0.483], 0.036);
}

/// In the real fleet the servers' shares were unequal, which adds to those who waited: these keys alone give less.
#[test]
fn the_better_of_two_at_50_percent_waits_a_little_less_than_measured() {
    let [_, _, _, waited] = steady(0.5, "power_of_two");
    within(waited, [0.0190, 0.0190], 0.0021);
}

/// One bot after the other is stopped and started, 6 s apart; nothing but the checks says so to HAProxy.
fn restarts(checks: &str, more: &str) -> Plan {
    let checks = format!("{{interval: 1s, rise: 2, fall: 2, timeout: 1s, only: true{checks}}}");
    let proxy = format!("proxy: {{dead_host: refuses, health_checks: {checks}{more}}}");
    let strategy = "strategy: {rolling: {batch: 1, max_surge: 0, wait: 6s}}";
    bots(200.0 / CAPACITY, "round_robin", &proxy, strategy)
}

#[test]
fn a_rolling_restart_with_checks_only_loses_what_the_checks_take() {
    let failed = mean(&restarts("", ""), Measure::failed, 6);
    within(failed, [290.0, 333.0], 6.3);
}

/// Each stop came a moment before a check, since the waits were whole intervals. How long before was not measured:
/// 30 ms are chosen to fit.
#[test]
fn waits_of_whole_intervals_lock_the_checks_to_the_rollout() {
    let failed = mean(&restarts(", phase: 30ms", ""), Measure::failed, 6);
    within(failed, [205.0, 214.0], 6.3);
}

#[test]
fn with_retries_and_redispatch_the_same_restart_loses_nothing() {
    let plan = restarts("", ", retries: {max: 3, redispatch: last, wait: 1s}");
    for trial in 0..4 {
        let outcome = outcome(&plan, trial);
        assert_eq!(outcome.figure(Measure::failed), Some(0.0));
        assert!(outcome.rested.is_some(), "all were restarted");
    }
}

#[test]
fn a_crash_of_two_of_eight_and_the_clients_retries() {
    let crash = "incidents: [{when: {at: 60s}, scope: {instances: 2}, effect: {crash: {}}}]";
    let failed = |client: &str| {
        let checks = "{interval: 1s, rise: 2, fall: 2, timeout: 1s}";
        let proxy = format!("proxy: {{dead_host: refuses, health_checks: {checks}}}");
        let more = format!("{crash}\n{client}\nstrategy: {{rolling: {{}}}}");
        let mut plan = bots(200.0 / CAPACITY, "round_robin", &proxy, &more);
        plan.scenario.rollout_at = plan.scenario.length;
        plan.samplers.startup = Sampler::constant(Span::from_secs(3_600));
        mean(&plan, Measure::failed, 8)
    };
    within(failed(""), [73.0, 92.0], 4.0);
    let twice = "client: {retries: {max: 2, backoff: {base: 100ms}}}";
    within(failed(twice), [3.0, 7.0], 1.4);
}
