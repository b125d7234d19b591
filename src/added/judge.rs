//! A judge of its own kind: no settings and no helper that another one has.

use serde::{Deserialize, Serialize};

use crate::{
    judge::{Assessment, Evidence, Flaw, Judge, JudgeKind, Subject, Verdict},
    model::{Against, MetricSpec, Observed},
    units::{Limit, LimitKind, Span},
};

/// Fails a release where the number of bad scrapes is odd.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Odd {
    /// How far back scrapes are counted.
    pub window: Span,
    /// Error rate of the candidate above which a scrape is bad.
    pub above: Limit,
}

impl Default for Odd {
    fn default() -> Self {
        Self { window: Span::from_secs(60), above: Limit::new(LimitKind::Ratio, 0.05) }
    }
}

impl JudgeKind for Odd {
    fn build(&self) -> Box<dyn Judge> {
        Box::new(*self)
    }

    fn metrics(&self) -> Vec<MetricSpec> {
        vec![MetricSpec::ErrorRate]
    }

    fn windows(&self) -> Vec<(String, Span)> {
        vec![("window".to_owned(), self.window)]
    }

    fn needs_baseline(&self) -> bool {
        false
    }

    fn drawn_limit(&self) -> Option<(MetricSpec, Limit)> {
        Some((MetricSpec::ErrorRate, self.above))
    }

    fn tunable(&self) -> Vec<(&'static str, Limit)> {
        vec![("above", self.above)]
    }
}

impl Judge for Odd {
    fn assess(&mut self, observed: &Observed<'_>, subject: Subject) -> Assessment {
        let (mut attempts, mut failures, mut bad) = (0, 0, 0);
        for scrape in observed.scrapes(self.window) {
            let counted = scrape.counted(subject.candidate);
            attempts += counted.attempts;
            failures += counted.failures;
            let most = self.above.value() * counted.attempts as f64;
            bad += u64::from(counted.failures as f64 > most);
        }
        let nothing = Evidence::nothing(MetricSpec::ErrorRate, attempts);
        if attempts == 0 {
            return Assessment { verdict: Verdict::TooFew, evidence: nothing };
        }
        let value = Some(failures as f64 / attempts as f64);
        let evidence = Evidence { value, limit: Some(self.above), ..nothing };
        let verdict = if bad % 2 == 1 { Verdict::Fail } else { Verdict::Pass };
        Assessment { verdict, evidence }
    }

    fn lookback(&self, _between: Span) -> Span {
        self.window
    }

    fn flaws(&self, scrape: Span) -> Vec<Flaw> {
        let limit = Flaw::of_limit("above", MetricSpec::ErrorRate, Against::Absolute, self.above);
        Flaw::of_span("window", self.window, scrape).into_iter().chain(limit).collect()
    }
}
