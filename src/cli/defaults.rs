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
    let line = to_yaml_line(&shortened(value));
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
            vec![to_yaml_line(&shortened(value))]
        }
    }
}

/// Without nulls, and whole numbers without a point.
fn shortened(value: &Value) -> Value {
    match value {
        Value::Object(entries) => {
            let entries = entries.iter().filter(|(_, value)| !value.is_null());
            entries.map(|(key, value)| (key.clone(), shortened(value))).collect()
        }
        Value::Array(items) => items.iter().map(shortened).collect(),
        Value::Number(number) => {
            let text = number.to_string();
            let whole = text.strip_suffix(".0").and_then(|it| it.parse::<i64>().ok());
            whole.map_or_else(|| value.clone(), Value::from)
        }
        Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_whole_number_has_no_point_in_a_default() {
        let scores = json!({"pass": 75.0, "marginal": 50.5, "none": null, "of": [1.0, 2]});
        assert_eq!(written(&scores, 80), ["{ pass: 75, marginal: 50.5, of: [1, 2] }"]);
    }
}
