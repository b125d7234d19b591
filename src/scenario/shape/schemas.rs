//! The JSON Schema of a type, and where its references lead.

use std::{collections::BTreeMap, fmt, sync::OnceLock};

use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Map, Value, value::RawValue};

/// The JSON Schema of a type with all its definitions.
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

/// The schema of a type as it is published, definitions and all.
pub(in crate::scenario) fn generated<T: JsonSchema>() -> Value {
    let schema = schemars::schema_for!(T);
    // written out, the keywords come in their usual order
    let mut schema = serde_json::to_value(&schema).unwrap_or_else(|_| schema.to_value());
    tighten(&mut schema);
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

impl Schemas {
    /// Made of a type, which takes a while; `published` is for what every run needs.
    pub fn of<T: JsonSchema>() -> Self {
        let mut root = generated::<T>();
        let definitions = root.as_object_mut().and_then(|it| it.shift_remove(DEFINITIONS));
        let definitions = match definitions {
            Some(Value::Object(definitions)) => definitions,
            _ => Map::new(),
        };
        let parsed = |(name, schema)| {
            (name, Definition { parsed: OnceLock::from(schema), ..Definition::default() })
        };
        Self { root, definitions: definitions.into_iter().map(parsed).collect() }
    }

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
