//! The tables of a comparison in plain text: the ranking, harm by class, and the pairs.

use super::{
    COLUMNS,
    amount::{interval_of, value_of},
    words::{cut, harmless},
};
use crate::{
    experiment::{Difference, Estimate, Stat, StrategySummary, Summary},
    units::text::{self, Unit, rough, share},
};

const NAME_COLUMNS: usize = 20;
const CLASS_COLUMNS: usize = 24;
/// Between columns.
const GAP: usize = 2;

/// The ranking, then the mean of users hurt by strategy and class, then the pairs: what a terminal
/// shows, at most [`COLUMNS`] wide.
pub fn comparison_table(summary: &Summary) -> String {
    let confidence = share(summary.confidence);
    let mut text = format!("Per rollout, with {confidence} intervals\n");
    text.push_str(&ranking(summary));
    if !summary.classes.is_empty() {
        text.extend([format!(
            "\nUsers hurt by class of release, mean ± half of the {confidence} interval\n"
        )]);
        text.push_str(&by_class(summary));
    }
    if !summary.pairs.is_empty() {
        text.extend([format!(
            "\nHow much more the second costs in the same rollouts, {confidence} for all pairs at \
             once\n"
        )]);
        text.push_str(&pairs(summary));
    }
    text
}

fn ranking(summary: &Summary) -> String {
    let head = ["", "cost", "", "users hurt", "", "p95", "escaped", "false rb.", "completed in"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for strategy in &summary.strategies {
        let value = |quantity, stat| told(strategy.estimate(quantity, stat), summary, value_of);
        let interval = |quantity| {
            let told = told(strategy.estimate(quantity, Stat::Mean), summary, interval_of);
            if told.is_empty() { told } else { format!("({told})") }
        };
        rows.push(vec![
            cut(&harmless(&strategy.name), NAME_COLUMNS),
            value("cost", Stat::Mean),
            interval("cost"),
            value("users_hurt", Stat::Mean),
            interval("users_hurt"),
            value("users_hurt", Stat::P95),
            value("escaped", Stat::Rate),
            value("false_rollback", Stat::Rate),
            value("rollout_time", Stat::Mean),
        ]);
    }
    aligned(&rows)
}

fn told(it: Option<&Estimate>, summary: &Summary, tell: fn(&Estimate, &str) -> String) -> String {
    it.map_or_else(String::new, |it| harmless(&tell(it, &summary.currency)))
}

/// One row a class, one column a strategy; what does not fit beside it comes below.
fn by_class(summary: &Summary) -> String {
    const CELL: usize = 12;
    let names: Vec<String> =
        summary.classes.iter().map(|it| cut(&harmless(&it.name), CLASS_COLUMNS)).collect();
    let widest = names.iter().map(|it| it.chars().count()).max().unwrap_or(0);
    let fitting = (COLUMNS - widest) / (CELL + GAP);
    let mut text = String::new();
    for (number, strategies) in summary.strategies.chunks(fitting).enumerate() {
        if number > 0 {
            text.push('\n');
        }
        let mut head = vec![String::new()];
        head.extend(strategies.iter().map(|it| cut(&harmless(&it.name), CELL)));
        let mut rows = vec![head];
        for (index, name) in names.iter().enumerate() {
            let mut row = vec![name.clone()];
            row.extend(strategies.iter().map(|it| cut(&class_cell(it, index), CELL)));
            rows.push(row);
        }
        text.push_str(&aligned(&rows));
    }
    text
}

fn class_cell(strategy: &StrategySummary, class: usize) -> String {
    let Some(it) = strategy.estimate_of(class, "users_hurt", Stat::Mean) else {
        return text::NONE.to_owned();
    };
    Unit::named(&it.unit, "").with_half(it.value, it.low, it.high)
}

fn pairs(summary: &Summary) -> String {
    let mut rows =
        vec![["", "", "cost", "", "", "less", "equal", "more"].map(str::to_owned).to_vec()];
    for pair in &summary.pairs {
        let name = |index: usize| {
            summary
                .strategies
                .get(index)
                .map_or_else(String::new, |it| cut(&harmless(&it.name), NAME_COLUMNS))
        };
        for it in pair.differences.iter().filter(|it| it.quantity == "cost") {
            let unit = Unit::Money(&summary.currency);
            let (value, low, high) = (it.value, it.low_adjusted, it.high_adjusted);
            rows.push(vec![
                name(pair.first),
                name(pair.second),
                harmless(&unit.change(value, low, high)),
                harmless(&format!("({})", unit.interval(value, low, high))),
                verdict(it),
                share(it.less),
                share(it.equal),
                share(it.more),
            ]);
        }
    }
    aligned(&rows)
}

/// Whether a difference is decided, and what would decide it.
pub(super) fn verdict(it: &Difference) -> String {
    match it.more_trials {
        _ if it.decided => "decided".to_owned(),
        Some(more) => format!("open, ~{} more", rough(more as f64)),
        None => "open".to_owned(),
    }
}

/// Rows of cells under each other; the first row is the head. Names and intervals stand left, figures
/// right. The last columns are left out where they do not fit into [`COLUMNS`].
pub(super) fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let body = |column: usize| rows.iter().skip(1).map(move |row| row[column].as_str());
    let mut taken = 0;
    let mut layout = Vec::new();
    for column in 0..columns {
        let width = width(column).unwrap_or(0);
        let in_brackets = body(column).any(|it| it.starts_with('('));
        let gap = if column == 0 { 0 } else { GAP - usize::from(in_brackets) };
        if taken + gap + width > COLUMNS {
            break;
        }
        taken += gap + width;
        let is_text = body(column).all(|it| it.is_empty() || !begins_with_figure(it));
        layout.push((gap, width, column == 0 || is_text));
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, &(gap, width, left)) in row.iter().zip(&layout) {
            let filled = if left { format!("{cell:<width$}") } else { format!("{cell:>width$}") };
            line.extend([" ".repeat(gap), filled]);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Figures may have a sign or a currency before them; names and intervals in brackets are no figures.
fn begins_with_figure(text: &str) -> bool {
    let mut letters = text.chars().take_while(|it| !it.is_alphabetic() && *it != '(');
    letters.any(|it| it.is_ascii_digit())
}
