use serde_json::{Value, json};

use super::*;
use crate::{
    model::RampSpec,
    scenario::{Plan, Problem, Scenario, load_text, vary},
};

const TEXT: &str = "
title: tuned
length: 2h
analysis:
  interval: 1m
  gates:
    - {name: errors, judge: {threshold: {metric: error_rate, fail_above: 2%}}}
strategy:
  canary:
    steps:
      - {weight: 2%, hold: 10m}
      - {weight: 50%, hold: 10m}
tune:
  parameters:
    analysis.gates[0].judge.threshold.fail_above: {from: 0.5%, to: 8%}
    analysis.gates[*].failure_limit: {from: 0, to: 5}
    analysis.interval: {from: 30s, to: 5m, scale: linear}
    strategy.canary.by: {choices: [requests, users]}
    strategy.canary.steps: {ramp: {first: 1%..20%, steps: 2..6, hold: 2m..15m}}
";

fn loaded(text: &str) -> (Scenario, Value) {
    let scenario = load_text::<Scenario>("text", text).unwrap_or_else(|it| panic!("{it}")).value;
    let mut plain = scenario.clone();
    plain.tune = None;
    let written = serde_json::to_value(&plain).unwrap();
    (scenario, written)
}

fn space(text: &str) -> (Space, Value) {
    let (scenario, written) = loaded(text);
    (Space::of(&scenario.tune.unwrap()), written)
}

#[test]
fn a_point_of_the_cube_is_a_setting_of_every_parameter() {
    let (space, written) = space(TEXT);
    let names: Vec<&str> = space.axes().iter().map(|it| it.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "analysis.gates[*].failure_limit",
            "analysis.gates[0].judge.threshold.fail_above",
            "analysis.interval",
            "strategy.canary.by",
            "strategy.canary.steps: first step",
            "strategy.canary.steps: steps",
            "strategy.canary.steps: hold",
        ]
    );
    let said = |part: f64| -> Vec<Value> {
        space.settings(&written, &[part; 7]).into_iter().map(|it| it.1).collect()
    };
    let steps = |weights: &[&str], hold: &str| -> Value {
        weights.iter().map(|it| json!({"weight": it, "hold": hold})).collect()
    };
    assert_eq!(
        said(0.0),
        [json!(0), json!("0.5%"), json!("30s"), json!("requests"), steps(&["1%", "50%"], "2m")]
    );
    // geometric from 4.47 % to 50 % in three factors of 2.236, held for sqrt(2 x 15) minutes
    let middle = steps(&["4.47%", "10%", "22.4%", "50%"], "5m30s");
    assert_eq!(said(0.5), [json!(3), json!("2%"), json!("2m50s"), json!("users"), middle]);
    let last = steps(&["20%", "24%", "28.9%", "34.7%", "41.6%", "50%"], "15m");
    assert_eq!(said(1.0), [json!(5), json!("8%"), json!("5m"), json!("users"), last]);
}

#[test]
fn a_ramp_is_said_in_the_key_of_its_strategy_and_ends_as_that_does() {
    let [first, last, hold] = ["10%", "50%", "5m"].map(str::to_owned);
    let spec = RampSpec { first, last, steps: json!(2), hold };
    let partial: &[&str] = &["10%", "50%"];
    let whole: &[&str] = &["10%", "50%", "100%"];
    for (path, key, shares) in [
        ("strategy.canary.steps", "weight", partial),
        ("strategies.flagship.canary.steps", "weight", partial),
        ("strategy.canary_flag.canary.steps", "weight", partial),
        ("strategies[\"by hand\"].canary_flag.flag.steps", "share", whole),
        ("strategy.feature_flag.steps", "share", whole),
    ] {
        let steps: Value = shares.iter().map(|it| json!({ key: it, "hold": "5m" })).collect();
        assert_eq!(Ramp::of(path, &spec).unwrap().at(&[]), steps, "{path}");
    }
}

