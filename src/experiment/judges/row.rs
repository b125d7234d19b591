//! One rollout as a row: when each gate spoke against the release.

use csv::StringRecord;
use serde::Serialize;

use crate::{
    experiment::{Columns, rows::parsed},
    kernel::Seed,
    model::AnalysisState,
    scenario::Plan,
    sim,
};

/// What one rollout leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgesRow {
    /// Index of the world.
    pub world: usize,
    pub trial: u64,
    pub seed: Seed,
    /// Of each gate: seconds from the start of the rollout until it would have stopped it, if it would.
    pub stopped_after: Vec<Option<u64>>,
}

/// Simulates one rollout to its end.
pub(super) fn play(
    plan: &Plan,
    gates: usize,
    (world, trial, seed): (usize, u64, Seed),
) -> JudgesRow {
    let outcome = sim::Trial::new(plan, seed).figures_only().run();
    let began = outcome.rollout_began.unwrap_or_default();
    let mut stopped_after: Vec<Option<u64>> = outcome
        .gates
        .iter()
        .map(|it| it.objection.filter(|it| it.1 > AnalysisState::Running))
        .map(|it| it.map(|(at, _)| at.since(began).nanos() / 1_000_000_000))
        .collect();
    // a rollout that ended before its first measurement
    stopped_after.resize(gates, None);
    JudgesRow { world, trial, seed, stopped_after }
}

/// The columns of the file of rollouts, for so many gates.
#[derive(Clone, Copy, Debug)]
pub struct JudgesColumns {
    pub gates: usize,
}

/// In place of a time, of a gate that did not stop it.
const NEVER: &str = "never";

impl Columns for JudgesColumns {
    type Kept = JudgesRow;

    fn names(&self) -> Vec<&'static str> {
        vec!["world", "trial", "seed", "stopped_after"]
    }

    fn fields(&self, kept: &JudgesRow, _row: usize) -> impl Serialize {
        let after = |it: &Option<u64>| it.map_or_else(|| NEVER.to_owned(), |it| it.to_string());
        let after: Vec<String> = kept.stopped_after.iter().map(after).collect();
        (kept.world, kept.trial, kept.seed.get(), after.join(" "))
    }

    fn read(&self, rows: &[StringRecord]) -> Result<JudgesRow, (usize, String)> {
        row(&rows[0], self.gates).map_err(|why| (0, why))
    }
}

fn row(record: &StringRecord, gates: usize) -> Result<JudgesRow, String> {
    let [world, trial, seed, after] = [0, 1, 2, 3].map(|it| record.get(it).unwrap_or(""));
    let seconds = |it: &str| if it == NEVER { Ok(None) } else { parsed(it, "time").map(Some) };
    let stopped_after = after.split(' ').map(seconds).collect::<Result<Vec<_>, String>>()?;
    if stopped_after.len() != gates {
        return Err(format!("`{after}` is not a time for each of {gates} gates"));
    }
    Ok(JudgesRow {
        world: parsed(world, "world")?,
        trial: parsed(trial, "trial")?,
        seed: Seed::new(parsed(seed, "seed")?),
        stopped_after,
    })
}
