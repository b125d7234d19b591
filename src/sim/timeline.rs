//! The timeline: what happened, when, and why, in words.

use serde::Serialize;

use crate::units::Instant;

/// The topic of an entry of the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    Rollout,
    Traffic,
    Instance,
    Migration,
    Fault,
    Verdict,
    Alert,
    Operator,
    Flag,
    Users,
}

impl Topic {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rollout => "rollout",
            Self::Traffic => "traffic",
            Self::Instance => "instance",
            Self::Migration => "migration",
            Self::Fault => "fault",
            Self::Verdict => "verdict",
            Self::Alert => "alert",
            Self::Operator => "operator",
            Self::Flag => "flag",
            Self::Users => "users",
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    pub at: Instant,
    pub topic: Topic,
    pub text: String,
    /// Why, where it is known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cause: String,
}

/// What an observer of a trial is shown, in the order of simulated time.
#[derive(Clone, Copy, Debug)]
pub enum Sight<'e> {
    /// Something has happened.
    Entry(&'e Entry),
    /// The trial has come this far; shown at each scrape.
    Progress(Instant),
}

/// Entries that one trial keeps; later ones are counted only.
pub(super) const ENTRIES_MAX: usize = 20_000;
