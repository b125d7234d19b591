//! The sequential test of counts.

use serde::{Deserialize, Serialize};

use super::{
    Assessment, Flaw, GateForecast, Judge, JudgeKind, Subject, Verdict,
    counted::{Arms, CountedSpec, Reader, at_bound, bearable, level_flaw, range_flaw, statistic},
    lints,
};
use crate::{
    kernel::math,
    model::{MetricSpec, Observed},
    stats::{Sides, count_evidence, count_evidence_above},
    units::{Ratio, Span},
};

/// The sequential test of counts that Netflix uses: fails when more failures fall on the candidate
/// than its share of the attempts, with error probability `level` however often it is measured.
///
/// The share is that of the attempts in the scrapes in which failures came, weighted by them. While
/// the share is constant, the level is proven; where steps change it, the level is only supported
/// by measurement (0.3 % of 10,000 good releases failed at 1 % through steps of 1, 5, 20 and 50 %):
/// there use `e_process`, which weighs each step separately. Source: Lindon and Malek,
/// "Anytime-valid inference for multinomial count data" (2022), two arms: the mixture over a beta
/// distribution around the share.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CountTest {
    /// Which attempts count.
    pub counts: CountedSpec,
    /// Probability that a release as good as the baseline ever fails.
    pub level: Ratio,
    /// Whether only more failures count as a difference (`one`), or fewer as well (`two`), which
    /// then uses part of the level. A candidate with fewer failures never fails.
    pub sides: Sides,
    /// How concentrated the mixture is around the share, in failures; 0.01 to 1e6. Larger values
    /// target smaller differences.
    #[cfg_attr(test, schemars(range(min = 0.01, max = 1e6)))]
    pub concentration: f64,
    /// Minimum events of the candidate for a failure.
    #[cfg_attr(test, schemars(range(min = 0, max = 1_000_000_000)))]
    pub min_events: u64,
    /// Minimum attempts of the candidate; a measurement with fewer does not count.
    #[cfg_attr(test, schemars(range(min = 0, max = 1_000_000_000)))]
    pub min_samples: u64,
}

impl Default for CountTest {
    fn default() -> Self {
        Self {
            counts: CountedSpec::Errors,
            level: Ratio::clamped(0.01),
            sides: Sides::One,
            concentration: 10.0,
            min_events: 0,
            min_samples: 0,
        }
    }
}

const CONCENTRATION: (f64, f64) = (0.01, 1e6);

impl JudgeKind for CountTest {
    fn build(&self) -> Box<dyn Judge> {
        Box::new(Test {
            spec: self.clone(),
            bound: -math::ln(bearable(self.level)),
            reader: Reader::default(),
            arms: Arms::default(),
            expected: 0.0,
        })
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
    spec: CountTest,
    bound: f64,
    reader: Reader,
    arms: Arms,
    /// Events that would be the candidate's if they fell by the share of the attempts.
    expected: f64,
}

impl Test {
    fn log_e(&self) -> f64 {
        let (own, all) = (self.arms.candidate.hits, self.arms.events());
        let concentration = self.spec.concentration.clamp(CONCENTRATION.0, CONCENTRATION.1);
        let share = self.expected / (all as f64);
        let found = match self.spec.sides {
            Sides::One => count_evidence_above(share, concentration, own, all),
            Sides::Two => count_evidence(share, concentration, own, all),
        };
        let fewer = (own as f64) <= self.expected;
        let log_e = found.filter(|it| !it.is_nan()).unwrap_or(0.0);
        if fewer || own < self.spec.min_events { log_e.min(0.0) } else { log_e }
    }
}

impl Judge for Test {
    fn assess(&mut self, observed: &Observed<'_>, subject: Subject) -> Assessment {
        let counted = self.spec.counts;
        for (scrape, _) in self.reader.fresh(observed, subject) {
            let arms = counted.arms(scrape, subject);
            self.expected += arms.share() * arms.events() as f64;
            self.arms = self.arms.plus(arms);
        }
        if !self.arms.suffice(self.spec.min_samples) {
            return self.arms.unweighed(Verdict::TooFew, counted);
        }
        let log_e = self.log_e();
        let statistic = statistic("ln e", log_e, self.bound);
        self.arms.weighed(at_bound(log_e, self.bound), counted, statistic)
    }

    fn lookback(&self, between: Span) -> Span {
        between
    }

    fn lints(&self, forecast: &GateForecast) -> Vec<Flaw> {
        lints::of_evidence(self.spec.counts == CountedSpec::Errors, forecast)
    }

    fn flaws(&self, _: Span) -> Vec<Flaw> {
        let concentration = range_flaw("concentration", self.spec.concentration, CONCENTRATION);
        level_flaw("level", self.spec.level).into_iter().chain(concentration).collect()
    }
}
