//! One metric of a Kayenta judgement: cleaned values of two sides, and what they come to.

use serde::{Deserialize, Serialize};

use crate::{kernel::math, stats::TwoSamples};

/// Roots of the Mann-Whitney scores are found to this, in the unit of the metric, as R has it.
const TOLERANCE: f64 = 1e-4;
/// Relative standard deviation of the noise that constant sides get.
const NOISE: f64 = 1e-5;

/// Which way a metric is worse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Higher is worse.
    Increase,
    /// Lower is worse.
    Decrease,
    /// Any change is.
    #[default]
    Either,
}

/// What is done with a step that has no value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NanStrategy {
    /// It is left out.
    #[default]
    Remove,
    /// It counts as zero.
    Replace,
}

/// What is done with values far outside of the others of their side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outliers {
    #[default]
    Keep,
    /// Left out below `min(p1, p25 - f IQR)` and above `max(p99, p75 + f IQR)`.
    Remove,
}

/// How the size of an effect is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EffectMeasure {
    /// The candidate's mean by the baseline's.
    #[default]
    MeanRatio,
    /// Chance that a value of the candidate is above one of the baseline: common language effect
    /// size.
    Cles,
}

/// Limits of an effect: an increase counts from the first two on, a decrease down to the last two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EffectLimits {
    pub increase: f64,
    pub critical_increase: f64,
    pub decrease: f64,
    pub critical_decrease: f64,
}

/// How a metric is classified.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Classifier {
    /// The shift must be more than this part of its estimate; Kayenta's own judge has 0.25.
    pub tolerance: f64,
    /// Of the interval for the shift; Kayenta's own judge has 0.98.
    pub confidence: f64,
    pub direction: Direction,
    pub nan: NanStrategy,
    pub measure: EffectMeasure,
    pub limits: EffectLimits,
    /// A metric that is not as good fails the whole judgement.
    pub critical: bool,
    pub must_have_data: bool,
}

/// What a metric came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Label {
    Pass,
    /// A side without values.
    Nodata,
    /// A side without values that must have some.
    NodataFail,
    Low,
    High,
}

/// A classified metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Classified {
    pub label: Label,
    /// It fails the whole judgement.
    pub critical: bool,
    /// The effect; not a number where it was not measured, or a mean is zero.
    pub effect: f64,
    /// Ends of the interval for the shift and its estimate, where they were looked for.
    pub shift: Option<[f64; 3]>,
}

impl Classifier {
    /// Compares cleaned values, as the judge of Kayenta does.
    pub fn classify(&self, control: &[f64], experiment: &[f64]) -> Classified {
        let without = |label: Label, critical: bool| Classified {
            label,
            critical,
            effect: f64::NAN,
            shift: None,
        };
        if control.is_empty() || experiment.is_empty() {
            return match self.nan {
                NanStrategy::Replace => without(Label::Pass, false),
                NanStrategy::Remove if self.must_have_data && !self.critical => {
                    without(Label::NodataFail, false)
                }
                NanStrategy::Remove => without(Label::Nodata, self.critical),
            };
        }
        let (sorted_control, sorted_experiment) = (sorted(control), sorted(experiment));
        let alike = same(&sorted_control, &sorted_experiment);
        let (flat_control, flat_experiment) =
            (is_flat(&sorted_control), is_flat(&sorted_experiment));
        if alike || (flat_control && flat_experiment && same(&control[..1], &experiment[..1])) {
            return without(Label::Pass, false);
        }
        if flat_control && flat_experiment {
            return self.compare(&noisy(control, 2), &noisy(experiment, 3));
        }
        self.compare(control, experiment)
    }

    fn compare(&self, control: &[f64], experiment: &[f64]) -> Classified {
        let Some(samples) = TwoSamples::new(experiment, control) else {
            // values that are no numbers were taken out before
            return Classified {
                label: Label::Nodata,
                critical: false,
                effect: f64::NAN,
                shift: None,
            };
        };
        let shift = samples.shift(self.confidence, TOLERANCE);
        let bound = self.tolerance * shift.estimate.abs();
        let effect = match self.measure {
            EffectMeasure::MeanRatio => ratio(mean(experiment), mean(control)),
            EffectMeasure::Cles => samples.chance_above(),
        };
        let unknown = effect.is_nan();
        let (up, down) = match self.direction {
            Direction::Increase => (true, false),
            Direction::Decrease => (false, true),
            Direction::Either => (true, true),
        };
        let limits = self.limits;
        let label = if up && shift.interval.low > bound && (unknown || effect >= limits.increase) {
            Label::High
        } else if down && shift.interval.high < -bound && (unknown || effect <= limits.decrease) {
            Label::Low
        } else {
            Label::Pass
        };
        let beyond = match label {
            Label::High => unknown || effect >= limits.critical_increase,
            Label::Low => unknown || effect <= limits.critical_decrease,
            Label::Pass | Label::Nodata | Label::NodataFail => false,
        };
        let ends = [shift.interval.low, shift.interval.high, shift.estimate];
        Classified { label, critical: self.critical && beyond, effect, shift: Some(ends) }
    }
}

