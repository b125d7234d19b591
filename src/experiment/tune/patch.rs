//! What a recommendation changes: as a list, and as a scenario file that extends the tuned one.

use serde_json::{Map, Value};

use super::tuning::Change;
use crate::scenario::{FORMAT, push_key, to_yaml};

/// What must be laid over `before` so that it becomes `after`: mappings key by key, anything else as a
/// whole, as `extends` does. None where nothing differs.
pub(super) fn overlay(before: &Value, after: &Value) -> Option<Value> {
    if before == after {
        return None;
    }
    let (Value::Object(old), Value::Object(new)) = (before, after) else {
        return Some(after.clone());
    };
    // a choice that is made differently replaces the old one with all its settings
    if old.len() == 1 && new.len() == 1 && old.keys().ne(new.keys()) {
        return Some(after.clone());
    }
    let mut changes = Map::new();
    for (key, value) in new {
        match old.get(key) {
            Some(before) => {
                changes.extend(overlay(before, value).map(|it| (key.clone(), it)));
            }
            None => {
                changes.insert(key.clone(), value.clone());
            }
        }
    }
    for key in old.keys().filter(|it| !new.contains_key(*it)) {
        changes.insert(key.clone(), Value::Null);
    }
    Some(Value::Object(changes))
}

/// The same as a list of places, each with what is there now and what is recommended.
pub(super) fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    if let Some(overlay) = overlay(before, after) {
        walk("", (before, after, &overlay), &mut found);
    }
    found
}

fn walk(path: &str, (before, after, overlay): (&Value, &Value, &Value), found: &mut Vec<Change>) {
    let inner = match (before, after, overlay) {
        (Value::Object(before), Value::Object(after), Value::Object(overlay))
            if before.len() != 1 || before.keys().eq(after.keys()) =>
        {
            Some((before, after, overlay))
        }
        _ => None,
    };
    let Some((before, after, overlay)) = inner else {
        found.push(Change {
            path: path.to_owned(),
            now: before.clone(),
            recommended: after.clone(),
        });
        return;
    };
    for (key, laid) in overlay {
        let mut path = path.to_owned();
        push_key(&mut path, key);
        let of = |map: &Map<String, Value>| map.get(key).cloned().unwrap_or(Value::Null);
        walk(&path, (&of(before), &of(after), laid), found);
    }
}

/// The overlay as a file beside the one that it extends.
pub(super) fn file(overlay: &Value, name: &str, about: &[String]) -> String {
    let mut text = String::new();
    for line in about {
        text.extend(["# ", line, "\n"]);
    }
    let mut whole = Map::new();
    whole.insert("format".to_owned(), FORMAT.into());
    whole.insert("extends".to_owned(), name.into());
    if let Value::Object(changes) = overlay {
        whole.extend(changes.clone());
    }
    text + &to_yaml(&Value::Object(whole))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_differs_is_laid_over_and_lists_as_a_whole() {
        let before =
            json!({"a": {"steps": [1, 2], "by": "requests"}, "b": 1, "j": {"threshold": {"x": 1}}});
        let after =
            json!({"a": {"steps": [1, 3], "by": "requests"}, "b": 1, "j": {"e_process": {"y": 2}}});
        let laid = overlay(&before, &after).unwrap();
        assert_eq!(laid, json!({"a": {"steps": [1, 3]}, "j": {"e_process": {"y": 2}}}));
        let paths: Vec<String> = changes(&before, &after).into_iter().map(|it| it.path).collect();
        assert_eq!(paths, ["a.steps", "j"]);
        assert_eq!(overlay(&before, &before), None);
        let text = file(&laid, "bot.yaml", &["found".to_owned()]);
        assert!(text.starts_with("# found\nformat: 2\nextends: bot.yaml\na:\n"), "{text}");
    }
}
