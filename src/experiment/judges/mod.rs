//! Judges beside each other: every gate of a scenario on the same rollouts, none of which it stops.
//!
//! What a gate sees does not depend on the others, so one rollout serves them all: they run dry, and the
//! outcome says when each would have stopped it.

mod row;
mod study;
mod worlds;

use serde::{Deserialize, Serialize};

pub use row::JudgesRow;
pub use study::{JudgesAsked, JudgesStudy, play_judges};

/// Version of the format of `judges.json`.
pub const JUDGES_FORMAT: u32 = 1;

/// What every judge made of the same rollouts.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Judges {
    /// [`JUDGES_FORMAT`].
    pub format: u32,
    /// Version of the program.
    pub rollsim: String,
    /// Name and title of the scenario.
    pub name: String,
    pub title: String,
    pub seed: u64,
    /// The command that makes this again.
    pub command: String,
    /// Rollouts of each kind.
    pub trials: u64,
    /// False when it was interrupted: the figures are valid, with wider intervals than requested.
    pub complete: bool,
    /// Share of the intervals that hold the truth.
    pub confidence: f64,
    /// What was rolled out.
    pub worlds: Vec<WorldOfJudges>,
    /// In the order of the scenario.
    pub judges: Vec<JudgeFound>,
}

/// A kind of rollout.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct WorldOfJudges {
    pub name: String,
    pub about: String,
    /// Whether the release is good, so that a judge that stops it is wrong.
    pub good: bool,
}

/// One gate.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct JudgeFound {
    /// Name of the gate.
    pub name: String,
    /// Kind of judge, such as `e_process`.
    pub judge: String,
    /// In the order of the worlds.
    pub found: Vec<Stopped>,
}

/// How often a gate would have stopped a kind of rollout, and when.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Stopped {
    pub trials: u64,
    /// Rollouts that it would have stopped: it failed, was inconclusive beyond its limit or had no data
    /// for too long.
    pub stopped: u64,
    /// Share of them, with Wilson's interval.
    pub share: f64,
    pub low: f64,
    pub high: f64,
    /// Seconds from the start of the rollout until it would have, of those: median and 90th
    /// percentile.
    pub after_p50: Option<f64>,
    pub after_p90: Option<f64>,
}
