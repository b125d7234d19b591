//! The tables of a comparison in plain text: the ranking, harm by class, and the pairs.

use super::{
    COLUMNS,
    amount::{interval_of, value_of, with_interval_of},
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
    let head =
        ["", "cost", "", "users hurt", "", "p95", "escaped", "false\nrollbacks", "completed\nin"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for strategy in &summary.strategies {
        let value = |quantity, stat| told(strategy.estimate(quantity, stat), summary, value_of);
        let interval = |quantity| {
            let told = told(strategy.estimate(quantity, Stat::Mean), summary, interval_of);
            if told == text::NONE { String::new() } else { format!("({told})") }
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
    it.map_or_else(|| text::NONE.to_owned(), |it| harmless(&tell(it, &summary.currency)))
}

/// One row a class, one column a strategy: the mean with its interval, where there is room for all of
/// them; the mean alone otherwise. What does not fit beside it comes below.
fn by_class(summary: &Summary) -> String {
    const NAME: usize = 12;
    let names: Vec<String> =
        summary.classes.iter().map(|it| cut(&harmless(&it.name), CLASS_COLUMNS)).collect();
    let widest = names.iter().map(|it| it.chars().count()).max().unwrap_or(0);
    let columns = |told: fn(&Estimate) -> String| -> Vec<Vec<String>> {
        let of = |strategy: &StrategySummary| {
            let cell = |class: usize| {
                let found = strategy.estimate_of(class, "users_hurt", Stat::Mean);
                found.map_or_else(|| text::NONE.to_owned(), told)
            };
            let head = cut(&harmless(&strategy.name), NAME);
            std::iter::once(head).chain((0..names.len()).map(cell)).collect()
        };
        summary.strategies.iter().map(of).collect()
    };
    let width =
        |column: &Vec<String>| GAP + column.iter().map(|it| it.chars().count()).max().unwrap_or(0);
    let full = columns(|it| with_interval_of(it, ""));
    let fits = widest + full.iter().map(width).sum::<usize>() <= COLUMNS;
    let columns = if fits { full } else { columns(|it| value_of(it, "")) };
    let what = if fits {
        format!("mean and {} interval", share(summary.confidence))
    } else {
        "mean".to_owned()
    };
    let mut text = format!("\nUsers hurt by class of release, {what}\n");
    let each = columns.iter().map(width).max().unwrap_or(1);
    let fitting = if fits { columns.len() } else { (COLUMNS - widest) / each };
    for (number, columns) in columns.chunks(fitting.max(1)).enumerate() {
        if number > 0 {
            text.push('\n');
        }
        let mut rows = vec![vec![String::new()]];
        rows.extend(names.iter().map(|it| vec![it.clone()]));
        for column in columns {
            rows.iter_mut().zip(column).for_each(|(row, cell)| row.push(cell.clone()));
        }
        text.push_str(&aligned(&rows));
    }
    text
}

fn pairs(summary: &Summary) -> String {
    let mut rows = vec![
        ["", "", "cost", "", "", "first costs\nless", "equal", "more"].map(str::to_owned).to_vec(),
    ];
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

/// Rows of cells under each other; the first row is the head, in which a cell may have several lines. Names
/// and intervals stand left, figures right. The last columns are left out where they do not fit into
/// [`COLUMNS`], and named below.
pub(super) fn aligned(rows: &[Vec<String>]) -> String {
    let Some((head, body)) = rows.split_first() else { return String::new() };
    let lines = |column: usize| head[column].split('\n');
    let width = |column: usize| {
        let cells = body.iter().map(|row| row[column].as_str()).chain(lines(column));
        cells.map(|it| it.chars().count()).max().unwrap_or(0)
    };
    let of_body = |column: usize| body.iter().map(move |row| row[column].as_str());
    let mut taken = 0;
    let mut layout = Vec::new();
    for column in 0..head.len() {
        let width = width(column);
        let in_brackets = of_body(column).any(|it| it.starts_with('('));
        let gap = if column == 0 { 0 } else { GAP - usize::from(in_brackets) };
        if taken + gap + width > COLUMNS {
            break;
        }
        taken += gap + width;
        let is_text = of_body(column).all(|it| it.is_empty() || !begins_with_figure(it));
        layout.push((gap, width, column == 0 || is_text));
    }
    let height = (0..head.len()).map(|it| lines(it).count()).max().unwrap_or(1);
    // heads stand on the line above the body
    let head_line = |line: usize| {
        let cell = |column: usize| {
            let above = height - lines(column).count();
            line.checked_sub(above)
                .and_then(|it| lines(column).nth(it))
                .unwrap_or_default()
                .to_owned()
        };
        (0..head.len()).map(cell).collect::<Vec<_>>()
    };
    let mut text = String::new();
    for row in (0..height).map(head_line).chain(body.iter().cloned()) {
        let mut line = String::new();
        for (cell, &(gap, width, left)) in row.iter().zip(&layout) {
            let filled = if left { format!("{cell:<width$}") } else { format!("{cell:>width$}") };
            line.extend([" ".repeat(gap), filled]);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    let left_out: Vec<String> = (layout.len()..head.len())
        .map(|it| head[it].replace('\n', " "))
        .filter(|it| !it.is_empty())
        .collect();
    if !left_out.is_empty() {
        let columns = if left_out.len() == 1 { "column" } else { "columns" };
        text.extend([format!("No room here for the {columns} “{}”.\n", left_out.join("”, “"))]);
    }
    text
}

/// Figures may have a sign or a currency before them; names and intervals in brackets are no figures.
fn begins_with_figure(text: &str) -> bool {
    let mut letters = text.chars().take_while(|it| !it.is_alphabetic() && *it != '(');
    letters.any(|it| it.is_ascii_digit())
}
