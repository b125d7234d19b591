//! One language: a file, the published schema, `--set` and `tune` accept the same values at the same
//! places, and the same keys.
//!
//! The schema is about shape, so it is held against reading a file; what makes sense together is held
//! against `--set` and `tune`. A pattern cannot say that a range goes upwards or that the parts of a span
//! are at most ten years together; those are left out here.

mod schema;
mod values;

use std::{fmt::Write as _, path::Path};

use rollsim::{
    kernel::{Key, Stream},
    scenario::{
        Bound, Form, FromFile, Plan, Problem, Scenario, Schemas, Section, load_text, plan_of,
        published_schema, push_key, set_text, to_yaml, with_settings, within,
    },
};
use serde_json::{Value, json};

use schema::Schema;
use values::values;

/// A scenario with something of nearly everything.
const BASE: &str = r#"
title: agreement
seed: 7
length: 40m
rollout_at: 5m
fleet:
  instances: 4
  workers: 4
  zones: [a, b]
  service_time: {mixture: [{share: 30%, of: {constant: 20ms}}, {share: 70%, of: {lognormal: {median: 30ms, p99: 90ms}}}]}
  memory: {base: 100MiB, limit: 1GiB}
  autoscaler: {min: 2, max: 9, target: 60%}
traffic:
  rate: 4/s
  pattern: {daily_wave: {peak: "14:00", swing: 40%}}
  spikes: [{at: 20m, length: 1m, factor: 2x}]
users: {count: 300, attributes: {tier: {gold: 20%, tin: 80%}}}
client: {patience: {exponential: {mean: 5s}}, retries: {max: 2, budget: 10%}}
operations:
  ask: {share: 90%, database: {constant: 5ms}}
  "v1.2 buy": {share: 10%, calls: [mail]}
dependencies: {mail: {latency: {gamma: {mean: 20ms, shape: 2}}, errors: 1%}}
release:
  defects:
    - {effect: {errors: {rate: 20%}}, scope: {zone: a}, severity: {uniform: {from: 10%, to: 90%}}}
  migration: {duration: 20s}
incidents:
  - {when: {at: 10m}, lasts: 30s, repeat: 5m, effect: {dependency: {name: mail, factor: 3x}}}
alerts: [{name: errors, metric: error_rate, above: 5%, for: 1m}]
analysis:
  gates:
    - {name: errors, judge: {threshold: {metric: error_rate, fail_above: 5%, min_samples: 20}}}
    - {name: evidence, judge: {any_of: [{e_process: {}}, {burn_rate: {slo: 99%}}]}}
strategy: {canary: {steps: [{weight: 10%, hold: 5m}, {weight: 50%, hold: 5m}]}}
strategies: {roll: {rolling: {max_surge: 1, batch: 2}}}
cost: {profile: business}
expect: {users_hurt: "< 200", canary: {users_hurt_p95: "< 500"}}
"#;

/// A step of a place, as the test makes its documents.
#[derive(Clone, Debug)]
enum Step {
    Key(String),
    Entry(usize),
}

type Place = Vec<Step>;

/// The path of a place in the language.
fn path(place: &Place) -> String {
    let mut path = String::new();
    for step in place {
        match step {
            Step::Key(key) => push_key(&mut path, key),
            Step::Entry(index) => write!(path, "[{index}]").unwrap(),
        }
    }
    path
}

/// The document with another value at a place.
fn with(base: &Value, place: &[Step], value: &Value) -> Value {
    let Some((step, rest)) = place.split_first() else { return value.clone() };
    let mut document = base.clone();
    match step {
        Step::Key(key) => {
            let inner = base.get(key).cloned().unwrap_or(Value::Null);
            document[key] = with(&inner, rest, value);
        }
        Step::Entry(index) => document[*index] = with(&base[*index], rest, value),
    }
    document
}

