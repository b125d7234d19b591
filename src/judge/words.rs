//! Verdicts in words, for the timeline.

use std::fmt;

use super::{Measurement, Verdict};
use crate::units::Limit;

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
            let value = Limit::new(limit.kind(), value).rounded();
            write!(f, ": {} {value}, limit {limit}", evidence.metric)?;
        }
        if let Some(it) = evidence.statistic {
            write!(f, ", {} {:.3}, bound {:.3}", it.name, it.value, it.bound)?;
        }
        write!(f, " ({} samples)", evidence.samples)
    }
}
