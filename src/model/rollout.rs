//! The shared words of a rollout: what a strategy sees, and what it may ask for.
//!
//! A strategy sees only what a real controller could: the replica counts that the platform reports,
//! the weight it set itself, verdicts of its analysis, answers of people. It cannot see the truth.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::UserMatch;
use crate::units::{Instant, Ratio, Span, narrow};

/// One of the two releases of a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReleaseId {
    /// The release that ran before.
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

/// Where a rollout stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Not started.
    Pending,
    /// Moving to the new release.
    Progressing,
    /// Waiting for a person.
    Paused,
    /// Moving back to the old release.
    RollingBack,
    /// The new release serves all users. Final.
    Completed,
    /// The old release serves all users again. Final.
    RolledBack,
    /// Neither: stopped half-way. Final.
    Failed,
}

impl Phase {
    /// Whether the rollout is over.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::RolledBack | Self::Failed)
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Progressing => "progressing",
            Self::Paused => "paused",
            Self::RollingBack => "rolling back",
            Self::Completed => "completed",
            Self::RolledBack => "rolled back",
            Self::Failed => "failed",
        }
    }
}

/// Replicas of one release, as the platform reports them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplicaView {
    /// Replicas asked for.
    pub desired: u32,
    /// Replicas that the platform keeps: those asked for, unless an autoscaler of the release has changed
    /// them since.
    pub held: u32,
    /// Instances that exist and are not being stopped.
    pub existing: u32,
    /// Instances being stopped.
    pub terminating: u32,
    /// Instances waiting in the restart back-off.
    pub crashed: u32,
    /// Since when each ready instance has been ready, in ascending order. Shared, because a view is shown after every
    /// change of anything, and a fleet may be large.
    pub ready_since: Arc<Vec<Instant>>,
}

impl ReplicaView {
    /// Instances that are ready now.
    pub fn ready(&self) -> u32 {
        narrow(self.ready_since.len())
    }

    /// Instances that have been ready for at least `min_ready`.
    pub fn available(&self, now: Instant, min_ready: Span) -> u32 {
        narrow(self.ready_since.partition_point(|&since| now.since(since) >= min_ready))
    }
}

/// State of a gate or of an analysis; later is more severe, as Argo orders them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AnalysisState {
    Passed,
    Running,
    Inconclusive,
    /// Its metrics could not be read too often in a row.
    Errored,
    Failed,
}

/// State of the migration that comes with the candidate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MigrationState {
    /// The release has none.
    #[default]
    None,
    Pending,
    Running,
    Done,
    /// Stopped half-way by itself.
    Failed,
    Undoing,
    Undone,
}

/// State of the smoke test that the strategy started last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SmokeState {
    #[default]
    Idle,
    Running,
    Passed,
    Failed,
}

/// Answer of a person to the last question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Yes,
    No,
}

/// What people have ordered, once each but for the freeze, which may come and go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent orders, not one state")]
pub struct Orders {
    /// The rollout is to be undone.
    pub undo: bool,
    /// The feature is to be switched off; the code stays.
    pub switch_off: bool,
    /// All remaining steps are to be taken at once.
    pub roll_forward: bool,
    /// The rollout is to stand still.
    pub freeze: bool,
}

/// What a strategy sees each time it reconciles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    pub now: Instant,
    /// Instances that the bot is meant to have, before any surge.
    pub fleet: u32,
    pub stable: ReplicaView,
    pub candidate: ReplicaView,
    /// Of the analysis that the strategy started last; none where none has been started since the last was stopped.
    pub analysis: Option<AnalysisState>,
    pub migration: MigrationState,
    pub smoke: SmokeState,
    /// The answer to the last question, once there is one.
    pub answer: Option<Answer>,
    pub orders: Orders,
    /// How long the rollout has been frozen, up to the end of the last freeze.
    pub frozen_for: Span,
}

impl View {
    /// The present moment by a clock that stands still while the rollout is frozen: pauses and deadlines go by it.
    pub fn clock(&self) -> Instant {
        self.now.saturating_sub(self.frozen_for)
    }

    /// When that clock will show a moment.
    pub fn when(&self, clock: Instant) -> Instant {
        clock.saturating_add(self.frozen_for)
    }
}

/// Which users have a feature flag on.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FlagRule {
    /// Share of all users, by a hash of the user that stays the same as the share grows.
    pub share: Ratio,
    /// Users who have it on whatever the share: those that match any of these.
    pub include: Vec<UserMatch>,
    /// Users who have it off whatever else holds: those that match any of these.
    pub exclude: Vec<UserMatch>,
}

impl FlagRule {
    /// Off for all users.
    pub fn off() -> Self {
        Self::default()
    }

    /// On for this share of all users.
    pub fn share(share: Ratio) -> Self {
        Self { share, ..Self::default() }
    }
}

/// Test requests sent to the candidate before any user meets it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct SmokeTest {
    /// How many requests are sent.
    #[cfg_attr(test, schemars(range(min = 1, max = 100_000)))]
    pub requests: u32,
    /// Time over which they are spread.
    pub over: Span,
    /// Operations that are tested; all when left out.
    pub operations: Vec<String>,
    /// The test fails when more than this part of its requests fail.
    pub failures_max: Ratio,
}

impl Default for SmokeTest {
    fn default() -> Self {
        Self {
            requests: 50,
            over: Span::from_secs(30),
            operations: Vec::new(),
            failures_max: Ratio::clamped(0.02),
        }
    }
}

/// What a strategy may ask the world to do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Action {
    /// Ask for this many replicas of a release; the platform starts or drains instances.
    Scale { release: ReleaseId, replicas: u32 },
    /// Ask for this share of the traffic (or of the users) to meet the candidate.
    Weight(Ratio),
    /// Change the rule of the release's feature flag.
    Flag(FlagRule),
    /// Start the migration.
    Migrate,
    /// Undo the migration.
    UndoMigration,
    /// Start an analysis of candidate against stable, or of those with the feature against those
    /// without. An analysis that is running is dropped.
    StartAnalysis { of_feature: bool },
    /// Drop the analysis.
    StopAnalysis,
    /// Send a smoke test to the candidate.
    Smoke(SmokeTest),
    /// Ask a person for approval.
    Ask(String),
    /// Say where the rollout stands, and why.
    Enter(Phase, String),
    /// Say what has been done, for the timeline.
    Note(String),
}

/// When a strategy wants to be called again; it is always called when what it sees has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// At this moment at the latest.
    At(Instant),
    /// Only when something changes.
    OnChange,
}
