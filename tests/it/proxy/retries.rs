//! The proxy's own retries.

use rollsim::{
    model::Measure,
    units::{Ratio, Span},
};

use super::{CRASH, figure, fleet, mean, near, outcome};

/// Each try fails with chance p and draws for itself: all of n+1 fail with chance p to the n+1, and the client
/// has tried once.
#[test]
fn tries_of_the_proxy_multiply_and_are_none_of_the_clients() {
    for (max, p) in [(0, 0.3), (1, 0.3), (2, 0.3), (3, 0.5)] {
        let keys = format!(
            "  proxy: {{retries: {{max: {max}, on: [error], redispatch: always}}}}\n  errors_spread: 0%"
        );
        let mut plan = fleet(&keys, "");
        plan.scenario.fleet.errors = Ratio::clamped(p);
        let outcome = outcome(&plan, 0);
        let of = |it| outcome.figure(it).unwrap();
        let exact = libm::pow(p, f64::from(max + 1));
        let deviation = (exact * (1.0 - exact) / 48_000.0).sqrt();
        near(of(Measure::failed_share), exact, 4.0 * deviation);
        near(of(Measure::attempts_mean), 1.0, 0.0);
        near(of(Measure::duplicated), 0.0, 0.0);
    }
}

/// With the client's own retries both multiply: tries of the proxy within each attempt of the client.
#[test]
fn retries_of_proxy_and_client_multiply_each_other() {
    let keys = "  proxy: {retries: {max: 1, on: [error], redispatch: always}}";
    let client = "client: {retries: {max: 1, backoff: {base: 10ms, jitter: none}}}";
    let mut plan = fleet(keys, client);
    plan.scenario.fleet.errors = Ratio::clamped(0.4);
    let outcome = outcome(&plan, 0);
    let of = |it| outcome.figure(it).unwrap();
    near(
        of(Measure::failed_share),
        libm::pow(0.4, 4.0),
        4.0 * (0.0256 * 0.9744 / 48_000.0_f64).sqrt(),
    );
    near(of(Measure::attempts_mean), 1.16, 4.0 * (0.16 * 0.84 / 48_000.0_f64).sqrt());
}

/// Tries at the same endpoint wait a second; the k-th success comes after k services and k-1 waits.
#[test]
fn a_try_at_the_same_endpoint_waits_and_the_clients_deadline_runs_on() {
    let keys = "  proxy: {retries: {max: 2, on: [error], redispatch: never}}";
    let mut plan = fleet(keys, "");
    plan.scenario.fleet.errors = Ratio::clamped(0.3);
    let (first, second, third) = (0.7, 0.21, 0.063);
    let waits = (second + 2.0 * third) / (first + second + third);
    near(figure(&plan, Measure::latency_mean), 0.001 + waits * 1.001, 0.012);
    // the second wait would end after the deadline
    let late = |deadline: &str| {
        let mut plan = fleet(keys, &format!("client: {{deadline: {deadline}}}"));
        plan.scenario.fleet.errors = Ratio::clamped(1.0);
        let outcome = outcome(&plan, 0);
        [Measure::failed_errors, Measure::failed_timeouts].map(|it| outcome.figure(it).unwrap())
    };
    let [errors, timeouts] = late("1900ms");
    assert!(errors < 1.0 && timeouts > 47_000.0, "{errors} {timeouts}");
    let [errors, timeouts] = late("2100ms");
    assert!(errors > 47_000.0 && timeouts < 1.0, "{errors} {timeouts}");
    // it passes while the proxy waits, not when the wait is over
    let keys = "  proxy: {retries: {max: 1, on: [error], redispatch: never, wait: 20m}}";
    let mut plan = fleet(keys, "client: {deadline: 1h}");
    plan.lines[0].deadline.after = Span::from_millis(500);
    plan.operations[0].deadline = Span::from_millis(500);
    plan.scenario.fleet.errors = Ratio::clamped(1.0);
    near(figure(&plan, Measure::failed_timeouts), 48_000.0, 900.0);
}

/// A quarter of the endpoints refuses. Only a try elsewhere helps.
#[test]
fn only_another_endpoint_helps_against_one_that_refuses() {
    let lost = |retries: &str| {
        figure(&fleet(&format!("  proxy: {{retries: {retries}}}"), CRASH), Measure::failed)
    };
    let all = lost("{max: 0}");
    near(all, 80.0 * 540.0 / 4.0, 4.0 * 52.0);
    near(lost("{max: 3, redispatch: never}"), all, 100.0);
    near(lost("{max: 3, redispatch: last}"), 0.0, 0.0);
    near(lost("{max: 1, redispatch: always}"), 0.0, 0.0);
    near(lost("{max: 3, on: [error, reset], redispatch: always}"), all, 1.0);
}

/// HAProxy waits two seconds at the endpoint that refuses before it goes elsewhere.
#[test]
fn haproxy_redispatches_with_its_last_try() {
    let keys = "  proxy: {preset: haproxy, health_checks: null}";
    let plan = fleet(keys, CRASH);
    near(figure(&plan, Measure::failed), 0.0, 0.0);
    near(figure(&plan, Measure::latency_p99), 2.001, 0.01);
    near(mean(&plan, Measure::latency_mean, 2), 0.001 + 2.0 * 0.9 / 4.0, 0.01);
}
