//! The normal mean and spread that a control chart compares values with.

use serde::{Deserialize, Serialize};

use super::{Flaw, step_series::StepValues};
use crate::{
    model::{Against, MetricSpec},
    stats::Moments,
    units::Limit,
};

/// Where the normal mean and spread of a metric come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// The baseline's values so far, after `learn` steps: what affects both sides counts as normal.
    #[default]
    Baseline,
    /// The candidate's first `learn` steps, which are not judged: for what starts later.
    First,
    /// They are stated. The computed time between false alarms holds only in this case.
    Given(Usual),
}

/// A stated mean and standard deviation of a metric's values, one a step.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Usual {
    /// Mean, in the unit of the metric's limits.
    pub mean: Limit,
    /// Standard deviation, likewise; above 0.
    pub deviation: Limit,
}

/// What has been learnt of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Learnt {
    reference: Reference,
    steps: u32,
    moments: Moments,
}

impl Learnt {
    pub(super) fn new(reference: Reference, steps: u32) -> Self {
        Self { reference, steps: steps.max(2), moments: Moments::default() }
    }

    /// The candidate's value in standard deviations from the usual mean; none while that is not known,
    /// which values that are all alike do not tell, nor for a step without a value.
    pub(super) fn standardised(&mut self, point: &StepValues) -> Option<f64> {
        let (mean, deviation) = match self.reference {
            Reference::Given(usual) => (usual.mean.value(), usual.deviation.value()),
            Reference::Baseline => {
                self.learn(point.baseline);
                self.known()?
            }
            Reference::First => {
                let Some(known) = self.known() else {
                    self.learn(point.candidate);
                    return None;
                };
                known
            }
        };
        let z = (point.candidate - mean) / deviation;
        z.is_finite().then_some(z)
    }

    fn learn(&mut self, value: f64) {
        if value.is_finite() {
            self.moments.record(value);
        }
    }

    fn known(&self) -> Option<(f64, f64)> {
        if self.moments.count() < u64::from(self.steps) {
            return None;
        }
        let deviation = self.moments.variance()?.sqrt();
        (deviation > 0.0).then(|| (self.moments.mean(), deviation))
    }
}

impl Reference {
    pub(super) fn flaws(self, metric: MetricSpec) -> Vec<Flaw> {
        let Self::Given(Usual { mean, deviation }) = self else {
            return Vec::new();
        };
        let limit = |field: &str, it: Limit| Flaw::of_limit(field, metric, Against::Absolute, it);
        let mut flaws: Vec<Flaw> = [("mean", mean), ("deviation", deviation)]
            .into_iter()
            .filter_map(|(field, it)| limit(&format!("reference.given.{field}"), it))
            .collect();
        if deviation.value() <= 0.0 {
            let message = "a deviation of nothing measures nothing";
            flaws.push(Flaw::new("reference.given.deviation", message, "more than 0"));
        }
        flaws
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(candidate: f64, baseline: f64) -> StepValues {
        StepValues { candidate, baseline, samples: 1, baseline_samples: 1 }
    }

    #[test]
    fn the_first_steps_teach_and_are_not_judged() {
        let mut learnt = Learnt::new(Reference::First, 3);
        for value in [1.0, f64::NAN, 2.0, 3.0] {
            assert_eq!(learnt.standardised(&point(value, 0.0)), None);
        }
        assert_eq!(learnt.standardised(&point(4.0, 0.0)), Some(2.0));
        assert_eq!(learnt.standardised(&point(f64::NAN, 0.0)), None);
        assert_eq!(learnt.standardised(&point(5.0, 0.0)), Some(3.0));
    }

    #[test]
    fn the_baseline_teaches_all_the_time_but_not_by_values_that_are_alike() {
        let mut learnt = Learnt::new(Reference::Baseline, 2);
        assert_eq!(learnt.standardised(&point(9.0, 1.0)), None);
        assert_eq!(learnt.standardised(&point(9.0, 1.0)), None);
        assert!(learnt.standardised(&point(2.0, 4.0)).is_some_and(f64::is_finite));
    }
}
