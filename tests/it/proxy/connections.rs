//! Kept connections, dead hosts, and the time of network and proxy.

use rollsim::{
    kernel::Sampler,
    model::{BalancerSpec, Measure},
    sim::Outcome,
    units::Span,
};

use super::{CRASH, figure, fleet, near, outcome};
use crate::trials::plan;

/// 1,600 users come in turn, each every 20 s. After two minutes a new instance joins four old ones, one of which
/// then stops; the rollout waits at that point.
fn one_replaced(proxy: &str, drain: &str) -> f64 {
    let plan = plan(&format!(
        "title: one of four is replaced
length: 5m
rollout_at: 2m
fleet:
  instances: 4
  workers: 50
  service_time: {{constant: 1ms}}
  startup: {{constant: 1s}}
  propagation: 0s
  balancer: random
  drain: {drain}
  {proxy}
traffic: {{rate: 80/s}}
users: {{count: 1600, activity: in_turn}}
strategy: {{rolling: {{batch: 1, max_surge: 1, max_unavailable: 0, wait: 10m}}}}
"
    ));
    figure(&plan, Measure::users_met)
}

const SHORT: &str = "{pre_stop: 0s, grace: 5s}";

/// A quarter of the users lose their connection, and a quarter of those choose the new instance: the sixteenth
/// part, binomial. Where each request is balanced, everyone meets it.
#[test]
fn an_endpoint_that_joins_gets_new_connections_only() {
    let deviation = (1_600.0_f64 / 16.0 * 15.0 / 16.0).sqrt();
    near(one_replaced("proxy: {keep_alive: {}}", SHORT), 100.0, 4.0 * deviation);
    near(one_replaced("proxy: {keep_alive: {idle: 30s}}", SHORT), 100.0, 4.0 * deviation);
    // each request finds the connection closed, for one reason or the other
    for proxy in [
        "proxy: {}",
        "proxy: {keep_alive: {idle: 10s}}",
        "proxy: {keep_alive: {requests: 1}}",
        "proxy: {preset: kube_proxy, keep_alive: null}",
    ] {
        let met = one_replaced(proxy, SHORT);
        // eight times in the five minutes, each time with three chances in four to miss it
        near(met, 1_600.0 * (1.0 - libm::pow(0.75, 9.0)), 50.0);
    }
    // every second request opens a connection
    let met = one_replaced("proxy: {keep_alive: {requests: 2}}", SHORT);
    near(met, 1_600.0 * (1.0 - libm::pow(0.75, 4.5)), 100.0);
}

/// Half of the users lose their connections to a process that crashes and is back at once; half of those return.
/// A minute later it answers with errors.
#[test]
fn a_process_that_starts_again_has_none_of_its_old_connections() {
    let incidents = "incidents:
  - {when: {at: 1m}, scope: {zone: b}, effect: {crash: {}}}
  - {when: {at: 2m}, scope: {zone: b}, effect: {errors: {rate: 100%}}}";
    let mut plan = fleet("  zones: [a, b]\n  proxy: {keep_alive: {}}", incidents);
    plan.scenario.fleet.instances = 2;
    plan.scenario.fleet.balancer = BalancerSpec::Random;
    plan.samplers.startup = Sampler::constant(Span::from_millis(100));
    // each user a quarter of a chance, and 38.4 requests in the eight minutes
    let deviation = (1_000.0_f64 * 0.25 * 0.75).sqrt() * 38.4;
    near(figure(&plan, Measure::failed_errors), 9_600.0, 4.0 * deviation);
}

#[test]
fn behind_kube_proxy_a_connection_outlives_the_endpoint_until_the_process_closes_it() {
    let long = "{pre_stop: 10m, grace: 15m}";
    near(one_replaced("proxy: {preset: kube_proxy}", long), 0.0, 0.0);
    let met = one_replaced("proxy: {preset: kube_proxy, keep_alive: {}}", long);
    assert!(met > 60.0, "a proxy of HTTP leaves a draining endpoint: {met}");
    assert!(one_replaced("proxy: {preset: kube_proxy}", SHORT) > 60.0, "the process has closed it");
}

