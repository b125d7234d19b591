//! A test with a planned number of looks.

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::{
    Assessment, Flaw, GateForecast, Judge, JudgeKind, Subject, Verdict,
    counted::{ArmCounter, CountedSpec, bearable, level_flaw, range_flaw, statistic},
    lints,
};
use crate::{
    model::{MetricSpec, Observed},
    stats::{Sides, Spending, boundaries, pooled_z},
    units::{Ratio, Span},
};

/// The pooled z test of two rates at a planned number of looks (measurements), over all counts
/// since the analysis started, with a boundary for each look such that all together have error
/// probability `level`. If no look fails, it accepts at the last.
///
/// The boundaries are those for looks at equal parts of the traffic (recursion of Armitage,
/// McPherson and Rowe 1969): exact for equal steps, approximate where the weight grows. O'Brien and
/// Fleming's boundary is slow to stop a catastrophe: add `kill`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GroupSequential {
    /// Number of planned looks; a measurement without traffic on both sides does not count as one.
    #[cfg_attr(test, schemars(range(min = 1, max = 100)))]
    pub looks: u32,
    /// How the error probability is spread over the looks.
    #[serde(default = "obrien_fleming")]
    pub spending: Spending,
    /// Which attempts count.
    #[serde(default)]
    pub counts: CountedSpec,
    /// Error probability of all looks together.
    #[serde(default = "one_percent")]
    pub level: Ratio,
    /// Whether only more failures count as a difference (`one`), or fewer as well (`two`), which
    /// then uses part of the level. A candidate with fewer failures never fails.
    #[serde(default = "one_side")]
    pub sides: Sides,
    /// Minimum attempts of the candidate; a measurement with fewer does not count.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 0, max = 1_000_000_000)))]
    pub min_samples: u64,
    #[serde(skip)]
    #[cfg_attr(test, schemars(skip))]
    pub bounds: Bounds,
}

/// Boundaries, worked out once for all that share a setting: a quadrature of milliseconds is too
/// slow for every trial.
#[derive(Clone, Debug, Default)]
pub struct Bounds(OnceLock<Arc<[f64]>>);

/// What follows from the settings is equal wherever they are.
impl PartialEq for Bounds {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

const LOOKS_MAX: u32 = 100;

fn obrien_fleming() -> Spending {
    Spending::ObrienFleming
}

fn one_percent() -> Ratio {
    Ratio::clamped(0.01)
}

fn one_side() -> Sides {
    Sides::One
}

impl JudgeKind for GroupSequential {
    fn build(&self) -> Box<dyn Judge> {
        let counter = ArmCounter::new(self.counts, None);
        let bounds = Arc::clone(self.bounds.0.get_or_init(|| self.boundaries()));
        Box::new(Test { spec: self.clone(), counter, bounds, look: 0 })
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

impl GroupSequential {
    fn boundaries(&self) -> Arc<[f64]> {
        let looks = self.looks.clamp(1, LOOKS_MAX) as usize;
        // at a level of one half the boundary is zero, and no test
        let level = bearable(self.level).min(0.499);
        boundaries(self.spending, level, self.sides, looks).into()
    }
}

#[derive(Clone)]
struct Test {
    spec: GroupSequential,
    counter: ArmCounter,
    bounds: Arc<[f64]>,
    /// Looks so far.
    look: usize,
}

impl Judge for Test {
    fn assess(&mut self, observed: &Observed<'_>, subject: Subject) -> Assessment {
        let arms = self.counter.look(observed, subject);
        let z = pooled_z(arms.candidate, arms.baseline);
        let Some(z) = z.filter(|_| arms.suffice(self.spec.min_samples)) else {
            return self.counter.lacking(arms);
        };
        let counted = self.spec.counts;
        let Some(bound) = self.bounds.get(self.look) else {
            return arms.unweighed(Verdict::Accept, counted);
        };
        self.look += 1;
        let verdict = if z >= *bound {
            Verdict::Fail
        } else if self.look == self.bounds.len() {
            Verdict::Accept
        } else {
            Verdict::Pass
        };
        arms.weighed(verdict, counted, statistic("z", z, *bound))
    }

    fn lookback(&self, between: Span) -> Span {
        self.counter.lookback(between)
    }

    fn lints(&self, forecast: &GateForecast) -> Vec<Flaw> {
        lints::of_planned(self.spec.looks, forecast)
    }

    fn flaws(&self, _: Span) -> Vec<Flaw> {
        let looks = range_flaw("looks", f64::from(self.spec.looks), (1.0, f64::from(LOOKS_MAX)));
        looks.into_iter().chain(level_flaw("level", self.spec.level)).collect()
    }
}
