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
        let dry_run = if self.dry_run { " (dry run)" } else { "" };
        write!(f, "gate `{}`{dry_run} {verdict}", self.gate)?;
        let limited = evidence.value.zip(evidence.limit).map(|(value, limit)| {
            let value = text::beside(limit.kind(), value, &[limit]);
            format!("{} {value}, limit {}", evidence.metric, text::limit(limit))
        });
        let bounded = evidence.statistic.map(|it| {
            let (value, bound) = (text::number(it.value), text::number(it.bound));
            format!("{} {value}, bound {bound}", it.name)
        });
        let found: Vec<String> = limited.into_iter().chain(bounded).collect();
        if !found.is_empty() {
            write!(f, ": {}", found.join(", "))?;
        }
        write!(f, " ({})", text::counted(evidence.samples, "sample"))
    }
}
