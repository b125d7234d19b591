//! Presets, what is written beside them, and what cannot work together.

use std::path::Path;

use rollsim::{
    model::{Part, ProxyPreset, ProxySpec},
    scenario::{Scenario, load_text, plan_of, published_schema, to_yaml_line, vary},
    units::Span,
};
use serde_json::{Value, json};

/// The manual of each preset as an editor shows it.
fn manual(preset: ProxyPreset) -> String {
    let schema: Value = serde_json::from_str(published_schema()).unwrap();
    let name = serde_json::to_value(preset).unwrap();
    let variants = schema["$defs"]["ProxyPreset"]["oneOf"].as_array().unwrap();
    let ours = variants.iter().find(|it| it["const"] == name).unwrap();
    ours["description"].as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_manual_of_a_preset_says_every_value_that_it_sets() {
    for preset in ProxyPreset::ALL {
        let parts = serde_json::to_value(preset.parts()).unwrap();
        let parts = parts.as_object().unwrap();
        assert!(!parts.is_empty(), "{preset:?}");
        for (key, value) in parts {
            // a reader needs no quotes and no room
            let value = to_yaml_line(value).replace("{ ", "{").replace(" }", "}");
            let value = value.replace("\"on\"", "on");
            let line = format!("`{key}: {value}`");
            let manual = manual(preset);
            assert!(manual.contains(&line), "{preset:?} does not say {line}:\n{manual}");
        }
    }
}

fn proxy(text: &str) -> ProxySpec {
    serde_json::from_value(read(text).unwrap()).unwrap()
}

fn read(text: &str) -> Option<Value> {
    let file = format!(
        "title: t\nlength: 1m\nrollout_at: 0s\nstrategy: {{rolling: {{}}}}\nfleet: {{proxy: {text}}}\n"
    );
    let scenario = load_text::<Scenario>("t", &file).unwrap().value;
    serde_json::to_value(scenario.fleet.proxy).ok()
}

#[test]
fn what_is_written_beside_a_preset_wins_and_null_is_off() {
    let rules = proxy("{preset: envoy}").rules();
    assert_eq!(rules.retries.as_ref().unwrap().max, 1);
    assert!(rules.outlier_detection.is_some() && rules.keep_alive.is_none());
    let rules = proxy("{preset: envoy, retries: null, connect_timeout: 250ms}").rules();
    assert_eq!((rules.retries, rules.connect_timeout), (None, Some(Span::from_millis(250))));
    assert!(rules.outlier_detection.is_some());
    assert_eq!(proxy("{}").rules(), ProxySpec::default().rules());
    assert_eq!(proxy("{retries: null}").retries, Part::Off);
}

/// What is written out is read back, null included; and a preset can be set where none is written.
#[test]
fn a_proxy_survives_being_written_out_and_varied() {
    for text in [
        "{}",
        "{preset: alb, health_checks: null}",
        "{keep_alive: {idle: 1m}, overhead: {constant: 1ms}}",
    ] {
        let spec = proxy(text);
        let written = serde_json::to_value(&spec).unwrap();
        assert_eq!(serde_json::from_value::<ProxySpec>(written).unwrap(), spec);
    }
    let file = "title: t\nlength: 1m\nrollout_at: 0s\nstrategy: {rolling: {}}\n";
    let scenario = load_text::<Scenario>("t", file).unwrap().value;
    let set = |path: &str, value: Value| (path.to_owned(), value);
    let values =
        [set("fleet.proxy.preset", json!("haproxy")), set("fleet.proxy.retries", json!(null))];
    let plan = vary(&scenario, "t", Path::new("."), &values).unwrap();
    let rules = plan.scenario.fleet.proxy.rules();
    assert!(rules.health_checks.is_some() && rules.retries.is_none());
}

#[test]
fn what_cannot_work_together_is_refused_at_its_key() {
    let refused = |proxy: &str, client: &str| {
        let file = format!(
            "title: t\nlength: 1m\nrollout_at: 0s\nstrategy: {{rolling: {{}}}}\nclient: {client}\nfleet: {{proxy: {proxy}}}\n"
        );
        let loaded = load_text::<Scenario>("t", &file).unwrap();
        let (plan, problems) = plan_of("t", loaded.value, Path::new("."));
        assert_eq!(plan.is_none(), !problems.is_empty(), "{proxy}");
        problems.into_iter().map(|it| it.path).collect::<Vec<_>>()
    };
    for (proxy, client, path) in [
        ("{keep_alive: {idle: 0s}}", "{}", "keep_alive.idle"),
        ("{connect_timeout: 0s}", "{}", "connect_timeout"),
        ("{retries: {on: []}}", "{}", "retries.on"),
        ("{retries: {on: [timeout]}}", "{}", "retries.on"),
        ("{retries: {redispatch: never}}", "{deadline: 1s}", "retries.wait"),
        ("{retries: {wait: 5s}}", "{}", "retries.wait"),
        ("{health_checks: {interval: 1ms}}", "{}", "health_checks.interval"),
        ("{health_checks: {timeout: 0s}}", "{}", "health_checks.timeout"),
        ("{health_checks: {phase: 2s}}", "{}", "health_checks.phase"),
        ("{outlier_detection: {interval: 0s}}", "{}", "outlier_detection.interval"),
        ("{outlier_detection: {max_ejection: 20s}}", "{}", "outlier_detection.max_ejection"),
        ("{panic_threshold: 50%}", "{}", "panic_threshold"),
    ] {
        assert_eq!(refused(proxy, client), [format!("fleet.proxy.{path}")], "{proxy}");
    }
    for (proxy, client) in [
        ("{retries: {max: 0, on: []}}", "{}"),
        ("{retries: {on: [timeout]}, preset: nginx}", "{}"),
        ("{retries: {max: 1, wait: 5s}}", "{}"),
        ("{preset: haproxy}", "{deadline: 500ms}"),
        ("{preset: alb, panic_threshold: 10%}", "{}"),
    ] {
        assert_eq!(refused(proxy, client), Vec::<String>::new(), "{proxy}");
    }
}
