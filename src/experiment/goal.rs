//! How long a comparison goes on, and when it is looked at.

use serde::{Deserialize, Serialize};

/// How long a comparison goes on.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// So many rollouts.
    Trials(u64),
    /// Until the ranking by cost is decided to this share of the cost, at most so many rollouts.
    Precision { part: f64, of: Ranked, most: u64 },
}

/// What of the ranking is to be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ranked {
    /// Which strategy is the best.
    Best,
    /// The order of all.
    All,
}

/// Most looks: each doubles the number of trials, so that more would hardly come sooner.
pub(super) const LOOKS_MAX: u32 = 8;
/// Rollouts at the first look, for each class and at least; a class has at least a thirtieth of all.
const FIRST_LOOK: u64 = 12;
const FIRST_LOOK_MIN: u64 = 48;
/// Share of the cost that makes no difference, where nothing else is asked for.
const TOLERANCE: f64 = 0.05;

impl Goal {
    /// Numbers of rollouts after which it may end: each twice the one before.
    pub(super) fn looks(self, classes: usize) -> Vec<u64> {
        match self {
            Self::Trials(trials) => vec![trials],
            Self::Precision { most, .. } => {
                let first = (FIRST_LOOK * classes as u64).max(FIRST_LOOK_MIN);
                let doublings = (0..LOOKS_MAX).take_while(|it| most >> it >= first).count().max(1);
                (0..doublings).rev().map(|it| most >> it).collect()
            }
        }
    }

    /// Share of the cost that makes no difference.
    pub(super) const fn tolerance(self) -> f64 {
        match self {
            Self::Trials(_) => TOLERANCE,
            Self::Precision { part, .. } => part,
        }
    }

    pub(super) const fn most(self) -> u64 {
        match self {
            Self::Trials(most) | Self::Precision { most, .. } => most,
        }
    }
}
