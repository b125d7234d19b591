//! The JSON Schemas of the types, which the published ones are. The program reads those: to derive them
//! took a fifth of its build, and to make one takes longer than to check most files.

use std::{collections::BTreeSet, env, fs, path::Path};

use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::{
    FORMAT, FromFile, Scenario,
    extend::{EXTENDS, REQUIRED, UNLESS, WHOLE},
    format, published_schema,
};
use crate::{
    channel::ChannelSpec,
    fault::EffectSpec,
    judge::JudgeSpec,
    model::{CostProfile, Price},
    strategy::StrategySpec,
    units::text,
};

/// The key of a schema that holds its definitions.
const DEFINITIONS: &str = "$defs";

/// The schema of a type as it is published, definitions and all.
fn generated<T: JsonSchema>() -> Value {
    let schema = schemars::schema_for!(T);
    // written out, the keywords come in their usual order
    let mut schema = serde_json::to_value(&schema).unwrap_or_else(|_| schema.to_value());
    tighten(&mut schema);
    tell_prices(&mut schema);
    schema
}

/// Says what only our own check knows by the types: that there are no other keys, and how large whole
/// numbers can be. So an editor refuses what the check refuses.
fn tighten(schema: &mut Value) {
    match schema {
        Value::Object(words) => {
            if words.contains_key("properties") && !words.contains_key(FURTHER) {
                words.insert(FURTHER.to_owned(), false.into());
            }
            let largest = match words.get("format").and_then(Value::as_str) {
                Some("uint8") => Some(u64::from(u8::MAX)),
                Some("uint16") => Some(u64::from(u16::MAX)),
                Some("uint32") => Some(u64::from(u32::MAX)),
                Some("uint64" | "uint") => Some(u64::MAX),
                _ => None,
            };
            if let Some(largest) = largest.filter(|_| !words.contains_key("maximum")) {
                words.insert("maximum".to_owned(), largest.into());
            }
            for (word, inner) in words.iter_mut() {
                match (word.as_str(), inner) {
                    ("properties" | DEFINITIONS, Value::Object(named)) => {
                        named.values_mut().for_each(tighten);
                    }
                    ("default" | "examples" | "enum" | "const", _) => {}
                    (_, inner) => tighten(inner),
                }
            }
        }
        Value::Array(schemas) => schemas.iter_mut().for_each(tighten),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The keyword about keys beside the known ones.
const FURTHER: &str = "additionalProperties";

/// The schema of scenario files, with what only tests register.
pub(super) fn of_files() -> Value {
    let mut schema = generated::<Scenario>();
    let Some(root) = schema.as_object_mut() else {
        return schema;
    };
    if let Some(properties) = root.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert(format::KEY.to_owned(), format_key());
        let extends = json!({
            "description": "Scenario to build on: a path relative to this file, inside the folder \
                            of the scenario that is run. This file overrides it: mappings key by \
                            key, anything else as a whole. Without it, the file stands alone.",
            "type": "string",
        });
        properties.insert(EXTENDS.to_owned(), extends);
    }
    if let Some(required) = root.shift_remove(REQUIRED) {
        root.insert(UNLESS.to_owned(), json!({ "not": { REQUIRED: [EXTENDS] } }));
        root.insert(WHOLE.to_owned(), json!({ REQUIRED: required }));
    }
    schema
}

/// What each price is without it: the numbers are those of the profiles.
fn tell_prices(schema: &mut Value) {
    let Some(keys) = schema.pointer_mut("/$defs/CostSpec/properties") else { return };
    for price in Price::ALL {
        let profiles = [CostProfile::Hobby, CostProfile::Business, CostProfile::Critical];
        let each = profiles.map(|it| format!("{} {}", it.name(), text::number(price.by(it))));
        let key = &mut keys[price.name()]["description"];
        let meaning = key.as_str().unwrap_or_default();
        *key = format!("{meaning}\nWithout it, the profile's: {}.", each.join(", ")).into();
    }
}

fn format_key() -> Value {
    json!({
        "description": "Format of the language that this file is written in: of this file alone, not of \
                        one that it extends. A file of an older format keeps its meaning: it is run \
                        with the defaults of its format, and `rollsim check` lists those that \
                        have changed. `rollsim check --fix FILE` brings it to the newest format.",
        "type": "integer",
        "minimum": 1,
        "maximum": FORMAT,
        "default": 1,
    })
}

/// Compares what is published with what the types say, or publishes it: with `ROLLSIM_SCHEMAS=renew`.
pub(crate) fn publish(file: &str, published: &str, made: &Value) {
    let made = format!("{made:#}\n");
    if env::var("ROLLSIM_SCHEMAS").is_ok_and(|it| it == "renew") {
        fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(file), made).unwrap();
    } else {
        assert!(
            published == made,
            "{file} is not what the types say: `ROLLSIM_SCHEMAS=renew cargo test --release --lib \
             published` writes it again",
        );
    }
}

