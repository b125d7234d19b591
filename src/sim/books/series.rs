//! How things went over time, for those who look at one trial.

use serde::Serialize;

use crate::{
    model::{ByMet, ByRelease},
    units::{Bytes, Instant, Span},
};

/// How things went over time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Series {
    /// Length of a point.
    pub step: Span,
    pub points: Vec<SeriesPoint>,
}

/// One point of the series: what happened in the step that ends at `at`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SeriesPoint {
    pub at: Instant,
    /// Requests that ended well, and without a good answer.
    pub good: u64,
    pub failed: u64,
    pub slow: u64,
    pub wrong: u64,
    /// Requests that waited for a worker at the end of the step.
    pub queue: u64,
    /// Attempts and failures as the balancer saw them: stable, candidate dark, candidate exposed, further releases.
    pub attempts: ByMet<u64>,
    pub failures: ByMet<u64>,
    pub latency_p50: ByMet<Option<Span>>,
    pub latency_p99: ByMet<Option<Span>>,
    /// Mean memory of an instance: stable, candidate, further releases.
    pub memory: ByRelease<Option<Bytes>>,
    /// Busy part of the workers.
    pub saturation: f64,
    /// Ready instances: stable, candidate, further releases.
    pub ready: ByRelease<u32>,
    /// Share of the traffic assigned to the candidate.
    pub weight: f64,
}
