//! What a path leads to in a scenario that is written out with its defaults.

use serde_json::{Map, Value};

use super::{
    Form, Problem, Schemas,
    extend::INSTEAD,
    listed,
    path::{self, Step, push_index, push_key, shown},
    shape::meant,
    to_yaml_line,
};

/// A value that a path has led to so far.
struct Reached<'v, 's> {
    value: &'v mut Value,
    schema: Option<&'s Value>,
    path: String,
}

/// Why a path leads no further.
struct Nowhere {
    /// A clause: what is there instead.
    why: String,
    allowed: Option<String>,
    hint: Option<String>,
}

/// Every value that a path leads to, at least one. A last key that a section may have and does not have
/// is there as null. A path that is none, or that leads nowhere, is a problem.
pub(super) fn places<'v>(
    root: &'v mut Value,
    path: &str,
    schemas: &Schemas,
) -> Result<Vec<&'v mut Value>, Box<Problem>> {
    let steps = path::steps(path).map_err(|it| Box::new(it.problem(path).path(path)))?;
    match reached(root, &steps, schemas) {
        Ok(reached) => Ok(reached.into_iter().map(|it| it.value).collect()),
        Err(Nowhere { why, allowed, hint }) => {
            let mut problem = Problem::error(format!("{} leads nowhere: {why}", shown(path)));
            (problem.allowed, problem.hint) = (allowed, hint);
            Err(Box::new(problem.path(path)))
        }
    }
}

/// Every value that steps lead to, with its schema.
fn reached<'v, 's>(
    root: &'v mut Value,
    steps: &[Step],
    schemas: &'s Schemas,
) -> Result<Vec<Reached<'v, 's>>, Nowhere> {
    let start = Reached { value: root, schema: Some(schemas.root()), path: String::new() };
    let mut reached = vec![start];
    for (index, step) in steps.iter().enumerate() {
        let last = index + 1 == steps.len();
        let (mut next, mut nowhere) = (Vec::new(), None);
        for place in reached {
            // one entry of a list that has the place is enough: choices may differ along it
            match (Walk { schemas, last }).step(place, step) {
                Ok(more) => next.extend(more),
                Err(why) => nowhere = nowhere.or(Some(why)),
            }
        }
        match nowhere {
            Some(nowhere) if next.is_empty() => return Err(nowhere),
            _ => reached = next,
        }
    }
    Ok(reached)
}

/// Leaves out what the values that were set at these paths stand in place of, unless that was set as well.
pub(super) fn leave_out_replaced(root: &mut Value, values: &[(String, Value)], schemas: &Schemas) {
    let says = |it: &&(String, Value)| it.1 != Value::Null && it.1 != Value::Array(Vec::new());
    let said: Vec<Vec<Step>> =
        values.iter().filter(says).filter_map(|it| path::steps(&it.0).ok()).collect();
    for (one, other) in INSTEAD.into_iter().flat_map(|(one, other)| [(one, other), (other, one)]) {
        for section in said.iter().filter_map(|it| section_of(it, one)) {
            let says_other = |it: &Vec<Step>| section_of(it, other) == Some(section);
            if !said.iter().any(says_other) {
                leave_out(root, section, (one, other), schemas);
            }
        }
    }
}

/// The steps to the section that has this key, where a path goes by it.
fn section_of<'p>(steps: &'p [Step], key: &str) -> Option<&'p [Step]> {
    let at = steps.iter().rposition(|it| matches!(it, Step::Key(it) if it == key))?;
    Some(&steps[..at])
}

/// Leaves a key out of each section that knows both.
fn leave_out(root: &mut Value, section: &[Step], (one, other): (&str, &str), schemas: &Schemas) {
    for Reached { value, schema, .. } in reached(root, section, schemas).into_iter().flatten() {
        let form = schema.map_or(Form::Any, |it| schemas.form(it).form);
        let knows = |key| matches!(&form, Form::Section(it) if it.has(key));
        if let (true, Value::Object(map)) = (knows(one) && knows(other), value) {
            map.remove(other);
        }
    }
}

struct Walk<'s> {
    schemas: &'s Schemas,
    /// Whether it is the last step.
    last: bool,
}

type Further<'v, 's> = Result<Vec<Reached<'v, 's>>, Nowhere>;

