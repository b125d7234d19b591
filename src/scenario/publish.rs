//! The JSON Schema of the files, which differs from that of the scenario: a file may extend another.

use serde_json::{Value, json};

use super::{Scenario, Schemas, extend::EXTENDS};

/// The JSON Schema for editors: with `extends`, and with nothing missing in a file that uses it.
pub fn published_schema() -> Value {
    let mut schema = Schemas::of::<Scenario>().root().clone();
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
    if let Some(required) = root.shift_remove("required") {
        root.insert("if".to_owned(), json!({ "not": { "required": [EXTENDS] } }));
        root.insert("then".to_owned(), json!({ "required": required }));
    }
    schema
}
