//! The tables of a comparison in plain text: the ranking, harm by class, and the pairs.

use super::{
    COLUMNS,
    amount::{RARE, any_rare, interval_of, value_of, with_interval_of},
    words::{cut, cut_apart, harmless, lines},
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
    if any_rare(summary) {
        text.extend(["\n", &lines(RARE), "\n"]);
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
    let cut_off = summary.strategies.iter().any(|it| it.unfinished() > 0.0);
    let head = head.into_iter().chain(cut_off.then_some("cut off"));
    let mut rows = vec![head.map(str::to_owned).collect::<Vec<_>>()];
    for (strategy, name) in summary.strategies.iter().zip(names(summary, NAME_COLUMNS)) {
        let value = |quantity, stat| told(strategy.estimate(quantity, stat), summary, value_of);
        let interval = |quantity| {
            let told = told(strategy.estimate(quantity, Stat::Mean), summary, interval_of);
            if told == text::NONE { String::new() } else { format!("({told})") }
        };
        let mut row = vec![
            name,
            value("cost", Stat::Mean),
            interval("cost"),
            value("users_hurt", Stat::Mean),
            interval("users_hurt"),
            value("users_hurt", Stat::P95),
            value("escaped", Stat::Rate),
            value("false_rollback", Stat::Rate),
            value("promotion_time", Stat::Mean),
        ];
        row.extend(cut_off.then(|| value("unfinished", Stat::Rate)));
        rows.push(row);
    }
    aligned(&rows)
}

/// The names of the strategies, cut so that they can be told apart.
fn names(summary: &Summary, length: usize) -> Vec<String> {
    cut_apart(summary.strategies.iter().map(|it| it.name.as_str()), length)
}

fn told(it: Option<&Estimate>, summary: &Summary, tell: fn(&Estimate, &str) -> String) -> String {
    it.map_or_else(|| text::NONE.to_owned(), |it| harmless(&tell(it, &summary.currency)))
}

/// One row a class, one column a strategy: the mean with its interval, where there is room for all of
/// them; the mean alone otherwise. What does not fit beside it comes below.
fn by_class(summary: &Summary) -> String {
    const NAME: usize = 12;
    let heads = names(summary, NAME);
    let names = cut_apart(summary.classes.iter().map(|it| it.name.as_str()), CLASS_COLUMNS);
    let widest = names.iter().map(|it| it.chars().count()).max().unwrap_or(0);
    let columns = |told: fn(&Estimate) -> String| -> Vec<Vec<String>> {
        let of = |(strategy, head): (&StrategySummary, &String)| {
            let cell = |class: usize| {
                let found = strategy.estimate_of(class, "users_hurt", Stat::Mean);
                found.map_or_else(|| text::NONE.to_owned(), told)
            };
            std::iter::once(head.clone()).chain((0..names.len()).map(cell)).collect()
        };
        summary.strategies.iter().zip(&heads).map(of).collect()
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
    let names = names(summary, NAME_COLUMNS);
    for pair in &summary.pairs {
        let name = |index: usize| names.get(index).cloned().unwrap_or_default();
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

/// `240 to 1,700`.
pub(super) fn between(from: u64, to: u64) -> String {
    let (from, to) = (rough(from as f64), rough(to as f64));
    if from == to { from } else { text::range(&from, &to) }
}

/// Whether a difference is decided, and what would decide it.
pub(super) fn verdict(it: &Difference) -> String {
    match it.more_trials_range {
        _ if it.decided => "decided".to_owned(),
        _ if it.unfinished => "open, cut off".to_owned(),
        _ if it.alike => "alike".to_owned(),
        Some((from, to)) => format!("open, {} more", between(from, to)),
        None => "open".to_owned(),
    }
}

/// Rows of cells under each other; the first row is the head, in which a cell may have several lines. Names
/// and intervals stand left, figures right. Columns that do not fit into [`COLUMNS`] come below, with the names
/// again: the first columns, which have no head.
pub(super) fn aligned(rows: &[Vec<String>]) -> String {
    let Some((head, body)) = rows.split_first() else { return String::new() };
    let mut columns: Vec<Column> = (0..head.len()).map(|it| Column::of(head, body, it)).collect();
    let names = columns.iter().take_while(|it| it.is_name).count().max(1).min(columns.len());
    // nothing is cut but what has no room beside the names alone, such as a currency of sixty letters
    let taken: usize = columns[..names].iter().map(|it| it.gap + it.width).sum();
    for it in &mut columns[names..] {
        it.width = it.width.min(COLUMNS.saturating_sub(taken + it.gap).max(1));
    }
    let blocks: Vec<String> = blocks(&columns, names)
        .into_iter()
        .map(|block| {
            let height = block.iter().map(|it| head[*it].split('\n').count()).max().unwrap_or(1);
            let lines = (0..height).map(|line| head_line(head, line, height));
            let rows = lines.chain(body.iter().cloned());
            rows.map(|row| written(&row, &columns, &block)).collect()
        })
        .collect();
    blocks.join("\n")
}

/// How a column of a table is written.
struct Column {
    gap: usize,
    width: usize,
    left: bool,
    /// Nothing stands above it.
    is_name: bool,
}

impl Column {
    fn of(head: &[String], body: &[Vec<String>], index: usize) -> Self {
        let cells = || body.iter().map(|row| row[index].as_str());
        let all = cells().chain(head[index].split('\n'));
        let in_brackets = cells().any(|it| it.starts_with('('));
        let is_text = cells().all(|it| it.is_empty() || !begins_with_figure(it));
        Self {
            gap: GAP - usize::from(in_brackets),
            width: all.map(|it| it.chars().count()).max().unwrap_or(0),
            left: index == 0 || is_text,
            is_name: head[index].is_empty(),
        }
    }
}

/// The columns of each block of a table that has so many columns of names. What belongs to the column before it
/// stays with it where there is room for both.
fn blocks(columns: &[Column], names: usize) -> Vec<Vec<usize>> {
    let width = |block: &[usize]| -> usize {
        block.iter().map(|it| columns[*it].gap + columns[*it].width).sum()
    };
    let all_names: Vec<usize> = (0..names).collect();
    let first_gap = columns.first().map_or(0, |it| it.gap);
    let room = (COLUMNS + first_gap).saturating_sub(width(&all_names));
    let mut blocks = Vec::new();
    let mut block: Vec<usize> = Vec::new();
    let mut next = names;
    while next < columns.len() {
        let attached = columns[next + 1..].iter().take_while(|it| it.is_name).count();
        let mut together: Vec<usize> = (next..=next + attached).collect();
        if width(&together) > room {
            together.truncate(1);
        }
        if width(&block) + width(&together) > room && !block.is_empty() {
            blocks.push(std::mem::take(&mut block));
        }
        next += together.len();
        block.extend(together);
    }
    blocks.push(block);
    blocks.into_iter().map(|block| [all_names.clone(), block].concat()).collect()
}

/// A line of a head that is so high; it stands on the line above the body.
fn head_line(head: &[String], line: usize, height: usize) -> Vec<String> {
    let cell = |it: &String| {
        let above = height.saturating_sub(it.split('\n').count());
        let part = line.checked_sub(above).and_then(|at| it.split('\n').nth(at));
        part.unwrap_or_default().to_owned()
    };
    head.iter().map(cell).collect()
}

/// Some cells of a row as a line.
fn written(row: &[String], columns: &[Column], block: &[usize]) -> String {
    let mut line = String::new();
    for &index in block {
        let Column { gap, width, left, .. } = columns[index];
        let cell = cut(&row[index], width);
        let filled = if left { format!("{cell:<width$}") } else { format!("{cell:>width$}") };
        line.extend([" ".repeat(if index == 0 { 0 } else { gap }), filled]);
    }
    line.trim_end().to_owned() + "\n"
}

/// Figures may have a sign or a currency before them; names and intervals in brackets are no figures.
fn begins_with_figure(text: &str) -> bool {
    let mut letters = text.chars().take_while(|it| !it.is_alphabetic() && *it != '(');
    letters.any(|it| it.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[&[&str]]) -> String {
        let rows: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|it| (*it).to_owned()).collect()).collect();
        aligned(&rows)
    }

    #[test]
    fn what_does_not_fit_comes_below_and_nothing_is_cut() {
        let (wide, interval) = ("1".repeat(40), "(1 to 2)");
        let rows: [&[&str]; 3] = [
            &["", "", "cost", "", "users\nhurt", "", "last"],
            &["a", "b", &wide, interval, &wide, interval, "3 %"],
            &["c", "d", "1", interval, "2", interval, "4 %"],
        ];
        let told = table(&rows);
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines.len(), 3 + 1 + 4, "{told}");
        assert!(lines.iter().all(|it| it.chars().count() <= COLUMNS), "{told}");
        assert_eq!((lines[0].trim(), lines[3], lines[4].trim()), ("cost", "", "users"), "{told}");
        assert_eq!(lines[1], format!("a  b  {wide} (1 to 2)"));
        assert!(lines[5].ends_with("  last"), "{told}");
        assert_eq!(lines[6], format!("a  b  {wide} (1 to 2)   3 %"));
        assert!(lines[7].starts_with("c  d  ") && lines[7].ends_with("  4 %"), "{told}");
    }

    #[test]
    fn what_fits_is_one_block() {
        let rows: [&[&str]; 2] = [&["", "cost", ""], &["a", "$1", "($0 to $2)"]];
        assert_eq!(table(&rows), "   cost\na    $1 ($0 to $2)\n");
    }
}
