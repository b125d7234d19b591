//! JSON Schema as an editor understands it, for the words that the published schema uses: each by its
//! section of the specification (2020-12), and none that is not known here.

use std::{cell::RefCell, collections::BTreeMap};

use regex::{Regex, RegexBuilder};
use serde_json::{Map, Value};

/// Words that say nothing about what is valid.
const NOTES: [&str; 8] = [
    "$schema",
    "$defs",
    "title",
    "description",
    "default",
    "examples",
    "format",
    "patternErrorMessage",
];

/// A schema with its patterns compiled, and what they say of the texts that were asked for.
pub(super) struct Schema {
    root: Value,
    patterns: BTreeMap<String, Regex>,
    known: RefCell<BTreeMap<(String, String), bool>>,
}

impl Schema {
    pub(super) fn new(root: Value) -> Self {
        let mut patterns = BTreeMap::new();
        collect(&root, &mut patterns);
        Self { root, patterns, known: RefCell::default() }
    }

    /// What is wrong with a document; the first of it.
    pub(super) fn validate(&self, document: &Value) -> Result<(), String> {
        self.check(&self.root, document, "")
    }

    fn check(&self, schema: &Value, it: &Value, at: &str) -> Result<(), String> {
        let Some(words) = schema.as_object() else {
            let anything = *schema == Value::Bool(true);
            return if anything { Ok(()) } else { Err(format!("{at}: nothing is valid here")) };
        };
        for (word, said) in words {
            self.word((word, said), words, it, at)?;
        }
        Ok(())
    }

    fn word(
        &self,
        (word, said): (&str, &Value),
        words: &Map<String, Value>,
        it: &Value,
        at: &str,
    ) -> Result<(), String> {
        let holds = match word {
            _ if NOTES.contains(&word) => true,
            "$ref" => return self.check(self.target(said), it, at),
            "type" => list(said).iter().any(|name| is_of_type(it, name.as_str().unwrap())),
            "const" => same(said, it),
            "enum" => list(said).iter().any(|other| same(other, it)),
            "minimum" => it.as_f64().is_none_or(|it| it >= said.as_f64().unwrap()),
            "maximum" => it.as_f64().is_none_or(|it| it <= said.as_f64().unwrap()),
            "minLength" | "maxLength" => it.as_str().is_none_or(|text| {
                let count = text.chars().count() as u64;
                let bound = said.as_u64().unwrap();
                if word == "minLength" { count >= bound } else { count <= bound }
            }),
            "pattern" => it.as_str().is_none_or(|text| self.is_match(said.as_str().unwrap(), text)),
            "minItems" => it.as_array().is_none_or(|it| it.len() as u64 >= said.as_u64().unwrap()),
            "maxItems" => it.as_array().is_none_or(|it| it.len() as u64 <= said.as_u64().unwrap()),
            "maxProperties" => {
                it.as_object().is_none_or(|it| it.len() as u64 <= said.as_u64().unwrap())
            }
            "required" => it.as_object().is_none_or(|map| {
                list(said).iter().all(|key| map.contains_key(key.as_str().unwrap()))
            }),
            "items" => return self.items(said, it, at),
            "properties" | "additionalProperties" => return self.keys((word, said), words, it, at),
            "allOf" => return list(said).iter().try_for_each(|all| self.check(all, it, at)),
            "anyOf" => list(said).iter().any(|any| self.check(any, it, at).is_ok()),
            "oneOf" => list(said).iter().filter(|one| self.check(one, it, at).is_ok()).count() == 1,
            "not" => self.check(said, it, at).is_err(),
            "if" => {
                let then = words.get("then").filter(|_| self.check(said, it, at).is_ok());
                return then.map_or(Ok(()), |then| self.check(then, it, at));
            }
            "then" => true,
            other => panic!("no word of the schema is unknown here: {other}"),
        };
        if holds { Ok(()) } else { Err(format!("{at}: `{word}` is not met")) }
    }

    fn is_match(&self, pattern: &str, text: &str) -> bool {
        let of = (pattern.to_owned(), text.to_owned());
        let is_match = || self.patterns[pattern].is_match(text);
        *self.known.borrow_mut().entry(of).or_insert_with(is_match)
    }

    fn items(&self, schema: &Value, it: &Value, at: &str) -> Result<(), String> {
        let mut items = it.as_array().into_iter().flatten().enumerate();
        items.try_for_each(|(index, item)| self.check(schema, item, &format!("{at}[{index}]")))
    }

