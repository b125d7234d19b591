//! Judges beside each other: for people and for programs.

use super::{
    csv::Rows,
    document::Document,
    table::{Cell, Head, Table},
    words::PARTIAL,
};
use crate::{
    experiment::{Judges, Stopped, WorldOfJudges},
    units::text::{NONE, counted, number, of_file, range, seconds, share, things},
};

/// What each judge would have stopped, and when.
pub fn judges(found: &Judges) -> Document {
    let all: Vec<usize> = (0..found.worlds.len()).collect();
    let stopped = table(found, "Share of the rollouts that the judge stopped", &all, |it| {
        if it.trials > 0 { share(it.share) } else { NONE.to_owned() }
    });
    let bad: Vec<usize> = all.iter().copied().filter(|it| !found.worlds[*it].good).collect();
    let times = "Median time until the judge stopped the rollout";
    let times = table(found, times, &bad, |it| after(it).unwrap_or_else(|| NONE.to_owned()));
    Document {
        title: format!("Judges compared: {}", found.title),
        words: judges_words(found),
        parts: [Some(stopped), Some(times).filter(|it| it.heads.len() > 1)]
            .into_iter()
            .flatten()
            .map(Into::into)
            .collect(),
        method: vec![format!("Version {}.", found.rollsim)],
        command: found.command.clone(),
    }
}

/// A line for each judge, with a cell for each of these kinds of rollout.
fn table(found: &Judges, title: &str, worlds: &[usize], cell: fn(Stopped) -> String) -> Table {
    let heads = worlds.iter().map(|it| Head::figure(&of_file(&found.worlds[*it].name)));
    let heads = [Head::name("judge"), Head::words("kind")].into_iter().chain(heads);
    let mut table = Table::new(title, heads.collect());
    for judge in &found.judges {
        let names = [Cell::from(judge.name.as_str()), judge.judge.as_str().into()];
        let cells = worlds.iter().filter_map(|it| judge.found.get(*it)).map(|it| cell(*it).into());
        table.row(names.into_iter().chain(cells));
    }
    table
}

/// What the columns mean, and what they rest on.
fn judges_words(found: &Judges) -> Vec<String> {
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

/// After how many minutes half of those that were stopped had been; none where hardly any was.
fn after(it: Stopped) -> Option<String> {
    it.after_p50.filter(|_| it.share >= 0.005).map(|it| seconds((it / 60.0).ceil() * 60.0))
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
