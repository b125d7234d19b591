//! The tables of a tuning in plain text.

use serde_json::Value;

use super::told;
use crate::{
    experiment::tune::{ContestantFound, Figure, Standing, Tuning},
    report::{
        ranking::aligned,
        words::{cut, cut_apart, harmless},
    },
    scenario::to_yaml_line,
    units::text::{NONE, Unit, of_file},
};

const NAME_COLUMNS: usize = 22;
const VALUE_COLUMNS: usize = 34;

/// What changes, then the contestants on fresh seeds, then other circumstances.
pub fn table(tuning: &Tuning) -> String {
    let mut text = String::new();
    if !tuning.changes.is_empty() {
        text.push_str("What changes\n");
        text.push_str(&changes(tuning));
        text.push('\n');
    }
    text.push_str("On fresh seeds, the same for all; `>` is before the recommended settings\n");
    text.push_str(&contestants(tuning));
    if !tuning.robustness.is_empty() {
        text.push_str("\nUnder other circumstances\n");
        text.push_str(&robustness(tuning));
    }
    text
}

/// A value as the scenario has it, on one line, its quantities as people read them: the exact ones are
/// in the file that is written.
pub(super) fn value(it: &Value) -> String {
    if it.is_null() { NONE.to_owned() } else { harmless(&to_yaml_line(&told_value(it))) }
}

fn told_value(it: &Value) -> Value {
    match it {
        Value::String(text) => of_file(text).into(),
        Value::Array(items) => items.iter().map(told_value).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, it)| (name.clone(), told_value(it))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => it.clone(),
    }
}

fn changes(tuning: &Tuning) -> String {
    let mut text = String::new();
    for change in &tuning.changes {
        let (now, then) = (value(&change.now), value(&change.recommended));
        if now.chars().count().max(then.chars().count()) <= VALUE_COLUMNS {
            text.extend([format!("  {}: {now} -> {then}\n", harmless(&change.path))]);
        } else {
            text.extend([format!("  {}:\n", harmless(&change.path))]);
            text.push_str(&crate::report::hanging("    - ", 6, &now));
            text.push_str(&crate::report::hanging("    + ", 6, &then));
        }
    }
    text
}

pub(super) const fn standing(it: Standing) -> &'static str {
    match it {
        Standing::Certified => "certified",
        Standing::Open => "not certified",
        Standing::Broken => "broken",
    }
}

/// Cells of a row, the name aside.
pub(super) fn cells(tuning: &Tuning, it: &ContestantFound) -> Vec<String> {
    let cell = |unit: &str, it: &Option<Figure>| {
        it.as_ref().map_or_else(|| NONE.to_owned(), |it| told(unit, tuning, it))
    };
    let objective = cell(&tuning.objective.unit, &it.objective);
    let searched = it.searched.filter(|_| it.candidate.is_some());
    let unit = Unit::named(&tuning.objective.unit, &tuning.currency);
    vec![
        objective,
        searched.map_or_else(String::new, |it| unit.value(it)),
        cell("count", &it.users_hurt),
        cell("ratio", &it.false_rollback),
        cell("ratio", &it.escaped),
        cell("seconds", &it.rollout_time),
        standing(it.standing).to_owned(),
    ]
}

pub(super) fn heads(tuning: &Tuning) -> [String; 7] {
    heads_with(&tuning.objective.name)
}

fn heads_with(objective: &str) -> [String; 7] {
    let objective = objective.trim_end_matches("_mean").replace('_', " ");
    let others =
        ["in search", "users hurt", "false\nrollbacks", "escaped", "completed\nin", "constraints"];
    let [search, hurt, back, escaped, completed, constraints] = others.map(str::to_owned);
    // what is minimised may be one of those that are shown in any case
    let shown = others
        .iter()
        .any(|it| it.replace('\n', " ").trim_end_matches('s') == objective.trim_end_matches('s'));
    let objective = if shown { format!("{objective}\n(objective)") } else { objective };
    [objective, search, hurt, back, escaped, completed, constraints]
}

fn contestants(tuning: &Tuning) -> String {
    let mut rows = vec![std::iter::once(String::new()).chain(heads(tuning)).collect::<Vec<_>>()];
    let names = tuning.contestants.iter().map(|it| it.name.as_str());
    let names = cut_apart(names, NAME_COLUMNS - 2);
    for (index, (it, name)) in tuning.contestants.iter().zip(names).enumerate() {
        let sign = if index == tuning.verdict.recommended { "> " } else { "  " };
        rows.push(std::iter::once(format!("{sign}{name}")).chain(cells(tuning, it)).collect());
    }
    aligned(&rows)
}

fn robustness(tuning: &Tuning) -> String {
    let several = tuning.robustness.iter().any(|it| it.settings.len() > 1);
    let head = ["", "recommended", "false\nrollbacks", "present", "false\nrollbacks"];
    let head = if several { &head[..] } else { &["", "present", "false\nrollbacks"] };
    let mut rows = vec![head.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>()];
    for it in &tuning.robustness {
        let mut row = vec![cut(&it.name, 32)];
        for under in &it.settings {
            let cell = |unit: &str, it: &Option<Figure>| {
                it.as_ref().map_or_else(|| NONE.to_owned(), |it| told(unit, tuning, it))
            };
            row.push(cell(&tuning.objective.unit, &under.objective));
            row.push(cell("ratio", &under.false_rollback));
        }
        rows.push(row);
    }
    aligned(&rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_columns_have_the_same_head() {
        for (objective, head) in [
            ("users_hurt_mean", "users hurt\n(objective)"),
            ("false_rollback", "false rollback\n(objective)"),
            ("escaped", "escaped\n(objective)"),
            ("users_hurt_p95", "users hurt p95"),
            ("cost_mean", "cost"),
        ] {
            let heads = heads_with(objective);
            assert_eq!(heads[0], head);
            assert!(!heads[1..].contains(&heads[0]));
        }
    }
}
