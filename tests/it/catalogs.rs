//! The families of plug-ins in the JSON Schema: every name that a scenario may use is explained.

use rollsim::{
    fault::EffectSpec, judge::JudgeSpec, scenario::published_schema, strategy::StrategySpec,
};
use serde_json::Value;

/// Names of a family's choice in a schema, each with its description: of the choice or of what it
/// refers to.
fn described(schema: &Value, family: &str) -> Vec<(String, String)> {
    let choices = schema["$defs"][family]["oneOf"].as_array().unwrap();
    let describe = |choice: &Value| {
        let (name, settings) = choice["properties"].as_object().unwrap().iter().next().unwrap();
        let target = settings["$ref"].as_str().and_then(|it| it.strip_prefix('#'));
        let referred = target.and_then(|it| schema.pointer(it)).unwrap_or(settings);
        let text = settings["description"].as_str().or(referred["description"].as_str());
        (name.clone(), text.unwrap_or_default().to_owned())
    };
    choices.iter().map(describe).collect()
}

fn check(family: &str, names: &[&str]) {
    let schema = serde_json::from_str(published_schema()).unwrap();
    let described = described(&schema, family);
    let found: Vec<&str> = described.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(found, names, "{family}");
    for (name, description) in &described {
        assert!(description.len() > 20, "{family} {name}: `{description}`");
    }
}

#[test]
fn the_schema_explains_every_effect() {
    check("EffectSpec", EffectSpec::NAMES);
}

#[test]
fn the_schema_explains_every_judge() {
    check("JudgeSpec", JudgeSpec::NAMES);
}

#[test]
fn outside_the_tests_of_the_crate_nothing_is_registered_that_is_not_shipped() {
    assert_eq!(StrategySpec::NAMES, StrategySpec::SHIPPED);
    assert_eq!(JudgeSpec::NAMES, JudgeSpec::SHIPPED);
    assert_eq!(EffectSpec::NAMES, EffectSpec::SHIPPED);
}
