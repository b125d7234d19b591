//! The files, which differ from the scenario that they make: a file says its format and may extend
//! another.

use std::sync::LazyLock;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{
    FORMAT, Scenario, Schemas,
    extend::{EXTENDS, REQUIRED, UNLESS, WHOLE},
    format,
};

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

static FILE: LazyLock<Schemas> = LazyLock::new(|| {
    let schemas = Schemas::published(known());
    schemas.unwrap_or_else(|problem| unreachable!("the published schema is no schema: {problem}"))
});

/// The JSON Schema of scenario files for editors: with the keys of a file, and with nothing missing in a
/// file that extends another. It is made of the types by a test (`of_types.rs`).
pub fn published_schema() -> &'static str {
    include_str!("../../scenarios/scenario.schema.json")
}

#[cfg(not(test))]
use published_schema as known;

/// Of the types: the published one does not know what only tests register.
#[cfg(test)]
fn known() -> &'static str {
    super::of_types::of_files().to_string().leak()
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
