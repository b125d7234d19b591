//! What is easily written and does nothing, or not what is meant, is refused or told: the same name twice,
//! spans of nothing, fleets that are too small for what is asked of them.

use std::path::Path;

use rollsim::{
    kernel::Seed,
    model::Measure,
    scenario::{Bound, Scenario, load_text, vary, with_settings},
    sim::Trial,
};
use serde_json::json;

use crate::never::{BOT, check, incident, planned, told};

fn shipped(strategy: &str) -> String {
    BOT.replace("{rolling: {}}", strategy)
}

#[test]
fn two_of_a_list_with_the_same_name_are_told_at_the_second() {
    let said = |text: &str, path: &str, part: &str| check(text, false, Some((path, part)));
    let alert = |name: &str| format!("{{name: {name}, metric: error_rate, above: 9%}}");
    let alerts = |name: &str| {
        let one = "{name: errors, metric: error_rate, above: 5%}";
        BOT.replace(one, &format!("{one}, {}", alert(name)))
    };
    said(&alerts("errors"), "alerts[1].name", "called `errors`, as another of the `alerts` is");
    check(&alerts("more"), false, None);
    // by the name that is written, and by the one that a fault has without
    let hang = "{when: {at: 20m}, effect: {hang: {}}}";
    let named =
        |name: &str| format!("{{name: {name}, when: {{at: 30m}}, effect: {{crash: {{}}}}}}");
    let two = |other: &str| incident(&format!("{hang}, {other}"));
    said(&two(hang), "incidents[1]", "called `hang` by default");
    said(&two(&named("hang")), "incidents[1].name", "called `hang`, as another of the `incidents`");
    check(&two(&named("other")), false, None);
    let defects = |path: &str, text: &str| said(text, &format!("{path}.defects[1]"), "by default");
    let both = format!("defects: [{hang}, {hang}]");
    defects("release", &format!("{BOT}release: {{{both}}}\n"));
    let classes = format!("releases: {{classes: {{slow: {{chance: 10%, {both}}}}}}}\n");
    defects("releases.classes.slow", &format!("{BOT}{classes}"));
    said(&BOT.replace("[a, b]", "[a, a]"), "fleet.zones[1]", "as another of the `zones`");
    // however deep: the metrics of a judge
    let metric = "{name: tail, metric: {latency: 90%}}";
    let judge = format!("{{kayenta: {{metrics: [{metric}, {metric}]}}}}");
    let analysis = format!("analysis: {{gates: [{{name: a, judge: {judge}}}]}}\n");
    let paths: Vec<String> =
        told(&(BOT.to_owned() + &analysis)).into_iter().map(|it| it.0).collect();
    let path = "analysis.gates[0].judge.kayenta.metrics[1].name";
    assert!(paths.iter().any(|it| it == path), "{paths:?}");
}

#[test]
fn a_rolling_update_that_may_replace_no_instance_is_refused_as_by_kubernetes() {
    let refused = |strategy: &str, path: &str| {
        let path = format!("strategy.{path}.max_unavailable");
        check(&shipped(strategy), true, Some((&path, "no instance can be replaced")));
    };
    refused("{rolling: {max_surge: 0, max_unavailable: 0}}", "rolling");
    refused("{rolling: {max_surge: 0%, max_unavailable: 0, batch: 2}}", "rolling");
    refused("{rolling: {max_surge: 0, max_unavailable: 0.0%}}", "rolling");
    let flag = "{feature_flag: {analysis: none, steps: [{share: 100%, hold: 1m}], \
                deploy: {max_surge: 0, max_unavailable: 0}}}";
    refused(flag, "feature_flag.deploy");
    for fine in [
        "{rolling: {max_surge: 1, max_unavailable: 0}}",
        "{rolling: {max_surge: 0, max_unavailable: 1}}",
        "{rolling: {max_surge: 0, batch: 1}}",
        // 10 % of three is rounded to none, and Kubernetes takes one
        "{rolling: {max_surge: 0, max_unavailable: 10%}}",
    ] {
        check(&shipped(fine), false, None);
    }
    let rounded = planned(&shipped("{rolling: {max_surge: 0, max_unavailable: 10%}}")).0.unwrap();
    assert_eq!(Trial::new(&rounded, Seed::DEFAULT).run().phase.name(), "completed");
}

