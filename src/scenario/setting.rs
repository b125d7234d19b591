//! A setting of a command line, `PATH=VALUE`: a path of the language, and a value as a file has it.

use serde_json::Value;

use super::{
    Location, Problem,
    build::{self, Budget},
    load::located,
    path::{self, Step},
    scalar::{self, Plain},
};

/// Reads `traffic.rate=5/s`. What is not right in it is a problem with its column.
pub fn setting(text: &str) -> Result<(String, Value), Box<Problem>> {
    let at = |chars: usize| Location { file: 0, line: 1, column: chars + 1, length: 1 };
    let (_, rest) = path::read(text).map_err(|it| Box::new(it.problem(text).at(at(it.at))))?;
    let path = &text[..text.len() - rest.len()];
    let Some(said) = rest.strip_prefix('=') else {
        let problem = Problem::error("a `=` and a value are missing");
        return Err(Box::new(problem.at(at(text.chars().count())).allowed(ALLOWED)));
    };
    let before = start_of(text, said);
    let value = value(said).map_err(|mut problem| {
        if let Some(location) = &mut problem.location {
            let first = if location.line <= 1 { location.column.max(1) - 1 } else { 0 };
            *location = at(before + first);
        }
        problem
    })?;
    Ok((path.to_owned(), value))
}

/// Characters of a setting before its value.
fn start_of(text: &str, said: &str) -> usize {
    let value = said.trim_start();
    text[..text.len() - value.len()].chars().count()
}

/// Where in the text of a setting that `setting` reads the steps lead below its own path: all of it where the
/// value has no parts.
pub(super) fn place_in(text: &str, below: &[Step], file: usize) -> Location {
    let whole = Location { file, line: 1, column: 1, length: text.chars().count() };
    let said = path::read(text).ok().and_then(|(_, rest)| rest.strip_prefix('='));
    let Some(said) = said.filter(|_| !below.is_empty()) else { return whole };
    let node = build::parse(said.trim(), file, &mut Budget::default(), &mut Vec::new());
    let inner = node.map(|it| located(&it, below, Location { line: 0, ..whole }));
    match inner.filter(|it| it.line == 1) {
        Some(it) => Location { column: start_of(text, said) + it.column, ..it },
        None => whole,
    }
}

const ALLOWED: &str = "`PATH=VALUE`, such as `traffic.rate=5/s`";

/// What a file would say by the text behind a key, except that a text needs no quotes.
fn value(text: &str) -> Result<Value, Box<Problem>> {
    let text = text.trim();
    if text.starts_with(['{', '[', '"', '\'']) {
        let mut problems = Vec::new();
        let node = build::parse(text, 0, &mut Budget::default(), &mut problems);
        return match (problems.into_iter().next(), node) {
            (Some(problem), _) => Err(Box::new(problem)),
            (None, node) => Ok(node.map_or(Value::Null, |it| it.to_json())),
        };
    }
    match scalar::resolve(text) {
        Plain::Null => Ok(Value::Null),
        Plain::Bool(value) => Ok(value.into()),
        Plain::Number(number) => Ok(number.into()),
        Plain::Text => Ok(text.into()),
        Plain::NotFinite => {
            let problem = Problem::error(format!("{} is not a finite number", path::shown(text)));
            Err(Box::new(problem.at(Location { file: 0, line: 1, column: 1, length: 1 })))
        }
    }
}

/// The setting that `setting` reads as these.
pub fn set_text(path: &str, wanted: &Value) -> String {
    let plain = wanted.as_str().filter(|it| value(it).is_ok_and(|read| read == *wanted));
    format!("{path}={}", plain.map_or_else(|| wanted.to_string(), str::to_owned))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_setting_says_what_a_file_would_say() {
        let cases = [
            ("traffic.rate=5/s", "traffic.rate", json!("5/s")),
            ("fleet.liveness=null", "fleet.liveness", json!(null)),
            ("fleet.liveness=~", "fleet.liveness", json!(null)),
            ("fleet.liveness=", "fleet.liveness", json!(null)),
            ("fleet.instances= 12 ", "fleet.instances", json!(12)),
            ("fleet.instances=0x10", "fleet.instances", json!(16)),
            ("quiet=true", "quiet", json!(true)),
            ("title=\"5\"", "title", json!("5")),
            ("title=a: b # c", "title", json!("a: b # c")),
            (
                "strategy={canary: {steps: [{weight: 5%}]}}",
                "strategy",
                json!({"canary": {"steps": [{"weight": "5%"}]}}),
            ),
            ("a={\"b\":[1,{\"c\":\"d\"}]}", "a", json!({"b": [1, {"c": "d"}]})),
            ("strategies[\"a=b\"].x[*]=>= 3", "strategies[\"a=b\"].x[*]", json!(">= 3")),
        ];
        for (text, path, value) in cases {
            assert_eq!(setting(text), Ok((path.to_owned(), value)), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_at_its_column() {
        let column = |text: &str| setting(text).unwrap_err().location.unwrap().column;
        for (text, expected) in [
            ("fleet.instances[=4", 17),
            ("fleet..queue=4", 7),
            ("fleet.instances", 16),
            ("=4", 1),
            ("", 1),
            ("a=.inf", 3),
            ("a={b: 1, b: 2}", 10),
            ("a=  {b: 1, b: 2}", 12),
        ] {
            assert_eq!(column(text), expected, "{text}");
        }
        let problem = setting("fleet.instances[=4").unwrap_err();
        assert!(problem.message.contains("is not a path: after `[` comes"), "{problem:?}");
    }

    proptest! {
        #[test]
        fn what_is_told_is_read_back(text in "\\PC{0,12}|null|~|[-+.0-9e{}\\[\\]'\" :#]{0,8}") {
            for value in [json!(text), json!({ text.clone(): [text, 1.5, null, true] })] {
                let told = set_text("a.b", &value);
                prop_assert_eq!(setting(&told), Ok(("a.b".to_owned(), value)), "{}", told);
            }
        }
    }
}
