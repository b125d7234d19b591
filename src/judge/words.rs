//! Verdicts in words, for the timeline.

use std::fmt;

use super::{Measurement, Verdict};
use crate::units::text;

impl Measurement {
    /// The measurement failed or was inconclusive.
    pub fn is_failure(&self) -> bool {
        self.assessment.verdict == Verdict::Fail
    }
}

impl fmt::Display for Measurement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let evidence = &self.assessment.evidence;
        let verdict = match self.assessment.verdict {
            Verdict::Pass => "passes",
            Verdict::Accept => "accepts",
            Verdict::Fail => "fails",
            Verdict::Inconclusive => "is inconclusive",
            Verdict::TooFew => "has too few samples",
            Verdict::Error => "has no data",
        };
        write!(f, "gate `{}` {verdict}", self.gate)?;
        if let (Some(value), Some(limit)) = (evidence.value, evidence.limit) {
            let (value, limit) = (text::figure(limit.kind(), value), text::limit(limit));
            write!(f, ": {} {value}, limit {limit}", evidence.metric)?;
        }
        if let Some(it) = evidence.statistic {
            let (value, bound) = (text::number(it.value), text::number(it.bound));
            write!(f, ", {} {value}, bound {bound}", it.name)?;
        }
        write!(f, " ({})", text::counted(evidence.samples, "sample"))
    }
}
