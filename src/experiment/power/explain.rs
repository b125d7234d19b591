//! Trials to look at: what a false rollback, a catch, a miss and a right promotion look like.

use super::{Fate, PowerExample, PowerRow, Survey};
use crate::{
    experiment::End,
    judge::Measurement,
    sim::{self, Entry, Outcome, Topic},
    units::Instant,
};

/// Entries of an example, at most: the first and the last so many.
const ENTRIES: usize = 12;

/// One trial of each kind that occurred, run again with everything that happened in it.
pub fn power_examples(survey: &Survey) -> Vec<PowerExample> {
    let bad = bad_cells(survey);
    let wanted = [
        (Fate::FalseRollback, vec![survey.good], End::RolledBack),
        (Fate::Catch, bad.clone(), End::RolledBack),
        (Fate::Miss, bad, End::Promoted),
        (Fate::Promotion, vec![survey.good], End::Promoted),
    ];
    let chosen = wanted.into_iter().filter_map(|(fate, cells, end)| {
        let first = |cell: &usize| survey.rows[*cell].iter().find(|it| it.end == end);
        let cell = cells.into_iter().find(|it| first(it).is_some())?;
        Some(example(survey, fate, cell, first(&cell)?))
    });
    chosen.collect()
}

/// The defect that the curves are about first, then the scenario's classes of releases, then the
/// rest.
fn bad_cells(survey: &Survey) -> Vec<usize> {
    let mut cells = Vec::new();
    if let Some((kind, severity)) = survey.defect {
        let points = survey.points[kind].iter();
        cells.extend(points.filter(|it| it.0.total_cmp(&severity).is_eq()).map(|it| it.1));
    }
    cells.extend(&survey.classes);
    cells.extend(survey.points.iter().flatten().map(|it| it.1));
    cells
}

fn example(survey: &Survey, fate: Fate, cell: usize, row: &PowerRow) -> PowerExample {
    let it = &survey.cells[cell];
    let release = it.class.as_ref().map_or(0, |it| it.1);
    let outcome = sim::Trial::new(&it.plan, row.seed).release(release).until_settled().run();
    let (entries, left_out) = entries(&outcome);
    PowerExample {
        fate,
        cell: it.key.clone(),
        trial: row.trial,
        seed: row.seed.get(),
        command: survey.command(cell, row.trial),
        deciding: deciding(&outcome)
            .map(|it| (since(&outcome, it.at).as_secs_f64(), it.to_string())),
        entries,
        left_out,
    }
}

/// The last measurement before the decision that failed or was inconclusive.
fn deciding(outcome: &Outcome) -> Option<&Measurement> {
    let until = outcome.rollback_began?;
    outcome.measurements.iter().rfind(|it| it.at <= until && it.is_failure())
}

fn since(outcome: &Outcome, at: Instant) -> crate::units::Span {
    at.since(outcome.rollout_began.unwrap_or(Instant::ZERO))
}

/// What happened to the rollout; instances and faults only where there is room.
fn entries(outcome: &Outcome) -> (Vec<(f64, String, String, String)>, u64) {
    let matters = |it: &&Entry| {
        matches!(it.topic, Topic::Rollout | Topic::Verdict | Topic::Traffic | Topic::Operator)
    };
    let all: Vec<&Entry> = outcome.timeline.iter().filter(matters).collect();
    let left_out = all.len().saturating_sub(ENTRIES);
    let half = ENTRIES / 2;
    let kept = all
        .iter()
        .enumerate()
        .filter(|(index, _)| left_out == 0 || *index < half || *index >= half + left_out);
    let told = kept.map(|(_, it)| {
        let at = since(outcome, it.at).as_secs_f64();
        (at, it.topic.name().to_owned(), it.text.clone(), it.cause.clone())
    });
    (told.collect(), left_out as u64)
}