#[test]
fn settings_and_tunings_refuse_what_a_file_may_not_say() {
    let surge = "{rolling: {max_surge: 0, max_unavailable: 1}}";
    let plan = planned(&shipped(surge)).0.unwrap();
    let told = with_settings(
        &plan,
        Path::new("."),
        &["strategy.rolling.max_unavailable=0".into()],
        Bound::NONE,
    );
    assert!(told.unwrap_err().to_string().contains("no instance can be replaced"));
    let tuned = shipped(surge)
        + "tune: {parameters: {strategy.rolling.max_unavailable: {from: 0, to: 2}}}\n";
    let path = "tune.parameters[\"strategy.rolling.max_unavailable\"]";
    check(&tuned, true, Some((path, "no instance can be replaced")));
    // the same of an averaging time and of a freeze
    let load = "{when: {load_over: {above: 50%, over: 15s}}, effect: {hang: {}}}";
    let frozen = "operator: {actions: [{do: {freeze: {lasts: 1m}}}]}\n";
    let scenario = load_text::<Scenario>("text", &(incident(load) + frozen)).unwrap().value;
    for (path, value, told) in [
        ("incidents[0].when.load_over.over", "999ms", "`999ms` is too short"),
        ("operator.actions[0].do.freeze.lasts", "0s", "over at once"),
    ] {
        let set = |value: &str| {
            vary(&scenario, "text", Path::new("."), &[(path.to_owned(), json!(value))])
        };
        let problems = set(value).unwrap_err();
        assert_eq!((problems.len(), problems[0].path.as_str()), (1, path));
        assert!(problems[0].message.contains(told), "{problems:?}");
        assert!(set("1s").is_ok());
    }
}

#[test]
fn what_lasts_no_time_is_refused() {
    let acting = |action: &str| format!("{BOT}operator: {{actions: [{{do: {action}}}]}}\n");
    for (action, path) in [
        ("{freeze: {lasts: 0s}}", "freeze.lasts"),
        ("{drain: {zone: a, lasts: 0s}}", "drain.lasts"),
    ] {
        let path = format!("operator.actions[0].do.{path}");
        check(&acting(action), true, Some((&path, "it would be over at once")));
        check(&acting(&action.replace("0s", "1s")), false, None);
        check(&acting(&action.replace("lasts: 0s", "")), false, None);
    }
    let load = |over: &str| {
        incident(&format!(
            "{{when: {{load_over: {{above: 50%, over: {over}}}}}, effect: {{hang: {{}}}}}}"
        ))
    };
    let path = "incidents[0].when.load_over.over";
    check(&load("0s"), true, Some((path, "at least 1s")));
    check(&load("1s"), false, None);
}

