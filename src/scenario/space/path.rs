//! Places in a scenario that is written out: what a path such as `analysis.gates[*].failure_limit`
//! leads to.

use serde_json::{Map, Value};

enum Step<'p> {
    Key(&'p str),
    Index(usize),
    All,
}

/// None where it is no path.
fn steps(path: &str) -> Option<Vec<Step<'_>>> {
    let mut steps = Vec::new();
    for part in path.split('.') {
        let (key, mut rest) = part.find('[').map_or((part, ""), |at| part.split_at(at));
        if key.is_empty() {
            return None;
        }
        steps.push(Step::Key(key));
        while !rest.is_empty() {
            let (inner, after) = rest.strip_prefix('[')?.split_once(']')?;
            steps.push(if inner == "*" { Step::All } else { Step::Index(inner.parse().ok()?) });
            rest = after;
        }
    }
    Some(steps)
}

/// Every value that the path leads to; none where it leads nowhere. A last key that a section leaves
/// out is there as nothing: a setting without a value. A mapping with a single key is taken for a
/// choice, which has no other.
pub fn places<'v>(root: &'v mut Value, path: &str) -> Vec<&'v mut Value> {
    let Some(steps) = steps(path) else { return Vec::new() };
    let last = steps.len() - 1;
    let mut reached = vec![root];
    for (index, step) in steps.iter().enumerate() {
        let mut next = Vec::new();
        for value in reached {
            match (step, value) {
                (Step::Key(key), Value::Object(map)) => {
                    next.extend(at_key(map, key, index == last));
                }
                (Step::Index(at), Value::Array(items)) => next.extend(items.get_mut(*at)),
                (Step::All, Value::Array(items)) => next.extend(items.iter_mut()),
                (Step::Key(_) | Step::Index(_) | Step::All, _) => {}
            }
        }
        reached = next;
    }
    reached
}

fn at_key<'v>(map: &'v mut Map<String, Value>, key: &str, last: bool) -> Option<&'v mut Value> {
    if last && map.len() > 1 && !map.contains_key(key) {
        map.insert(key.to_owned(), Value::Null);
    }
    map.get_mut(key)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_to_one_place_or_to_every_entry_of_a_list() {
        let mut root = json!({"a": {"gates": [{"n": 1, "m": 2}, {"n": 3, "m": 4}]}, "b": 5});
        let mut at = |path: &str| -> Vec<Value> {
            places(&mut root, path).into_iter().map(|it| it.clone()).collect()
        };
        assert_eq!(at("a.gates[1].n"), [json!(3)]);
        assert_eq!(at("a.gates[*].m"), [json!(2), json!(4)]);
        assert_eq!(at("a.gates[0].count"), [Value::Null]);
        for nowhere in ["a.gates[2].n", "c.d", "a.other", "", "a..b", "a[", "b[0]"] {
            assert!(at(nowhere).is_empty(), "{nowhere}");
        }
    }
}
