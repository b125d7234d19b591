//! What can never happen is told by `rollsim check`: faults with nothing to strike, actions without an
//! occasion, deadlines that nothing can meet.

use std::path::Path;

use rollsim::{
    kernel::Seed,
    model::Measure,
    scenario::{Plan, Problem, Scenario, lint, load_text, plan_of},
    sim::Trial,
};

/// Three instances in two zones, one of which has one; two operations, one of which no one asks for.
pub(crate) const BOT: &str = r"
title: never
length: 1h
rollout_at: 10m
fleet: {instances: 3, zones: [a, b], memory: {base: 100MiB, limit: 1GiB}}
users: {count: 1000, attributes: {tier: {gold: 10%, lead: 90%, iron: 0%}}}
operations: {ask: {share: 100%, database: {constant: 5ms}, calls: [mail]}, buy: {share: 0%, calls: [bank]}}
dependencies: {mail: {latency: {constant: 5ms}}, bank: {latency: {constant: 5ms}}}
alerts: [{name: errors, metric: error_rate, above: 5%}]
strategy: {rolling: {}}
";

pub(crate) fn planned(text: &str) -> (Option<Plan>, Vec<Problem>) {
    let scenario = load_text::<Scenario>("never", text).unwrap_or_else(|it| panic!("{it}\n{text}"));
    plan_of("never", scenario.value, Path::new("."))
}

/// All that `check` says of a bot with more lines: each path, whether it is an error, and the words.
pub(crate) fn told(text: &str) -> Vec<(String, bool, String)> {
    let (plan, mut problems) = planned(text);
    problems.extend(plan.iter().flat_map(lint));
    let words = |it: &Problem| {
        let remedy = it.hint.as_ref().or(it.allowed.as_ref());
        format!("{}; {}", it.message, remedy.map_or("", String::as_str))
    };
    problems.iter().map(|it| (it.path.clone(), it.is_error(), words(it))).collect()
}

/// Either nothing, or one thing at this path.
#[track_caller]
pub(crate) fn check(text: &str, error: bool, expected: Option<(&str, &str)>) {
    let told = told(text);
    match expected {
        None => assert_eq!(told, vec![], "{text}"),
        Some((path, part)) => {
            assert!(told.len() == 1, "{text}\n{told:#?}");
            assert_eq!((told[0].0.as_str(), told[0].1), (path, error), "{told:?}");
            assert!(told[0].2.contains(part), "{part}: {told:?}");
        }
    }
}

pub(crate) fn incident(fault: &str) -> String {
    format!("{BOT}incidents: [{fault}]\n")
}

#[test]
fn a_scope_that_no_one_is_in_is_refused_at_its_key() {
    let scoped = |scope: &str| {
        incident(&format!(
            "{{when: {{at: 20m}}, scope: {scope}, effect: {{errors: {{rate: 50%}}}}}}"
        ))
    };
    let refused = |scope: &str, key: &str, part: &str| {
        check(&scoped(scope), true, Some((&format!("incidents[0].scope.{key}"), part)));
    };
    refused("{instances: 0%}", "instances", "`0%` is no instance");
    refused("{instances: 0}", "instances", "`0` is no instance");
    refused("{operation: buy}", "operation", "no request is of `buy`: its share is `0%`");
    refused("{users: {tier: iron}}", "users.tier", "no user has the tier `iron`");
    let one_of = "{scope_one_of: [{zone: a}, {operation: buy}], effect: {errors: {rate: 50%}}}";
    check(&incident(one_of), true, Some(("incidents[0].scope_one_of[1].operation", "`buy`")));
    // a defect is a fault too
    let defect = "release: {defects: [{scope: {instances: 0%}, effect: {hang: {}}}]}\n";
    let path = "release.defects[0].scope.instances";
    check(&format!("{BOT}{defect}"), true, Some((path, "no instance")));
    for fine in ["{instances: 50%}", "{operation: ask}", "{users: {tier: gold}}", "{zone: b}"] {
        check(&scoped(fine), false, None);
    }
}

