//! Judges beside each other: a table for people, one for documents, one for programs.

use std::fmt::Write as _;

use super::{csv::Rows, markdown::escape, words::cut};
use crate::experiment::{Judges, Stopped, WorldOfJudges};

const NAME: usize = 27;
const COLUMN: usize = 8;

/// A line for each judge: how often it would have stopped each kind of rollout and, of the bad ones,
/// after how many minutes (median).
pub fn judges_table(found: &Judges) -> String {
    let mut text = format!("{:NAME$}", "");
    for world in &found.worlds {
        let _ = write!(text, " {:>width$}", cut(&world.name, COLUMN - 1), width = COLUMN - 1);
    }
    text.push('\n');
    for judge in &found.judges {
        let _ = write!(text, "{:NAME$}", cut(&judge.name, NAME - 1));
        for (world, stopped) in found.worlds.iter().zip(&judge.found) {
            let _ = write!(text, " {:>width$}", cell(world, *stopped), width = COLUMN - 1);
        }
        text.push('\n');
    }
    text
}

/// What the columns mean, and what they rest on.
pub fn judges_words(found: &Judges) -> Vec<String> {
    let good: Vec<String> = found.worlds.iter().filter(|it| it.good).map(about).collect();
    let widest = found.judges.iter().flat_map(|it| &it.found).map(|it| it.high - it.low);
    let widest = widest.fold(0.0, f64::max) * 50.0;
    vec![
        format!(
            "Share of the rollouts that each judge would have stopped, and the median time to \
             stop in minutes, of {} rollouts of each kind, the same for all judges (seed {}). At \
             {:.0} % confidence no share is off by more than {widest:.1} percentage points.",
            found.judges.iter().flat_map(|it| &it.found).map(|it| it.trials).min().unwrap_or(0),
            found.seed,
            found.confidence * 100.0
        ),
        format!(
            "Good releases, where stopping is a false alarm: {}. The others are bad releases.",
            good.join("; ")
        ),
    ]
}

fn about(world: &WorldOfJudges) -> String {
    format!("{}, {}", world.name, world.about)
}

fn cell(world: &WorldOfJudges, stopped: Stopped) -> String {
    let share = share(stopped.share);
    match stopped.after_p50.filter(|_| !world.good && stopped.share >= 0.005) {
        Some(seconds) => format!("{share} {:.0}m", (seconds / 60.0).ceil()),
        None => share,
    }
}

/// Two digits, and a tenth of a percent where that is more than nothing.
fn share(share: f64) -> String {
    let percent = share * 100.0;
    if percent <= 0.0 || percent >= 9.95 {
        format!("{percent:.0}%")
    } else if percent >= 0.095 {
        format!("{percent:.1}%")
    } else {
        format!("{percent:.2}%")
    }
}

/// The table with its words, as Markdown.
pub fn judges_markdown(found: &Judges) -> String {
    let mut text = format!("# Judges compared: {}\n\n", found.title);
    for paragraph in judges_words(found) {
        let _ = writeln!(text, "{paragraph}\n");
    }
    let names: Vec<&str> = found.worlds.iter().map(|it| it.name.as_str()).collect();
    let _ = writeln!(text, "| judge | kind | {} |", names.join(" | "));
    let _ = writeln!(text, "|---|---|{}", "---:|".repeat(names.len()));
    for judge in &found.judges {
        let cells: Vec<String> =
            found.worlds.iter().zip(&judge.found).map(|(world, it)| cell(world, *it)).collect();
        let name = escape(&judge.name);
        let _ = writeln!(text, "| {name} | `{}` | {} |", judge.judge, cells.join(" | "));
    }
    let _ = writeln!(text, "\nCommand: `{}`, version {}.", found.command, found.rollsim);
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
