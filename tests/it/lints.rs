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
        .zip(1..)
        .map(|(it, number)| format!("{{name: test {number}, judge: {{{it}}}}}"))
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

/// What is said of a whole scenario: each path with its message.
fn of(text: &str) -> Vec<(String, String)> {
    let scenario = load_text::<Scenario>("lints", text).unwrap_or_else(|it| panic!("{it}")).value;
    let (plan, problems) = plan_of("lints", scenario, Path::new("."));
    let lints = lint(&plan.unwrap_or_else(|| panic!("{problems:?}")));
    lints.into_iter().map(|it| (it.path, format!("{}; {}", it.message, it.hint.unwrap()))).collect()
}

/// A bot about which there is nothing to say, with more lines.
fn bot(more: &str) -> String {
    format!("title: bot\nlength: 4h\nrollout_at: 10m\ntraffic: {{rate: 20/s}}\n{more}")
}

#[track_caller]
fn check_lints(text: &str, expected: &[(&str, &str)]) {
    let told = of(text);
    let paths: Vec<&str> = told.iter().map(|it| it.0.as_str()).collect();
    assert_eq!(paths, expected.iter().map(|it| it.0).collect::<Vec<_>>(), "{told:?}");
    for ((_, told), (_, part)) in told.iter().zip(expected) {
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn a_success_rate_in_the_place_of_an_error_rate_is_doubted() {
    let gate = |judge: &str| {
        bot(&format!(
            "strategy: {{rolling: {{analysis: true}}}}\nanalysis: {{gates: [{{name: a, judge: {judge}}}]}}\n"
        ))
    };
    let at = "analysis.gates[0].judge";
    let threshold = |limit: &str| gate(&format!("{{threshold: {{metric: error_rate, {limit}}}}}"));
    check_lints(
        &threshold("fail_above: 95%"),
        &[(&format!("{at}.threshold.fail_above"), "a success rate of 95 % is `fail_above: 5%`")],
    );
    check_lints(
        &threshold("pass_below: 99.5%"),
        &[(&format!("{at}.threshold.pass_below"), "is `pass_below: 0.5%`")],
    );
    let inside = "{any_of: [{weighted: {judges: [{weight: 1, judge: {threshold: {metric: error_rate, fail_above: 98%}}}]}}]}";
    let path = format!("{at}.any_of[0].weighted.judges[0].judge.threshold.fail_above");
    check_lints(&gate(inside), &[(&path, "is `fail_above: 2%`")]);
    check_lints(
        &gate("{burn_rate: {slo: 0.1%}}"),
        &[(&format!("{at}.burn_rate.slo"), "is `slo: 99.9%`")],
    );
    // neither a share that fails at once, nor other metrics, nor a comparison
    for fine in [
        threshold("fail_above: 50%"),
        gate("{threshold: {metric: saturation, fail_above: 95%}}"),
        gate("{threshold: {metric: error_rate, against: ratio, fail_above: 95x}}"),
        gate("{burn_rate: {slo: 99%}}"),
    ] {
        check_lints(&fine, &[]);
    }
    let alert = |above: &str| {
        let alert = format!("{{name: a, metric: error_rate, above: {above}}}");
        bot(&format!("strategy: {{rolling: {{}}}}\nalerts: [{alert}]\n"))
    };
    check_lints(&alert("99%"), &[("alerts[0].above", "a success rate of 99 % is `above: 1%`")]);
    check_lints(&alert("50%"), &[]);
}

#[test]
fn steps_that_go_back_are_told() {
    let steps = "steps: [{weight: 10%, hold: 5m}, {weight: 5%, hold: 5m}, {weight: 60%, hold: 5m}]";
    let canary = format!("canary: {{{steps}, analysis: none}}");
    check_lints(
        &bot(&format!("strategy: {{{canary}}}\n")),
        &[("strategy.canary.steps[1].weight", "goes back from `10%` to `5%`")],
    );
    let shares = "steps: [{share: 50%}, {share: 50%}, {share: 1%}]";
    let flag = format!("feature_flag: {{{shares}, analysis: none}}");
    check_lints(
        &bot(&format!("strategy: {{rolling: {{}}}}\nstrategies: {{\"v1.2\": {{{flag}}}}}\n")),
        &[("strategies[\"v1.2\"].feature_flag.steps[2].share", "from `50%` to `1%`")],
    );
    let never = flag.replace("analysis: none", "analysis: none, never_on: true");
    check_lints(&bot(&format!("strategy: {{{never}}}\n")), &[]);
}

#[test]
fn a_trial_shorter_than_its_rollout_is_told() {
    let short = |strategy: &str| bot(&format!("strategy: {strategy}\n")).replace("4h", "1h");
    let length = |strategy: &str, told: &str| check_lints(&short(strategy), &[("length", told)]);
    let canary = |hold: &str| {
        format!(
            "{{canary: {{analysis: none, steps: [{{weight: 10%, hold: {hold}}}, {{weight: 50%, hold: {hold}}}]}}}}"
        )
    };
    length(
        &canary("26m"),
        "at least 52 min 30 s (2 holds of together 52 min, the old release kept for 30 s), from 10 min on, and the \
         trial ends after 1 h; more than `length: 1h2m30s`",
    );
    length(&canary("24m40s"), "not every rollout of `strategy` can be completed: it takes up to 5");
    check_lints(&short(&canary("24m")), &[]);
    length("{blue_green: {analysis: false}}", "`length: 1h10m1s`");
    check_lints(&short("{blue_green: {analysis: false, keep_old: 20m}}"), &[]);
    length("{rolling: {batch: 1, wait: 20m}}", "at least 1 h (3 waits of together 1 h)");
    check_lints(&short("{rolling: {batch: 3, wait: 20m}}"), &[]);
    length("{feature_flag: {analysis: none}}", "`strategy` can be completed");
    check_lints(&short("{feature_flag: {analysis: none, never_on: true}}"), &[]);
    let asked = "{blue_green: {analysis: false, keep_old: 20m, approve: true}}";
    length(asked, "1 approval of 3 h");
    for at_once in ["{all_at_once: {}}", "{recreate: {}}"] {
        check_lints(&short(at_once), &[]);
    }
}

#[test]
fn a_fleet_that_cannot_serve_its_traffic_is_told() {
    let loaded = |fleet: &str, traffic: &str| {
        format!(
            "title: load\nlength: 1d\nfleet: {{service_time: {{constant: 400ms}}, {fleet}}}\n\
                 traffic: {{{traffic}}}\nstrategy: {{rolling: {{}}}}\n"
        )
    };
    let told = |text: String, part: &str| check_lints(&text, &[("fleet.instances", part)]);
    // 45/s of 400 ms each keep 18 of 6 workers busy
    told(loaded("instances: 3, workers: 2", "rate: 45/s"), "keep 18 workers busy, which is 300 %");
    told(loaded("instances: 3, workers: 2", "rate: 45/s"), "at least 10 instances");
    check_lints(&loaded("instances: 10, workers: 2", "rate: 45/s"), &[]);
    // what an autoscaler may add counts
    let scaler = "instances: 3, workers: 2, autoscaler: {min: 3, max: 12, target: 80%}";
    check_lints(&loaded(scaler, "rate: 45/s"), &[]);
    // a wave of 40 to 60 busy workers
    let wave = "rate: 125/s, pattern: {daily_wave: {peak: \"14:00\", swing: 20%}}";
    told(loaded("instances: 55, workers: 1", wave), "overloaded at its busiest hour");
    check_lints(&loaded("instances: 61, workers: 1", wave), &[]);
    // queries and calls keep a worker busy as well
    let slow = "operations: {a: {share: 50%, database: {constant: 300ms}, calls: [x]}, b: {share: 50%}}\n\
                dependencies: {x: {latency: {constant: 300ms}}}\n";
    told(loaded("instances: 6, workers: 1", "rate: 10/s") + slow, "7 workers busy, which is 117 %");
    check_lints(&loaded("instances: 8, workers: 1", "rate: 10/s"), &[]);
    // a mean that does not exist says nothing
    let heavy = loaded("instances: 1", "rate: 1/s")
        .replace("{constant: 400ms}", "{pareto: {minimum: 9ms, alpha: 1}}");
    check_lints(&heavy, &[]);
}

#[test]
fn an_expectation_that_cannot_fail_is_told() {
    let expecting = |line: &str| {
        bot(&format!("users: {{count: 500}}\nstrategy: {{rolling: {{}}}}\nexpect: {{{line}}}\n"))
    };
    for (line, path, part) in [
        ("oom_kills: \">= 0\"", "expect.oom_kills", "cannot fail: it holds for any `oom_kills`"),
        ("users_hurt: \">= 0\"", "expect.users_hurt", "cannot fail"),
        ("users_hurt: \"<= 500\"", "expect.users_hurt", "cannot fail"),
        ("failed_share: \"<= 100%\"", "expect.failed_share", "fails only where there is none"),
        ("detection_time: \">= 0s\"", "expect.detection_time", "fails only where there is none"),
        ("pages: \"< 0\"", "expect.pages", "cannot hold"),
        ("utilisation: \"> 100%\"", "expect.utilisation", "cannot hold"),
        ("downtime: \"<= 4h\"", "expect.downtime", "cannot fail"),
        ("rollout_time: \"> 4h\"", "expect.rollout_time", "cannot hold"),
        ("latency_p99: \"<= 4h\"", "expect.latency_p99", "fails only where there is none"),
        ("error_budget: \"<= 1000x\"", "expect.error_budget", "fails only where there is none"),
        ("attempts_mean: \"< 1x\"", "expect.attempts_mean", "cannot hold"),
        // without retries
        ("attempts_mean: \"> 1x\"", "expect.attempts_mean", "cannot hold"),
        ("instances_peak: \"< 3\"", "expect.instances_peak", "cannot hold"),
        ("instance_hours: \">= 0\"", "expect.instance_hours", "cannot fail"),
        ("defects_struck: 1", "expect.defects_struck", "cannot hold"),
        // there are no defects, no incidents and no alerts
        ("defects_struck: \">= 0\"", "expect.defects_struck", "there is no `defects_struck`"),
        ("incidents_struck: \">= 0\"", "expect.incidents_struck", "there is no `incidents_struck`"),
        ("mitigation_time: \"< 1h\"", "expect.mitigation_time", "there is no `mitigation_time`"),
        ("users_met: 501..600", "expect.users_met", "cannot hold"),
        ("rolling: {escaped: \"<= 100%\"}", "expect.rolling.escaped", "cannot fail"),
        ("rolling: {users_hurt_mean: \"<= 500\"}", "expect.rolling.users_hurt_mean", "cannot fail"),
        ("rolling: {rolled_back: \"< 0%\"}", "expect.rolling.rolled_back", "cannot hold"),
        // 288,000 requests are expected, of which each is tried once; 3 instances run for 4 hours
        ("failed: 0..999999999", "expect.failed", "cannot fail"),
        ("requests: \"< 1000000\"", "expect.requests", "cannot fail"),
        ("requests: \"> 1000000\"", "expect.requests", "cannot hold"),
        ("requests: 999999999", "expect.requests", "cannot hold"),
        ("lost: \"<= 999999999\"", "expect.lost", "cannot fail"),
        ("queue_mean: 0..999999999", "expect.queue_mean", "fails only where there is none"),
        ("pages: 0..999999999", "expect.pages", "cannot fail"),
        ("restarts: 0..999999999", "expect.restarts", "cannot fail"),
        ("instance_hours: \"< 1000\"", "expect.instance_hours", "cannot fail"),
        ("instances_peak: 0..1000", "expect.instances_peak", "cannot fail"),
        // an undo, once
        ("operator_actions: 0..1", "expect.operator_actions", "cannot fail"),
        ("rolling: {failed_mean: 0..999999999}", "expect.rolling.failed_mean", "cannot fail"),
    ] {
        check_lints(&expecting(line), &[(path, part)]);
    }
    for fine in [
        "oom_kills: 0",
        "users_hurt: \"< 500\"",
        "users_hurt: \"> 0\"",
        "failed_share: \"< 100%\"",
        "requests: \"<= 500\"",
        "requests: 280000..300000",
        "failed: 0..280000",
        "pages: \"<= 100\"",
        "rollout_time: \"<= 3h\"",
        "instances_peak: \"> 3\"",
        "rolling: {cost_mean: \">= 0\", escaped: \"< 100%\"}",
    ] {
        check_lints(&expecting(fine), &[]);
    }
}

#[test]
fn a_constraint_of_a_tuning_that_cannot_fail_is_told() {
    let tuned = |constraint: &str| {
        let tune = format!("tune: {{constraints: {{all: {{{constraint}}}}}}}");
        bot(&format!("users: {{count: 500}}\nstrategy: {{rolling: {{}}}}\n{tune}\n"))
    };
    for (line, path, part) in [
        ("users_hurt_mean: 0..999999999", "tune.constraints.all.users_hurt_mean", "cannot fail"),
        ("escaped: \"<= 100%\"", "tune.constraints.all.escaped", "cannot fail"),
    ] {
        check_lints(&tuned(line), &[(path, part)]);
    }
    check_lints(&tuned("escaped: \"<= 5%\""), &[]);
}
