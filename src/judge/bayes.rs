//! Bayes's probability that the candidate is worse.

use serde::{Deserialize, Serialize};

use super::{
    Assessment, Flaw, GateForecast, Judge, JudgeKind, Subject, Verdict,
    counted::{ArmCounter, CountedSpec, range_flaw, statistic, window_of},
    lints,
};
use crate::{
    model::{MetricSpec, Observed},
    stats::chance_above,
    units::{Factor, Ratio, Span},
};

/// Fails when the candidate's rate is more than `ratio` times the baseline's with a posterior
/// probability above `certainty`: failures by Poisson's law, flat priors on both rates.
///
/// Not valid when measured repeatedly: at 99 % and one measurement a minute, 7.9 % of good releases
/// fail within half an hour, and 0.8 % where `ratio` is 1.25x.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Bayes {
    /// Which attempts count.
    pub counts: CountedSpec,
    /// How many times the baseline's rate is worse; 0.01x to 1000x.
    pub ratio: Factor,
    /// Probability above which it fails.
    pub certainty: Ratio,
    /// Window of one measurement. Without it, all since the analysis of the candidate started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<Span>,
    /// Minimum attempts of the candidate; a measurement with fewer does not count.
    #[cfg_attr(test, schemars(range(min = 0, max = 1_000_000_000)))]
    pub min_samples: u64,
}

impl Default for Bayes {
    fn default() -> Self {
        Self {
            counts: CountedSpec::Errors,
            ratio: Factor::ONE,
            certainty: Ratio::clamped(0.99),
            window: None,
            min_samples: 0,
        }
    }
}

const RATIO: (f64, f64) = (0.01, 1_000.0);
const CERTAINTY: (f64, f64) = (0.5, 0.999_999_999);

impl JudgeKind for Bayes {
    fn build(&self) -> Box<dyn Judge> {
        Box::new(Test { spec: self.clone(), counter: ArmCounter::new(self.counts, self.window) })
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
    spec: Bayes,
    counter: ArmCounter,
}

impl Judge for Test {
    fn assess(&mut self, observed: &Observed<'_>, subject: Subject) -> Assessment {
        let arms = self.counter.look(observed, subject);
        let ratio = self.spec.ratio.get().clamp(RATIO.0, RATIO.1);
        let chance = chance_above(arms.candidate, arms.baseline, ratio);
        let Some(chance) = chance.filter(|_| arms.suffice(self.spec.min_samples)) else {
            return self.counter.lacking(arms);
        };
        let certainty = self.spec.certainty.get();
        let verdict = if chance > certainty { Verdict::Fail } else { Verdict::Pass };
        arms.weighed(verdict, self.spec.counts, statistic("probability", chance, certainty))
    }

    fn lookback(&self, between: Span) -> Span {
        self.counter.lookback(between)
    }

    fn lints(&self, forecast: &GateForecast) -> Vec<Flaw> {
        lints::of_fixed_size(1.0 - self.spec.certainty.get(), self.spec.window, forecast)
    }

    fn flaws(&self, scrape: Span) -> Vec<Flaw> {
        let ratio = range_flaw("ratio", self.spec.ratio.get(), RATIO);
        let certainty = range_flaw("certainty", self.spec.certainty.get(), CERTAINTY);
        ratio.into_iter().chain(certainty).chain(self.counter.flaws(scrape)).collect()
    }
}
