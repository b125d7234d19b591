//! What holds where a key of a scenario is left out, and how a default is written.

use serde::Serialize;
use serde_json::Value;

use super::prose;
use crate::scenario::to_yaml_line;

/// What holds where a key is left out; nothing of it where there is no key to leave out.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Unset {
    pub(super) required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) default: Option<Value>,
    /// What happens without it, where there is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) without: Option<String>,
}

impl Unset {
    pub(super) fn of(schema: &Value, description: &str, required: bool) -> Self {
        let default = schema.get("default").filter(|value| !value.is_null()).cloned();
        let optional = !required && default.is_none();
        let without = prose::without(description).filter(|_| optional).map(|(_, said)| said);
        Self { required, default, without }
    }

    /// Whether a section that is left out is one whose keys are all left out.
    pub(super) fn is_of_its_keys<'k>(
        &self,
        mut keys: impl Iterator<Item = (&'k str, &'k Self)>,
    ) -> bool {
        let Some(Value::Object(default)) = &self.default else { return false };
        let own = |(name, unset): (&str, &Self)| {
            let value = default.get(name).filter(|value| !value.is_null());
            value == unset.default.as_ref() && !unset.required
        };
        !default.is_empty() && keys.all(own)
    }
}

/// A default as a file would say it: on a line where it fits into so many columns, else key by key.
pub(super) fn written(value: &Value, columns: usize) -> Vec<String> {
    let line = to_yaml_line(&without_nulls(value));
    if line.chars().count() <= columns { vec![line] } else { unfolded(value, columns) }
}

/// Key by key, or entry by entry, each of at most so many columns where that can be.
pub(super) fn unfolded(value: &Value, columns: usize) -> Vec<String> {
    let behind = |start: String, value: &Value| {
        let mut lines = written(value, columns.saturating_sub(start.chars().count() + 1));
        if let [line] = lines.as_mut_slice() {
            return vec![format!("{start} {line}")];
        }
        let inner = lines.iter().map(|it| format!("  {it}"));
        std::iter::once(start).chain(inner).collect()
    };
    match value {
        Value::Object(entries) => {
            let entries = entries.iter().filter(|(_, value)| !value.is_null());
            entries.flat_map(|(key, value)| behind(format!("{key}:"), value)).collect()
        }
        Value::Array(items) => items.iter().flat_map(|it| behind("-".to_owned(), it)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            vec![to_yaml_line(value)]
        }
    }
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(entries) => {
            let entries = entries.iter().filter(|(_, value)| !value.is_null());
            entries.map(|(key, value)| (key.clone(), without_nulls(value))).collect()
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}