#[test]
fn a_number_of_instances_that_there_are_not_is_told_with_the_numbers() {
    let scoped = |scope: &str| {
        incident(&format!("{{when: {{at: 20m}}, scope: {scope}, effect: {{hang: {{}}}}}}"))
    };
    let told = |text: &str, part: &str| {
        check(text, false, Some(("incidents[0].scope.instances", part)));
    };
    told(&scoped("{instances: 4}"), "the fleet has 3 instances");
    told(&scoped("{instances: 4}"), "at most `3`");
    told(&scoped("{instances: 3, zone: a}"), "2 of 3 instances are in zone `a`");
    told(&scoped("{instances: 2, zone: b}"), "1 of 3 instances are in zone `b`");
    for fine in ["{instances: 3}", "{instances: 2, zone: a}", "{instances: 1, zone: b}"] {
        check(&scoped(fine), false, None);
    }
    // whatever adds instances counts
    let scaler = "memory: {base: 100MiB, limit: 1GiB}, autoscaler: {min: 3, max: 6, target: 60%}";
    let grows = scoped("{instances: 6}").replace("memory: {base: 100MiB, limit: 1GiB}", scaler);
    check(&grows, false, None);
    let hands =
        scoped("{instances: 6}") + "operator: {undoes: true, actions: [{do: {scale: {to: 6}}}]}\n";
    check(&hands, false, None);
    // and it is so
    let (plan, _) = planned(&(scoped("{instances: 9}") + "telemetry: {interval: 5s}\n"));
    let outcome = Trial::new(&plan.unwrap(), Seed::DEFAULT).run();
    assert!(outcome.figure(Measure::failed).unwrap() > 0.0);
}

#[test]
fn a_zone_that_the_fleet_does_not_reach_is_told() {
    let text = incident("{when: {at: 20m}, scope: {zone: d}, effect: {crash: {}}}")
        .replace("zones: [a, b]", "zones: [a, b, c, d]");
    let told = "3 instances are spread over 4 zones in turn";
    check(&text, false, Some(("incidents[0].scope.zone", told)));
    check(&text.replace("scope: {zone: d}", "scope: {zone: c}"), false, None);
}

#[test]
fn a_share_that_mostly_strikes_no_one_is_told_with_its_chance() {
    let scoped = |scope: &str| {
        incident(&format!(
            "{{when: {{at: 20m}}, scope: {scope}, effect: {{errors: {{rate: 50%}}}}}}"
        ))
    };
    // 0.9 to the third, and to the first in zone b; 0.7 to the second is 49 %
    let part = "in 72.9 % of the trials the fault affects none of 3 instances";
    check(&scoped("{instances: 10%}"), false, Some(("incidents[0].scope.instances", part)));
    let part = "in 90 % of the trials the fault affects none of 1 instance";
    check(
        &scoped("{instances: 10%, zone: b}"),
        false,
        Some(("incidents[0].scope.instances", part)),
    );
    check(&scoped("{instances: 30%, zone: a}"), false, None);
    let few = |count: &str| scoped("{users: {tier: gold}}").replace("count: 1000", count);
    // 0.9 to the sixth is 53.1 %, to the seventh 47.8 %
    let part = "in 53.1 % of the trials none of 6 users has these attributes";
    check(&few("count: 6"), false, Some(("incidents[0].scope.users", part)));
    check(&few("count: 7"), false, None);
}

#[test]
fn an_effect_that_changes_nothing_is_told() {
    let caused = |effect: &str| incident(&format!("{{when: {{at: 20m}}, effect: {{{effect}}}}}"));
    for (effect, name) in [
        ("errors: {rate: 0%}", "errors"),
        ("latency: {}", "latency"),
        ("leak: {}", "leak"),
        ("database_slow: {factor: 1x}", "database_slow"),
        ("dependency: {name: mail}", "dependency"),
        ("skewed_weight: {factor: 1x}", "skewed_weight"),
    ] {
        let path = format!("incidents[0].effect.{name}");
        check(&caused(effect), false, Some((&path, "as it is written changes nothing")));
    }
    let without = |effect: &str, replaced: (&str, &str), name: &str, part: &str| {
        let path = format!("incidents[0].effect.{name}");
        check(&caused(effect), false, None);
        check(&caused(effect).replace(replaced.0, replaced.1), false, Some((&path, part)));
    };
    let memory = (", memory: {base: 100MiB, limit: 1GiB}", "");
    without("leak: {per_hour: 9MiB}", memory, "leak", "without `fleet.memory`");
    let blind = ("zones: [a, b]", "zones: [a, b], readiness: null");
    without("unready: {}", blind, "unready", "there is no readiness probe");
    without("lying_readiness: {}", blind, "lying_readiness", "there is no readiness probe");
    let unasked = ("database: {constant: 5ms}, ", "");
    without("database_lock: {}", unasked, "database_lock", "no operation queries the database");
    without("database_slow: {factor: 2x}", unasked, "database_slow", "queries the database");
    let uncalled = ("calls: [mail]", "calls: []");
    without("dependency: {errors: 9%}", uncalled, "dependency", "calls a dependency");
    // of an operation that no one asks for
    let path = "incidents[0].effect.dependency";
    check(&caused("dependency: {name: bank, errors: 9%}"), false, Some((path, "calls `bank`")));
}

