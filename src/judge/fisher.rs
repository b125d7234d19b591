//! Fisher's exact test of two error rates.

use serde::{Deserialize, Serialize};

use super::{
    Assessment, Flaw, GateForecast, Judge, JudgeKind, Subject, Verdict,
    counted::{ArmCounter, CountedSpec, bearable, level_flaw, statistic, window_of},
    lints,
};
use crate::{
    model::{MetricSpec, Observed},
    stats::fisher_upper,
    units::{Ratio, Span},
};

/// Fisher's exact test, one-sided: fails when so many failures would fall on the candidate by
/// chance with a probability of at most `level`, given the failures of both sides.
///
/// At most its level in one measurement, and far below it where failures are few (0.2 % at a
/// nominal 1 % with 100 against 900 requests of which 0.1 % fail). Not valid when measured
/// repeatedly. Above a variance of a million, that is beyond some millions of failures, it is the
/// normal approximation, which is as good there.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Fisher {
    /// Which attempts count.
    pub counts: CountedSpec,
    /// Error probability of one measurement.
    pub level: Ratio,
    /// Window of one measurement. Without it, all since the analysis of the candidate started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<Span>,
    /// Minimum attempts of the candidate; a measurement with fewer does not count.
    #[cfg_attr(test, schemars(range(min = 0, max = 1_000_000_000)))]
    pub min_samples: u64,
}

impl Default for Fisher {
    fn default() -> Self {
        let level = Ratio::clamped(0.01);
        Self { counts: CountedSpec::Errors, level, window: None, min_samples: 0 }
    }
}

impl JudgeKind for Fisher {
    fn build(&self) -> Box<dyn Judge> {
        let counter = ArmCounter::new(self.counts, self.window);
        Box::new(Test { spec: self.clone(), counter, level: bearable(self.level) })
    }

    fn metrics(&self) -> Vec<MetricSpec> {
        vec![self.counts.metric()]
    }

    fn windows(&self) -> Vec<(String, Span)> {
        window_of(self.window)
    }

    fn needs_baseline(&self) -> bool {
        true
    }
}

#[derive(Clone)]
struct Test {
    spec: Fisher,
    counter: ArmCounter,
    level: f64,
}

impl Judge for Test {
    fn assess(&mut self, observed: &Observed<'_>, subject: Subject) -> Assessment {
        let arms = self.counter.look(observed, subject);
        if !arms.suffice(self.spec.min_samples) {
            return self.counter.lacking(arms);
        }
        let p = fisher_upper(arms.candidate, arms.baseline);
        let verdict = if p <= self.level { Verdict::Fail } else { Verdict::Pass };
        arms.weighed(verdict, self.spec.counts, statistic("p", p, self.level))
    }

    fn lookback(&self, between: Span) -> Span {
        self.counter.lookback(between)
    }

    fn lints(&self, forecast: &GateForecast) -> Vec<Flaw> {
        lints::of_fixed_size(self.spec.level.get(), self.spec.window, forecast)
    }

    fn flaws(&self, scrape: Span) -> Vec<Flaw> {
        let level = level_flaw("level", self.spec.level);
        level.into_iter().chain(self.counter.flaws(scrape)).collect()
    }
}
