//! How a rollout ended and what that means for the release that it shipped: one notion for every study.

use super::Played;
use crate::model::Phase;

/// How a rollout ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The new release serves all users.
    Promoted,
    /// The old release serves all users again.
    RolledBack,
    /// It was stopped half-way, for good.
    Failed,
    /// The trial ended before it: under way, rolling back, or waiting for a person. What would have
    /// become of it is not known.
    Unfinished,
}

impl End {
    pub const ALL: [Self; 4] = [Self::Promoted, Self::RolledBack, Self::Failed, Self::Unfinished];

    /// Of a trial that ended in this phase.
    pub const fn of(phase: Phase) -> Self {
        match phase {
            Phase::Completed => Self::Promoted,
            Phase::RolledBack => Self::RolledBack,
            Phase::Failed => Self::Failed,
            Phase::Pending | Phase::Progressing | Phase::Paused | Phase::RollingBack => {
                Self::Unfinished
            }
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Promoted => "promoted",
            Self::RolledBack => "rolled_back",
            Self::Failed => "failed",
            Self::Unfinished => "unfinished",
        }
    }
}

/// Rollouts that may be cut off by the end of the trial, as a share, before nothing is concluded from the
/// others: what cannot be seen cannot be promised.
pub const UNFINISHED_MAX: f64 = 0.01;

/// What happens to a rollout or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Happening {
    /// A good release was rolled back.
    FalseRollback,
    /// A bad release serves all users in the end.
    Escaped,
    /// A failed measurement or an alert noticed a bad release.
    Detected,
    Completed,
    RolledBack,
    /// The trial ended before the rollout.
    Unfinished,
}

impl Happening {
    pub(super) const ALL: [Self; 6] = [
        Self::FalseRollback,
        Self::Escaped,
        Self::Detected,
        Self::Completed,
        Self::RolledBack,
        Self::Unfinished,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::FalseRollback => "false_rollback",
            Self::Escaped => "escaped",
            Self::Detected => "detected",
            Self::Completed => "completed",
            Self::RolledBack => "rolled_back",
            Self::Unfinished => "unfinished",
        }
    }

    /// Whether it can happen to releases of a class.
    pub(super) const fn concerns(self, good: bool) -> bool {
        match self {
            Self::FalseRollback => good,
            Self::Escaped | Self::Detected => !good,
            Self::Completed | Self::RolledBack | Self::Unfinished => true,
        }
    }

    pub(super) fn happened(self, played: &Played, good: bool) -> bool {
        let end = End::of(played.phase);
        self.concerns(good)
            && match self {
                Self::FalseRollback | Self::RolledBack => end == End::RolledBack,
                Self::Escaped | Self::Completed => end == End::Promoted,
                Self::Detected => played.detected,
                Self::Unfinished => end == End::Unfinished,
            }
    }
}
