//! The mixture sequential probability ratio test.

use serde::{Deserialize, Serialize};

use super::{
    Assessment, Flaw, GateForecast, Judge, JudgeKind, Subject, Verdict,
    counted::{ArmCounter, CountedSpec, at_bound, bearable, level_flaw, range_flaw, statistic},
    lints,
};
use crate::{
    kernel::math,
    model::{MetricSpec, Observed},
    stats::{normal_mixture, pooled_variance},
    units::{Ratio, Span},
};

/// The mixture sequential probability ratio test of two rates, as Optimizely uses it: fails when
/// the candidate's rate is above the baseline's, with error probability `level` however often it is
/// measured.
///
/// By the normal approximation, mixed over differences of spread `tau`; good from about five
/// expected failures of the candidate. Source: Johari, Koomen, Pekelis and Walsh, "Peeking at A/B
/// tests" (2017).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct MixtureSprt {
    /// Which attempts count.
    pub counts: CountedSpec,
    /// Probability that a release as good as the baseline ever fails.
    pub level: Ratio,
    /// The difference of the rates that it targets, in percentage points: about the smallest that
    /// matters.
    pub tau: Ratio,
    /// Minimum events of the candidate for a failure.
    #[cfg_attr(test, schemars(range(min = 0, max = 1_000_000_000)))]
    pub min_events: u64,
    /// Minimum attempts of the candidate; a measurement with fewer does not count.
    #[cfg_attr(test, schemars(range(min = 0, max = 1_000_000_000)))]
    pub min_samples: u64,
}

impl Default for MixtureSprt {
    fn default() -> Self {
        Self {
            counts: CountedSpec::Errors,
            level: Ratio::clamped(0.01),
            tau: Ratio::clamped(0.002_5),
            min_events: 5,
            min_samples: 0,
        }
    }
}

const TAU: (f64, f64) = (1e-9, 1.0);

impl JudgeKind for MixtureSprt {
    fn build(&self) -> Box<dyn Judge> {
        let bound = -math::ln(bearable(self.level));
        Box::new(Test { spec: self.clone(), bound, counter: ArmCounter::new(self.counts, None) })
    }

    fn metrics(&self) -> Vec<MetricSpec> {
        vec![self.counts.metric()]
    }

    fn windows(&self) -> Vec<(String, Span)> {
        Vec::new()
    }

    fn needs_baseline(&self) -> bool {
        true
    }
}

#[derive(Clone)]
struct Test {
    spec: MixtureSprt,
    bound: f64,
    counter: ArmCounter,
}

impl Judge for Test {
    fn assess(&mut self, observed: &Observed<'_>, subject: Subject) -> Assessment {
        let arms = self.counter.look(observed, subject);
        let counted = self.spec.counts;
        let rates = arms.candidate.rate().zip(arms.baseline.rate());
        let Some((candidate, baseline)) = rates.filter(|_| arms.suffice(self.spec.min_samples))
        else {
            return self.counter.lacking(arms);
        };
        let variance = pooled_variance(arms.candidate, arms.baseline).filter(|it| *it > 0.0);
        let tau = self.spec.tau.get().clamp(TAU.0, TAU.1);
        let difference = candidate - baseline;
        let weigh = |variance| normal_mixture(difference, variance, tau);
        let log_ratio = variance.map_or(0.0, weigh);
        let against = difference > 0.0 && arms.candidate.hits >= self.spec.min_events;
        let verdict = if against { at_bound(log_ratio, self.bound) } else { Verdict::Pass };
        arms.weighed(verdict, counted, statistic("ln mixture", log_ratio, self.bound))
    }

    fn lookback(&self, between: Span) -> Span {
        self.counter.lookback(between)
    }

    fn lints(&self, forecast: &GateForecast) -> Vec<Flaw> {
        lints::of_evidence(self.spec.counts == CountedSpec::Errors, forecast)
    }

    fn flaws(&self, _: Span) -> Vec<Flaw> {
        let tau = range_flaw("tau", self.spec.tau.get(), TAU);
        level_flaw("level", self.spec.level).into_iter().chain(tau).collect()
    }
}
