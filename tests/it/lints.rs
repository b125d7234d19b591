//! Gates that cannot work are told of by `rollsim check`, with the arithmetic.

use std::path::Path;

use rollsim::scenario::{Problem, Scenario, lint, load_text, plan_of};

/// A canary of 20 requests a second whose first step is 1 %, with these gates and analysis settings.
fn told(strategy: &str, settings: &str, gates: &[&str]) -> Vec<Problem> {
    let gates = gates.iter().fold(String::new(), |all, it| all + "    - " + it + "\n");
    let text = format!(
        "title: lints\nlength: 4h\nrollout_at: 10m\nfleet: {{errors: 0.5%}}\n\
         traffic: {{rate: 20/s}}\nstrategy:\n  {strategy}\nanalysis:\n{settings}  gates:\n{gates}"
    );
    let scenario = load_text::<Scenario>("lints", &text)
        .unwrap_or_else(|it| panic!("{:?}\n{text}", it.iter().collect::<Vec<_>>()))
        .value;
    let (plan, problems) = plan_of("lints", scenario, Path::new("."));
    assert!(problems.is_empty(), "{problems:?}");
    lint(&plan.unwrap())
}

const CANARY: &str = "canary: {steps: [{weight: 1%, hold: 10m}, {weight: 10%, hold: 10m}, {weight: 50%, hold: 10m}]}";

fn words(problems: &[Problem]) -> String {
    let line = |it: &Problem| {
        let hint = it.hint.as_deref().unwrap_or_default();
        format!("{}\n  {}\n  hint: {hint}", it.path, it.message)
    };
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn check(name: &str, told: &str) {
    insta::with_settings!({snapshot_path => "golden", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!(name, told);
    });
}

fn of_gate(gate: &str) -> String {
    words(&told(CANARY, "", &[gate]))
}

#[test]
fn a_sound_gate_is_not_doubted() {
    let gate = "{name: errors, failure_limit: 1, consecutive_error_limit: 1000, judge: {threshold: \
                {metric: error_rate, fail_above: 5%, window: 5m, min_samples: 40, min_failures: 5}}}";
    assert_eq!(of_gate(gate), "");
}

#[test]
fn a_rule_that_fires_on_one_error_is_told_with_its_samples() {
    check(
        "lint_one_error",
        &of_gate(
            "{name: errors, judge: {threshold: {metric: error_rate, fail_above: 2%, window: 1m}}}",
        ),
    );
}

#[test]
fn a_gate_that_never_has_its_samples_is_told() {
    check(
        "lint_min_samples",
        &of_gate(
            "{name: errors, failure_limit: 3, judge: {threshold: \
         {metric: error_rate, fail_above: 2%, window: 1m, min_samples: 1000}}}",
        ),
    );
}

#[test]
fn a_tail_of_few_samples_and_a_missing_guard_are_told() {
    check(
        "lint_tail",
        &of_gate(
            "{name: slowest, judge: {threshold: {metric: {latency: 99%}, fail_above: 1s, window: 15s}}}",
        ),
    );
}

#[test]
fn a_comparison_at_full_weight_is_told() {
    let strategy = "canary: {steps: [{weight: 50%, hold: 20m}, {weight: 100%, hold: 20m}]}";
    let gate = "{name: errors, judge: {threshold: {metric: error_rate, against: difference, \
                fail_above: 2%, window: 5m, min_samples: 100}}}";
    check("lint_no_baseline", &words(&told(strategy, "", &[gate])));
}

#[test]
fn windows_longer_than_steps_and_limits_beyond_the_looks_are_told() {
    check(
        "lint_windows",
        &of_gate(
            "{name: saturation, failure_limit: 30, judge: {threshold: \
         {metric: saturation, fail_above: 90%, window: 30m}}}",
        ),
    );
}

#[test]
fn steps_that_end_before_the_first_look_are_told() {
    let gate = "{name: busy, judge: {threshold: {metric: saturation, fail_above: 90%}}}";
    let strategy = "canary: {analysis: each_step, steps: [{weight: 1%}, {weight: 10%, hold: 5m}]}";
    let each = told(strategy, "  initial_delay: 10m\n", &[gate]);
    let whole = told(CANARY, "  initial_delay: 1h\n", &[gate]);
    check("lint_steps", &format!("{}\n{}", words(&each), words(&whole)));
}

#[test]
fn a_leak_that_nothing_looks_for_is_told_with_its_rate() {
    let scenario = "title: leak\nlength: 4h\nfleet: {memory: {base: 200MiB, limit: 1GiB}}\n\
                    strategy: {canary: {steps: [{weight: 10%, hold: 1h}]}}\n\
                    analysis: {gates: [{name: busy, judge: {threshold: {metric: saturation, fail_above: 90%}}}]}";
    let scenario = load_text::<Scenario>("leak", scenario).unwrap().value;
    let plan = plan_of("leak", scenario, Path::new(".")).0.unwrap();
    check("lint_leak", &words(&lint(&plan)));
}

#[test]
fn a_test_for_one_look_that_looks_again_is_told_with_what_it_comes_to() {
    let gates: Vec<String> = ["two_proportion: {level: 5%}", "fisher: {}", "bayes: {window: 2m}"]
        .iter()
        .map(|it| format!("{{name: test, judge: {{{it}}}}}"))
        .collect();
    let gates: Vec<&str> = gates.iter().map(String::as_str).collect();
    check("lint_peeking", &words(&told(CANARY, "", &gates)));
}

#[test]
fn evidence_that_is_forgotten_or_too_little_is_told() {
    let each = CANARY.replace("{steps", "{analysis: each_step, steps");
    let forgotten = told(&each, "", &["{name: errors, judge: {e_process: {}}}"]);
    let thin = "canary: {steps: [{weight: 0.1%, hold: 10m}]}";
    let unseen = told(thin, "", &["{name: errors, judge: {count_test: {}}}"]);
    let planned = told(CANARY, "", &["{name: errors, judge: {group_sequential: {looks: 5}}}"]);
    let all = [forgotten, unseen, planned].concat();
    check("lint_evidence", &words(&all));
}

#[test]
fn gates_that_only_look_are_told() {
    let gate =
        "{name: busy, dry_run: true, judge: {threshold: {metric: saturation, fail_above: 90%}}}";
    check("lint_dry", &of_gate(gate));
}