/// Values as the judge compares them: what is missing is left out or zero, then outliers of the side
/// are left out if they are to be.
pub fn cleaned(values: &[f64], nan: NanStrategy, outliers: Outliers, factor: f64) -> Vec<f64> {
    let kept: Vec<f64> = match nan {
        NanStrategy::Remove => values.iter().copied().filter(|it| !it.is_nan()).collect(),
        NanStrategy::Replace => {
            values.iter().map(|it| if it.is_nan() { 0.0 } else { *it }).collect()
        }
    };
    if outliers == Outliers::Keep || kept.is_empty() {
        return kept;
    }
    let order = sorted(&kept);
    let [p1, p25, p75, p99] = [0.01, 0.25, 0.75, 0.99].map(|it| quantile(&order, it));
    let range = factor * (p75 - p25);
    let (low, high) = (p1.min(p25 - range), p99.max(p75 + range));
    kept.into_iter().filter(|it| *it >= low && *it <= high).collect()
}

/// Quantile between order statistics, as R's type 7 has it.
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let place = p * (sorted.len() - 1) as f64;
    let below = usize::try_from(crate::units::round_u64(place.floor())).unwrap_or(0);
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - place.floor()) * (sorted[above] - sorted[below])
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

/// Equal as numbers, one by one.
fn same(a: &[f64], b: &[f64]) -> bool {
    let equal = |(a, b): (&f64, &f64)| a.partial_cmp(b).is_some_and(std::cmp::Ordering::is_eq);
    a.len() == b.len() && a.iter().zip(b).all(equal)
}

fn is_flat(sorted: &[f64]) -> bool {
    same(&sorted[..1], &sorted[sorted.len() - 1..])
}

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Not a number where either mean is zero.
fn ratio(experiment: f64, control: f64) -> f64 {
    if experiment == 0.0 || control == 0.0 { f64::NAN } else { experiment / control }
}

/// Constant values with normal noise of a hundred-thousandth of them, so that they can be ranked;
/// zero stays zero. Kayenta draws it afresh at each judgement, so that its verdict on such metrics
/// cannot be reproduced. A judge here has no randomness: the noise is the normal quantiles of van
/// der Corput's sequence in the given base, which are as evenly spread as any, and the same at
/// every measurement.
fn noisy(values: &[f64], base: u32) -> Vec<f64> {
    let noise = |i: u32| {
        let (mut rest, mut digit, mut place) = (i, 1.0 / f64::from(base), 0.0);
        while rest > 0 {
            place += f64::from(rest % base) * digit;
            digit /= f64::from(base);
            rest /= base;
        }
        math::normal_quantile(place)
    };
    values.iter().zip(1..).map(|(value, i)| value + value * NOISE * noise(i)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT: Classifier = Classifier {
        tolerance: 0.25,
        confidence: 0.98,
        direction: Direction::Either,
        nan: NanStrategy::Remove,
        measure: EffectMeasure::MeanRatio,
        limits: EffectLimits {
            increase: 1.0,
            critical_increase: 1.0,
            decrease: 1.0,
            critical_decrease: 1.0,
        },
        critical: false,
        must_have_data: false,
    };

    #[test]
    fn two_constant_sides_are_told_apart_by_their_noise_always_alike() {
        let label = |control: f64, experiment: f64| {
            DEFAULT.classify(&[control; 10], &[experiment; 10]).label
        };
        assert_eq!(label(5.0, 5.0), Label::Pass);
        assert_eq!(label(5.0, 6.0), Label::High);
        assert_eq!(label(6.0, 5.0), Label::Low);
        assert_eq!(label(0.0, 0.5), Label::High);
        assert_eq!(DEFAULT.classify(&[5.0; 9], &[6.0; 7]), DEFAULT.classify(&[5.0; 9], &[6.0; 7]));
    }

    #[test]
    fn a_side_without_values_has_no_data_unless_it_must() {
        let must = Classifier { must_have_data: true, ..DEFAULT };
        let critical = Classifier { critical: true, ..must };
        let replace = Classifier { nan: NanStrategy::Replace, ..must };
        let of = |it: Classifier| {
            let classified = it.classify(&[1.0], &[]);
            (classified.label, classified.critical)
        };
        assert_eq!(of(DEFAULT), (Label::Nodata, false));
        assert_eq!(of(must), (Label::NodataFail, false));
        assert_eq!(of(critical), (Label::Nodata, true));
        assert_eq!(of(replace), (Label::Pass, false));
    }

    #[test]
    fn what_is_missing_is_left_out_or_zero_and_outliers_go_last() {
        let values = [1.0, f64::NAN, 2.0, 3.0];
        let kept = cleaned(&values, NanStrategy::Remove, Outliers::Keep, 3.0);
        assert_eq!(kept, [1.0, 2.0, 3.0]);
        let zero = cleaned(&values, NanStrategy::Replace, Outliers::Keep, 3.0);
        assert_eq!(zero, [1.0, 0.0, 2.0, 3.0]);
        // p99 of 0 to 99 and 10,000 is 99: the one value beyond 75 + 3 x 50 goes
        let mut many: Vec<f64> = (0..100).map(f64::from).collect();
        many.push(10_000.0);
        let left = cleaned(&many, NanStrategy::Remove, Outliers::Remove, 3.0);
        assert_eq!((left.len(), left[99]), (100, 99.0));
    }

    #[test]
    fn the_tolerance_of_the_roots_hides_shifts_in_small_units() {
        let sides = |unit: f64| {
            let control: Vec<f64> = (0..20).map(|it| unit * (10.0 + 0.1 * f64::from(it))).collect();
            let experiment: Vec<f64> = control.iter().map(|it| 1.15 * it).collect();
            DEFAULT.classify(&control, &experiment).label
        };
        assert_eq!([sides(1.0), sides(1e-6)], [Label::High, Label::Pass]);
    }
}
