//! The analysis of a scenario: its gates and when they are measured.

use serde::{Deserialize, Serialize};

use super::{Judge, JudgeSpec};
use crate::{model::MetricSpec, units::Span};

/// The analysis of a rollout (Argo Rollouts: `AnalysisRun`): what is measured while the candidate
/// takes traffic, and how often.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AnalysisSpec {
    /// Time from one measurement to the next; at least 1 s.
    #[serde(default = "one_minute")]
    pub interval: Span,
    /// Time from the start of the analysis to the first measurement.
    #[serde(default)]
    pub initial_delay: Span,
    /// Its metrics (gates); the worst of them decides.
    #[cfg_attr(test, schemars(length(min = 1, max = 32)))]
    pub gates: Vec<GateSpec>,
}

/// One metric of the analysis with its judge and counters, like a metric of an Argo Rollouts
/// `AnalysisTemplate`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GateSpec {
    /// Name shown in the timeline.
    pub name: String,
    /// How each measurement is judged.
    pub judge: JudgeSpec,
    /// Measurements after which the gate is done, those without data not counted. Without it,
    /// measuring continues until the analysis is stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = 1, max = 1_000_000)))]
    pub count: Option<u32>,
    /// The analysis fails with more failed measurements than this, counted over all measurements
    /// (Argo: 0).
    #[serde(default)]
    pub failure_limit: u32,
    /// It is inconclusive with more inconclusive measurements than this (Argo: 0).
    #[serde(default)]
    pub inconclusive_limit: u32,
    /// It ends in an error with more consecutive measurements without data than this (Argo: 4);
    /// these are repeated after 10 s.
    #[serde(default = "four")]
    pub consecutive_error_limit: u32,
    /// What a measurement without data means. Without it, what its judge makes of that: an error for one that looks
    /// at a window, and for one that gathers evidence a measurement that does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_data: Option<NoData>,
    /// Whether the gate is measured but never decides (Argo's `dryRun`): to try out a judge beside
    /// those that decide.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, schemars(extend("default" = false)))]
    pub dry_run: bool,
}

/// What a measurement without data means: one for which nothing was scraped, or no request was counted.
///
/// Controllers disagree. In Argo Rollouts an empty result is an error of the query, unless the condition has a guard such as
/// `len(result) == 0`, which passes. In Flagger no values found is a failed check. In Kayenta a metric without values is
/// `Nodata`, which is left out of the score, or `NodataFailMetric` where it must have data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoData {
    /// The measurement passes: a guard in the condition of Argo Rollouts.
    Pass,
    /// It fails: Flagger, and Kayenta's `NodataFailMetric`.
    Fail,
    /// It does not count: Kayenta's `Nodata`.
    Skip,
    /// It is inconclusive.
    Inconclusive,
    /// It is an error, repeated after 10 s: Argo Rollouts without a guard.
    Error,
}

fn one_minute() -> Span {
    Span::from_secs(60)
}

fn four() -> u32 {
    4
}

impl AnalysisSpec {
    /// How far back the measurements of its gates reach.
    pub fn lookback(&self) -> Span {
        let between = self.interval.max(self.initial_delay);
        self.judges().map(|it| it.lookback(between)).max().unwrap_or_default()
    }

    /// Whether any of its gates reads latencies, which are only kept where a judge or alert does.
    pub fn looks_at_latency(&self) -> bool {
        self.gates
            .iter()
            .any(|it| it.judge.kind().metrics().into_iter().any(MetricSpec::of_latency))
    }

    /// The windows of its judges: path within the analysis, and length.
    pub fn windows(&self) -> Vec<(String, Span)> {
        let gates = self.gates.iter().enumerate();
        let within = |index: usize| format!("gates[{index}].judge");
        gates.flat_map(|(index, it)| it.judge.windows_within(&within(index))).collect()
    }

    fn judges(&self) -> impl Iterator<Item = Box<dyn Judge>> {
        self.gates.iter().map(|it| it.judge.build())
    }
}
