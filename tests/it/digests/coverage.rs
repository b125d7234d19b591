//! What scenarios have: every key and choice of the schema, and what happens when they are played.

use std::collections::{BTreeMap, BTreeSet};

use rollsim::{
    judge::Verdict,
    model::Measure,
    scenario::{Form, Schemas},
    sim::Outcome,
};
use serde_json::Value;

use super::pinned;
use crate::swarm::generator::{schemas, type_name};

/// Keys that no scenario here has, with the reason.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("Scenario.tune", "says what `tune` varies, and changes no trial"),
    ("Scenario.expect", "says what must hold at the end, and changes no trial"),
];

/// Lists of judges, which the schema writes out in place.
const JUDGES: [&str; 2] = ["AllOf", "AnyOf"];

/// Fewest scenarios that have each key and choice.
const FEWEST: usize = 3;

/// Features, such as `FleetSpec.memory` or `StrategySpec: canary`.
pub(super) type Features = BTreeSet<String>;

/// What a walk through the schema goes along: a scenario, or all that there could be.
struct Walk<'s> {
    schemas: &'s Schemas,
    found: Features,
}

impl<'s> Walk<'s> {
    /// Everything below a schema; `value` is what stands there, or none for all that could.
    fn go(&mut self, schema: &'s Value, name: &str, value: Option<&Value>) {
        let name = Some(type_name(schema)).filter(|it| !it.is_empty()).unwrap_or(name);
        if value.is_some_and(Value::is_null) {
            return;
        }
        match self.schemas.form(schema).form {
            Form::Section(section) => {
                for (key, schema) in section.properties.into_iter().flatten() {
                    let below = value.map(|it| it.get(key));
                    self.step(schema, &format!("{name}.{key}"), below);
                }
                let Some(open) = section.open else { return };
                match value.and_then(Value::as_object) {
                    None => self.go(open, &format!("{name}.*"), None),
                    Some(map) => {
                        let known = |key: &String| section.names().any(|it| it == key);
                        let others = map.iter().filter(|(key, _)| !known(key));
                        others.for_each(|it| self.go(open, &format!("{name}.*"), Some(it.1)));
                    }
                }
            }
            Form::Choice(variants) => {
                let name = if JUDGES.contains(&name) { "JudgeSpec" } else { name };
                for variant in variants {
                    let feature = format!("{name}: {}", variant.name);
                    let below = value.map(|it| match it.as_str() {
                        Some(chosen) => (chosen == variant.name).then_some(&Value::Null),
                        None => it.get(variant.name),
                    });
                    let chosen = below.is_none_or(|it| it.is_some());
                    match variant.body {
                        Some(body) => self.step(body, &feature, below),
                        None => self.found.extend(chosen.then_some(feature)),
                    }
                }
            }
            Form::List(list) => match value.and_then(Value::as_array) {
                None => {
                    let items = list.first.iter().copied().chain(list.others);
                    items.for_each(|item| self.go(item, name, None));
                }
                Some(items) => {
                    for (index, item) in items.iter().enumerate() {
                        list.item(index).into_iter().for_each(|it| self.go(it, name, Some(item)));
                    }
                }
            },
            Form::Mixed(schemas) => schemas.iter().for_each(|it| self.go(it, name, value)),
            Form::Any
            | Form::Null
            | Form::Boolean
            | Form::Integer(_)
            | Form::Number(_)
            | Form::Text(_) => {}
        }
    }

    /// One key or choice down, where it is there.
    #[expect(clippy::option_option, reason = "no scenario, or one that has the key or has it not")]
    fn step(&mut self, schema: &'s Value, feature: &str, below: Option<Option<&Value>>) {
        let excepted = EXCEPTIONS.iter().any(|(it, _)| *it == feature);
        if excepted || below == Some(None) {
            return;
        }
        let fresh = self.found.insert(feature.to_owned());
        // a type that holds itself is walked through once
        if fresh || below.is_some() {
            self.go(schema, feature, below.flatten());
        }
    }
}

/// All features that scenarios could have.
pub(super) fn possible(schemas: &Schemas) -> Features {
    let mut walk = Walk { schemas, found: Features::new() };
    walk.go(schemas.root(), "Scenario", None);
    walk.found
}

/// The features of a scenario.
pub(super) fn of_scenario(schemas: &Schemas, scenario: &Value) -> Features {
    let mut walk = Walk { schemas, found: Features::new() };
    walk.go(schemas.root(), "Scenario", Some(scenario));
    walk.found
}

