//! One trial as a row, which is all that everything else is made of.

use csv::StringRecord;
use serde::Serialize;

use crate::{
    experiment::{
        Columns, End,
        rows::{figure, parsed},
    },
    kernel::Seed,
    model::{AnalysisState, Measure},
    scenario::Plan,
    sim,
};

const COLUMNS: [&str; 9] = [
    "cell",
    "trial",
    "seed",
    "end",
    "back_after",
    "rollout_time",
    "users_hurt",
    "requests",
    "gates_failed",
];

/// What one trial leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct PowerRow {
    pub cell: String,
    pub trial: u64,
    pub seed: Seed,
    pub end: End,
    /// Seconds from the start of the rollout until it was decided to roll it back.
    pub back_after: Option<f64>,
    pub rollout_time: Option<f64>,
    pub users_hurt: f64,
    pub requests: f64,
    /// Indices of the gates that failed.
    pub gates_failed: Vec<usize>,
}

/// Simulates one trial, until its rollout is over.
pub(super) fn play(
    plan: &Plan,
    release: usize,
    (cell, trial, seed): (&str, u64, Seed),
) -> PowerRow {
    let outcome = sim::Trial::new(plan, seed).release(release).figures_only().until_settled().run();
    let back_after = match (outcome.rollout_began, outcome.rollback_began) {
        (Some(from), Some(to)) => Some(to.since(from).as_secs_f64()),
        (None, _) | (_, None) => None,
    };
    let failed = |(index, gate): (usize, &sim::GateOutcome)| {
        gate.objection.is_some_and(|(_, state)| state == AnalysisState::Failed).then_some(index)
    };
    let of = |it| outcome.figure(it);
    PowerRow {
        cell: cell.to_owned(),
        trial,
        seed,
        end: End::of(outcome.phase),
        back_after,
        rollout_time: of(Measure::rollout_time),
        users_hurt: of(Measure::users_hurt).unwrap_or(0.0),
        requests: of(Measure::requests).unwrap_or(0.0),
        gates_failed: outcome.gates.iter().enumerate().filter_map(failed).collect(),
    }
}

/// The columns of the file of trials.
#[derive(Clone, Copy, Debug)]
pub struct PowerColumns;

impl Columns for PowerColumns {
    type Kept = PowerRow;

    fn names(&self) -> Vec<&'static str> {
        COLUMNS.to_vec()
    }

    fn fields(&self, kept: &PowerRow, _row: usize) -> impl Serialize {
        let gates: Vec<String> = kept.gates_failed.iter().map(usize::to_string).collect();
        let head = (kept.cell.clone(), kept.trial, kept.seed.get(), kept.end.name());
        let figures = (kept.back_after, kept.rollout_time, kept.users_hurt, kept.requests);
        (head, figures, gates.join(" "))
    }

    fn read(&self, rows: &[StringRecord]) -> Result<PowerRow, (usize, String)> {
        row(&rows[0]).map_err(|why| (0, why))
    }
}

fn row(record: &StringRecord) -> Result<PowerRow, String> {
    let fields: [&str; 9] = std::array::from_fn(|it| record.get(it).unwrap_or(""));
    let [cell, trial, seed, end, back_after, rollout_time, users_hurt, requests, gates] = fields;
    let known = End::ALL.into_iter().find(|it| it.name() == end);
    Ok(PowerRow {
        cell: cell.to_owned(),
        trial: parsed(trial, "trial")?,
        seed: Seed::new(parsed(seed, "seed")?),
        end: known.ok_or_else(|| format!("`{end}` is not an end"))?,
        back_after: figure(back_after, "back_after")?,
        rollout_time: figure(rollout_time, "rollout_time")?,
        users_hurt: parsed(users_hurt, "users_hurt")?,
        requests: parsed(requests, "requests")?,
        gates_failed: gates
            .split_whitespace()
            .map(|it| parsed(it, "gate"))
            .collect::<Result<Vec<usize>, String>>()?,
    })
}
