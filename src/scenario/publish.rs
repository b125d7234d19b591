//! The JSON Schema of the files, which differs from that of the scenario: a file may extend another.

use std::sync::LazyLock;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Scenario, Schemas, extend::EXTENDS, shape::generated};

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

/// As published. To make it of the types would take longer than to check most files.
static SCENARIO: LazyLock<Schemas> = LazyLock::new(|| {
    let text = include_str!("../../scenarios/scenario.schema.json");
    Schemas::published(text).map_or_else(|_| Schemas::of::<Scenario>(), of_composed)
});

/// The words of the schema that make it one of files rather than of scenarios.
const UNLESS: &str = "if";
const WHOLE: &str = "then";
const REQUIRED: &str = "required";

/// The JSON Schema for editors: with `extends`, and with nothing missing in a file that uses it.
pub fn published_schema() -> Value {
    let mut schema = generated::<Scenario>();
    let Some(root) = schema.as_object_mut() else {
        return schema;
    };
    if let Some(properties) = root.get_mut("properties").and_then(Value::as_object_mut) {
        let extends = json!({
            "description": "Scenario to build on: a path relative to this file, inside the folder \
                            of the scenario that is run. This file overrides it: mappings key by \
                            key, anything else as a whole.",
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

/// The other way: of a scenario again, which extends nothing and must be whole.
fn of_composed(mut file: Schemas) -> Schemas {
    if let Some(root) = file.root_mut() {
        if let Some(properties) = root.get_mut("properties").and_then(Value::as_object_mut) {
            properties.shift_remove(EXTENDS);
        }
        root.shift_remove(UNLESS);
        if let Some(Value::Object(mut whole)) = root.shift_remove(WHOLE) {
            root.extend(whole.shift_remove_entry(REQUIRED));
        }
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `rollsim schema > scenarios/scenario.schema.json` renews the published one.
    #[test]
    fn files_are_checked_against_the_schema_of_the_types() {
        let (checked, made) = (Scenario::schemas(), Schemas::of::<Scenario>());
        assert_eq!(checked.root(), made.root());
        assert!(checked.names().count() > 100);
        assert!(checked.names().eq(made.names()));
        for name in made.names() {
            assert_eq!(checked.definition(name), made.definition(name), "{name}");
        }
    }
}
