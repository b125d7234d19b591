//! Every effect by its name in a scenario: what it does at which strength, and to whom.

use serde_json::{Value, json};

use super::*;
use crate::units::Bytes;

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
        let built = effect.build();
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
    let slow = effect("latency", json!({ "factor": "3x", "delay": "80ms" })).build();
    let delay = Span::from_millis(40);
    let half = Disruption { service_factor: 2.0, service_delay: delay, ..Disruption::NONE };
    assert_eq!(slow.disrupt(0.5), half);
    let delayed = effect("latency", json!({ "delay": "80ms" })).build().disrupt(1.0);
    assert_eq!(delayed, Disruption { service_delay: Span::from_millis(80), ..Disruption::NONE });
    let leak = effect("leak", json!({ "per_request": "4KiB", "per_hour": "36MB" })).build();
    let half =
        Disruption { leak_per_request: 2_048.0, leak_per_second: 5_000.0, ..Disruption::NONE };
    assert_eq!(leak.disrupt(0.5), half);
    assert_eq!(Leak::default().per_hour, Bytes::ZERO);
}

#[test]
fn a_dependency_is_hurt_by_name_or_all_are() {
    let hurt = |settings: Value| effect("dependency", settings).build().disrupt(0.5).dependencies;
    let mail = json!({ "name": "mail", "errors": "50%", "factor": "3x" });
    let expected = DependencyDisruption { name: Some("mail".to_owned()), error: 0.25, factor: 2.0 };
    assert_eq!(hurt(mail), [expected]);
    let all = DependencyDisruption { name: None, error: 0.5, factor: 1.0 };
    assert_eq!(hurt(json!({ "errors": "100%" })), [all]);
    let none = effect("dependency", json!({ "errors": "100%" })).build().disrupt(0.0);
    assert_eq!(none, Disruption::NONE);
}

#[test]
fn effects_on_instances_are_told_from_those_on_requests_and_surroundings() {
    let about: Vec<&str> = EffectSpec::NAMES
        .iter()
        .copied()
        .filter(|name| {
            let settings = match *name {
                "errors" | "wrong_answers" | "poison" | "startup_failure" => json!({"rate": "1%"}),
                "slow_start" | "database_slow" | "skewed_weight" => json!({"factor": "2x"}),
                _ => json!({}),
            };
            effect(name, settings).is_about_instances()
        })
        .collect();
    let expected =
        ["leak", "crash", "hang", "startup_failure", "slow_start", "lying_readiness", "unready"];
    assert_eq!(about, expected);
}

#[test]
fn unknown_effects_and_settings_are_refused() {
    for text in [r#"{"eror": {}}"#, r#"{"crash": {"rate": "5%"}}"#, r#"{"errors": {}}"#] {
        assert!(serde_json::from_str::<EffectSpec>(text).is_err(), "{text}");
    }
}
