//! The releases of a rollout.

use serde::{Deserialize, Serialize};

/// One of the two releases of a rollout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReleaseId {
    /// The release that ran before.
    #[default]
    Stable,
    /// The release that is being rolled out.
    Candidate,
}

impl ReleaseId {
    pub const BOTH: [Self; 2] = [Self::Stable, Self::Candidate];

    /// 0 for the stable release, 1 for the candidate.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The index, where it is written down small.
    pub const fn number(self) -> u8 {
        self as u8
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Candidate => "candidate",
        }
    }
}
