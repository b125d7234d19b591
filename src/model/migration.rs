//! A change of the shared database that comes with a release.

use serde::{Deserialize, Serialize};

use crate::units::{Factor, Ratio, Span};

/// A migration: how long it runs, what it blocks meanwhile, how it ends, and whether it can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct MigrationSpec {
    /// Time it takes when it finishes.
    pub duration: Span,
    /// Whether it holds a lock that every query waits for.
    pub locks: bool,
    /// Query times while it runs, as a multiple of normal ones (a backfill's share of the disk).
    pub slowdown: Factor,
    /// How it ends.
    pub end: MigrationEnd,
    /// Share of the old release's queries that fail on the new schema. `0%` for expand-contract.
    pub breaks_old: Ratio,
    /// Share of the new release's queries that fail on the old schema.
    pub breaks_new: Ratio,
    /// Whether it can be undone at all. If not, the old release stays on the new schema.
    pub reversible: bool,
    /// Time that undoing takes, with the same lock and slow-down.
    pub undo: Span,
}

impl Default for MigrationSpec {
    fn default() -> Self {
        Self {
            duration: Span::from_secs(60),
            locks: false,
            slowdown: Factor::ONE,
            end: MigrationEnd::Finishes,
            breaks_old: Ratio::ZERO,
            breaks_new: Ratio::ZERO,
            reversible: true,
            undo: Span::from_secs(60),
        }
    }
}

/// How a migration ends.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MigrationEnd {
    /// Succeeds after its duration.
    Finishes,
    /// Never: it loops, and keeps its lock until it is undone.
    Loops,
    /// Fails at this share of its duration, with half of the schema changed.
    FailsAt(Ratio),
}
