//! The tables of a comparison in plain text: the ranking, harm by class, and the pairs.

use super::{
    COLUMNS,
    amount::{Unit, interval_of, value_of, whole_percent},
    verdict::rounded,
    words::{count, cut, harmless, percent},
};
use crate::experiment::{Difference, Estimate, Stat, StrategySummary, Summary};

const NAME_COLUMNS: usize = 20;
const CLASS_COLUMNS: usize = 24;
const GAP: &str = "  ";

/// The ranking, then the mean of users hurt by strategy and class, then the pairs: what a terminal
/// shows, at most [`COLUMNS`] wide.
pub fn comparison_table(summary: &Summary) -> String {
    let confidence = whole_percent(summary.confidence);
    let mut text = format!("A rollout, with {confidence} intervals\n");
    text.push_str(&ranking(summary));
    if !summary.classes.is_empty() {
        text.push_str(&format!(
            "\nUsers hurt by what the release carries, mean ± half of the {confidence} interval\n"
        ));
        text.push_str(&by_class(summary));
    }
    if !summary.pairs.is_empty() {
        text.push_str(&format!(
            "\nWhat the second costs more in the same rollouts, {confidence} for all pairs at once\n"
        ));
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
    const CELL: usize = 13;
    let fitting = (COLUMNS - CLASS_COLUMNS) / (CELL + GAP.len());
    let mut text = String::new();
    for (number, strategies) in summary.strategies.chunks(fitting).enumerate() {
        if number > 0 {
            text.push('\n');
        }
        let mut head = vec![String::new()];
        head.extend(strategies.iter().map(|it| cut(&harmless(&it.name), CELL)));
        let mut rows = vec![head];
        for (index, class) in summary.classes.iter().enumerate() {
            let mut row = vec![cut(&harmless(&class.name), CLASS_COLUMNS)];
            row.extend(strategies.iter().map(|it| cut(&class_cell(it, index), CELL)));
            rows.push(row);
        }
        text.push_str(&aligned(&rows));
    }
    text
}

fn class_cell(strategy: &StrategySummary, class: usize) -> String {
    let Some(it) = strategy.estimate_of(class, "users_hurt", Stat::Mean) else {
        return "-".to_owned();
    };
    let unit = Unit::new(&it.unit, "");
    let half = (it.high - it.low) / 2.0;
    let value = unit.value(it.value);
    if half > 0.0 { format!("{value} ±{}", unit.value(half)) } else { value }
}

fn pairs(summary: &Summary) -> String {
    let mut rows =
        vec![["", "", "cost", "", "less", "equal", "more", ""].map(str::to_owned).to_vec()];
    for pair in &summary.pairs {
        let name = |index: usize| {
            summary.strategies.get(index).map_or_else(String::new, |it| {
                cut(&harmless(&it.name), NAME_COLUMNS)
            })
        };
        for it in pair.differences.iter().filter(|it| it.quantity == "cost") {
            let unit = Unit::currency(&summary.currency);
            let (value, low, high) = (it.value, it.low_adjusted, it.high_adjusted);
            let sign = if value > 0.0 { "+" } else { "" };
            rows.push(vec![
                name(pair.first),
                name(pair.second),
                harmless(&format!("{sign}{}", unit.among(value, low, high))),
                format!("({})", unit.interval(value, low, high)),
                percent(it.less),
                percent(it.equal),
                percent(it.more),
                verdict(it),
            ]);
        }
    }
    aligned(&rows)
}

/// Whether a difference is decided, and what would decide it.
pub(super) fn verdict(it: &Difference) -> String {
    match it.more_trials {
        _ if it.decided => "decided".to_owned(),
        Some(more) => format!("open, ~{} more", count(rounded(more))),
        None => "open".to_owned(),
    }
}

/// Rows of cells under each other; the first row is the head. Names and intervals stand left, figures
/// right; what would go beyond [`COLUMNS`] is cut.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|it| width(it).unwrap_or(0)).collect();
    let is_text = |column: usize| {
        let body = rows.iter().skip(1).map(|it| it[column].as_str());
        let mut filled = body.filter(|it| !it.is_empty());
        filled.clone().next().is_some_and(|_| filled.all(|it| !begins_with_figure(it)))
    };
    let left: Vec<bool> = (0..columns).map(|it| it == 0 || is_text(it)).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).zip(&left).map(|((cell, &width), &left)| {
            if left { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        let line = cells.collect::<Vec<_>>().join(GAP);
        text.push_str(&cut(line.trim_end(), COLUMNS));
        text.push('\n');
    }
    text
}

/// Figures with a sign or a currency before them count; names and intervals in brackets do not.
fn begins_with_figure(text: &str) -> bool {
    let mut letters = text.chars().filter(|it| !it.is_alphabetic());
    !text.starts_with('(')
        && !text.starts_with(char::is_alphabetic)
        && letters.any(|it| it.is_ascii_digit())
}