#[test]
fn the_present_settings_have_their_place() {
    let (space, written) = space(TEXT);
    let point = space.point(&written);
    let again: Vec<Value> = space.settings(&written, &point).into_iter().map(|it| it.1).collect();
    assert_eq!(again[..4], [json!(0), json!("2%"), json!("1m"), json!("requests")]);
    assert_eq!(again[4][0], json!({"weight": "2%", "hold": "10m"}));
    assert_eq!(again[4].as_array().unwrap().len(), 2);
}

#[test]
fn what_is_not_there_under_another_choice_is_left_out() {
    let text = "
title: by choice
length: 1h
strategy: {all_at_once: {}}
tune:
  parameters:
    strategy: {choices: [all_at_once: {}, canary: {analysis: none}]}
    strategy.canary.steps[0].weight: {from: 1%, to: 10%}
";
    let (space, written) = space(text);
    let said = |point: [f64; 2]| {
        let settings = space.settings(&written, &point);
        settings.into_iter().map(|it| it.0).collect::<Vec<_>>()
    };
    assert_eq!(said([0.2, 0.5]), ["strategy"]);
    // the choice has no steps, so that there are none to change
    assert_eq!(said([0.8, 0.5]), ["strategy"]);
}

fn varied(base: &Scenario, values: &[(String, Value)]) -> Result<Plan, Vec<Problem>> {
    vary(base, "text", std::path::Path::new("."), values)
}

#[test]
fn a_tuning_that_cannot_be_played_is_refused_at_its_parameter() {
    let refused = |from: &str, to: &str| -> Vec<(String, String)> {
        let (scenario, _) = loaded(&TEXT.replace(from, to));
        let found = tuning_problems(&scenario, &varied);
        found.into_iter().map(|it| (it.path, it.message)).collect()
    };
    assert_eq!(refused("", ""), []);
    let one = |from: &str, to: &str| {
        let found = refused(from, to);
        assert_eq!(found.len(), 1, "{found:?}");
        format!("{}: {}", found[0].0, found[0].1)
    };
    let told = one("{from: 30s, to: 5m, scale: linear}", "{from: 30s, to: 5%}");
    assert!(told.contains("analysis.interval") && told.contains("two numbers"), "{told}");
    let told = one("from: 30s, to: 5m", "from: 0s, to: 5m");
    assert!(told.contains("analysis.interval") && told.contains("too short"), "{told}");
    for path in ["title", "seed", "expect.failed", "cost.profile"] {
        let told = one("strategy.canary.by", path);
        assert!(told.contains(path) && told.contains("no rollout depends on"), "{told}");
    }
    let told = one("strategy.canary.by", "strategy.canary.buy");
    assert!(told.contains("buy"), "{told}");
    let told = one("[requests, users]", "[requests, everyone]");
    assert!(told.contains("everyone"), "{told}");
    let told = one("steps: 2..6", "steps: 2%..6");
    assert!(told.contains("`steps` is not a range"), "{told}");
}

#[test]
fn estimates_are_known_by_their_names() {
    let text = TEXT.replace(
        "tune:\n",
        "tune:\n  objective: users_hurt_man\n  constraints: {bad: {users_hurt_p95: \"< 2h\"}}\n",
    );
    let (scenario, _) = loaded(&text);
    let found = tuning_problems(&scenario, &varied);
    let told: Vec<&str> = found.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(told, ["tune.objective", "tune.constraints.bad.users_hurt_p95"]);
    assert_eq!(found[0].hint.as_deref(), Some("did you mean `users_hurt_mean`?"));
}

#[test]
fn a_choice_is_known_again_without_its_defaults() {
    let written = json!([{"name": "a", "limit": "120s", "more": {"x": 1, "y": 2}}]);
    assert!(agrees(&json!([{"limit": "2m", "more": {"y": 2}}]), &written));
    for other in [json!([{"limit": "3m"}]), json!([{"other": 1}]), json!([]), json!("a")] {
        assert!(!agrees(&other, &written), "{other}");
    }
}