/// Every place of a document, with every key that may be there and some that may not.
fn places(schemas: &Schemas, schema: &Value, document: &Value, at: &Place, found: &mut Vec<Place>) {
    let go = |step: Step| [at.clone(), vec![step]].concat();
    let form = schemas.form(schema).form;
    match document {
        Value::Object(map) => {
            for (key, inner) in map {
                let place = go(Step::Key(key.clone()));
                found.push(place.clone());
                if let Some(schema) = form.child(key) {
                    places(schemas, schema, inner, &place, found);
                }
            }
            let more: Vec<&str> = if let Form::Section(section) = &form {
                section.names().chain(["wieght", "per.iod"]).collect()
            } else {
                Vec::new()
            };
            let named = matches!(&form, Form::Section(Section { properties: None, .. }));
            let new = more.into_iter().filter(|key| !map.contains_key(*key) && !named);
            found.extend(new.map(|key| go(Step::Key(key.to_owned()))));
        }
        Value::Array(items) => {
            let Form::List(list) = &form else { return };
            for (index, inner) in items.iter().enumerate() {
                let place = go(Step::Entry(index));
                found.push(place.clone());
                if let Some(schema) = list.item(index) {
                    places(schemas, schema, inner, &place, found);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The four ways to say something.
struct Ways {
    schema: Schema,
    base: Value,
    plan: Plan,
}

type Accepted = Result<(), String>;

fn told(problems: &[Problem]) -> Accepted {
    let error = problems.iter().find(|it| it.is_error());
    error.map_or(Ok(()), |it| Err(format!("{}: {}", it.path, it.message)))
}

impl Ways {
    fn new() -> Self {
        let scenario = load_text::<Scenario>("base.yaml", BASE).unwrap().value;
        let base = serde_json::to_value(&scenario).unwrap();
        let plan = plan_of("agreement", scenario, Path::new(".")).0.unwrap();
        Self { schema: Schema::new(serde_json::from_str(published_schema()).unwrap()), base, plan }
    }

    fn by_shape(document: &Value) -> Result<Scenario, String> {
        let loaded = load_text::<Scenario>("file.yaml", &to_yaml(document));
        loaded.map(|it| it.value).map_err(|it| it.to_string())
    }

    fn by_file(document: &Value) -> Accepted {
        let scenario = Self::by_shape(document)?;
        told(&plan_of("agreement", scenario, Path::new(".")).1)
    }

    fn by_set(&self, place: &Place, value: &Value) -> Accepted {
        let text = set_text(&path(place), value);
        let texts = [text.clone()];
        let Err(refused) = with_settings(&self.plan, Path::new("."), &texts, Bound::NONE) else {
            return Ok(());
        };
        let problems: Vec<&Problem> = refused.iter().collect();
        for problem in &problems {
            let at = problem.location.unwrap_or_else(|| panic!("{text}: no place: {problem:?}"));
            assert!(at.file == 0 && at.line == 1 && at.column > 0, "{text}: {problem:?}");
            assert!(at.column + at.length <= text.chars().count() + 1, "{text}: {problem:?}");
            // what is said of another key than the one that is set, says of which
            let own = within(&problem.path, &path(place)) || problem.path.is_empty();
            let named = problem.message.contains(&format!("`{}`", problem.path));
            assert!(own || named, "{text}: {problem:?}");
        }
        Err(problems[0].message.clone())
    }

    fn by_tune(&self, place: &Place, value: &Value) -> Accepted {
        let mut document = self.base.clone();
        document["tune"] = json!({"parameters": {path(place): {"choices": [value]}}});
        Self::by_file(&document)
    }
}

/// Some of the values, others at each place.
fn some<'v>(values: &'v [Value], stream: &mut Stream, count: u64) -> Vec<&'v Value> {
    let any = |_| &values[usize::try_from(stream.below(values.len() as u64)).unwrap()];
    (0..count).map(any).collect()
}

fn all_places(ways: &Ways) -> Vec<Place> {
    let schemas = Scenario::schemas();
    let mut found = Vec::new();
    places(schemas, schemas.root(), &ways.base, &Vec::new(), &mut found);
    assert!(found.len() > 350, "{}", found.len());
    found
}

#[test]
fn an_editor_accepts_what_the_check_of_a_file_accepts() {
    let ways = Ways::new();
    assert_eq!(ways.schema.validate(&ways.base), Ok(()));
    let mut stream = Key::of_bits(26).stream(0);
    let values = values();
    let (mut accepted, mut refused) = (0, 0);
    for place in all_places(&ways) {
        for value in some(&values, &mut stream, 8) {
            let document = with(&ways.base, &place, value);
            let by_shape = Ways::by_shape(&document);
            let by_schema = ways.schema.validate(&document);
            assert!(
                by_shape.is_ok() == by_schema.is_ok(),
                "{} = {value}\nfile: {:?}\nschema: {by_schema:?}",
                path(&place),
                by_shape.err()
            );
            *if by_shape.is_ok() { &mut accepted } else { &mut refused } += 1;
        }
    }
    assert!(accepted > 130 && refused > 1_300, "{accepted} accepted, {refused} refused");
}

#[test]
fn a_setting_and_a_choice_of_a_tuning_are_accepted_where_a_file_would_be() {
    let ways = Ways::new();
    let mut stream = Key::of_bits(27).stream(0);
    let values = values();
    let (mut accepted, mut refused) = (0, 0);
    for place in all_places(&ways) {
        // what is tuned, and what is expected, are no part of what is varied
        if matches!(&place[0], Step::Key(key) if key == "tune" || key == "expect") {
            continue;
        }
        for value in some(&values, &mut stream, 2) {
            let by_file = Ways::by_file(&with(&ways.base, &place, value));
            // no rollout depends on these, so that there is nothing to tune
            let idle = ["title", "seed", "cost"];
            let tuned = !matches!(&place[0], Step::Key(key) if idle.contains(&key.as_str()));
            let by_tune = tuned.then(|| ways.by_tune(&place, value));
            for other in [ways.by_set(&place, value)].into_iter().chain(by_tune) {
                assert!(
                    by_file.is_ok() == other.is_ok(),
                    "{} = {value}\nfile: {by_file:?}\nother: {other:?}",
                    path(&place)
                );
            }
            *if by_file.is_ok() { &mut accepted } else { &mut refused } += 1;
        }
    }
    assert!(accepted > 30 && refused > 330, "{accepted} accepted, {refused} refused");
}

#[test]
fn a_count_or_an_amount_of_money_is_expected_with_decimals_wherever_it_is_said() {
    let ways = Ways::new();
    let key = |name: &str| Step::Key(name.to_owned());
    let money = vec![key("expect"), key("canary"), key("cost_mean")];
    let decimals = [json!("< 1.5"), json!("0.25..1.5"), json!(0.5), json!(">= 1_000.5")];
    let refused = [json!("< 1.5.1"), json!("> 1e3"), json!(-0.5), json!("< 1000000000000.5")];
    let said = decimals.iter().map(|it| (it, true)).chain(refused.iter().map(|it| (it, false)));
    for (value, is_right) in said {
        let document = with(&ways.base, &money, value);
        assert_eq!(Ways::by_file(&document).is_ok(), is_right, "{value}");
        assert_eq!(ways.schema.validate(&document).is_ok(), is_right, "{value}");
        let mut tuned = ways.base.clone();
        let parameters = json!({"fleet.instances": {"choices": [4]}});
        tuned["tune"] =
            json!({"parameters": parameters, "constraints": {"all": {"cost_mean": value}}});
        assert_eq!(Ways::by_file(&tuned).is_ok(), is_right, "{value}");
        assert_eq!(ways.schema.validate(&tuned).is_ok(), is_right, "{value}");
        let counted = vec![key("expect"), key("users_hurt")];
        assert_eq!(Ways::by_file(&with(&ways.base, &counted, value)).is_ok(), is_right, "{value}");
        assert_eq!(ways.by_set(&counted, value).is_ok(), is_right, "{value}");
    }
}

#[test]
fn an_editor_refuses_what_it_once_let_pass() {
    let ways = Ways::new();
    let service = |law: Value| json!({"fleet": {"service_time": law}});
    let refused = [
        json!({"length": "3hours"}),
        json!({"fleet": {"memory": {"base": "180MiB", "limit": "512Mi"}}}),
        service(json!({"lognormal": {"median": "220ms", "p95": "900ms"}})),
        json!({"analysis": {"gates": [{"name": "a", "judge": {
            "threshold": {"metric": "error_rate", "fail_above": "banana"}}}]}}),
        json!({"fleet": {"instances": 5_000_000_000_u64}}),
        json!({"strategies": {"roll": {"rolling": {"max_surge": "a few"}}}}),
    ];
    for changes in refused {
        let mut document = json!({"title": "x", "length": "1h", "strategy": {"canary": {}}});
        assert_eq!(ways.schema.validate(&document), Ok(()));
        for (key, value) in changes.as_object().unwrap() {
            document[key] = value.clone();
        }
        assert!(ways.schema.validate(&document).is_err(), "{document}");
    }
}
