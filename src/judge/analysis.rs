//! A run of gates with Argo's counters: measurements, limits, and what they come to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Assessment, Judge, JudgeSpec, Subject, Verdict};
use crate::{
    model::Observed,
    units::{Instant, Span},
};

/// The gate of a rollout: what is measured while the candidate takes traffic, and how often.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnalysisSpec {
    /// Time between two looks.
    #[serde(default = "one_minute")]
    pub interval: Span,
    /// Time from the start of the analysis to the first look.
    #[serde(default)]
    pub initial_delay: Span,
    /// What is judged; the worst of them decides.
    #[schemars(length(min = 1, max = 32))]
    pub gates: Vec<GateSpec>,
}

/// One judged metric with its counters, as an Argo Rollouts `AnalysisTemplate` metric has them.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GateSpec {
    /// Name, as the timeline shows it.
    pub name: String,
    /// How each look is judged.
    pub judge: JudgeSpec,
    /// Looks after which the gate is done; without it, it goes on until the analysis is stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// The analysis fails with more failed looks than this, counted over all looks (Argo: 0).
    #[serde(default)]
    pub failure_limit: u32,
    /// It is inconclusive with more inconclusive looks than this (Argo: 0).
    #[serde(default)]
    pub inconclusive_limit: u32,
    /// It ends in an error with more looks in a row without data than this (Argo: 4); these are
    /// repeated after 10 s.
    #[serde(default = "four")]
    pub consecutive_error_limit: u32,
}

fn one_minute() -> Span {
    Span::from_secs(60)
}

fn four() -> u32 {
    4
}

/// State of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    Running,
    Passed,
    Failed,
    Inconclusive,
    Errored,
}

/// One look of one gate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measurement {
    pub at: Instant,
    pub gate: String,
    pub assessment: Assessment,
}

/// A run of all gates, from its start until it is decided.
pub struct AnalysisRun {
    gates: Vec<Gate>,
    subject: Subject,
    interval: Span,
    state: RunState,
}

struct Gate {
    name: String,
    judge: Box<dyn Judge>,
    due: Instant,
    spec: GateSpec,
    looks: u32,
    failed: u32,
    inconclusive: u32,
    consecutive_errors: u32,
}
