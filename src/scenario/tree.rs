//! A scenario as a tree in which every value and key knows its place.

use serde_json::Number;

use super::Location;

/// A value and where it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub value: Value,
    pub location: Location,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    /// With the text as written, to be shown in messages.
    Number(Number, String),
    Text(String),
    List(Vec<Node>),
    /// In the order of the file; keys differ.
    Map(Vec<Entry>),
    /// Already reported as a problem: not to be checked again.
    Broken,
}

/// One `key: value` of a mapping.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub key: String,
    pub key_location: Location,
    pub value: Node,
}

/// What a tree takes of the budget.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    pub(super) nodes: usize,
    pub(super) text_bytes: usize,
    pub(super) depth: usize,
}

impl Node {
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|entry| entry.key == key),
            Value::Null
            | Value::Bool(_)
            | Value::Number(..)
            | Value::Text(_)
            | Value::List(_)
            | Value::Broken => None,
        }
    }

    /// A value that stands in no file.
    pub(super) fn from_json(json: &serde_json::Value) -> Self {
        let value = match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(it) => Value::Bool(*it),
            serde_json::Value::Number(it) => Value::Number(it.clone(), it.to_string()),
            serde_json::Value::String(it) => Value::Text(it.clone()),
            serde_json::Value::Array(items) => {
                Value::List(items.iter().map(Self::from_json).collect())
            }
            serde_json::Value::Object(map) => {
                let entry = |(key, value): (&String, &serde_json::Value)| Entry {
                    key: key.clone(),
                    key_location: Location::of_file(0),
                    value: Self::from_json(value),
                };
                Value::Map(map.iter().map(entry).collect())
            }
        };
        Self { value, location: Location::of_file(0) }
    }

    /// The value without its places.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null | Value::Broken => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(number, _) => number.clone().into(),
            Value::Text(text) => text.as_str().into(),
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            Value::Map(entries) => serde_json::Value::Object(
                entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json())).collect(),
            ),
        }
    }

    pub(super) fn extent(&self) -> Extent {
        let mut whole = Extent { nodes: 1, text_bytes: 0, depth: 0 };
        let mut add = |child: &Self| {
            let part = child.extent();
            whole.nodes += part.nodes;
            whole.text_bytes += part.text_bytes;
            whole.depth = whole.depth.max(part.depth);
        };
        match &self.value {
            Value::Null | Value::Bool(_) | Value::Broken => {}
            Value::Number(_, text) | Value::Text(text) => whole.text_bytes = text.len(),
            Value::List(items) => items.iter().for_each(&mut add),
            Value::Map(entries) => entries.iter().for_each(|entry| add(&entry.value)),
        }
        if matches!(self.value, Value::List(_) | Value::Map(_)) {
            whole.depth += 1;
        }
        whole
    }
}
