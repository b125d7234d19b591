//! A JSON Schema, and where its references lead.

use std::{collections::BTreeMap, fmt, sync::OnceLock};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Map, Value, value::RawValue};

/// A JSON Schema with all its definitions.
#[derive(Clone, Debug)]
pub struct Schemas {
    /// Without its definitions.
    root: Value,
    definitions: BTreeMap<String, Definition>,
}

/// A definition, which is parsed when it is first asked for: a file uses few of them.
#[derive(Clone, Debug, Default)]
struct Definition {
    text: &'static str,
    parsed: OnceLock<Value>,
}

/// Deeper references than any type of ours; ends a circle of bare references.
pub(super) const REFERENCES_MAX: usize = 16;

/// The key of a schema that holds its definitions.
const DEFINITIONS: &str = "$defs";

impl Schemas {
    /// Read from a published schema, of which only what is asked for is parsed.
    pub fn published(text: &'static str) -> serde_json::Result<Self> {
        let Parts { root, definitions } = serde_json::from_str(text)?;
        let unparsed = |(name, text): (&str, &'static RawValue)| {
            (name.to_owned(), Definition { text: text.get(), parsed: OnceLock::new() })
        };
        let definitions = definitions.into_iter().map(unparsed).collect();
        Ok(Self { root: root.into(), definitions })
    }

    /// The schema without its definitions.
    pub fn root(&self) -> &Value {
        &self.root
    }

    pub(in crate::scenario) fn root_mut(&mut self) -> Option<&mut Map<String, Value>> {
        self.root.as_object_mut()
    }

    pub fn definition(&self, name: &str) -> Option<&Value> {
        let Definition { text, parsed } = self.definitions.get(name)?;
        // a part of a text that has been read as JSON is JSON
        Some(parsed.get_or_init(|| serde_json::from_str(text).unwrap_or_default()))
    }

    /// Names of all definitions.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.definitions.keys().map(String::as_str)
    }

    /// Follows references to the schema that says something itself.
    pub fn resolve<'s>(&'s self, schema: &'s Value) -> &'s Value {
        let mut schema = schema;
        for _ in 0..REFERENCES_MAX {
            let reference = schema.get("$ref").and_then(Value::as_str);
            let lone = schema.get("allOf").and_then(Value::as_array).and_then(|all| all.first());
            schema = match (reference, lone) {
                (Some("#"), _) => &self.root,
                (Some(reference), _) => {
                    let name = reference.strip_prefix("#/$defs/").unwrap_or(reference);
                    match self.definition(name) {
                        Some(target) => target,
                        None => return schema,
                    }
                }
                (None, Some(lone)) => lone,
                (None, None) => return schema,
            };
        }
        schema
    }

    /// The description at a use, or else of what it refers to.
    pub fn description<'s>(&'s self, schema: &'s Value) -> Option<&'s str> {
        let own = |schema: &'s Value| schema.get("description").and_then(Value::as_str);
        own(schema).or_else(|| own(self.resolve(schema))).or_else(|| {
            let optional = schema.get("anyOf")?.as_array()?;
            optional.iter().find_map(|schema| own(self.resolve(schema)))
        })
    }
}

/// A published schema whose definitions are texts yet.
struct Parts<'t> {
    root: Map<String, Value>,
    definitions: BTreeMap<&'t str, &'t RawValue>,
}

impl<'t> Deserialize<'t> for Parts<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PartsVisitor)
    }
}

struct PartsVisitor;

impl<'t> Visitor<'t> for PartsVisitor {
    type Value = Parts<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON Schema")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Parts<'t>, A::Error> {
        let mut parts = Parts { root: Map::new(), definitions: BTreeMap::new() };
        while let Some(word) = map.next_key::<&str>()? {
            if word == DEFINITIONS {
                parts.definitions = map.next_value()?;
            } else {
                parts.root.insert(word.to_owned(), map.next_value()?);
            }
        }
        Ok(parts)
    }
}
