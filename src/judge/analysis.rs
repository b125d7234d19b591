//! The analysis of a scenario: its gates and when they look.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Judge, JudgeSpec};
use crate::units::Span;

/// The gate of a rollout: what is measured while the candidate takes traffic, and how often.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnalysisSpec {
    /// Time from one look to the next; at least 1 s.
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
    /// Looks after which the gate is done, looks without data not counted; without it, it goes on until
    /// the analysis is stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
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
    /// Whether the gate only looks and never decides (Argo's `dryRun`): to try a judge out beside
    /// those that count.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
}

fn one_minute() -> Span {
    Span::from_secs(60)
}

fn four() -> u32 {
    4
}

impl AnalysisSpec {
    /// How far back the looks of its gates reach.
    pub fn lookback(&self) -> Span {
        let between = self.interval.max(self.initial_delay);
        self.judges().map(|it| it.lookback(between)).max().unwrap_or_default()
    }

    /// Whether any of its gates looks at latencies.
    pub fn looks_at_latency(&self) -> bool {
        self.judges().any(|it| it.looks_at_latency())
    }

    fn judges(&self) -> impl Iterator<Item = Box<dyn Judge>> {
        self.gates.iter().map(|it| it.judge.build())
    }
}
