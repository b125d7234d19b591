//! What a JSON Schema node asks for, in the few forms that our types produce.
//!
//! schemars writes an optional value as a type list or an `anyOf` with null, an enum as a `oneOf` of
//! strings and single-key objects, and puts every named type behind a `$ref`. Here they are one
//! closed enum, which checking, merging and `explain` all read.

use serde_json::{Map, Value};

use crate::{
    model::{Amount, Condition},
    units::{self, Malformed, text::thousands_apart},
};

use super::{Schemas, listed, schemas::REFERENCES_MAX};

/// Reads a quantity, only to see whether it is one.
type Parser = fn(&str) -> Result<(), Malformed>;

/// What a value must be. Borrowed from the schema.
#[derive(Clone, Debug)]
pub enum Form<'s> {
    Any,
    Null,
    Boolean,
    Integer(Bounds<i128>),
    Number(Bounds<f64>),
    Text(Text<'s>),
    List(List<'s>),
    /// A mapping with known keys, or from any key to one form, or both.
    Section(Section<'s>),
    /// An externally tagged enum: exactly one of the names.
    Choice(Vec<Variant<'s>>),
    /// Several forms that are no choice by name.
    Mixed(Vec<&'s Value>),
}

/// A form, and whether nothing is also fine.
#[derive(Clone, Debug)]
pub struct Typed<'s> {
    pub form: Form<'s>,
    pub nullable: bool,
}

/// Both ends belong to the range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds<T> {
    pub min: Option<T>,
    pub max: Option<T>,
}

#[derive(Clone, Copy, Debug)]
pub struct Text<'s> {
    /// What the text must say; other words of the schema are not for us to check.
    pub format: Option<&'s str>,
    /// A whole number needs no quotes: for quantities that may be plain counts.
    pub or_count: bool,
    /// Nor does any other number.
    pub or_number: bool,
    /// In characters.
    pub length: Bounds<u64>,
}

#[derive(Clone, Debug)]
pub struct List<'s> {
    /// The forms of the first entries of a tuple.
    pub first: Vec<&'s Value>,
    pub others: Option<&'s Value>,
    pub min: Option<u64>,
    pub max: Option<u64>,
}

#[derive(Clone, Debug)]
pub struct Section<'s> {
    pub properties: Option<&'s Map<String, Value>>,
    pub required: Vec<&'s str>,
    /// The form behind any other key; `None` when there may be none.
    pub open: Option<&'s Value>,
    /// Most keys.
    pub max: Option<u64>,
}

/// One name of a choice, and the form of its settings if it has any.
#[derive(Clone, Copy, Debug)]
pub struct Variant<'s> {
    pub name: &'s str,
    pub body: Option<&'s Value>,
    pub description: Option<&'s str>,
}

/// One alternative of a schema.
#[derive(Clone, Copy)]
struct Leaf<'s> {
    schema: &'s Value,
    /// Written out among the alternatives, as an enum's variants are; a struct is referred to.
    inline: bool,
}

impl Schemas {
    /// The form that a schema asks for.
    pub fn form<'s>(&'s self, schema: &'s Value) -> Typed<'s> {
        let mut leaves = Vec::new();
        self.leaves(schema, 0, &mut leaves);
        let is_null = |leaf: &Leaf<'_>| leaf.schema.get("type").is_some_and(|kind| kind == "null");
        let lists_null = |leaf: &Leaf<'_>| {
            let types = leaf.schema.get("type").and_then(Value::as_array);
            types.is_some_and(|types| types.iter().any(|name| name == "null"))
        };
        let nullable = leaves.iter().any(|leaf| is_null(leaf) || lists_null(leaf));
        leaves.retain(|leaf| !is_null(leaf));
        let variants: Option<Vec<_>> = leaves.iter().map(|leaf| variants(*leaf)).collect();
        let form = match (variants, leaves.as_slice()) {
            (_, []) if nullable => Form::Null,
            (_, []) => Form::Any,
            (Some(variants), _) => Form::Choice(variants.into_iter().flatten().collect()),
            (None, [leaf]) => simple(leaf.schema),
            (None, leaves) => Form::Mixed(leaves.iter().map(|leaf| leaf.schema).collect()),
        };
        Typed { form, nullable }
    }

    /// The alternatives of a schema, flattened.
    fn leaves<'s>(&'s self, schema: &'s Value, depth: usize, out: &mut Vec<Leaf<'s>>) {
        let inline = depth > 0 && schema.get("$ref").is_none();
        let schema = self.resolve(schema);
        let alternatives = ["anyOf", "oneOf"].iter().find_map(|word| schema.get(word)?.as_array());
        match alternatives {
            Some(alternatives) if depth < REFERENCES_MAX => {
                for alternative in alternatives {
                    self.leaves(alternative, depth + 1, out);
                }
            }
            _ => out.push(Leaf { schema, inline }),
        }
    }
}

