//! The balancer's own health checks.

use rollsim::{kernel::Sampler, model::Measure, units::Span};

use super::{CRASH, figure, fleet, mean, near, plan};

/// One of four instances refuses until its checks have failed twice: the first comes within an interval of the
/// crash, the second an interval later, so 1.5 s on average, in which 20 requests a second go there.
#[test]
fn a_crash_costs_the_time_that_the_checks_take_from_a_random_phase() {
    let keys = "  proxy: {health_checks: {interval: 1s, fall: 2, timeout: 1s}}";
    // a standard deviation of sqrt(30 + 20^2/12) = 8 each
    near(mean(&fleet(keys, CRASH), Measure::failed_refused, 40), 30.0, 4.0 * 8.0 / 40.0_f64.sqrt());
}

#[test]
fn a_fixed_phase_locks_the_checks_to_the_clock() {
    // the crash at 60.3 s: found after 1.1 s and after 1.9 s, at 20 requests a second
    let crash = CRASH.replace("1m", "60300ms");
    for (phase, lost) in [("400ms", 22.0_f64), ("200ms", 38.0)] {
        let checks = format!("{{interval: 1s, fall: 2, phase: {phase}}}");
        let plan = fleet(&format!("  proxy: {{health_checks: {checks}}}"), &crash);
        near(mean(&plan, Measure::failed_refused, 40), lost, 4.0 * (lost / 40.0).sqrt());
    }
}

/// The only instance crashes at 60 s, is down for the balancer at 61 s, back at 90 s, and up with its check at 91 s,
/// or with the fourth one at 121 s.
#[test]
fn one_that_is_back_gets_requests_when_its_checks_have_risen() {
    for (rise, seconds) in [(1, 31.0_f64), (4, 61.0)] {
        let checks = format!("{{interval: 10s, fall: 1, rise: {rise}, phase: 1s}}");
        let mut plan = fleet(&format!("  proxy: {{health_checks: {checks}}}"), CRASH);
        plan.scenario.fleet.instances = 1;
        plan.samplers.startup = Sampler::constant(Span::from_secs(30));
        let lost = 80.0 * seconds;
        near(figure(&plan, Measure::failed_refused), lost, 4.0 * lost.sqrt());
    }
}

/// One of four hangs. Its first check comes within 10 s, 5 s on average, and fails after 4 s; the second comes 10 s
/// after that, as HAProxy counts, and fails after 4 s more: 23 s of 20 requests a second.
#[test]
fn the_interval_counts_from_the_end_of_a_check() {
    let hang = CRASH.replace("crash", "hang");
    let checks = "{interval: 10s, fall: 2, timeout: 4s, through: beside}";
    let plan = fleet(&format!("  proxy: {{health_checks: {checks}}}"), &hang);
    // a standard deviation of sqrt(460 + 200^2/12) = 62 each
    near(mean(&plan, Measure::failed, 40), 460.0, 4.0 * 62.0 / 40.0_f64.sqrt());
}

/// Four are restarted in place, one after the other. A process that is back before its second check has failed was
/// never down for the balancer; one that is away for longer is lost until then.
#[test]
fn a_restart_in_place_is_the_same_server_for_the_checks() {
    let lost = |startup: &str| {
        let text = format!(
            "title: restarts in place
length: 2m
rollout_at: 20s
fleet:
  instances: 4
  workers: 50
  errors: 0%
  service_time: {{constant: 1ms}}
  balancer: round_robin
  startup: {{constant: {startup}}}
  readiness: null
  drain: {{pre_stop: 0s}}
  proxy: {{dead_host: refuses, health_checks: {{interval: 1s, fall: 2, only: true}}}}
traffic: {{rate: 80/s}}
strategy:
  rolling: {{batch: 1, max_surge: 0, wait: 10s, pod_replacement_policy: termination_complete}}
"
        );
        mean(&plan(&text), Measure::failed_refused, 20)
    };
    // 300 ms or 1.5 s on average, of 20 requests a second each
    near(lost("300ms"), 4.0 * 6.0, 4.0 * (24.0_f64 / 20.0).sqrt());
    near(lost("4s"), 4.0 * 30.0, 4.0 * 16.0 / 20.0_f64.sqrt());
}

/// A fleet at twice its load: checks in the queue find every endpoint down, checks beside it none.
#[test]
fn checks_in_the_queue_take_an_overloaded_fleet_out_and_checks_beside_it_do_not() {
    let refused = |through: &str, more: &str| {
        let checks = format!("{{interval: 1s, timeout: 1s, through: {through}}}{more}");
        let keys =
            format!("  proxy: {{health_checks: {checks}}}\n  readiness: {{through: beside}}");
        let mut plan = fleet(&keys, "");
        plan.scenario.fleet.workers = 1;
        plan.scenario.fleet.queue = 1_000_000;
        plan.operations[0].service = Sampler::constant(Span::from_millis(100));
        figure(&plan, Measure::failed_refused)
    };
    near(refused("beside", ""), 0.0, 0.0);
    assert!(refused("queue", "") > 5_000.0);
    // with a panic threshold all get requests as soon as too few are healthy
    assert!(refused("queue", ", panic_threshold: 50%") < 1.0);
}

/// Chance decides when the checks come, and nothing else: the arrivals are those of a fleet without checks.
#[test]
fn checks_move_no_request_of_a_healthy_fleet() {
    let keys = |checks: &str| fleet(&format!("  proxy: {{{checks}}}"), "");
    for measure in [Measure::requests, Measure::latency_mean, Measure::users_met] {
        let plain = figure(&keys(""), measure);
        near(figure(&keys("health_checks: {}"), measure), plain, 0.0);
        near(figure(&keys("outlier_detection: {}, panic_threshold: 50%"), measure), plain, 0.0);
    }
}
