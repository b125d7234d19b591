//! Every effect by its name in a scenario: what it does at which strength, and to whom.

use serde_json::{Value, json};

use super::*;
use crate::units::{Bytes, Span};

fn effect(name: &str, settings: Value) -> EffectSpec {
    let mut tagged = serde_json::Map::new();
    tagged.insert(name.to_owned(), settings);
    serde_json::from_value(tagged.into()).unwrap()
}

#[test]
fn every_effect_does_its_own_thing_at_its_strength() {
    const NONE: Disruption = Disruption::NONE;
    let check = |name: &str, settings: Value, strength: f64, expected: Disruption| {
        let effect = effect(name, settings);
        assert_eq!(effect.name(), name);
        let built = effect.kind();
        assert_eq!(built.disrupt(strength), expected, "{name} at {strength}");
        assert_eq!(built.disrupt(0.0), NONE, "{name} at 0");
    };
    let quarter = json!({ "rate": "25%" });
    let ninefold = json!({ "factor": "9x" });
    check("errors", quarter.clone(), 0.5, Disruption { error: 0.125, ..NONE });
    check("wrong_answers", quarter.clone(), 0.5, Disruption { wrong: 0.125, ..NONE });
    check("poison", quarter.clone(), 0.5, Disruption { kill: 0.125, ..NONE });
    check("startup_failure", quarter, 1.0, Disruption { start_failure: 0.25, ..NONE });
    check("slow_start", ninefold.clone(), 0.5, Disruption { start_factor: 5.0, ..NONE });
    check("database_slow", ninefold.clone(), 0.25, Disruption { database_factor: 3.0, ..NONE });
    check("skewed_weight", ninefold, 1.0, Disruption { weight_factor: 9.0, ..NONE });
    let none_left = json!({ "factor": "0x" });
    check("skewed_weight", none_left, 0.75, Disruption { weight_factor: 0.25, ..NONE });
    let nothing = || json!({});
    for strength in [f64::MIN_POSITIVE, 0.5, 1.0] {
        let check = |name: &str, expected: Disruption| check(name, nothing(), strength, expected);
        check("crash", Disruption { crash: true, ..NONE });
        check("hang", Disruption { hang: true, ..NONE });
        check("lying_readiness", Disruption { readiness: Some(true), ..NONE });
        check("unready", Disruption { readiness: Some(false), ..NONE });
        check("database_lock", Disruption { database_locked: true, ..NONE });
        check("stale_endpoints", Disruption { stale_endpoints: true, ..NONE });
        check("lost_scrapes", Disruption { scrapes_lost: true, ..NONE });
    }
}

#[test]
fn latency_and_leaks_grow_in_both_their_parts() {
    let slow = effect("latency", json!({ "factor": "3x", "delay": "80ms" }));
    let delay = Span::from_millis(40);
    let half = Disruption { service_factor: 2.0, service_delay: delay, ..Disruption::NONE };
    assert_eq!(slow.kind().disrupt(0.5), half);
    let delayed = effect("latency", json!({ "delay": "80ms" })).kind().disrupt(1.0);
    assert_eq!(delayed, Disruption { service_delay: Span::from_millis(80), ..Disruption::NONE });
    let leak = effect("leak", json!({ "per_request": "4KiB", "per_hour": "36MB" }));
    let half =
        Disruption { leak_per_request: 2_048.0, leak_per_second: 5_000.0, ..Disruption::NONE };
    assert_eq!(leak.kind().disrupt(0.5), half);
    assert_eq!(Leak::default().per_hour, Bytes::ZERO);
}

