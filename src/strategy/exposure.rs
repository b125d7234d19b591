//! What a strategy plans to show to whom, and for how long: for analyses of a rollout without a
//! simulation.

use super::AnalysisMode;
use crate::units::Span;

/// Shares of the steps of a plain canary, and of a plain flag ramp.
pub(super) const PLAIN_CANARY: [f64; 4] = [0.05, 0.1, 0.25, 0.5];
pub(super) const PLAIN_FLAG: [f64; 4] = [0.01, 0.1, 0.5, 1.0];

/// Most steps of a plain strategy: those of a canary and then a flag.
pub const PLAIN_STEPS: u64 = (PLAIN_CANARY.len() + PLAIN_FLAG.len()) as u64;

/// A ramp of shares as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct WrittenRamp {
    /// Where the steps are written, such as `canary.steps`, without the name of the section.
    pub path: &'static str,
    /// The key of a step's share.
    pub key: &'static str,
    pub steps: Vec<ExposureStep>,
    /// Whether a rollout walks it; otherwise the settings leave it out.
    pub walked: bool,
    /// Whether a rollout ends with the last step, which then is for all; otherwise it goes on from there.
    pub last_stays: bool,
}

impl WrittenRamp {
    /// Under an analysis that runs at these times; none where nothing is watched.
    pub(super) fn watched(self, mode: AnalysisMode) -> Option<Watched> {
        let each_step = mode == AnalysisMode::EachStep;
        let some = mode != AnalysisMode::None && !self.steps.is_empty();
        some.then_some(Watched { path: self.path, steps: self.steps, each_step })
    }
}

/// The steps of a strategy that an analysis watches.
#[derive(Clone, Debug, PartialEq)]
pub struct Watched {
    /// Where the steps are written, such as `canary.steps`, without the name of the section.
    pub path: &'static str,
    pub steps: Vec<ExposureStep>,
    /// Whether each step has an analysis of its own.
    pub each_step: bool,
}

impl Watched {
    /// Whether its steps are those of another, wherever they are written.
    pub fn is_as(&self, other: &Self) -> bool {
        self.each_step == other.each_step && self.steps == other.steps
    }
}

/// A step that is held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExposureStep {
    /// Share of the traffic that meets the candidate.
    pub weight: f64,
    pub hold: Span,
    /// Whether a person is asked before it.
    pub approve: bool,
}
