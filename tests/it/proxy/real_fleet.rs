//! A real fleet behind HAProxy 2.6.12: 8 bots of 4 workers on one machine, lognormal service (median 80 ms,
//! p99 320 ms), Poisson load, 0.8 ms of network and proxy. What was measured, each repetition, and what the keys
//! of the proxy make of the configured figures alone.

use rollsim::{
    kernel::Sampler,
    model::{Measure, ProbePath, ProbeSpec},
    scenario::Plan,
    units::Span,
};

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

/// HAProxy draws from a ring, on which a server of weight 1 has 16 points and gets what is closest to one of them:
/// shares with a spread of 18 %. With equal shares 0.0190 was predicted.
#[test]
fn the_better_of_two_at_50_percent_with_the_shares_of_a_ring() {
    let [_, _, _, equal] = steady(0.5, "power_of_two");
    within(equal, [0.0190, 0.0190], 0.0021);
    let plan = |trial| {
        let proxy = "share_spread: 18%\n  proxy: {overhead: {constant: 800us}}";
        let mut plan = bots(0.5, "power_of_two", proxy, "strategy: {rolling: {}}");
        plan.scenario.rollout_at = plan.scenario.length;
        outcome(&plan, trial).figure(Measure::waited_share).unwrap()
    };
    let waited = (0..8).map(plan).sum::<f64>() / 8.0;
    within(waited, [0.023, 0.025], 0.0033);
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

/// HAProxy begins to check its servers as far apart as it can, an eighth of the interval after the one before. A
/// rollout that stops the next server whole intervals after the last one was up does so up to 125 ms before a check:
/// 200 to 225 requests are lost, and as many as here where it is in the middle of them.
#[test]
fn waits_of_whole_intervals_lock_the_checks_to_the_rollout() {
    let failed = mean(&restarts(", phase: 62ms", ""), Measure::failed, 6);
    within(failed, [205.0, 214.0], 6.3);
}

/// The same in place: the next process starts when the last one has gone. Predicted were 48 s of waits and start-ups
/// where the next one starts at the order to stop. How long an interpreter takes to start was not measured: 550 ms are
/// chosen to fit both rows.
fn in_place(fleet: &str) -> Plan {
    let strategy = "strategy: {rolling: {batch: 1, max_surge: 0, wait: 6550ms, \
                    pod_replacement_policy: termination_complete}}";
    let mut plan = bots(200.0 / CAPACITY, "round_robin", fleet, strategy);
    plan.samplers.startup = Sampler::constant(Span::from_millis(1_550));
    plan
}

#[test]
fn a_restart_in_place_takes_as_long_as_measured_and_loses_as_many() {
    let checks = "{interval: 1s, rise: 2, fall: 2, timeout: 1s, only: true}";
    let proxy = format!("proxy: {{dead_host: refuses, health_checks: {checks}}}");
    let plan = in_place(&proxy);
    within(mean(&plan, Measure::rollout_time, 8), [52.2, 55.9], 0.2);
    within(mean(&plan, Measure::failed, 8), [290.0, 333.0], 20.0);
}

#[test]
fn with_a_pre_stop_hook_it_takes_3_s_more_each_and_loses_nothing() {
    // an endpoint leaves after 1 s and joins when it answers
    let fleet = "propagation_joining: {constant: 2s}\n  proxy: {dead_host: refuses}";
    let mut plan = in_place(fleet);
    plan.scenario.fleet.propagation = Span::from_secs(1);
    plan.scenario.fleet.drain.pre_stop = Span::from_secs(3);
    within(mean(&plan, Measure::failed, 4), [0.0, 0.0], 0.5);
    within(mean(&plan, Measure::rollout_time, 4), [75.7, 77.0], 0.2);
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

/// A canary whose requests take three times as long has 5 % of them: as HAProxy keeps weights, and drawn.
#[test]
fn a_canary_by_smooth_round_robin_waits_less_than_one_whose_share_is_drawn() {
    let wait = |weighting: &str| {
        let more = "release: {defects: [{when: start, effect: {latency: {factor: 3x}}}]}
strategy: {canary: {steps: [{weight: 5%, hold: 1h}], analysis: none}}";
        let fleet = format!("weighting: {weighting}\n  proxy: {{overhead: {{constant: 800us}}}}");
        let mut plan = bots(200.0 / CAPACITY, "round_robin", &fleet, more);
        plan.scenario.fleet.propagation = Span::ZERO;
        plan.scenario.warm_up = Span::from_secs(50);
        1_000.0 * mean(&plan, Measure::wait_mean, 6)
    };
    within(wait("smooth_round_robin"), [1.4, 2.1], 0.2);
    within(wait("random"), [5.2, 8.7], 1.2);
}

/// All traffic goes to a release that fails a fifth of it, for two looks of 5 s.
#[test]
fn blue_green_hurts_as_many_until_its_gate_has_failed() {
    let more = "telemetry: {interval: 1s, delay: 0s}
analysis:
  interval: 5s
  gates: [{name: errors, judge: {threshold: {metric: error_rate, fail_above: 5%, window: 5s}}}]
release: {defects: [{when: start, effect: {errors: {rate: 20%}}}]}
strategy: {blue_green: {switch_command: 0s, bake: 20s, keep_old: 20s}}";
    let mut plan =
        bots(200.0 / CAPACITY, "round_robin", "proxy: {overhead: {constant: 800us}}", more);
    plan.scenario.fleet.propagation = Span::ZERO;
    let beside = ProbePath::Beside;
    plan.scenario.fleet.readiness =
        Some(ProbeSpec { period: Span::from_secs(1), through: beside, ..ProbeSpec::default() });
    plan.scenario.users.count = 2_000;
    within(mean(&plan, Measure::failed, 8), [398.0, 409.0], 22.0);
    within(mean(&plan, Measure::users_hurt, 8), [358.0, 372.0], 19.0);
    within(mean(&plan, Measure::users_met, 8), [1_278.0, 1_297.0], 22.0);
    within(mean(&plan, Measure::detection_time, 8), [10.0, 10.0], 0.2);
}

/// Twice the capacity from 40 s to 60 s, three retries of the client, and checks that wait in the queue. The length of
/// the queue and the load before it are those with which 14,120 failures were predicted of the row without retries; how
/// long a client waits before a retry was not handed down.
fn storm() -> Plan {
    plan(
        "title: a retry storm
length: 2m
fleet:
  instances: 8
  workers: 4
  queue: 150
  errors: 0%
  service_time: {lognormal: {median: 80ms, p99: 320ms}}
  balancer: round_robin
  readiness: null
  proxy:
    dead_host: refuses
    health_checks: {interval: 1s, rise: 2, fall: 2, timeout: 1s, only: true, through: queue}
traffic: {rate: 200/s, spikes: [{at: 40s, length: 20s, factor: 3.35x}]}
users: {count: 10000, activity: equal}
client: {deadline: 1s, retries: {max: 3, backoff: {base: 50ms}}}
telemetry: {interval: 1s}
strategy: none
",
    )
}

/// Measured twice: 12,324 and 12,538 failed, and 1 s. Here the storm comes back in a part of the trials, when few of
/// the servers are up at once, so that the median is compared.
#[test]
fn a_storm_ends_with_the_overload_where_checks_wait_in_the_queue() {
    let plan = storm();
    let (mut failed, mut recovered) = (Vec::new(), Vec::new());
    for trial in 0..9 {
        let outcome = outcome(&plan, trial);
        failed.push(outcome.figure(Measure::failed).unwrap());
        let seconds = outcome.series.points.iter().map(|it| (it.at.as_secs_f64(), it));
        let well = seconds.filter(|(at, it)| *at > 60.5 && it.good > 9 * it.failed);
        recovered.push(well.map(|it| it.0 - 61.0).fold(f64::INFINITY, f64::min));
    }
    failed.sort_by(f64::total_cmp);
    recovered.sort_by(f64::total_cmp);
    within(failed[4], [12_324.0, 12_538.0], 120.0);
    within(recovered[4], [1.0, 1.0], 1.0);
}