impl<'s> Form<'s> {
    /// What stands behind a key here, if the form has keys.
    pub fn child(&self, key: &str) -> Option<&'s Value> {
        match self {
            Self::Section(section) => section.child(key),
            Self::Choice(variants) => variants.iter().find(|variant| variant.name == key)?.body,
            Self::Any
            | Self::Null
            | Self::Boolean
            | Self::Integer(_)
            | Self::Number(_)
            | Self::Text(_)
            | Self::List(_)
            | Self::Mixed(_) => None,
        }
    }

    /// The keys of a section, or the names of a choice.
    pub fn names(&self) -> Vec<&'s str> {
        match self {
            Self::Section(section) => section.names().collect(),
            Self::Choice(variants) => variants.iter().map(|it| it.name).collect(),
            Self::Any
            | Self::Null
            | Self::Boolean
            | Self::Integer(_)
            | Self::Number(_)
            | Self::Text(_)
            | Self::List(_)
            | Self::Mixed(_) => Vec::new(),
        }
    }

    /// What an entry of a list is.
    pub fn item(&self, index: usize) -> Option<&'s Value> {
        if let Self::List(list) = self { list.item(index) } else { None }
    }

    /// What stands behind each name of a mapping whose names are free.
    pub const fn behind_names(&self) -> Option<&'s Value> {
        if let Self::Section(Section { properties: None, open, .. }) = self { *open } else { None }
    }

    /// What is allowed here, in words: the `allowed` of a problem.
    pub fn expected(&self) -> String {
        match self {
            Self::Any => "anything".to_owned(),
            Self::Null => "nothing".to_owned(),
            Self::Boolean => "`true` or `false`".to_owned(),
            Self::Integer(bounds) => bounds.expected("a whole number"),
            Self::Number(bounds) => bounds.expected("a number"),
            Self::Text(text) => text.expected(),
            Self::List(list) => list.expected(),
            Self::Section(section) => section.expected(),
            Self::Choice(variants) => {
                format!("one of {}", listed(variants.iter().map(|variant| variant.name)))
            }
            Self::Mixed(_) => "one of several forms".to_owned(),
        }
    }
}

impl<T: std::fmt::Display> Bounds<T> {
    fn expected(&self, what: &str) -> String {
        let told = |it: &Option<T>| it.as_ref().map(|it| thousands_apart(&it.to_string()));
        match (told(&self.min), told(&self.max)) {
            (Some(min), Some(max)) => format!("{what} from {min} to {max}"),
            (Some(min), None) => format!("{what} of at least {min}"),
            (None, Some(max)) => format!("{what} of at most {max}"),
            (None, None) => what.to_owned(),
        }
    }
}

impl Text<'_> {
    /// The parser behind the `format`, if the text is a quantity.
    pub fn parser(&self) -> Option<Parser> {
        let format = self.format?;
        match format {
            "condition" => return Some(|text| text.parse::<Condition>().map(drop)),
            "amount" => return Some(|text| text.parse::<Amount>().map(drop)),
            _ => {}
        }
        units::FORMATS.iter().find(|(name, _)| *name == format).map(|(_, parse)| *parse)
    }

    /// How a text that is no such quantity may be written instead.
    pub fn respelt(&self, text: &str) -> Vec<String> {
        match self.format {
            Some("condition") => {
                let limit = text.trim_start_matches(['<', '>', '=', ' ']);
                let operator = &text[..text.len() - limit.len()];
                let ways = units::respelt("limit", limit).into_iter();
                ways.map(|way| format!("{operator}{way}")).collect()
            }
            Some("amount") => units::respelt("ratio", text),
            Some(format) => units::respelt(format, text),
            None => Vec::new(),
        }
    }

    /// What the quantity's own parser allows.
    fn expected(&self) -> String {
        // an empty text is not a quantity, and the refusal says what is
        let allowed = self.parser().and_then(|parse| parse("").err());
        allowed.map_or_else(
            || match (self.length.min, self.length.max) {
                (None | Some(0), None) => "a text".to_owned(),
                (Some(1), None) => "a non-empty text".to_owned(),
                _ => format!("{} characters", self.length.expected("a text with a length")),
            },
            |malformed| malformed.allowed.to_owned(),
        )
    }
}

impl<'s> List<'s> {
    pub fn item(&self, index: usize) -> Option<&'s Value> {
        self.first.get(index).copied().or(self.others)
    }

    pub fn expected(&self) -> String {
        match (self.min, self.max) {
            (Some(min), Some(max)) if min == max => format!("a list of {min} entries"),
            (Some(min), Some(max)) => format!("a list of {min} to {max} entries"),
            (Some(1), None) => "a list of at least one entry".to_owned(),
            (Some(min), None) => format!("a list of at least {min} entries"),
            (None, Some(max)) => {
                format!("a list of at most {} entries", thousands_apart(&max.to_string()))
            }
            (None, None) => "a list".to_owned(),
        }
    }
}

