//! Stops a catastrophe at once.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Assessment, Flaw, Judge, Subject, Verdict,
    counted::{Arms, CountedSpec, Reader, statistic},
};
use crate::{
    model::Observed,
    units::{Factor, Ratio, Span},
};

/// A rule for catastrophes, beside a judge that is careful and therefore slow.
///
/// Fails at once where the newest scrapes since the last look, as few of them as hold
/// `min_failures` failures of the candidate or more, have an error rate of at least `above` and of
/// at least `ratio` times the baseline's over the same time. With the defaults a candidate that
/// fails as rarely as the baseline, at 0.5 %, meets that less than once in a million looks.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Kill {
    /// Which attempts count.
    pub counts: CountedSpec,
    /// Fewest of them that make a catastrophe.
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub min_failures: u64,
    /// Least part of the candidate's attempts.
    pub above: Ratio,
    /// Least multiple of the baseline's part.
    pub ratio: Factor,
}

impl Default for Kill {
    fn default() -> Self {
        Self {
            counts: CountedSpec::Errors,
            min_failures: 10,
            above: Ratio::clamped(0.05),
            ratio: Factor::clamped(10.0),
        }
    }
}

impl Kill {
    pub(super) fn build(self) -> Box<dyn Judge> {
        Box::new(Watch { rule: self, reader: Reader::default(), newest: Vec::new() })
    }

    /// What the newest scrapes come to, given the oldest of them first: a verdict against the
    /// candidate, or none.
    pub(super) fn strikes(&self, newest: &[Arms]) -> Option<Assessment> {
        let mut arms = Arms::default();
        for scrape in newest.iter().rev() {
            arms = arms.plus(*scrape);
            let bound = self.bound(arms);
            let rate = arms.candidate.rate().unwrap_or(0.0);
            if arms.candidate.hits >= self.min_failures.max(1) && rate >= bound {
                let statistic = statistic("rate", rate, bound);
                return Some(arms.weighed(Verdict::Fail, self.counts, statistic));
            }
        }
        None
    }

    fn bound(&self, arms: Arms) -> f64 {
        let baseline = arms.baseline.rate().unwrap_or(0.0);
        self.above.get().max(self.ratio.get() * baseline)
    }
}

struct Watch {
    rule: Kill,
    reader: Reader,
    newest: Vec<Arms>,
}

impl Judge for Watch {
    fn assess(&mut self, observed: &Observed<'_>, subject: Subject) -> Assessment {
        let counted = self.rule.counts;
        self.newest.clear();
        let fresh = self.reader.fresh(observed, subject);
        self.newest.extend(fresh.map(|it| counted.arms(it.0, subject)));
        if let Some(catastrophe) = self.rule.strikes(&self.newest) {
            return catastrophe;
        }
        let arms = self.newest.iter().copied().fold(Arms::default(), Arms::plus);
        let Some(rate) = arms.candidate.rate() else {
            return arms.unweighed(Verdict::TooFew, counted);
        };
        arms.weighed(Verdict::Pass, counted, statistic("rate", rate, self.rule.bound(arms)))
    }

    fn lookback(&self, between: Span) -> Span {
        between
    }

    fn looks_at_latency(&self) -> bool {
        self.rule.counts.metric().of_latency()
    }

    fn flaws(&self, _: Span) -> Vec<Flaw> {
        let anything = self.rule.above.is_zero() && self.rule.ratio.get() <= 0.0;
        let message = "a rule for catastrophes needs `above` or `ratio`";
        anything.then(|| Flaw::new("", message, "")).into_iter().collect()
    }
}