impl<'s> Walk<'s> {
    fn step<'v>(&self, from: Reached<'v, 's>, step: &Step) -> Further<'v, 's> {
        let form = from.schema.map_or(Form::Any, |it| self.schemas.form(it).form);
        let path = from.path;
        let leads_on = match (&*from.value, step) {
            (Value::Object(_), Step::Key(_) | Step::Every) => true,
            (Value::Array(items), Step::Every) => !items.is_empty(),
            (Value::Array(items), Step::Index(index)) => *index < items.len(),
            _ => false,
        };
        if !leads_on {
            return Err(no_further(from.value, &path));
        }
        match (from.value, step) {
            (Value::Object(map), Step::Key(key)) => self.key((map, &form, path), key),
            (Value::Object(map), _) => every_name(map, &form, &path),
            (Value::Array(items), Step::Index(index)) => {
                Ok(vec![entry(&mut items[*index], &form, &path, *index)])
            }
            (Value::Array(items), _) => {
                let all = items.iter_mut().enumerate();
                Ok(all.map(|(index, item)| entry(item, &form, &path, index)).collect())
            }
            _ => Ok(Vec::new()),
        }
    }

    fn key<'v>(
        &self,
        (map, form, path): (&'v mut Map<String, Value>, &Form<'s>, String),
        key: &str,
    ) -> Further<'v, 's> {
        let schema = form.child(key);
        let new = matches!(form, Form::Section(section) if section.child(key).is_some());
        if !map.contains_key(key) {
            if !(new && self.last) {
                return Err(no_key(map, form, &path, key));
            }
            map.insert(key.to_owned(), Value::Null);
        }
        let path = path::below(&path, key);
        let value = map.get_mut(key);
        Ok(value.map(|value| Reached { value, schema, path }).into_iter().collect())
    }
}

/// Every entry of a mapping from names; a section with keys of its own has none.
fn every_name<'v, 's>(
    map: &'v mut Map<String, Value>,
    form: &Form<'s>,
    path: &str,
) -> Further<'v, 's> {
    let Some(schema) = form.behind_names() else {
        return Err(no_further(&Value::Object(map.clone()), path));
    };
    if map.is_empty() {
        let why = format!("{} has no entries here", at(path));
        return Err(Nowhere { why, allowed: None, hint: None });
    }
    let reached = |(key, value): (&String, &'v mut Value)| Reached {
        value,
        schema: Some(schema),
        path: path::below(path, key),
    };
    Ok(map.iter_mut().map(reached).collect())
}

fn entry<'v, 's>(
    value: &'v mut Value,
    form: &Form<'s>,
    path: &str,
    index: usize,
) -> Reached<'v, 's> {
    let mut path = path.to_owned();
    push_index(&mut path, index);
    Reached { value, schema: form.item(index), path }
}

/// A mapping without the key.
fn no_key(map: &Map<String, Value>, form: &Form<'_>, path: &str, key: &str) -> Nowhere {
    let there = map.keys().map(String::as_str);
    let may = form.names();
    let names: Vec<&str> = may.iter().copied().chain(there.clone()).collect();
    let hint = meant(key, path, &names).filter(|_| !names.contains(&key)).map(|it| it.hint);
    if matches!(form, Form::Choice(_)) {
        let chosen = there.clone().next().unwrap_or_default();
        let why = format!("{} is `{chosen}` here", at(path));
        return Nowhere { why, allowed: Some(leads_on(path, there)), hint };
    }
    if may.contains(&key) {
        let why = format!("{} has no {} here", at(path), shown(key));
        let hint = format!("set {} as a whole", shown(&path::below(path, key)));
        return Nowhere { why, allowed: None, hint: Some(hint) };
    }
    let why = format!("there is no {} in {}", shown(key), at(path));
    let allowed = if may.is_empty() { listed(there) } else { listed(may) };
    Nowhere { why, allowed: Some(allowed), hint }
}

/// Something that has no such entry, or none at all.
fn no_further(value: &Value, path: &str) -> Nowhere {
    let (why, allowed) = match value {
        Value::Array(items) if items.is_empty() => {
            (format!("{} is an empty list here", at(path)), None)
        }
        Value::Array(items) => {
            let last = items.len() - 1;
            let entries = match last {
                0 => "`[0]` or `[*]`".to_owned(),
                _ => format!("`[0]`, …, `[{last}]` or `[*]`"),
            };
            (format!("{} is a list of {}", at(path), items.len()), Some(entries))
        }
        Value::Object(map) => {
            let keys = leads_on(path, map.keys().map(String::as_str));
            (format!("{} has keys, not entries", at(path)), Some(keys))
        }
        Value::Null => (format!("{} is null here", at(path)), None),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            let value = shown(&to_yaml_line(value));
            (format!("{} is {value}, with nothing in it", at(path)), None)
        }
    };
    let whole = || format!("set {} as a whole", at(path));
    Nowhere { why, allowed, hint: value.is_null().then(whole) }
}