    fn keys(
        &self,
        (word, said): (&str, &Value),
        words: &Map<String, Value>,
        it: &Value,
        at: &str,
    ) -> Result<(), String> {
        let known = words.get("properties").and_then(Value::as_object);
        let mut keys = it.as_object().into_iter().flatten();
        keys.try_for_each(|(key, value)| {
            let own = known.and_then(|it| it.get(key));
            let at = format!("{at}.{key}");
            match (word, own) {
                ("properties", Some(schema)) => self.check(schema, value, &at),
                ("additionalProperties", None) => self.check(said, value, &at),
                _ => Ok(()),
            }
        })
    }

    fn target(&self, reference: &Value) -> &Value {
        let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
        self.root.pointer(pointer).unwrap()
    }
}

fn collect(schema: &Value, patterns: &mut BTreeMap<String, Regex>) {
    match schema {
        Value::Object(words) => {
            if let Some(pattern) = words.get("pattern").and_then(Value::as_str) {
                // those of counts have long repetitions
                let mut builder = RegexBuilder::new(pattern);
                let compiled = builder.size_limit(1 << 28).build().unwrap();
                patterns.insert(pattern.to_owned(), compiled);
            }
            words.values().for_each(|it| collect(it, patterns));
        }
        Value::Array(items) => items.iter().for_each(|it| collect(it, patterns)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A list, or one thing that stands for a list of one.
fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

fn same(one: &Value, other: &Value) -> bool {
    one == other || one.is_number() && one.as_f64() == other.as_f64()
}

fn is_of_type(it: &Value, name: &str) -> bool {
    match name {
        "null" => it.is_null(),
        "boolean" => it.is_boolean(),
        "string" => it.is_string(),
        "array" => it.is_array(),
        "object" => it.is_object(),
        "number" => it.is_number(),
        // a number without a fraction, however it is written
        "integer" => it.as_f64().is_some_and(|it| it.fract().abs() <= 0.0),
        other => panic!("there is no type {other}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_word_means_what_the_specification_says() {
        let check = |schema: Value, valid: &[Value], invalid: &[Value]| {
            let schema = Schema::new(schema);
            for it in valid {
                assert_eq!(schema.validate(it), Ok(()), "{} {it}", schema.root);
            }
            for it in invalid {
                assert!(schema.validate(it).is_err(), "{} {it}", schema.root);
            }
        };
        check(json!({"type": "integer"}), &[json!(3), json!(3.0)], &[json!(3.5), json!("3")]);
        check(json!({"type": ["string", "null"]}), &[json!("a"), json!(null)], &[json!(1)]);
        check(json!({"minimum": 1, "maximum": 2}), &[json!(1), json!("9")], &[json!(0), json!(3)]);
        check(json!({"pattern": "^a+$"}), &[json!("aa"), json!(5)], &[json!("ab")]);
        let object = json!({
            "properties": {"a": {"const": 1}}, "required": ["a"], "additionalProperties": false
        });
        check(
            object,
            &[json!({"a": 1}), json!(5)],
            &[json!({}), json!({"a": 2}), json!({"a": 1, "b": 1})],
        );
        check(
            json!({"additionalProperties": {"type": "null"}}),
            &[json!({"x": null})],
            &[json!({"x": 1})],
        );
        let one = json!({"oneOf": [{"minimum": 1}, {"maximum": 2}]});
        check(one, &[json!(0), json!(3)], &[json!(1.5)]);
        check(json!({"anyOf": [{"type": "null"}, {"const": 1}]}), &[json!(1)], &[json!(2)]);
        check(
            json!({"items": {"type": "null"}, "minItems": 1, "maxItems": 2}),
            &[json!([null])],
            &[json!([]), json!([1]), json!([null, null, null])],
        );
        let reference = json!({"$ref": "#/$defs/a", "$defs": {"a": {"enum": ["x"]}}});
        check(reference, &[json!("x")], &[json!("y")]);
        let unless = json!({"if": {"not": {"required": ["e"]}}, "then": {"required": ["t"]}});
        check(unless, &[json!({"e": 1}), json!({"t": 1})], &[json!({})]);
        check(json!({"minLength": 1, "maxLength": 2}), &[json!("é")], &[json!(""), json!("abc")]);
    }
}