/// What happened in a trial: phases, topics, verdicts by judge, faults that struck, figures above zero.
pub(super) fn of_outcome(outcome: &Outcome) -> Features {
    let mut found = Features::new();
    found.extend(outcome.phases.iter().map(|it| format!("phase {}", it.phase.name())));
    found.extend(outcome.timeline.iter().map(|it| format!("topic {}", it.topic.name())));
    let states = outcome.lives.iter().flat_map(|it| &it.stretches);
    found.extend(states.map(|it| format!("state {:?}", it.state)));
    let struck = |name: &str| format!("fault {}", name.split(' ').next().unwrap_or(name));
    found.extend(outcome.faults.iter().map(|it| struck(&it.name)));
    let above = outcome.figures.iter().filter(|it| it.1 > 0.0);
    found.extend(above.map(|it| format!("figure {}", it.0.name())));
    for it in &outcome.measurements {
        let verdict = it.assessment.verdict;
        found.insert(format!("verdict {verdict:?}"));
        let judge = it.gate.split(' ').next().unwrap_or(&it.gate);
        if !matches!(verdict, Verdict::TooFew | Verdict::Error) {
            found.insert(format!("judge {judge} speaks"));
        }
        if verdict == Verdict::Fail {
            found.insert(format!("judge {judge} fails"));
        }
    }
    found
}

/// In how many scenarios each feature is.
fn counted(schemas: &Schemas, scenarios: &[(usize, String)]) -> BTreeMap<String, usize> {
    let mut counts: BTreeMap<String, usize> =
        possible(schemas).into_iter().map(|it| (it, 0)).collect();
    for (_, text) in scenarios {
        let scenario: Value = serde_json::from_str(text).unwrap();
        for feature in of_scenario(schemas, &scenario) {
            *counts.entry(feature).or_default() += 1;
        }
    }
    counts
}

fn rare(counts: &BTreeMap<String, usize>) -> Vec<String> {
    let few = counts.iter().filter(|(_, count)| **count < FEWEST);
    few.map(|(feature, count)| format!("{feature} in {count}")).collect()
}

#[test]
fn every_key_and_choice_of_the_schema_is_in_some_scenarios() {
    let schemas = schemas();
    let counts = counted(&schemas, &pinned::scenarios());
    assert!(counts.len() > 400, "{} features are few", counts.len());
    let rare = rare(&counts);
    assert!(
        rare.is_empty(),
        "too few digests have these; `ROLLSIM_DIGESTS=grow:20 cargo test --release --test it digests` \
         draws more, and then `renew`:\n{}",
        rare.join("\n")
    );
}

/// All that may happen in a trial happens in one: every phase, topic, state, verdict, fault, figure, and
/// every judge speaks and fails.
#[track_caller]
pub(super) fn check_outcomes(shown: &Features) {
    let schemas = schemas();
    let possible = possible(&schemas);
    let named = |family: &str| -> Vec<String> {
        let names = possible.iter().filter_map(|it| it.strip_prefix(family));
        names.map(str::to_owned).collect()
    };
    let mut expected: Vec<String> = Vec::new();
    let judges = named("JudgeSpec: ");
    expected.extend(judges.iter().map(|it| format!("judge {it} speaks")));
    expected.extend(judges.iter().map(|it| format!("judge {it} fails")));
    expected.extend(named("EffectSpec: ").iter().map(|it| format!("fault {it}")));
    expected.extend(Measure::ALL.iter().map(|it| format!("figure {}", it.name())));
    for (family, names) in [
        (
            "phase",
            &["progressing", "paused", "rolling back", "completed", "rolled back", "failed"][..],
        ),
        (
            "topic",
            &[
                "rollout",
                "traffic",
                "instance",
                "migration",
                "fault",
                "verdict",
                "alert",
                "operator",
                "flag",
                "users",
            ],
        ),
        ("state", &["Starting", "Up", "Ready", "Crashed", "Draining", "Gone"]),
        ("verdict", &["Pass", "Accept", "Fail", "Inconclusive", "TooFew", "Error"]),
    ] {
        expected.extend(names.iter().map(|it| format!("{family} {it}")));
    }
    let missing: Vec<String> = expected.into_iter().filter(|it| !shown.contains(it)).collect();
    assert!(missing.is_empty(), "no trial shows {missing:#?}");
}

/// The planted gap: without the scenarios that have it, a feature is told as rare.
#[test]
fn a_feature_that_the_scenarios_lack_is_named() {
    let schemas = schemas();
    let mut scenarios = pinned::scenarios();
    scenarios.retain(|(_, text)| !text.contains("\"kayenta\""));
    let rare = rare(&counted(&schemas, &scenarios));
    assert!(rare.contains(&"JudgeSpec: kayenta in 0".to_owned()), "{rare:?}");
    assert!(rare.contains(&"KayentaMetric.outliers in 0".to_owned()), "{rare:?}");
    for (feature, _) in EXCEPTIONS {
        let (_, key) = feature.split_once('.').unwrap();
        let properties = schemas.root().get("properties").unwrap();
        assert!(properties.get(key).is_some(), "there is no `{key}` to except");
    }
}
