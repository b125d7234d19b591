//! The shared words of a rollout: what a strategy sees, and what it may ask for.
//!
//! A strategy sees only what a real controller could: the replica counts that the platform reports,
//! the weights it set itself, verdicts of its analysis, answers of people. It cannot see the truth.

use serde::{Deserialize, Serialize};

use super::{ByGroup, GroupId, GroupView, Population, UserMatch};
use crate::{
    kernel::{Id, Table},
    units::{Instant, Ratio, Span},
};

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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    pub now: Instant,
    /// Instances that the bot is meant to have, before any surge.
    pub fleet: u32,
    /// The groups of instances, in the strategy's order.
    pub groups: ByGroup<GroupView>,
    /// What each analysis has come to, by the strategy's numbers: none where it has not been started, or was stopped.
    pub analyses: ByAnalysis<Option<AnalysisState>>,
    pub migration: MigrationState,
    pub smoke: SmokeState,
    /// The answer to the last question, once there is one.
    pub answer: Option<Answer>,
    pub orders: Orders,
    /// How long the rollout has been frozen, up to the end of the last freeze.
    pub frozen_for: Span,
}

impl View {
    pub fn stable(&self) -> &GroupView {
        &self.groups[GroupId::STABLE]
    }

    pub fn candidate(&self) -> &GroupView {
        &self.groups[GroupId::CANDIDATE]
    }

    /// What an analysis has come to; none where there is none of this number.
    pub fn analysis(&self, id: AnalysisId) -> Option<AnalysisState> {
        self.analyses.get(id).copied().flatten()
    }

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
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Ask for this many replicas of a group; the platform starts or drains instances.
    Scale { group: GroupId, replicas: u32 },
    /// Ask for this share of the traffic (or of the users) to meet a group; what is left meets the stable one.
    Weight { group: GroupId, share: Ratio },
    /// Change the rule of the release's feature flag.
    Flag(FlagRule),
    /// Start the migration.
    Migrate,
    /// Undo the migration.
    UndoMigration,
    /// Start an analysis. One of the same number that is running is dropped; the others go on.
    StartAnalysis(AnalysisId, Compared),
    /// Drop an analysis.
    StopAnalysis(AnalysisId),
    /// Send a smoke test to the candidate.
    Smoke(SmokeTest),
    /// Ask a person for approval.
    Ask(String),
    /// Say where the rollout stands, and why.
    Enter(Phase, String),
    /// Say what has been done, for the timeline.
    Note(String),
}

impl Action {
    /// Asks for a share of the traffic for the candidate.
    pub const fn candidate_gets(share: Ratio) -> Self {
        Self::Weight { group: GroupId::CANDIDATE, share }
    }
}

/// An analysis of a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnAnalysis {}

/// The number of an analysis, which the strategy chooses: it may have several at once.
pub type AnalysisId = Id<AnAnalysis>;

/// Something of each analysis.
pub type ByAnalysis<T> = Table<AnAnalysis, T>;

impl Id<AnAnalysis> {
    /// The one of a strategy that has no more than one at a time.
    pub const ONLY: Self = Self::new(0);
}

/// What an analysis compares.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    pub candidate: Population,
    pub baseline: Population,
    /// Only the gates of these names; all where there is none.
    pub gates: Vec<String>,
}

impl Compared {
    /// The candidate's group against the stable one, by all gates.
    pub const fn releases() -> Self {
        Self::groups(GroupId::CANDIDATE, GroupId::STABLE)
    }

    /// A group against another, by all gates.
    pub const fn groups(candidate: GroupId, baseline: GroupId) -> Self {
        let (candidate, baseline) = (Population::Group(candidate), Population::Group(baseline));
        Self { candidate, baseline, gates: Vec::new() }
    }

    /// Those of the candidate who have the feature against those who do not, by all gates.
    pub const fn feature() -> Self {
        Self { candidate: Population::FlagOn, baseline: Population::FlagOff, gates: Vec::new() }
    }
}

/// When a strategy wants to be called again; it is always called when what it sees has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// At this moment at the latest.
    At(Instant),
    /// Only when something changes.
    OnChange,
}
