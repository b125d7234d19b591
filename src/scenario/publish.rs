//! The files, which differ from the scenario that they make: a file says its format and may extend
//! another.

use std::sync::LazyLock;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{FORMAT, Scenario, Schemas, extend::EXTENDS, format, shape::generated};

/// What a file can be read into.
pub trait FromFile: DeserializeOwned {
    /// What a file is checked against, once it is composed with what it extends.
    fn schemas() -> &'static Schemas;
}

impl FromFile for Scenario {
    fn schemas() -> &'static Schemas {
        &SCENARIO
    }
}

static FILE: LazyLock<Schemas> = LazyLock::new(of_files);

/// As published. To make it of the types would take longer than to check most files.
#[cfg(not(test))]
fn of_files() -> Schemas {
    let text = include_str!("../../scenarios/scenario.schema.json");
    Schemas::published(text).unwrap_or_else(|_| Schemas::of::<Scenario>())
}

/// Of the types: the published one does not know what only tests register.
#[cfg(test)]
fn of_files() -> Schemas {
    Schemas::published(published_schema().to_string().leak()).unwrap()
}

static SCENARIO: LazyLock<Schemas> = LazyLock::new(|| of_composed(FILE.clone()));

/// The schema of the files, with the keys that belong to a file.
pub fn file_schemas() -> &'static Schemas {
    &FILE
}

/// What a file may say that extends nothing: the keys of the file, and all of a scenario.
pub fn language() -> Schemas {
    whole(FILE.clone())
}

/// The words of the schema that make it one of files rather than of scenarios.
const UNLESS: &str = "if";
const WHOLE: &str = "then";
const REQUIRED: &str = "required";

/// The JSON Schema for editors: with the keys of a file, and with nothing missing in a file that extends
/// another.
pub fn published_schema() -> Value {
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

fn format_key() -> Value {
    json!({
        "description": "Format of the language that this file is written in: of this file alone, not of \
                        one that it extends. A file of an older format keeps its meaning: it is run \
                        with the defaults of its format, and `rollsim check` lists those that are \
                        others now. `rollsim check --fix FILE` brings it to the newest format.",
        "type": "integer",
        "minimum": 1,
        "maximum": FORMAT,
        "default": 1,
    })
}

/// A scenario as a file of the newest format says it.
pub fn written_out(scenario: &Scenario) -> serde_json::Result<Value> {
    let mut file = Map::new();
    file.insert(format::KEY.to_owned(), FORMAT.into());
    if let Value::Object(keys) = serde_json::to_value(scenario)? {
        file.extend(keys);
    }
    Ok(Value::Object(file))
}

/// The other way: of a scenario again, which extends nothing and must be whole.
fn of_composed(file: Schemas) -> Schemas {
    let mut file = whole(file);
    let properties = file.root_mut().and_then(|root| root.get_mut("properties"));
    if let Some(properties) = properties.and_then(Value::as_object_mut) {
        properties.shift_remove(format::KEY);
        properties.shift_remove(EXTENDS);
    }
    file
}

/// With what must be given in a file that extends nothing.
fn whole(mut file: Schemas) -> Schemas {
    if let Some(root) = file.root_mut() {
        root.shift_remove(UNLESS);
        if let Some(Value::Object(mut whole)) = root.shift_remove(WHOLE) {
            root.extend(whole.shift_remove_entry(REQUIRED));
        }
    }
    file
}
