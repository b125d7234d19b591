//! Estimates from several strata, each with its own number of trials, weighted back to the whole.
//!
//! W. G. Cochran, "Sampling Techniques" (1977), chapters 5 and 6.

use super::{
    Interval, Moments, Sketch,
    interval::{clopper_pearson, wilson_about},
    special::{normal_upper, student_upper},
};

/// What is known of one stratum.
#[derive(Clone, Copy, Debug)]
pub struct Stratum<T> {
    /// Share of the whole, or in proportion to it.
    pub weight: f64,
    /// Trials that were simulated of it.
    pub trials: u64,
    pub values: T,
}

/// An estimate with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimated {
    pub value: f64,
    pub interval: Interval,
    /// Trials that it rests on.
    pub n: u64,
}

impl Estimated {
    /// Of what is measured: nothing of it is below zero, and a share is at most all of it. An interval that
    /// is symmetric about a mean does not know.
    #[must_use]
    pub fn of_measured(self, is_share: bool) -> Self {
        let most = if is_share { 1.0 } else { f64::INFINITY };
        let Interval { low, high } = self.interval;
        Self { interval: Interval { low: low.max(0.0), high: high.min(most) }, ..self }
    }
}

/// How many trials the variance of all strata counts as, beside a stratum's own.
const PRIOR_TRIALS: f64 = 1.0;

/// Mean of a quantity over the whole, over those trials that have it: a ratio estimator, with the
/// interval of its linearised residuals (Cochran, 6.4 and 5A.42) and Student's t with
/// Satterthwaite's degrees of freedom. Where every trial has the quantity it is the stratified mean.
///
/// Where a stratum has few trials its own variance is mostly too small if its values are skewed: of what happens in
/// one trial of ten, three trials show nothing, and a variance of zero. So it is drawn towards the variance within
/// all strata together, which counts as one trial: the posterior mean under a scaled inverse chi-squared prior with
/// one degree of freedom. One stratum alone keeps Student's interval.
///
/// What it holds is the limited mean, where a trial worse than any that was seen counts as the worst seen: of what
/// lies beyond no sample says more than how often it can be, [`unseen`].
///
/// None when a stratum with a weight has fewer than two trials, or fewer than two trials have it.
pub fn mean(strata: &[Stratum<Moments>], confidence: f64) -> Option<Estimated> {
    let n: u64 = strata.iter().map(|it| it.values.count()).sum();
    if n < 2 || strata.iter().any(|it| it.weight > 0.0 && it.trials < 2) {
        return None;
    }
    let strata = strata.iter().filter(|it| it.weight > 0.0);
    let part = |it: &Stratum<Moments>| it.weight * it.values.count() as f64 / it.trials as f64;
    let present: f64 = strata.clone().map(part).sum();
    if present <= 0.0 {
        return None;
    }
    let value = strata.clone().map(|it| part(it) * it.values.mean()).sum::<f64>() / present;
    let spread = spread_within(strata.clone(), value);
    let (mut variance, mut inverse_degrees) = (0.0, 0.0);
    for stratum in strata {
        let (trials, spread) = (stratum.trials as f64, spread(stratum));
        let share = stratum.weight / present;
        let term = share * share * spread / trials;
        variance += term;
        inverse_degrees += term * term / (trials - 1.0);
    }
    let half = if variance > 0.0 {
        let degrees = variance * variance / inverse_degrees;
        student_upper(0.5 * (1.0 - confidence), degrees) * variance.sqrt()
    } else {
        0.0
    };
    Some(Estimated { value, interval: Interval { low: value - half, high: value + half }, n })
}

/// Variances that the interval of [`mean`] takes for the strata, where every trial has the quantity: none of a stratum
/// with a single trial.
pub fn variances(strata: &[Stratum<Moments>]) -> Vec<Option<f64>> {
    let known = |it: &&Stratum<Moments>| it.weight > 0.0 && it.trials > 1;
    let spread = spread_within(strata.iter().filter(known), 0.0);
    strata.iter().map(|it| known(&it).then(|| spread(it))).collect()
}

/// The variance within each of these strata, drawn towards that within all; of residuals from a value.
fn spread_within<'s>(
    strata: impl Iterator<Item = &'s Stratum<Moments>> + Clone,
    value: f64,
) -> impl Fn(&Stratum<Moments>) -> f64 {
    let squares = move |it: &Stratum<Moments>| {
        let residual = it.values.count() as f64 * (it.values.mean() - value);
        (it.values.squares_about(value) - residual * residual / it.trials as f64).max(0.0)
    };
    let degrees: f64 = strata.clone().map(|it| (it.trials - 1) as f64).sum();
    let prior = PRIOR_TRIALS * strata.map(squares).sum::<f64>() / degrees;
    move |it| (squares(it) + prior) / (it.trials as f64 - 1.0 + PRIOR_TRIALS)
}

/// Share of the whole in which something happened; `values` counts it. Wilson's interval with the
/// number of trials that a plain sample would need for the same precision: the smaller of Kish's
/// effective size (1965) and that of the stratified variance.
///
/// None when a stratum with a weight has no trial.
pub fn rate(strata: &[Stratum<u64>], confidence: f64) -> Option<Estimated> {
    let (value, effective, n) = effective(strata)?;
    Some(Estimated { value, interval: wilson_about(value, effective, confidence), n })
}

