//! Verdicts in words, for the timeline, and how far back judges look.

use std::fmt;

use super::{AnalysisSpec, JudgeSpec, Measurement, Verdict};
use crate::{
    model::MetricSpec,
    units::{Limit, Span},
};

impl Measurement {
    /// The look went against the candidate.
    pub fn is_failure(&self) -> bool {
        self.assessment.verdict == Verdict::Fail
    }
}

impl fmt::Display for Measurement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let evidence = &self.assessment.evidence;
        let verdict = match self.assessment.verdict {
            Verdict::Pass => "passes",
            Verdict::Fail => "fails",
            Verdict::Inconclusive => "is inconclusive",
            Verdict::TooFew => "has too few samples",
            Verdict::Error => "has nothing to measure",
        };
        write!(f, "gate `{}` {verdict}", self.gate)?;
        if let (Some(value), Some(limit)) = (evidence.value, evidence.limit) {
            let value = Limit::new(limit.kind(), value).rounded();
            write!(f, ": {} {value}, limit {limit}", evidence.metric)?;
        }
        write!(f, " ({} samples)", evidence.samples)
    }
}

impl AnalysisSpec {
    /// How far back any of its gates looks.
    pub fn longest_window(&self) -> Span {
        let window = |it: &JudgeSpec| match it {
            JudgeSpec::Threshold(it) => it.window,
        };
        self.gates.iter().map(|it| window(&it.judge)).max().unwrap_or_default()
    }

    /// Whether any of its gates looks at latencies.
    pub fn looks_at_latency(&self) -> bool {
        self.gates.iter().any(|it| match &it.judge {
            JudgeSpec::Threshold(it) => matches!(it.metric, MetricSpec::Latency(_)),
        })
    }
}
