//! Writes a value as YAML that reads back as the same value, with quotes only where they are needed.

use serde_json::Value;

use super::scalar::{self, Plain};

/// Widest list that is written on one line, in characters.
const LINE_CHARS_MAX: usize = 80;

/// The value as a YAML document, keys in their order, two spaces a level.
pub fn to_yaml(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(entries) if !entries.is_empty() => write_entries(entries, 0, &mut out),
        Value::Array(items) if !items.is_empty() => write_items(items, 0, &mut out),
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => {
            out.push_str(&to_yaml_line(value));
            out.push('\n');
        }
    }
    out
}

fn write_entries(entries: &serde_json::Map<String, Value>, level: usize, out: &mut String) {
    for (index, (key, value)) in entries.iter().enumerate() {
        // the first key of a list's entry stands behind the dash
        if index > 0 || !out.ends_with("- ") {
            indent(level, out);
        }
        out.push_str(&text(key));
        out.push(':');
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                out.push('\n');
                write_entries(inner, level + 1, out);
            }
            Value::Array(items) if !fits_line(items) => {
                out.push('\n');
                write_items(items, level + 1, out);
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => {
                out.push(' ');
                out.push_str(&to_yaml_line(value));
                out.push('\n');
            }
        }
    }
}

fn write_items(items: &[Value], level: usize, out: &mut String) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 || !out.ends_with("- ") {
            indent(level, out);
        }
        out.push_str("- ");
        match item {
            Value::Object(entries) if !entries.is_empty() => write_entries(entries, level + 1, out),
            Value::Array(inner) if !fits_line(inner) => write_items(inner, level + 1, out),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => {
                out.push_str(&to_yaml_line(item));
                out.push('\n');
            }
        }
    }
}

fn indent(level: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("  ", level));
}

fn fits_line(items: &[Value]) -> bool {
    let single = |item: &Value| !matches!(item, Value::Object(_) | Value::Array(_));
    let width: usize = items.iter().map(|item| to_yaml_line(item).chars().count() + 2).sum();
    items.iter().all(single) && width <= LINE_CHARS_MAX
}

/// The value as YAML on one line.
pub fn to_yaml_line(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(content) => text(content),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(to_yaml_line).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Object(entries) => {
            let entry =
                |(key, value): (&String, &Value)| format!("{}: {}", text(key), to_yaml_line(value));
            let entries: Vec<String> = entries.iter().map(entry).collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

fn text(content: &str) -> String {
    if is_plain(content) { content.to_owned() } else { in_quotes(content) }
}

/// Whether a text means itself without quotes, here and for readers of older YAML.
fn is_plain(content: &str) -> bool {
    let ordinary = |c: char| c.is_ascii_alphanumeric() || "_./%+-×".contains(c);
    let starts = |c: char| c.is_ascii_alphanumeric() || "_./".contains(c);
    let mut words = content.split(' ');
    let plain = content.starts_with(starts)
        && words.all(|word| !word.is_empty() && word.chars().all(ordinary));
    let word = content.to_ascii_lowercase();
    let special = matches!(
        word.as_str(),
        "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n"
    );
    plain && !special && scalar::resolve(content) == Plain::Text
}

fn in_quotes(content: &str) -> String {
    let mut out = String::from("\"");
    for c in content.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            ' '..='~'
            | '\u{a1}'..='\u{1fff}'
            | '\u{2070}'..='\u{d7ff}'
            | '\u{10000}'..='\u{1ffff}' => {
                out.push(c);
            }
            other => out.extend(["\\U", &format!("{:08X}", u32::from(other))]),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_written_with_as_few_quotes_as_they_need() {
        let value = json!({
            "name": "rolling five",
            "version": "1.30",
            "release": "1.3.0",
            "answer": "yes",
            "note": "a: b # c",
            "empty": {},
            "none": null,
            "steps": ["1%", "10%"],
            "nested": [{"at": "20m", "scope": {"share": "10%"}}, [{"a": 1}, 2.0]],
        });
        let expected = "\
name: rolling five
version: \"1.30\"
release: 1.3.0
answer: \"yes\"
note: \"a: b # c\"
empty: {}
none: null
steps: [1%, 10%]
nested:
  - at: 20m
    scope:
      share: 10%
  - - a: 1
    - 2.0
";
        assert_eq!(to_yaml(&value), expected);
    }
}
