//! Things of one list that have the same name: timelines, tables and charts know them by nothing else.

use serde::Deserialize as _;
use serde_json::Value;

use crate::{
    fault::FaultSpec,
    scenario::{Plan, Problem, path::below, quoted},
};

/// A list whose entries are nothing but names.
const OF_NAMES: &str = "fleet.zones";

pub(super) fn lints(plan: &Plan) -> Vec<Problem> {
    let scenario = serde_json::to_value(&plan.scenario).unwrap_or_default();
    let mut lints = Vec::new();
    let Value::Object(parts) = &scenario else { return lints };
    // alternatives of a tuning may be called the same: one of them holds
    for (key, part) in parts.iter().filter(|it| it.0 != "tune") {
        walk(key, part, &mut lints);
    }
    lints
}

fn walk(path: &str, value: &Value, lints: &mut Vec<Problem>) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, inner)| walk(&below(path, key), inner, lints));
        }
        Value::Array(items) => {
            lints.extend(alike(path, items));
            for (index, item) in items.iter().enumerate() {
                walk(&format!("{path}[{index}]"), item, lints);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What an entry of a list is called.
struct Called {
    name: String,
    /// Where that is written, within the entry; none where it is called so by default.
    key: Option<&'static str>,
}

/// Every entry that is called as one before it.
fn alike(list: &str, items: &[Value]) -> Vec<Problem> {
    let named: Vec<Option<Called>> = items.iter().map(|it| called(list, it)).collect();
    let again = |(index, it): (usize, &Option<Called>)| {
        let Called { name, key } = it.as_ref()?;
        let before = named[..index].iter().flatten().any(|it| it.name == *name);
        before.then(|| problem(list, index, name, *key))
    };
    named.iter().enumerate().filter_map(again).collect()
}

fn called(list: &str, item: &Value) -> Option<Called> {
    if let Value::String(name) = item {
        return (list == OF_NAMES).then(|| Called { name: name.clone(), key: Some("") });
    }
    if let Some(name) = item.get("name").and_then(Value::as_str) {
        return Some(Called { name: name.to_owned(), key: Some(".name") });
    }
    let fault = FaultSpec::deserialize(item).ok()?;
    Some(Called { name: fault.shown_name().to_owned(), key: None })
}

fn problem(list: &str, index: usize, name: &str, key: Option<&str>) -> Problem {
    let of = list.rsplit('.').next().unwrap_or(list);
    let by_default = if key.is_none() { " by default" } else { "" };
    let message = format!(
        "this is called {}{by_default}, as another of the `{of}` is: the output cannot tell the two apart",
        quoted(name)
    );
    let hint = match key {
        None => "give it a `name` of its own",
        Some(_) => "a name of its own",
    };
    let key = key.unwrap_or_default();
    Problem::warning(message).path(format!("{list}[{index}]{key}")).hint(hint)
}
