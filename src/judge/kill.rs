//! Fails a catastrophe at once.

use serde::{Deserialize, Serialize};

use super::{
    Assessment, Flaw, Judge, JudgeKind, Subject, Verdict,
    counted::{Arms, CountedSpec, Reader, statistic},
};
use crate::{
    model::{MetricSpec, Observed},
    units::{Factor, Ratio, Span},
};

/// A rule for catastrophes, to complement a careful and therefore slow judge.
///
/// Fails at once where the newest scrapes since the last measurement, as few as contain at least
/// `min_failures` failures of the candidate, have an error rate of at least `above` and of at least
/// `ratio` times the baseline's over the same time. With the defaults a candidate that is as good
/// as the baseline, at 0.5 % errors, triggers it less than once in a million measurements.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Kill {
    /// Which attempts count.
    pub counts: CountedSpec,
    /// Minimum number of them for a catastrophe.
    #[cfg_attr(test, schemars(range(min = 1, max = 1_000_000_000)))]
    pub min_failures: u64,
    /// Minimum error rate of the candidate.
    pub above: Ratio,
    /// Minimum multiple of the baseline's rate.
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

impl JudgeKind for Kill {
    fn build(&self) -> Box<dyn Judge> {
        Box::new(Watch { rule: *self, reader: Reader::default(), newest: Vec::new() })
    }

    fn metrics(&self) -> Vec<MetricSpec> {
        vec![self.counts.metric()]
    }

    fn windows(&self) -> Vec<(String, Span)> {
        Vec::new()
    }

    // without one, `above` alone decides
    fn needs_baseline(&self) -> bool {
        false
    }
}

impl Kill {
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

#[derive(Clone)]
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

    fn flaws(&self, _: Span) -> Vec<Flaw> {
        let anything = self.rule.above.is_zero() && self.rule.ratio.get() <= 0.0;
        let message = "a rule for catastrophes needs `above` or `ratio`";
        anything.then(|| Flaw::new("", message, "")).into_iter().collect()
    }
}