#[test]
fn a_dependency_is_hurt_by_name_or_all_are() {
    let hurt = |settings: Value| effect("dependency", settings).kind().disrupt(0.5).dependencies;
    let mail = json!({ "name": "mail", "errors": "50%", "factor": "3x" });
    let expected = DependencyDisruption { name: Some("mail".to_owned()), error: 0.25, factor: 2.0 };
    assert_eq!(hurt(mail), [expected]);
    let all = DependencyDisruption { name: None, error: 0.5, factor: 1.0 };
    assert_eq!(hurt(json!({ "errors": "100%" })), [all]);
    let none = effect("dependency", json!({ "errors": "100%" })).kind().disrupt(0.0);
    assert_eq!(none, Disruption::NONE);
}

/// Settings with which an effect does something.
fn settings(name: &str) -> Value {
    match name {
        "errors" | "wrong_answers" | "poison" | "startup_failure" => json!({"rate": "1%"}),
        "latency" | "slow_start" | "database_slow" | "skewed_weight" => json!({"factor": "2x"}),
        "dependency" => json!({"errors": "1%"}),
        "leak" => json!({"per_request": "1KiB"}),
        _ => json!({}),
    }
}

/// The fields of a fault that are refused.
fn refused(fault: Value, defect: bool) -> Vec<String> {
    let fault: FaultSpec = serde_json::from_value(fault).unwrap();
    fault.misfits(defect).into_iter().map(|it| it.field).collect()
}