/// Most of the whole that may be worse than any that was seen, with this confidence: the largest share that all of
/// the trials may have missed. It is hidden best in one stratum; of one alone it is about 3 / n at 95 % (J. A.
/// Hanley and A. Lippman-Hand, JAMA 249 (1983)). All where a stratum with a weight has no trial.
pub fn unseen(strata: &[Stratum<()>], confidence: f64) -> f64 {
    let total: f64 = strata.iter().map(|it| it.weight).sum();
    let hidden = |it: &Stratum<()>| match it.trials {
        0 => it.weight / total,
        trials => it.weight / total * (1.0 - libm::pow(1.0 - confidence, 1.0 / trials as f64)),
    };
    strata.iter().filter(|it| it.weight > 0.0).map(hidden).fold(0.0, f64::max)
}

/// The rate, the number of trials that a plain sample would need for its precision, and that of all.
fn effective(strata: &[Stratum<u64>]) -> Option<(f64, f64, u64)> {
    let total: f64 = strata.iter().map(|it| it.weight).sum();
    if total <= 0.0 || strata.iter().any(|it| it.weight > 0.0 && it.trials == 0) {
        return None;
    }
    let strata = strata.iter().filter(|it| it.weight > 0.0);
    let n: u64 = strata.clone().map(|it| it.trials).sum();
    let (mut value, mut kish, mut variance) = (0.0, 0.0, 0.0);
    for stratum in strata {
        let (share, trials) = (stratum.weight / total, stratum.trials as f64);
        let rate = stratum.values as f64 / trials;
        value += share * rate;
        kish += share * share / trials;
        variance += share * share * rate * (1.0 - rate) / trials;
    }
    let effective = (value * (1.0 - value) / variance).min(1.0 / kish);
    Some((value, if effective.is_nan() { 1.0 / kish } else { effective }, n))
}

/// The same with Clopper and Pearson's interval, for limits that must be shown to hold: of one stratum
/// it is exact, of several it takes the effective number of trials of [`rate`], rounded to the side that
/// says less.
///
/// None when a stratum with a weight has no trial.
pub fn exact_rate(strata: &[Stratum<u64>], confidence: f64) -> Option<Estimated> {
    let (value, effective, n) = effective(strata)?;
    let among = crate::units::round_u64((effective - 0.5 + 1e-6).max(1.0));
    let events = value * among as f64;
    let most = crate::units::round_u64((events - 1e-6).ceil().max(0.0)).min(among);
    let least = crate::units::round_u64((events + 1e-6).floor().max(0.0)).min(among);
    let interval = Interval {
        low: clopper_pearson(least, among, confidence).low,
        high: clopper_pearson(most, among, confidence).high,
    };
    Some(Estimated { value, interval, n })
}

/// The value that the part `q` of the whole stays at or below, among the trials that have one, with
/// Woodruff's interval (JASA 47, 1952): the quantiles at the ends of an interval for the share below.
///
/// None where the trials are too few to bound it on both sides, or a stratum with a weight has none.
pub fn quantile(strata: &[Stratum<&Sketch>], q: f64, confidence: f64) -> Option<Estimated> {
    if strata.iter().any(|it| it.weight > 0.0 && it.trials == 0) {
        return None;
    }
    let points = pooled_distribution(strata);
    let n = strata.iter().map(|it| it.values.count()).sum();
    let value = at(&points, q)?;
    let total: f64 = strata.iter().map(present).sum();
    let mut variance = 0.0;
    for stratum in strata.iter().filter(|it| it.values.count() > 0) {
        let share = present(stratum) / total;
        let count = stratum.values.count() as f64;
        let below = stratum.values.points().take_while(|point| point.0 <= value);
        let below = below.map(|point| point.1).sum::<u64>() as f64 / count;
        // a share of 0 or 1 among a few trials is not certain: at least as for half a trial more
        let below = below.clamp(0.5 / (count + 1.0), 1.0 - 0.5 / (count + 1.0));
        variance += share * share * below * (1.0 - below) / count;
    }
    let half = normal_upper(0.5 * (1.0 - confidence)) * variance.sqrt();
    if q - half <= 0.0 || q + half >= 1.0 {
        // a quantile that is the least value there can be needs no lower bound from the trials
        let bounded_below = q - half > 0.0 || value <= 0.0;
        if !bounded_below || q + half >= 1.0 {
            return None;
        }
    }
    let interval =
        Interval { low: at(&points, (q - half).max(0.0))?, high: at(&points, q + half)? };
    Some(Estimated { value, interval, n })
}

/// Share of the whole that a stratum's trials with a value stand for, not normed.
fn present(stratum: &Stratum<&Sketch>) -> f64 {
    if stratum.trials == 0 {
        return 0.0;
    }
    stratum.weight * stratum.values.count() as f64 / stratum.trials as f64
}

/// Values of all strata in rising order, each with its part of the whole; the parts sum to 1. Empty
/// when there is none.
pub fn pooled_distribution(strata: &[Stratum<&Sketch>]) -> Vec<(f64, f64)> {
    let total: f64 = strata.iter().map(present).sum();
    let mut points: Vec<(f64, f64)> = Vec::new();
    for stratum in strata {
        let each = present(stratum) / total / stratum.values.count() as f64;
        points.extend(stratum.values.points().map(|(value, count)| (value, each * count as f64)));
    }
    points.retain(|it| it.1 > 0.0);
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points.dedup_by(|next, kept| {
        let same = next.0.total_cmp(&kept.0).is_eq();
        if same {
            kept.1 += next.1;
        }
        same
    });
    points
}

/// The smallest value that at least the part `q` is no larger than.
fn at(points: &[(f64, f64)], q: f64) -> Option<f64> {
    let mut below = 0.0;
    for &(value, part) in points {
        below += part;
        if below >= q - 1e-12 {
            return Some(value);
        }
    }
    points.last().map(|it| it.0)
}

#[cfg(test)]
mod tests;