/// What the crash cuts off fails without `resend`, and with it is served a second time: the same requests.
#[test]
fn what_is_cut_on_a_kept_connection_is_sent_again_and_counts_twice() {
    let slow = |keep_alive: &str| {
        // the check at the very instant of the crash finds it, so that no new connection goes there
        let checks = "{interval: 10ms, fall: 1, phase: 0s}";
        let keys = format!("  proxy: {{keep_alive: {keep_alive}, health_checks: {checks}}}");
        let mut plan = fleet(&keys, CRASH);
        plan.operations[0].service = Sampler::constant(Span::from_millis(900));
        outcome(&plan, 0)
    };
    let (cut, again) = (slow("{}"), slow("{resend: true}"));
    let of = |it: &Outcome, measure| it.figure(measure).unwrap();
    // 80/s, 900 ms, a quarter of the instances: 18 requests in hand
    near(of(&cut, Measure::failed), 18.0, 12.0);
    near(of(&cut, Measure::duplicated), 0.0, 0.0);
    near(of(&again, Measure::failed), 0.0, 0.0);
    near(of(&again, Measure::duplicated), of(&cut, Measure::failed), 0.0);
    near(of(&again, Measure::attempts_mean), 1.0, 0.0);
}

/// The platform never tells; a quarter of the requests of nine minutes go to the instance that has crashed.
#[test]
fn a_dead_host_refuses_or_is_silent_until_a_time_out() {
    let requests = 80.0 * 540.0;
    let lost = |proxy: &str| {
        let outcome = outcome(&fleet(&format!("  proxy: {proxy}"), CRASH), 0);
        [Measure::failed_refused, Measure::failed_timeouts].map(|it| outcome.figure(it).unwrap())
    };
    for proxy in ["{}", "{dead_host: refuses}", "{dead_host: refuses, connect_timeout: 1s}"] {
        let [refused, timed_out] = lost(proxy);
        near(refused, requests / 4.0, 4.0 * 52.0);
        near(timed_out, 0.0, 0.0);
    }
    for proxy in ["{dead_host: silent}", "{dead_host: silent, connect_timeout: 1s}"] {
        let [refused, timed_out] = lost(proxy);
        near(refused, 0.0, 1.0);
        near(timed_out, requests / 4.0, 4.0 * 52.0 + 100.0);
    }
}

/// With a connect time-out the proxy finds another endpoint, after just that long.
#[test]
fn a_silent_host_costs_the_connect_timeout_where_the_proxy_tries_another() {
    let proxy =
        "  proxy: {dead_host: silent, connect_timeout: 2s, retries: {max: 1, on: [timeout]}}";
    let outcome = outcome(&fleet(proxy, CRASH), 0);
    let of = |it| outcome.figure(it).unwrap();
    near(of(Measure::failed), 0.0, 0.0);
    near(of(Measure::latency_p99), 2.001, 0.01);
    let share = 540.0 / 600.0 / 4.0;
    near(of(Measure::latency_mean), 0.001 + 2.0 * share, 0.01);
}

#[test]
fn network_and_proxy_take_their_time_and_no_worker() {
    let run = |proxy: &str, deadline: &str| {
        let more = format!("client: {{deadline: {deadline}}}");
        let mut plan = fleet(&format!("  proxy: {proxy}"), &more);
        plan.operations[0].service = Sampler::constant(Span::from_millis(50));
        outcome(&plan, 0)
    };
    let of = |it: &Outcome, measure| it.figure(measure).unwrap();
    let (plain, far) = (run("{}", "5s"), run("{overhead: {constant: 20ms}}", "5s"));
    near(of(&plain, Measure::latency_mean), 0.050, 1e-6);
    near(of(&far, Measure::latency_mean), 0.070, 1e-6);
    near(of(&far, Measure::utilisation), of(&plain, Measure::utilisation), 1e-4);
    near(of(&far, Measure::waited_share), 0.0, 0.0);
    // it counts against the deadline, also where all of it is on the way
    near(of(&run("{overhead: {constant: 20ms}}", "71ms"), Measure::failed), 0.0, 0.0);
    near(of(&run("{overhead: {constant: 20ms}}", "69ms"), Measure::failed_share), 1.0, 1e-3);
    // those of the last moments are still under way
    let lost = of(&run("{overhead: {constant: 1h}}", "5s"), Measure::failed_timeouts);
    near(lost, 80.0 * 595.0, 900.0);
}
