//! The z test of two error rates.

use serde::{Deserialize, Serialize};

use super::{
    Assessment, Flaw, GateForecast, Judge, JudgeKind, Subject,
    counted::{ArmCounter, CountedSpec, at_bound, bearable, level_flaw, statistic, window_of},
    lints,
};
use crate::{
    model::{MetricSpec, Observed},
    stats::{normal_upper, pooled_z},
    units::{Ratio, Span},
};

/// The pooled z test of two proportions, one-sided: fails when the candidate's rate is above the
/// baseline's with error probability `level`.
///
/// Not valid when measured repeatedly: at 1 % and one measurement a minute, 8.7 % of good releases
/// fail within half an hour. At few failures its size is far off even in one measurement: 4.1 %
/// instead of 1 % at 100 against 900 requests of which 0.1 % fail. Included for comparison with the
/// others.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct TwoProportion {
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

impl Default for TwoProportion {
    fn default() -> Self {
        let level = Ratio::clamped(0.01);
        Self { counts: CountedSpec::Errors, level, window: None, min_samples: 0 }
    }
}

impl JudgeKind for TwoProportion {
    fn build(&self) -> Box<dyn Judge> {
        let counter = ArmCounter::new(self.counts, self.window);
        let bound = normal_upper(bearable(self.level));
        Box::new(Test { spec: self.clone(), counter, bound })
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
    spec: TwoProportion,
    counter: ArmCounter,
    bound: f64,
}

impl Judge for Test {
    fn assess(&mut self, observed: &Observed<'_>, subject: Subject) -> Assessment {
        let arms = self.counter.look(observed, subject);
        let z = pooled_z(arms.candidate, arms.baseline);
        let Some(z) = z.filter(|_| arms.suffice(self.spec.min_samples)) else {
            return self.counter.lacking(arms);
        };
        let statistic = statistic("z", z, self.bound);
        arms.weighed(at_bound(z, self.bound), self.spec.counts, statistic)
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