/// The paths that go on from one by these keys.
fn leads_on<'n>(path: &str, keys: impl Iterator<Item = &'n str>) -> String {
    const MOST: usize = 8;
    let paths: Vec<String> = keys
        .take(MOST)
        .map(|key| {
            let mut path = path.to_owned();
            push_key(&mut path, key);
            path
        })
        .collect();
    listed(paths.iter().map(String::as_str))
}

fn at(path: &str) -> String {
    if path.is_empty() { "the scenario".to_owned() } else { shown(path) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scenario::{FromFile, Scenario, load_text};

    const TEXT: &str = "
title: places
length: 1h
fleet: {memory: null}
operations: {ask: {share: 90%}, \"v1.2\": {share: 10%}}
analysis:
  gates:
    - {name: a, judge: {threshold: {metric: error_rate, fail_above: 5%}}}
    - {name: b, judge: {e_process: {}}}
strategy: {canary: {steps: [{weight: 5%}]}}
";

    fn root() -> Value {
        serde_json::to_value(load_text::<Scenario>("text", TEXT).unwrap().value).unwrap()
    }

    fn found(path: &str) -> Vec<Value> {
        let mut root = root();
        let found = places(&mut root, path, Scenario::schemas());
        found
            .unwrap_or_else(|it| panic!("{}", it.message))
            .into_iter()
            .map(|it| it.clone())
            .collect()
    }

    fn refused(path: &str) -> Problem {
        *places(&mut root(), path, Scenario::schemas()).unwrap_err()
    }

    #[test]
    fn a_path_leads_to_one_place_or_to_every_entry() {
        assert_eq!(found("analysis.gates[1].name"), [json!("b")]);
        assert_eq!(found("analysis.gates[*].name"), [json!("a"), json!("b")]);
        assert_eq!(found("operations[*].share"), [json!("90%"), json!("10%")]);
        assert_eq!(found("operations[\"v1.2\"].share"), [json!("10%")]);
        // choices differ along the list
        assert_eq!(found("analysis.gates[*].judge.threshold.fail_above"), [json!("5%")]);
        // a key that a section leaves out, and one of a mapping from names
        assert_eq!(found("analysis.gates[0].count"), [Value::Null]);
        assert_eq!(found("operations.buy"), [Value::Null]);
    }

    #[test]
    fn a_path_that_leads_nowhere_says_what_is_known_and_what_is_there() {
        let cases = [
            ("fleets.instances", "there is no `fleets` in the scenario"),
            ("fleet.instnces", "there is no `instnces` in `fleet`"),
            ("fleet.instances.x", "`fleet.instances` is `3`, with nothing in it"),
            ("fleet.memory.limit", "`fleet.memory` is null here"),
            ("fleet[*]", "`fleet` has keys, not entries"),
            ("strategy.rolling.max_surge", "`strategy` is `canary` here"),
            ("strategy.rolling", "`strategy` is `canary` here"),
            ("analysis.gates[2].name", "`analysis.gates` is a list of 2"),
            ("analysis.gates.name", "`analysis.gates` is a list of 2"),
            ("analysis.gates[1].judge.threshold", "`analysis.gates[1].judge` is `e_process` here"),
            ("operations.bye.share", "there is no `bye` in `operations`"),
            ("incidents[0].when", "`incidents` is an empty list here"),
            ("dependencies[*].errors", "`dependencies` has no entries here"),
            ("tune.objective", "the scenario has no `tune` here"),
        ];
        assert_eq!(refused("tune.objective").hint.unwrap(), "set `tune` as a whole");
        for (path, why) in cases {
            let problem = refused(path);
            assert_eq!(problem.message, format!("`{path}` leads nowhere: {why}"));
            assert_eq!(problem.path, path);
        }
        assert_eq!(refused("fleets.x").hint.unwrap(), "did you mean `fleet`?");
        assert_eq!(refused("strategy.rolling").allowed.unwrap(), "`strategy.canary`");
        assert_eq!(refused("analysis.gates[2].name").allowed.unwrap(), "`[0]`, …, `[1]` or `[*]`");
        assert_eq!(refused("fleet.memory.limit").hint.unwrap(), "set `fleet.memory` as a whole");
    }

    #[test]
    fn a_text_that_is_no_path_leads_nowhere_either() {
        let problem = refused("fleet.instances[");
        assert!(problem.message.starts_with("`fleet.instances[` is not a path"), "{problem:?}");
    }
}
