//! Planted bugs: a naive engine that decides one thing otherwise is found out by a random scenario.

use rollsim::kernel::Seed;

use super::{figures::differences, generator::Generator, rules::Rules};
use crate::trials::plan;

/// Random scenarios of which at least one must find a bug.
const SCENARIOS: u64 = 200;

const TODAY: Rules = Rules::TODAY;

/// None of the scenarios tells an engine with these rules from the simulator.
fn survives(rules: Rules) -> bool {
    (0..SCENARIOS).all(|seed| {
        let plan = plan(&Generator::new(seed).text());
        differences(&plan, &plan, Seed::new(seed), rules).is_empty()
    })
}

#[track_caller]
fn all_are_found(planted: &[Rules]) {
    let survivors: Vec<&Rules> = planted.iter().filter(|it| survives(**it)).collect();
    assert!(survivors.is_empty(), "nothing finds {survivors:#?}");
}

#[test]
fn retries_beyond_the_budget_and_other_answers_to_the_dead_are_found() {
    all_are_found(&[
        Rules { retries_cost_a_token: false, ..TODAY },
        Rules { gone_is_silent: false, ..TODAY },
        Rules { joining_forgets_what_is_in_hand: true, ..TODAY },
        Rules { sent_is_met: true, ..TODAY },
        Rules { poison_is_drawn_for_each_attempt: true, ..TODAY },
    ]);
}

#[test]
fn memory_that_is_counted_watched_or_collected_otherwise_is_found() {
    all_are_found(&[
        Rules { waiting_uses_memory: true, ..TODAY },
        Rules { full_memory_is_noticed_at_once: false, ..TODAY },
        Rules { collecting_slows: false, ..TODAY },
    ]);
}

#[test]
fn queries_that_wait_for_ever_are_found() {
    all_are_found(&[Rules { queries_time_out: false, ..TODAY }]);
}

#[test]
fn a_drain_that_refuses_too_early_and_readiness_counted_now_and_then_are_found() {
    all_are_found(&[
        Rules { draining_takes_requests: false, ..TODAY },
        Rules { readiness_is_counted_at_changes: true, ..TODAY },
    ]);
}

#[test]
fn a_crash_that_keeps_its_queue_comes_back_too_soon_or_ready_is_found() {
    all_are_found(&[
        Rules { crash_loses_the_queue: false, ..TODAY },
        Rules { back_off_doubles: false, ..TODAY },
        Rules { readiness_begins_anew: false, ..TODAY },
    ]);
}

#[test]
fn probes_that_start_late_jump_the_queue_or_kill_without_grace_are_found() {
    all_are_found(&[
        Rules { probes_wait_in_line: false, ..TODAY },
        Rules { probes_begin_with_the_container: false, ..TODAY },
        Rules { kills_grant_the_grace: false, ..TODAY },
    ]);
}

/// The comparison is no better than what it compares: one setting changed in one of the two.
#[test]
fn a_setting_that_differs_by_little_is_found() {
    let text = "title: one setting
length: 90s
rollout_at: 30s
telemetry: {interval: 1h}
traffic: {rate: 60/s}
client: {deadline: 400ms, retries: {max: 2, backoff: {base: 50ms}, on: [timeout, refused]}}
fleet:
  instances: 3
  workers: 2
  queue: 10
  service_time: {exponential: {mean: 60ms}}
  startup: {constant: 2s}
  propagation: 1s
  readiness: {period: 1s, timeout: 1h}
  liveness: null
  drain: {pre_stop: 1500ms, grace: 3600ms}
  restart: {backoff: 2s, backoff_max: 8s}
  memory: {base: 60MiB, limit: 80MiB, per_request: 4MiB}
operations:
  ask: {share: 50%, database: {exponential: {mean: 40ms}}}
  say: {share: 50%}
database: {capacity: 2, timeout: 200ms}
incidents:
  - {when: {at: 8s}, effect: {crash: {}}}
  - {when: {at: 14s}, effect: {crash: {}}}
  - {when: {at: 3s}, effect: {database_lock: {}}, lasts: 2s}
strategy: {all_at_once: {}}
";
    let seed = Seed::DEFAULT;
    let ours = plan(text);
    assert_eq!(differences(&ours, &ours, seed, TODAY), Vec::<String>::new());
    for (setting, other) in [
        ("max: 2", "max: 3"),
        ("on: [timeout, refused]", "on: [timeout]"),
        ("per_request: 4MiB", "per_request: 5MiB"),
        ("limit: 80MiB", "limit: 79MiB"),
        ("capacity: 2", "capacity: 3"),
        ("timeout: 200ms", "timeout: 210ms"),
        ("lasts: 2s", "lasts: 2100ms"),
        ("pre_stop: 1500ms", "pre_stop: 1400ms"),
        ("propagation: 1s", "propagation: 1100ms"),
        ("{backoff: 2s,", "{backoff: 3s,"),
        ("startup: {constant: 2s}", "startup: {constant: 2001ms}"),
    ] {
        assert_eq!(text.matches(setting).count(), 1, "{setting}");
        let theirs = plan(&text.replace(setting, other));
        assert!(!differences(&ours, &theirs, seed, TODAY).is_empty(), "{setting} or {other}");
    }
    // the grace period matters where requests outlive it
    let long = text.replace("{exponential: {mean: 60ms}}", "{uniform: {low: 1s, high: 9s}}");
    let theirs = plan(&long.replace("grace: 3600ms", "grace: 3700ms"));
    assert!(!differences(&plan(&long), &theirs, seed, TODAY).is_empty());
}