/// What narrows a fault, by whom: requests, instances.
const SCOPES: [(&str, &str); 5] = [
    ("operation", r#"{"operation": "buy"}"#),
    ("users", r#"{"users": {"tier": "gold"}}"#),
    ("feature", r#"{"feature": true}"#),
    ("instances", r#"{"instances": "50%"}"#),
    ("zone", r#"{"zone": "a"}"#),
];
const OF_REQUESTS: &[&str] = &["operation", "users", "feature"];
const ANY: &[&str] = &["operation", "users", "feature", "instances", "zone"];
const OF_AN_INSTANCE: &[&str] = &["age", "age_between", "requests", "load", "load_over"];

/// Each effect; the keys of a scope that it cannot honour; the triggers that it cannot honour as a defect
/// and as an incident.
type Line =
    (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);
const TABLE: [Line; 17] = [
    ("errors", &[], &[], &[]),
    ("wrong_answers", &[], &[], &[]),
    ("latency", &[], &[], &[]),
    ("leak", &[], &[], &[]),
    ("crash", OF_REQUESTS, &[], &[]),
    ("poison", &[], &[], &[]),
    ("hang", OF_REQUESTS, &[], &[]),
    ("startup_failure", OF_REQUESTS, OF_AN_INSTANCE, OF_AN_INSTANCE),
    ("slow_start", OF_REQUESTS, OF_AN_INSTANCE, OF_AN_INSTANCE),
    ("lying_readiness", OF_REQUESTS, &[], &[]),
    ("unready", OF_REQUESTS, &[], &[]),
    ("database_lock", ANY, &[], OF_AN_INSTANCE),
    ("database_slow", ANY, &[], OF_AN_INSTANCE),
    ("dependency", &[], &[], &[]),
    ("stale_endpoints", ANY, &[], OF_AN_INSTANCE),
    ("skewed_weight", ANY, &[], OF_AN_INSTANCE),
    ("lost_scrapes", ANY, &[], OF_AN_INSTANCE),
];

fn triggers() -> [(&'static str, Value); 9] {
    [
        ("start", json!("start")),
        ("at", json!({"at": "1m"})),
        ("age", json!({"age": "1m"})),
        ("age_between", json!({"age_between": {"from": "1s", "to": "1m"}})),
        ("requests", json!({"requests": 9})),
        ("load", json!({"load": "50%"})),
        ("load_over", json!({"load_over": {"above": "50%", "over": "9s"}})),
        ("weight", json!({"weight": "5%"})),
        ("random", json!({"random": "1m"})),
    ]
}

#[test]
fn what_no_effect_honours_is_refused_scope_by_scope_and_trigger_by_trigger() {
    assert_eq!(TABLE.map(|it| it.0), EffectSpec::SHIPPED);
    for (name, scopes, as_defect, as_incident) in TABLE {
        let effect = json!({ name: settings(name) });
        for (key, scope) in SCOPES {
            let scope: Value = serde_json::from_str(scope).unwrap();
            let expected: &[&str] = if scopes.contains(&key) { &[key] } else { &[] };
            let at = |path: &str| -> Vec<String> {
                expected.iter().map(|key| format!("{path}.{key}")).collect()
            };
            for defect in [true, false] {
                let one = json!({"effect": effect, "scope": scope});
                assert_eq!(refused(one, defect), at("scope"), "{name} {key}");
                let drawn = json!({"effect": effect, "scope_one_of": [{}, scope]});
                assert_eq!(refused(drawn, defect), at("scope_one_of[1]"), "{name} {key}");
            }
        }
        for (key, when) in triggers() {
            let fault = json!({"effect": effect, "when": when});
            let expected =
                |refused: &[&str]| if refused.contains(&key) { vec!["when"] } else { vec![] };
            assert_eq!(refused(fault.clone(), true), expected(as_defect), "{name} {key}");
            assert_eq!(refused(fault, false), expected(as_incident), "{name} {key}");
        }
    }
}

#[test]
fn a_number_of_instances_is_refused_where_none_can_be_drawn() {
    let counted = |name: &str, when: &Value, count: Value, defect: bool| {
        let scope = json!({"instances": count});
        let fault = json!({"effect": {name: settings(name)}, "when": when, "scope": scope});
        !refused(fault, defect).is_empty()
    };
    for (key, when) in triggers() {
        let own = OF_AN_INSTANCE.contains(&key);
        for name in ["errors", "crash"] {
            assert_eq!(counted(name, &when, json!(2), true), own || key == "start", "{name} {key}");
            assert_eq!(counted(name, &when, json!(2), false), own, "{name} {key}");
            assert!(counted(name, &when, json!(0), false), "{name} {key}");
            // a share of none is none, in defects and incidents, and whatever starts the fault
            for defect in [true, false] {
                assert!(counted(name, &when, json!("0%"), defect), "{name} {key}");
                assert!(!counted(name, &when, json!("0.1%"), defect), "{name} {key}");
            }
        }
        assert!(counted("slow_start", &when, json!(2), true));
        assert!(counted("lost_scrapes", &when, json!(2), true));
    }
}

#[test]
fn what_leaks_by_the_hour_leaks_whatever_is_asked() {
    let leak = json!({"per_request": "1KiB", "per_hour": "1MiB"});
    let fault = json!({"effect": {"leak": leak}, "scope": {"operation": "buy", "zone": "a"}});
    assert_eq!(refused(fault.clone(), true), ["scope.operation"]);
    let fault: FaultSpec = serde_json::from_value(fault).unwrap();
    let misfit = &fault.misfits(true)[0];
    assert_eq!(misfit.message, "`leak` affects instances as a whole, whatever the `operation`");
    assert!(misfit.hint.contains("`per_request` can be narrowed"), "{}", misfit.hint);
}

#[test]
fn what_an_effect_does_is_shared_where_it_says_that_it_acts_on_what_is_shared() {
    for name in EffectSpec::SHIPPED {
        let effect = effect(name, settings(name));
        let shared = effect.kind().target() == Target::Shared;
        assert_eq!(effect.kind().disrupt(1.0).is_shared(), shared, "{name}");
    }
    assert!(!Disruption::NONE.is_shared());
}

#[test]
fn a_dependency_is_the_one_thing_that_an_effect_names() {
    for name in EffectSpec::SHIPPED {
        assert_eq!(effect(name, settings(name)).kind().names(), [], "{name}");
    }
    let mail = effect("dependency", json!({ "name": "mail" }));
    let used = NameUsed { key: "name", noun: Noun::Dependency, name: "mail" };
    assert_eq!(mail.kind().names(), [used]);
}

/// Effects without degrees.
const SWITCHED: [&str; 7] = [
    "crash",
    "hang",
    "lying_readiness",
    "unready",
    "database_lock",
    "stale_endpoints",
    "lost_scrapes",
];

#[test]
fn a_strength_is_refused_where_there_are_no_degrees() {
    for name in EffectSpec::SHIPPED {
        let shape = json!({
            "effect": {*name: settings(name)}, "when": {"at": "1m"}, "ramp": "5s", "severity": {"is": "50%"}
        });
        let expected: &[&str] = if SWITCHED.contains(name) { &["severity", "ramp"] } else { &[] };
        assert_eq!(refused(shape.clone(), true), expected, "{name}");
        assert_eq!(refused(shape, false), expected, "{name}");
    }
}

#[test]
fn a_duration_is_refused_where_it_never_comes_to_an_end_or_ends_at_once() {
    let shaped = |name: &str, when: &Value, defect: bool| {
        let mut shape = json!({
            "effect": {name: settings(name)}, "when": when, "lasts": "5s", "repeat": "20s"
        });
        let repeated = refused(shape.clone(), defect).join(" ");
        shape.as_object_mut().unwrap().remove("repeat");
        (repeated, refused(shape, defect).join(" "))
    };
    for (key, when) in triggers() {
        let told = |name, defect| {
            let (repeated, once) = shaped(name, &when, defect);
            format!("{repeated}; {once}")
        };
        let random = if key == "random" { "repeat; " } else { "; " };
        assert_eq!(told("hang", true), random, "{key}");
        assert_eq!(told("database_slow", true), random, "{key}");
        assert_eq!(told("errors", false), random, "{key}");
        let own = OF_AN_INSTANCE.contains(&key) || key == "random";
        let crash = |own: bool| if own { "lasts repeat; lasts" } else { "; lasts" };
        assert_eq!(told("crash", true), crash(own || key == "start"), "{key}");
        assert_eq!(told("crash", false), crash(own), "{key}");
        let start = if key == "start" { "lasts repeat; lasts" } else { "; " };
        if ["start", "at", "weight", "random"].contains(&key) {
            let start = if key == "random" { random } else { start };
            assert_eq!(told("slow_start", true), start, "{key}");
            assert_eq!(told("startup_failure", false), random, "{key}");
        }
    }
    // a random fault is at each instance, at so many of them, or everywhere
    let each = |name: &str, scope: Value| {
        let fault = json!({"effect": {name: settings(name)}, "scope": scope});
        serde_json::from_value::<FaultSpec>(fault).unwrap().strikes_each()
    };
    let (share, number) = (json!({"instances": "50%"}), json!({"instances": 2}));
    let of = |name: &str| [json!({}), share.clone(), number.clone()].map(|scope| each(name, scope));
    for name in ["leak", "crash", "hang", "lying_readiness", "unready"] {
        assert_eq!(of(name), [true, true, false], "{name}");
    }
    for name in ["errors", "wrong_answers", "latency", "poison", "dependency"] {
        assert_eq!(of(name), [false, true, false], "{name}");
    }
    for name in ["startup_failure", "slow_start"] {
        assert_eq!(of(name), [false, false, false], "{name}");
    }
    // each start is at the foot of the ramp
    let ramp = json!({"effect": {"slow_start": {"factor": "9x"}}, "ramp": "1m"});
    assert_eq!(
        (refused(ramp.clone(), true), refused(ramp, false)),
        (vec!["ramp".to_owned()], vec![])
    );
}

#[test]
fn unknown_effects_and_settings_are_refused() {
    for text in [r#"{"eror": {}}"#, r#"{"crash": {"rate": "5%"}}"#, r#"{"errors": {}}"#] {
        assert!(serde_json::from_str::<EffectSpec>(text).is_err(), "{text}");
    }
}