#[test]
fn what_takes_as_long_as_clients_wait_is_told() {
    let deadline = |text: &str| format!("{text}client: {{deadline: 2s}}\n");
    let proxy =
        |overhead: &str| {
            deadline(&BOT.replace(
                "zones: [a, b]",
                &format!("zones: [a, b], proxy: {{overhead: {overhead}}}"),
            ))
        };
    let late = |overhead: &str, part: &str| {
        check(&proxy(overhead), false, Some(("fleet.proxy.overhead", part)));
    };
    late(
        "{constant: 2s}",
        "every attempt times out: this takes at least `2s`, and `client.deadline` is `2s`",
    );
    late("{uniform: {low: 3s, high: 4s}}", "at least `3s`");
    late("{pareto: {minimum: 2500ms, alpha: 3}}", "at least `2s500ms`");
    let mixed = "{mixture: [{share: 50%, of: {constant: 2s}}, {share: 50%, of: {constant: 9s}}]}";
    late(mixed, "at least `2s`");
    check(&proxy("{constant: 1s}"), false, None);
    check(&proxy("{exponential: {mean: 1s}}"), false, None);
    // what an operation does adds up: the query, the call, what is on the way
    let slow = |calls: &str| {
        let text = proxy("{constant: 500ms}").replace("instances: 3", "instances: 6");
        text.replace("{mail: {latency: {constant: 5ms}}", calls)
    };
    let part = "every attempt of `ask` times out: this takes at least `2s5ms`";
    check(&slow("{mail: {latency: {constant: 1500ms}}"), false, Some(("operations.ask", part)));
    check(&slow("{mail: {latency: {constant: 1s}}"), false, None);
    // and so it is
    for (overhead, failed) in [("{constant: 2s}", true), ("{constant: 1s}", false)] {
        let plan = planned(&proxy(overhead)).0.unwrap();
        let outcome = Trial::new(&plan, Seed::DEFAULT).run();
        let share = outcome.figure(Measure::failed_share).unwrap();
        assert!(if failed { share > 0.99 } else { share < 0.01 }, "{overhead} {share}");
    }
}

#[test]
fn a_limit_that_a_default_sets_is_said_to_be_one() {
    let fleet = |more: &str| BOT.replace("zones: [a, b]", &format!("zones: [a, b], {more}"));
    let refused = |text: &str, path: &str, part: &str| check(text, true, Some((path, part)));
    let path = "fleet.drain.pre_stop";
    refused(&fleet("drain: {pre_stop: 45s}"), path, "at most `grace`, by default `30s`");
    refused(&fleet("drain: {pre_stop: 45s, grace: 40s}"), path, "at most `grace`, `40s`");
    let brief = BOT.replace("above: 5%}", "above: 5%, window: 5s}");
    refused(&brief, "alerts[0].window", "at least `telemetry.interval`, by default `15s`");
    let slow = brief.clone() + "telemetry: {interval: 10s}\n";
    refused(&slow, "alerts[0].window", "at least `telemetry.interval`, `10s`");
    let retries =
        fleet("proxy: {connect_timeout: 1s, retries: {max: 2, wait: 9s, redispatch: never}}");
    let path = "fleet.proxy.retries.wait";
    refused(&retries, path, "less than `client.deadline`, by default `5s`");
    let patient = retries.clone() + "client: {deadline: 6s}\n";
    refused(&patient, path, "less than `client.deadline`, `6s`");
    let way = fleet("proxy: {overhead: {constant: 6s}}");
    check(&way, false, Some(("fleet.proxy.overhead", "`client.deadline` is `5s` by default")));
}

#[test]
fn an_expectation_of_a_count_is_told_what_a_count_is() {
    let problem = |line: &str| {
        let text = format!("{BOT}expect: {{{line}}}\n");
        let problems = load_text::<Scenario>("text", &text).unwrap_err();
        let only = problems.iter().find(|it| it.is_error()).unwrap();
        format!("{}; {}", only.message, only.allowed.as_deref().unwrap_or_default())
    };
    for (line, told) in [
        (
            "failed: '<= 1e12'",
            "`1e12` has a power of ten, which is written out here; a count, such as `3`",
        ),
        ("lost: '> 1000000000000'", "is too large; a count, such as `3`"),
        (
            "downtime: '< 3 apples'",
            "`apples` is not a unit of a limit; a span of time, such as `500ms`",
        ),
        ("rolling: {users_hurt_mean: '< 1e3'}", "a count, such as `3`; alone, after `<`"),
    ] {
        assert!(problem(line).contains(told), "{line}: {}", problem(line));
    }
}

