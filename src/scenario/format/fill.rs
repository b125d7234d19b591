//! Writes a default of an older format in wherever it holds in a file.

use crate::scenario::{
    Entry, Form, Location, Node, Schemas, Section, Value,
    path::{Step, push_index, push_key},
};

/// What a file is laid over, at some place.
#[derive(Clone, Copy)]
pub(super) enum Below<'n> {
    /// Nothing: what stands here begins with this file, and its defaults are those of this file.
    Nothing,
    Written(&'n Node),
    /// A section that no file below writes, but that is there all the same, as its defaults.
    Default,
}

/// Where filling has come to.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) schema: Option<&'a serde_json::Value>,
    pub(super) below: Below<'a>,
    /// The key of the section, or its entry of a list.
    pub(super) head: Location,
}

/// Writes a default in wherever it holds.
///
/// A key that is left out of a section means what it meant in the format of the file that begins the
/// section. So a file that lays more over a section of another file adds nothing to it.
pub(super) struct Fill<'a> {
    schemas: &'a Schemas,
    value: &'a Node,
    path: String,
    /// Where it was written: the path, and the section that got it.
    places: Vec<(String, Location)>,
}

impl<'a> Fill<'a> {
    pub(super) fn new(schemas: &'a Schemas, value: &'a Node) -> Self {
        Self { schemas, value, path: String::new(), places: Vec::new() }
    }

    /// Fills what the steps lead to from `node`, and gives the places where it did.
    pub(super) fn all(
        mut self,
        node: &mut Node,
        at: At<'a>,
        steps: &[Step],
    ) -> Vec<(String, Location)> {
        self.within(node, at, steps);
        self.places
    }

    fn within(&mut self, node: &mut Node, at: At<'a>, steps: &[Step]) {
        let Some((step, rest)) = steps.split_first() else { return };
        let length = self.path.len();
        match (&mut node.value, step) {
            (Value::List(items), Step::Every) => {
                let schema = at.schema.and_then(|it| self.schemas.form(it).form.item(0));
                for (index, item) in items.iter_mut().enumerate() {
                    push_index(&mut self.path, index);
                    // a list is replaced as a whole, so its entries lie on nothing
                    let at = At { schema, below: Below::Nothing, head: item.location };
                    self.within(item, at, rest);
                    self.path.truncate(length);
                }
            }
            (Value::Map(entries), Step::Every) => {
                let at = At { below: self.kept(entries, at), ..at };
                for entry in entries {
                    push_key(&mut self.path, &entry.key);
                    let at = self.child(at, &entry.key, entry.key_location);
                    self.within(&mut entry.value, at, rest);
                    self.path.truncate(length);
                }
            }
            (Value::Map(entries), Step::Key(key)) => {
                let at = At { below: self.kept(entries, at), ..at };
                push_key(&mut self.path, key);
                self.key(entries, (at, key), rest);
            }
            _ => {}
        }
        self.path.truncate(length);
    }

    fn key(&mut self, entries: &mut Vec<Entry>, (at, key): (At<'a>, &str), rest: &[Step]) {
        if let Some(entry) = entries.iter_mut().find(|it| it.key == key) {
            let at = self.child(at, key, entry.key_location);
            self.within(&mut entry.value, at, rest);
            return;
        }
        let begins_here = matches!(at.below, Below::Nothing);
        let value = if !begins_here || self.is_choice(at.schema) {
            None
        } else if rest.is_empty() {
            self.places.push((self.path.clone(), at.head));
            Some(placed(self.value, at.head))
        } else {
            let child = self.child(at, key, at.head);
            let mut section = Node { value: Value::Map(Vec::new()), location: at.head };
            if child.schema.is_some_and(|it| self.stands(it)) {
                self.within(&mut section, child, rest);
            }
            Some(section).filter(|it| !matches!(&it.value, Value::Map(inside) if inside.is_empty()))
        };
        let entry = |value| Entry { key: key.to_owned(), key_location: at.head, value };
        entries.extend(value.map(entry));
    }

    /// What is below a key of a section.
    fn child(&self, at: At<'a>, key: &str, head: Location) -> At<'a> {
        let schema = at.schema.and_then(|it| self.schemas.form(it).form.child(key));
        let by_default = || {
            let stands = schema.is_some_and(|it| self.stands(it));
            if stands { Below::Default } else { Below::Nothing }
        };
        let below = match at.below {
            Below::Nothing => Below::Nothing,
            Below::Default => by_default(),
            Below::Written(node) => {
                node.entry(key).map_or_else(by_default, |it| Below::Written(&it.value))
            }
        };
        At { schema, below, head }
    }

    /// What is below a mapping, if merging keeps it: a choice that is made differently replaces it.
    fn kept(&self, entries: &[Entry], at: At<'a>) -> Below<'a> {
        let Below::Written(node) = at.below else { return at.below };
        let same = |entry: &Entry| node.entry(&entry.key).is_some();
        let replaced = self.is_choice(at.schema) && !entries.iter().all(same);
        if replaced || !matches!(node.value, Value::Map(_)) { Below::Nothing } else { at.below }
    }

    fn is_choice(&self, schema: Option<&serde_json::Value>) -> bool {
        schema.is_some_and(|it| matches!(self.schemas.form(it).form, Form::Choice(_)))
    }

    /// Whether a section is there, as its defaults, when no one writes it.
    fn stands(&self, schema: &serde_json::Value) -> bool {
        let typed = self.schemas.form(schema);
        let by_default =
            !typed.nullable || schema.get("default").is_some_and(serde_json::Value::is_object);
        let all_have = |it: &Section<'_>| it.required.is_empty();
        by_default && matches!(&typed.form, Form::Section(section) if all_have(section))
    }
}

/// A value at another place.
fn placed(node: &Node, location: Location) -> Node {
    let value = match &node.value {
        Value::List(items) => Value::List(items.iter().map(|it| placed(it, location)).collect()),
        Value::Map(entries) => {
            let entry = |it: &Entry| Entry {
                key: it.key.clone(),
                key_location: location,
                value: placed(&it.value, location),
            };
            Value::Map(entries.iter().map(entry).collect())
        }
        other @ (Value::Null
        | Value::Bool(_)
        | Value::Number(..)
        | Value::Text(_)
        | Value::Broken) => other.clone(),
    };
    Node { value, location }
}
