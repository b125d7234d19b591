//! What is in a release, in words.

use serde_json::Value;

use crate::{fault::FaultSpec, scenario::ReleaseSpec, units::text};

/// What is wrong with a release, and what it migrates: the words of the scenario file, told in a line.
pub(super) fn about(release: &ReleaseSpec) -> String {
    let mut parts: Vec<String> = release.defects.iter().map(defect).collect();
    let migration = release.migration.iter().map(|it| phrase("migration", &value(it)));
    parts.extend(migration);
    if parts.is_empty() { "no defect".to_owned() } else { parts.join("; ") }
}

fn defect(fault: &FaultSpec) -> String {
    let mut said = choice(&value(&fault.effect));
    if let Some(severity) = &fault.severity {
        said = format!("{said} at {} of its strength", choice(&value(severity)));
    }
    let when = value(&fault.when);
    if when != "start" {
        said = format!("{said}, {}", choice(&when));
    }
    match &fault.name {
        Some(name) => format!("{name}: {said}"),
        None => said,
    }
}

fn value(it: &impl serde::Serialize) -> Value {
    serde_json::to_value(it).unwrap_or_default()
}

/// One of several choices with what belongs to it: `errors (rate 100 %)`.
fn choice(value: &Value) -> String {
    match value.as_object().and_then(|it| it.iter().next()) {
        Some((name, inner)) => phrase(name, inner),
        None => value_in_words(value),
    }
}

/// A name with its settings.
fn phrase(name: &str, value: &Value) -> String {
    let name = name.replace('_', " ");
    match value {
        Value::Object(settings) if is_range(settings) => {
            let [from, to] = ["from", "to"].map(|it| value_in_words(&settings[it]));
            let word = if name.ends_with("between") { "and" } else { "to" };
            format!("{name} {from} {word} {to}")
        }
        Value::Object(settings) => {
            let given = settings.iter().filter(|(_, it)| !is_nothing(it));
            let told: Vec<String> = given.map(|(key, it)| phrase(key, it)).collect();
            if told.is_empty() { name } else { format!("{name} ({})", told.join(", ")) }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            format!("{name} {}", value_in_words(value))
        }
    }
}

/// Two ends and nothing else.
fn is_range(settings: &serde_json::Map<String, Value>) -> bool {
    settings.len() == 2 && settings.contains_key("from") && settings.contains_key("to")
}

/// Settings that say that there is nothing of something.
fn is_nothing(value: &Value) -> bool {
    let none = ["0%", "0s", "0B", ""];
    value.is_null() || value == false || value.as_str().is_some_and(|it| none.contains(&it))
}

fn value_in_words(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), |it| text::of_file(it).replace('_', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(release: &str) -> String {
        about(&serde_json::from_str(release).unwrap())
    }

    #[test]
    fn a_release_is_told_in_the_words_of_its_file() {
        let drawn = r#"{"defects": [{"effect": {"errors": {"rate": "100%"}},
            "severity": {"log_uniform": {"from": "5%", "to": "100%"}},
            "when": {"age_between": {"from": "1s", "to": "12h"}}}]}"#;
        assert_eq!(
            told(drawn),
            "errors (rate 100 %) at log uniform 5 % to 100 % of its strength, \
             age between 1 s and 12 h"
        );
        let leak = r#"{"defects": [{"name": "cache", "effect": {"leak": {"per_hour": "2GiB"}}}]}"#;
        assert_eq!(told(leak), "cache: leak (per hour 2 GiB)");
        assert_eq!(told("{}"), "no defect");
    }
}
