//! Judges beside each other: a table for people, one for documents, one for programs.

use std::fmt::Write as _;

use super::{
    csv::Rows,
    markdown::{escape, fence},
    ranking::aligned,
    words::{PARTIAL, cut_apart, harmless},
};
use crate::{
    experiment::{Judges, Stopped, WorldOfJudges},
    units::text::{NONE, counted, number, of_file, range, seconds, share, things},
};

const NAME: usize = 26;
const COLUMN: usize = 10;

/// A line for each judge: how often it would have stopped each kind of rollout; then the median of the
/// time that it took with the bad ones.
pub fn judges_table(found: &Judges) -> String {
    let names: Vec<&str> = found.worlds.iter().map(|it| it.name.as_str()).collect();
    let mut text = rows(found, &names, |(_, it)| Some(stopped(it)));
    let bad: Vec<&str> =
        found.worlds.iter().filter(|it| !it.good).map(|it| it.name.as_str()).collect();
    if !bad.is_empty() {
        text.push_str("\nMedian time until the judge stopped the rollout\n");
        text.push_str(&rows(found, &bad, |(world, it)| {
            (!world.good).then(|| after(it).unwrap_or_else(|| NONE.to_owned()))
        }));
    }
    text
}

/// A line for each judge, with a cell for each kind of rollout that has one.
fn rows(
    found: &Judges,
    heads: &[&str],
    cell: impl Fn((&WorldOfJudges, Stopped)) -> Option<String>,
) -> String {
    let heads: Vec<String> = heads.iter().map(|it| of_file(it)).collect();
    let mut rows = vec![
        std::iter::once(String::new())
            .chain(cut_apart(heads.iter().map(String::as_str), COLUMN))
            .collect::<Vec<_>>(),
    ];
    let names = cut_apart(found.judges.iter().map(|it| it.name.as_str()), NAME);
    for (judge, name) in found.judges.iter().zip(names) {
        let each = found.worlds.iter().zip(judge.found.iter().copied());
        rows.push(std::iter::once(name).chain(each.filter_map(&cell)).collect());
    }
    aligned(&rows)
}

/// What the columns mean, and what they rest on.
pub fn judges_words(found: &Judges) -> Vec<String> {
    let good: Vec<String> = found.worlds.iter().filter(|it| it.good).map(about).collect();
    // an interval need not have its estimate in the middle
    let off = |it: &Stopped| (it.high - it.share).max(it.share - it.low);
    let each = || found.judges.iter().flat_map(|it| &it.found);
    let off = each().filter(|it| it.trials > 0).map(off).fold(0.0, f64::max);
    let least = each().map(|it| it.trials).min().unwrap_or(0);
    let most = each().map(|it| it.trials).max().unwrap_or(0);
    let trials = if least < most {
        range(&least.to_string(), &counted(most, "rollout"))
    } else {
        counted(least, "rollout")
    };
    let mut said = Vec::new();
    if !found.complete {
        said.push(PARTIAL.to_owned());
    }
    said.extend([
        format!(
            "Share of the rollouts that each judge would have stopped, and the median time to \
             stop, of {} of each kind, the same for all judges (seed {}). Each share is within {} of the \
             truth ({} confidence, each share by itself).",
            trials,
            found.seed,
            things(&number(100.0 * off), "percentage point"),
            share(found.confidence)
        ),
        format!(
            "Good releases, where stopping is a false alarm: {}. The others are bad releases.",
            good.join("; ")
        ),
    ]);
    said
}

fn about(world: &WorldOfJudges) -> String {
    format!("{}, {}", world.name, world.about)
}

/// The share that it stopped, where there were any.
fn stopped(it: Stopped) -> String {
    if it.trials > 0 { share(it.share) } else { NONE.to_owned() }
}

/// After how many minutes half of those that were stopped had been; none where hardly any was.
fn after(it: Stopped) -> Option<String> {
    it.after_p50.filter(|_| it.share >= 0.005).map(|it| seconds((it / 60.0).ceil() * 60.0))
}

fn cell(world: &WorldOfJudges, it: Stopped) -> String {
    match after(it).filter(|_| !world.good) {
        Some(time) => format!("{}, {time}", stopped(it)),
        None => stopped(it),
    }
}

/// The table with its words, as Markdown.
pub fn judges_markdown(found: &Judges) -> String {
    let mut text = format!("# Judges compared: {}\n\n", escape(&found.title));
    for paragraph in judges_words(found) {
        let _ = writeln!(text, "{}\n", escape(&paragraph));
    }
    let names: Vec<String> = found.worlds.iter().map(|it| escape(&of_file(&it.name))).collect();
    let _ = writeln!(text, "| judge | kind | {} |", names.join(" | "));
    let _ = writeln!(text, "|---|---|{}", "---:|".repeat(names.len()));
    for judge in &found.judges {
        let cells: Vec<String> =
            found.worlds.iter().zip(&judge.found).map(|(world, it)| cell(world, *it)).collect();
        let name = escape(&judge.name);
        let _ = writeln!(text, "| {name} | `{}` | {} |", judge.judge, cells.join(" | "));
    }
    let fence = fence(&found.command);
    let command = harmless(&found.command);
    let _ = writeln!(text, "\n{fence}sh\n{command}\n{fence}\n\nVersion {}.", found.rollsim);
    text
}

/// Every share with its interval and times, a line each.
pub fn judges_csv(found: &Judges) -> String {
    let mut rows = Rows::titled(&[
        "judge",
        "kind",
        "world",
        "trials",
        "stopped",
        "share",
        "low",
        "high",
        "after_p50",
        "after_p90",
    ]);
    for judge in &found.judges {
        for (world, it) in found.worlds.iter().zip(&judge.found) {
            rows.add((
                (&judge.name, &judge.judge, &world.name),
                (it.trials, it.stopped),
                (it.share, it.low, it.high),
                (it.after_p50, it.after_p90),
            ));
        }
    }
    rows.end()
}