/// A canary of ten instances in steps of ten minutes.
fn canary(more: &str, weights: &[&str]) -> String {
    let step = |weight: &&str| format!("{{weight: {weight}, hold: 10m}}");
    let steps: Vec<String> = weights.iter().map(step).collect();
    let strategy = format!("{{canary: {{analysis: none, {more}steps: [{}]}}}}", steps.join(", "));
    shipped(&strategy).replace("instances: 3", "instances: 10")
}

#[test]
fn a_defect_of_more_instances_than_the_canary_has_is_told() {
    let defect = |count: u32, when: &str| {
        let defect =
            format!("{{when: {when}, scope: {{instances: {count}}}, effect: {{hang: {{}}}}}}");
        canary("", &["10%", "30%"]) + &format!("release: {{defects: [{defect}]}}\n")
    };
    let path = "release.defects[0].scope.instances";
    let few = |count: u32, when: &str, part: &str| {
        check(&defect(count, when), false, Some((path, part)));
    };
    few(3, "{weight: 5%}", "its steps have given it 1 instance by then");
    few(2, "{weight: 10%}", "given it 1 instance");
    few(4, "{weight: 11%}", "given it 3 instances");
    // the second step comes at 20 min, the promotion at 30 min
    few(2, "{at: 15m}", "given it 1 instance");
    few(4, "{at: 20m}", "given it 3 instances");
    for (count, when) in
        [(1, "{weight: 5%}"), (3, "{weight: 20%}"), (9, "{weight: 50%}"), (9, "{at: 30m}")]
    {
        check(&defect(count, when), false, None);
    }
    // with all of the fleet from the first step on, there are as many
    let full =
        |text: String| text.replace("analysis: none", "analysis: none, match_replicas: false");
    check(&full(defect(3, "{weight: 5%}")), false, None);
}

#[test]
fn a_weight_that_whole_instances_cannot_make_is_told_with_what_is_reached() {
    let by = |weight: &str| canary("by: instances, ", &[weight]);
    let path = "strategy.canary.steps[0].weight";
    let told = |weight: &str, part: &str| check(&by(weight), false, Some((path, part)));
    told("1%", "the step gives the candidate 1 of 11 instances, which is 9.09 %");
    // 1 of 67 is the first share that is at most 1.5 %
    told("1%", "`by: requests` or `by: users`, a weight of about 9.09 %, or at least 66 instances");
    told("99%", "10 of 11 instances");
    for fine in ["10%", "25%", "50%", "75%", "100%", "7%"] {
        check(&by(fine), false, None);
    }
    check(&canary("by: users, ", &["1%"]), false, None);
    check(&by("1%").replace("instances: 10", "instances: 66"), false, None);
    let flag = "{canary_flag: {flag: {analysis: none, steps: [{share: 100%}]}, canary: {analysis: none, by: instances, steps: [{weight: 1%, hold: 1m}]}}}";
    let path = "strategy.canary_flag.canary.steps[0].weight";
    check(&shipped(flag), false, Some((path, "1 of 4 instances, which is 25 %")));
}

#[test]
fn a_step_by_instances_says_how_many_the_candidate_gets() {
    let text = canary("by: instances, ", &["1%", "50%"]);
    let outcome = Trial::new(&planned(&text).0.unwrap(), Seed::DEFAULT).run();
    let steps: Vec<&str> = outcome.steps.iter().map(|it| it.text.as_str()).collect();
    let said = |part: &str| steps.iter().any(|it| it.contains(part));
    assert!(said("1 % of instances (1 of 11)") && said("50 % of instances (5 of 10)"), "{steps:?}");
    assert!(said("100 % of instances") && !said("(10 of 10)"), "{steps:?}");
    let text = canary("by: users, ", &["1%", "50%"]);
    let outcome = Trial::new(&planned(&text).0.unwrap(), Seed::DEFAULT).run();
    assert!(outcome.steps.iter().all(|it| !it.text.contains('(')));
}
