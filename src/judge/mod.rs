//! Judges: pure functions of what the monitoring shows. A judge cannot see the truth.

use serde::Serialize;

use crate::{
    model::{Group, MetricSpec, Observed},
    units::{Instant, Limit},
};

mod analysis;
mod words;

pub use analysis::{AnalysisRun, AnalysisSpec, GateSpec, Measurement, RunState};

/// What a judge is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The requests or instances that are judged.
    pub candidate: Group,
    /// Those they are compared with.
    pub baseline: Group,
    /// Since when the candidate has been watched.
    pub since: Instant,
}

/// What a look came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Pass,
    Fail,
    /// Neither good nor bad enough.
    Inconclusive,
    /// Too few samples to say anything: the look does not count.
    TooFew,
    /// There was nothing to measure.
    Error,
}

/// A verdict and what led to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Assessment {
    pub verdict: Verdict,
    pub evidence: Evidence,
}

/// What a judge compared; in the unit of the metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Evidence {
    pub metric: MetricSpec,
    /// The value compared with the limit; none when there was nothing to measure.
    pub value: Option<f64>,
    /// The baseline's own value, where one was used.
    pub baseline: Option<f64>,
    /// Attempts or scrapes behind the value.
    pub samples: u64,
    pub limit: Option<Limit>,
}

/// Looks at the telemetry once and gives a verdict with its evidence.
pub trait Judge: Send {
    fn assess(&self, observed: &Observed<'_>, subject: Subject) -> Assessment;
}

catalog! {
    /// How a gate decides.
    JudgeSpec builds Box<dyn Judge> {
        "threshold" => threshold::Threshold,
    }
}