#[test]
fn a_fault_that_never_starts_is_told() {
    let starts =
        |when: &str| incident(&format!("{{when: {{{when}}}, effect: {{errors: {{rate: 50%}}}}}}"));
    let told = |when: &str, key: &str, part: &str| {
        check(&starts(when), false, Some((&format!("incidents[0].when.{key}"), part)));
    };
    told("at: 2h", "at", "at `2h` the trial is over: it ends after `1h`");
    told("age: 1h", "age", "no instance gets as old as `1h`");
    told("age_between: {from: 1h, to: 2h}", "age_between.from", "as old as `1h`");
    told("load: 100%", "load", "no more than all workers");
    told("load_over: {above: 100%, over: 15s}", "load_over.above", "no more than all workers");
    // 36,000 requests are expected
    told("requests: 1000000", "requests", "no instance serves 1,000,000 requests");
    for fine in ["at: 59m", "age: 55m", "load: 99%", "requests: 30000", "weight: 50%"] {
        check(&starts(fine), false, None);
    }
    // the release is there for 50 minutes
    let defect = "release: {defects: [{when: {age: 55m}, effect: {errors: {rate: 50%}}}]}\n";
    let path = "release.defects[0].when.age";
    check(&format!("{BOT}{defect}"), false, Some((path, "less than `50m`")));
    check(&format!("{BOT}{}", defect.replace("55m", "49m")), false, None);
    let unshipped = starts("weight: 50%").replace("{rolling: {}}", "none");
    check(&unshipped, false, Some(("incidents[0].when.weight", "nothing is shipped")));
}

fn acting(actions: &str) -> String {
    format!("{BOT}operator: {{actions: [{actions}]}}\n")
}

#[test]
fn an_action_without_an_occasion_is_told_by_its_name() {
    let told = |actions: &str, field: &str, part: &str| {
        let path = format!("operator.actions[0].{field}");
        check(&acting(actions), false, Some((&path, part)));
    };
    let nothing = "there is nothing that it could change; ";
    for (action, phases, possible) in [
        ("undo", "[pending, rolling_back]", "`progressing`, `paused`, `completed`"),
        ("{freeze: {}}", "[failed, completed]", "`progressing` or `paused`; without"),
        ("{roll_forward: {}}", "[completed]", "`progressing`, `paused` or `failed`;"),
        ("{roll_forward: {build: {constant: 1m}}}", "[rolling_back]", "`progressing`, `paused`"),
        ("{restart: {release: candidate}}", "[pending]", "`progressing`, `paused`"),
    ] {
        let action = format!("{{do: {action}, when: {{rollout: {phases}}}}}");
        told(&action, "when.rollout", &format!("{nothing}{possible}"));
    }
    told("{do: {scale: {to: 3}}}", "do.scale", "`scale` is never done: the fleet has 3 instances");
    told("{do: {scale: {by: 0.9x}}}", "do.scale", "the fleet has 3 instances already");
    for fine in [
        "{do: undo}",
        "{do: undo, when: {rollout: [pending, completed]}}",
        "{do: {scale: {to: 4}}}",
        "{do: {scale: {to: 5}}}, {do: {scale: {to: 3}}}",
        "{do: {drain: {zone: b}}}",
        "{do: {restart: {}}, when: {rollout: [pending]}}",
    ] {
        check(&acting(fine), false, None);
    }
}

#[test]
fn an_action_that_lacks_what_it_acts_on_is_told_what_that_is() {
    let far = acting("{do: {drain: {zone: d}}}").replace("zones: [a, b]", "zones: [a, b, c, d]");
    let path = "operator.actions[0].do.drain.zone";
    check(&far, false, Some((path, "zone `d` has no instance")));
    let machines = "zones: [a, b], machines: {room: 3}";
    let full = acting("{do: {scale: {to: 9}}}").replace("zones: [a, b]", machines);
    check(&full, false, Some(("operator.actions[0].do.scale", "have room for 3")));
    // of several strategies, another has the flag
    let off = acting("{do: switch_off}");
    check(&off, true, Some(("operator.actions[0].do", "no strategy has a feature flag")));
    let other = off.clone()
        + "strategies: {flagged: {feature_flag: {analysis: none, steps: [{share: 100%, hold: 1m}]}}}\n";
    check(&other, false, Some(("operator.actions[0].do", "only `strategies.flagged` has")));
    let flagged = off.replace(
        "{rolling: {}}",
        "{feature_flag: {analysis: none, steps: [{share: 100%, hold: 1m}]}}",
    );
    check(&flagged, false, None);
    let unshipped = |action: &str| acting(action).replace("{rolling: {}}", "none");
    let candidate = "{do: {restart: {release: candidate}}}";
    let path = "operator.actions[0].do.restart.release";
    check(&unshipped(candidate), false, Some((path, "there is no candidate")));
    let late = "{do: {restart: {}}, when: {rollout: [completed]}}";
    check(
        &unshipped(late),
        false,
        Some(("operator.actions[0].when.rollout", "`pending`; without")),
    );
    // what waits for it is not done either
    let two =
        acting("{do: {scale: {to: 3}}, times: 1}, {do: {restart: {}}, when: {still_firing: 1m}}");
    let told = told(&two);
    let paths: Vec<&str> = told.iter().map(|it| it.0.as_str()).collect();
    assert_eq!(paths, ["operator.actions[0].do.scale", "operator.actions[1].when.still_firing"]);
}

