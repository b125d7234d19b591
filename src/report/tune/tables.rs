//! The tables of a tuning.

use serde_json::Value;

use crate::{
    experiment::{
        Figure,
        tune::{ContestantFound, Standing, Tuning},
    },
    report::table::{Cell, Head, Row, Table},
    scenario::to_yaml_line,
    units::text::{NONE, Unit, of_file, share},
};

/// What changes.
pub(super) fn changes(tuning: &Tuning) -> Table {
    let heads = ["setting", "now", "recommended"].map(Head::words).to_vec();
    let mut table = Table::new("What changes", heads);
    for it in &tuning.changes {
        table.row([it.path.clone(), value(&it.now), value(&it.recommended)].map(Cell::from));
    }
    table
}

/// A value as the scenario has it, on one line, its quantities as people read them: the exact ones are
/// in the file that is written.
pub(super) fn value(it: &Value) -> String {
    if it.is_null() { NONE.to_owned() } else { to_yaml_line(&told_value(it)) }
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

const fn standing(it: Standing) -> &'static str {
    match it {
        Standing::Certified => "certified",
        Standing::Open => "not certified",
        Standing::Broken => "broken",
    }
}

/// The contestants on fresh seeds.
pub(super) fn contestants(tuning: &Tuning) -> Table {
    let heads = heads(&tuning.objective.name);
    let heads = heads.iter().map(|it| Head::figure(it));
    let heads = std::iter::once(Head::name("contestant")).chain(heads);
    let heads = heads.chain([Head::words("constraints")]).collect();
    let title = "On fresh seeds, the same for all; the recommended settings are marked";
    let mut table = Table::new(title, heads);
    let cell = |unit: &str, it: Option<Figure>| cell(tuning, unit, it.as_ref());
    for (index, it) in tuning.contestants.iter().enumerate() {
        let searched = it.searched.filter(|_| it.candidate.is_some());
        let unit = Unit::named(&tuning.objective.unit, &tuning.currency);
        let cells = vec![
            it.name.as_str().into(),
            cell(&tuning.objective.unit, it.objective),
            searched.map_or_else(String::new, |it| unit.value(it)).into(),
            cell("count", it.users_hurt),
            cell("ratio", it.false_rollback),
            cell("ratio", it.escaped),
            cell("seconds", it.rollout_time),
            standing(it.standing).into(),
        ];
        let is_best = index == tuning.verdict.recommended;
        table.rows.push(if is_best { Row::Best(cells) } else { Row::Cells(cells) });
    }
    let about = |it: &ContestantFound| Some(format!("{}: {}.", it.name, it.about.clone()?));
    table.notes = tuning.contestants.iter().filter_map(about).collect();
    table
}

fn cell(tuning: &Tuning, unit: &str, it: Option<&Figure>) -> Cell {
    let unit = Unit::named(unit, &tuning.currency);
    it.map_or_else(|| NONE.into(), |it| Cell::of(unit, it))
}

fn heads(objective: &str) -> [String; 6] {
    let objective = objective.trim_end_matches("_mean").replace('_', " ");
    let others = ["in search", "users hurt", "false rollbacks", "escaped", "completed in"];
    let [search, hurt, back, escaped, completed] = others.map(str::to_owned);
    // what is minimised may be one of those that are shown in any case
    let shown = others.iter().any(|it| it.trim_end_matches('s') == objective.trim_end_matches('s'));
    let objective = if shown { format!("{objective} (objective)") } else { objective };
    [objective, search, hurt, back, escaped, completed]
}

/// The recommended settings, and the present ones, under other circumstances.
pub(super) fn robustness(tuning: &Tuning) -> Table {
    let several = tuning.robustness.iter().any(|it| it.settings.len() > 1);
    let heads = ["recommended", "false rollbacks", "present", "false rollbacks"];
    let heads = if several { &heads[..] } else { &heads[2..] };
    let heads = heads.iter().map(|it| Head::figure(it));
    let heads = std::iter::once(Head::name("")).chain(heads).collect();
    let mut table = Table::new("Under other circumstances", heads);
    for it in &tuning.robustness {
        if !it.changed {
            let said = [it.name.as_str(), "changes nothing here"].map(Cell::from);
            let rest = vec![Cell::default(); table.heads.len().saturating_sub(said.len())];
            table.row(said.into_iter().chain(rest));
            continue;
        }
        let cells = it.settings.iter().flat_map(|under| {
            let unit = &tuning.objective.unit;
            let back = cell(tuning, "ratio", under.false_rollback.as_ref());
            [cell(tuning, unit, under.objective.as_ref()), back]
        });
        table.row(std::iter::once(it.name.as_str().into()).chain(cells));
    }
    table
}

/// What each parameter explains.
pub(super) fn parameters(tuning: &Tuning) -> Table {
    let heads = ["of the objective", "of false rollbacks", "rank correlation"].map(Head::figure);
    let heads = std::iter::once(Head::words("parameter")).chain(heads).collect();
    let title = "Share of the variance of the ranks that a parameter explains alone, over the \
                 starting points of the search";
    let mut table = Table::new(title, heads).folded();
    for it in &tuning.parameters {
        let correlation = it.correlation.map(|it| Unit::Count.change(it, it, it));
        let parts = [share(it.matters), share(it.matters_for_false_rollbacks)];
        let cells = [vec![it.name.clone()], parts.to_vec(), vec![correlation.unwrap_or_default()]];
        table.row(cells.concat().into_iter().map(Cell::from));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_columns_have_the_same_head() {
        for (objective, head) in [
            ("users_hurt_mean", "users hurt (objective)"),
            ("false_rollback", "false rollback (objective)"),
            ("escaped", "escaped (objective)"),
            ("users_hurt_p95", "users hurt p95"),
            ("cost_mean", "cost"),
        ] {
            let heads = heads(objective);
            assert_eq!(heads[0], head);
            assert!(!heads[1..].contains(&heads[0]));
        }
    }
}
