//! What is shipped and what comes of it: a class of releases, one rollout, one trial's figures.

use serde::{Deserialize, Serialize};

use crate::{
    kernel::Seed,
    model::{Measure, Phase},
};

/// A class of releases.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct ReleaseClass {
    pub name: String,
    /// Share of all releases.
    pub chance: f64,
    pub good: bool,
    /// Index into the plans' releases.
    pub release: usize,
    /// What is wrong, in words.
    pub about: String,
}

/// One rollout, under every strategy that was still in the comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Rollout {
    pub class: usize,
    pub seed: Seed,
    /// What came of it, in the order of the contestants; none where it was not simulated.
    pub results: Vec<Option<Played>>,
}

impl Rollout {
    /// Whether it was simulated under just these contestants.
    pub(super) fn is_under(&self, playing: &[bool]) -> bool {
        self.results.iter().map(Option::is_some).eq(playing.iter().copied())
    }
}

/// What one trial leaves for the comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Played {
    pub phase: Phase,
    /// A failed measurement or an alert noticed something.
    pub detected: bool,
    pub pages_at_night: u32,
    pub figures: Vec<(Measure, f64)>,
}

impl Played {
    pub fn figure(&self, measure: Measure) -> Option<f64> {
        self.figures.iter().find(|(it, _)| *it == measure).map(|&(_, value)| value)
    }
}