impl<'s> Section<'s> {
    pub fn child(&self, key: &str) -> Option<&'s Value> {
        self.properties.and_then(|properties| properties.get(key)).or(self.open)
    }

    /// Whether it has a key of its own by this name.
    pub fn has(&self, key: &str) -> bool {
        self.properties.is_some_and(|it| it.contains_key(key))
    }

    pub fn names(&self) -> impl Iterator<Item = &'s str> {
        self.properties.into_iter().flat_map(|properties| properties.keys().map(String::as_str))
    }

    fn expected(&self) -> String {
        match self.names().next() {
            None => "a mapping of names to values".to_owned(),
            Some(_) => format!("a mapping with {}", listed(self.names())),
        }
    }
}

/// The names that a leaf adds to a choice; `None` when it is no part of one.
fn variants(leaf: Leaf<'_>) -> Option<Vec<Variant<'_>>> {
    let Leaf { schema, inline } = leaf;
    let description = schema.get("description").and_then(Value::as_str);
    if let Some(name) = schema.get("const").and_then(Value::as_str) {
        return Some(vec![Variant { name, body: None, description }]);
    }
    if let Some(names) = schema.get("enum").and_then(Value::as_array) {
        let names = names.iter().filter_map(Value::as_str);
        return Some(names.map(|name| Variant { name, body: None, description: None }).collect());
    }
    let properties = schema.get("properties")?.as_object()?;
    let required = schema.get("required")?.as_array()?;
    match (properties.iter().next(), required.as_slice()) {
        (Some((name, body)), [Value::String(only)])
            if inline && properties.len() == 1 && only == name =>
        {
            Some(vec![Variant { name, body: Some(body), description }])
        }
        _ => None,
    }
}

fn simple(leaf: &Value) -> Form<'_> {
    let named = |value: &'_ Value| value.as_str().is_some_and(|name| name != "null");
    let kind = match leaf.get("type") {
        Some(Value::Array(types)) => types.iter().find(|name| named(name)),
        other => other,
    };
    let whole = |word: &str| leaf.get(word).and_then(Value::as_u64);
    let takes = |name: &str| match leaf.get("type") {
        Some(Value::Array(types)) => types.iter().any(|other| other == name),
        _ => false,
    };
    match kind.and_then(Value::as_str) {
        Some("boolean") => Form::Boolean,
        Some("integer") => Form::Integer(integer_bounds(leaf)),
        Some("number") => Form::Number(Bounds {
            min: leaf.get("minimum").and_then(Value::as_f64),
            max: leaf.get("maximum").and_then(Value::as_f64),
        }),
        Some("string") => Form::Text(Text {
            format: leaf.get("format").and_then(Value::as_str),
            or_count: takes("integer"),
            or_number: takes("number"),
            length: Bounds { min: whole("minLength"), max: whole("maxLength") },
        }),
        Some("array") => Form::List(List {
            first: leaf
                .get("prefixItems")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .collect(),
            others: leaf.get("items").filter(|items| **items != Value::Bool(false)),
            min: whole("minItems"),
            max: whole("maxItems"),
        }),
        Some("object") => Form::Section(Section {
            properties: leaf.get("properties").and_then(Value::as_object),
            required: leaf
                .get("required")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect(),
            open: leaf.get("additionalProperties").filter(|other| **other != Value::Bool(false)),
            max: whole("maxProperties"),
        }),
        _ => Form::Any,
    }
}

/// From the bounds given, or else from the Rust type that the `format` names.
fn integer_bounds(leaf: &Value) -> Bounds<i128> {
    let (low, high): (Option<i128>, Option<i128>) = match leaf.get("format").and_then(Value::as_str)
    {
        Some("uint8") => (Some(0), Some(u8::MAX.into())),
        Some("uint16") => (Some(0), Some(u16::MAX.into())),
        Some("uint32") => (Some(0), Some(u32::MAX.into())),
        Some("uint64" | "uint") => (Some(0), Some(u64::MAX.into())),
        Some("int8") => (Some(i8::MIN.into()), Some(i8::MAX.into())),
        Some("int16") => (Some(i16::MIN.into()), Some(i16::MAX.into())),
        Some("int32") => (Some(i32::MIN.into()), Some(i32::MAX.into())),
        Some("int64" | "int") => (Some(i64::MIN.into()), Some(i64::MAX.into())),
        _ => (None, None),
    };
    let bound = |word: &str| {
        let value = leaf.get(word)?;
        value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from))
    };
    Bounds { min: bound("minimum").or(low), max: bound("maximum").or(high) }
}