/// Without what only tests register, and without what is used by that alone.
fn shipped(mut schema: Value) -> Value {
    let mut extra = Vec::new();
    for (names, shipped) in [
        (StrategySpec::NAMES, StrategySpec::SHIPPED),
        (JudgeSpec::NAMES, JudgeSpec::SHIPPED),
        (EffectSpec::NAMES, EffectSpec::SHIPPED),
        (ChannelSpec::NAMES, ChannelSpec::SHIPPED),
    ] {
        assert!(names.len() > shipped.len(), "tests register one of each family");
        extra.extend(names.iter().filter(|it| !shipped.contains(it)));
    }
    drop_choices(&mut schema, &extra);
    let mut used = BTreeSet::new();
    let mut root = schema.clone();
    root.as_object_mut().unwrap().shift_remove(DEFINITIONS);
    let definitions = schema[DEFINITIONS].as_object_mut().unwrap();
    mark(&root, definitions, &mut used);
    definitions.retain(|name, _| used.contains(name));
    schema
}

/// Drops these names from every choice between names.
fn drop_choices(schema: &mut Value, names: &[&str]) {
    match schema {
        Value::Object(words) => {
            if let Some(Value::Array(choices)) = words.get_mut("oneOf") {
                let named = |choice: &Value, name| choice["properties"].get(name).is_some();
                choices.retain(|choice| !names.iter().any(|it| named(choice, it)));
            }
            words.values_mut().for_each(|it| drop_choices(it, names));
        }
        Value::Array(schemas) => schemas.iter_mut().for_each(|it| drop_choices(it, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Every definition that a schema uses, directly or not.
fn mark(schema: &Value, definitions: &Map<String, Value>, used: &mut BTreeSet<String>) {
    match schema {
        Value::Object(words) => {
            let reference = words.get("$ref").and_then(Value::as_str);
            if let Some(name) = reference.and_then(|it| it.strip_prefix("#/$defs/"))
                && used.insert(name.to_owned())
            {
                mark(&definitions[name], definitions, used);
            }
            words.values().for_each(|it| mark(it, definitions, used));
        }
        Value::Array(schemas) => schemas.iter().for_each(|it| mark(it, definitions, used)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_published_schema_of_scenario_files_is_that_of_the_types() {
    publish("scenarios/scenario.schema.json", published_schema(), &shipped(of_files()));
}

#[test]
fn a_scenario_is_checked_against_the_schema_of_its_type() {
    let (checked, made) = (Scenario::schemas(), generated::<Scenario>());
    let mut root = made.clone();
    let definitions = root.as_object_mut().and_then(|it| it.shift_remove(DEFINITIONS)).unwrap();
    assert_eq!(checked.root(), &root);
    assert!(checked.names().count() > 100);
    let names: BTreeSet<&str> =
        definitions.as_object().unwrap().keys().map(String::as_str).collect();
    assert!(checked.names().eq(names));
    for name in checked.names() {
        assert_eq!(checked.definition(name), definitions.get(name), "{name}");
    }
}