/// Each action that is told to have no occasion is not done, whatever fires.
#[test]
fn what_is_told_never_to_be_done_is_not_done() {
    let fault = "incidents: [{when: {at: 5m}, effect: {errors: {rate: 60%}}}]\n";
    let people = "{acknowledge: {constant: 10s}, diagnose: {constant: 10s}, prepare: {constant: 10s}, actions: ";
    let mut done = 0.0;
    for action in [
        "{do: undo, when: {rollout: [pending, rolling_back]}, times: 9}",
        "{do: {freeze: {}}, when: {rollout: [pending, completed]}, times: 9}",
        "{do: {roll_forward: {}}, when: {rollout: [pending, completed]}, times: 9}",
        "{do: {roll_forward: {build: {constant: 1m}}}, when: {rollout: [pending]}, times: 9}",
        "{do: {restart: {release: candidate}}, when: {rollout: [pending]}, times: 9}",
        "{do: {scale: {to: 3}}, times: 9}",
    ] {
        for strategy in ["{rolling: {}}", "{canary: {analysis: none}}"] {
            let text = format!("{BOT}{fault}operator: {people}[{action}]}}\n");
            let (plan, problems) = planned(&text.replace("{rolling: {}}", strategy));
            assert!(problems.iter().any(|it| it.message.contains("is never done")), "{action}");
            let outcome = Trial::new(&plan.unwrap(), Seed::DEFAULT).run();
            assert!(outcome.figure(Measure::pages).unwrap() > 0.0, "{action}");
            done += outcome.figure(Measure::operator_actions).unwrap();
        }
    }
    assert!(done.abs() <= 0.0, "{done}");
}

#[test]
fn a_time_out_of_next_to_nothing_is_refused() {
    let fleet = |part: &str| BOT.replace("zones: [a, b]", &format!("zones: [a, b], {part}"));
    for probe in ["readiness", "liveness", "startup_probe"] {
        let path = format!("fleet.{probe}.timeout");
        for span in ["0s", "1ns", "0.9ms"] {
            let text = fleet(&format!("{probe}: {{timeout: {span}}}"));
            check(&text, true, Some((&path, "is too short; at least 1ms")));
        }
        check(&fleet(&format!("{probe}: {{timeout: 1ms}}")), false, None);
    }
    for part in ["connect_timeout", "health_checks.timeout"] {
        let path = format!("fleet.proxy.{part}");
        let (one, two) = part.split_once('.').unwrap_or((part, ""));
        let said = |span: &str| match two {
            "" => format!("proxy: {{{one}: {span}}}"),
            _ => format!("proxy: {{{one}: {{{two}: {span}}}}}"),
        };
        check(&fleet(&said("1ns")), true, Some((&path, "at least 1ms")));
        check(&fleet(&said("1ms")), false, None);
    }
}

#[test]
fn a_progress_deadline_that_no_instance_can_meet_is_told() {
    let strategy = |spec: &str| BOT.replace("{rolling: {}}", spec);
    let told = |spec: &str, path: &str, part: &str| {
        check(&strategy(spec), false, Some((&format!("strategy.{path}.progress_deadline"), part)));
    };
    // an instance starts in 10 s
    told(
        "{rolling: {progress_deadline: 0s}}",
        "rolling",
        "after 10 s at the earliest, and it has 0 s",
    );
    told("{canary: {analysis: none, progress_deadline: 9s}}", "canary", "it has 9 s");
    told("{recreate: {progress_deadline: 1m, min_ready: 2m}}", "recreate", "after 2 min 10 s");
    let nested = "{feature_flag: {analysis: none, steps: [{share: 100%, hold: 1m}], deploy: {progress_deadline: 1s}}}";
    told(nested, "feature_flag.deploy", "it has 1 s");
    for fine in ["{rolling: {progress_deadline: 11s}}", "{rolling: {min_ready: 5m}}"] {
        check(&strategy(fine), false, None);
    }
    // and so it is
    let plan = planned(&strategy("{rolling: {progress_deadline: 9s}}")).0.unwrap();
    let outcome = Trial::new(&plan, Seed::DEFAULT).run();
    assert_eq!(outcome.phase.name(), "failed");
}
