//! From sums to estimates with intervals.

use super::{
    Difference, Estimate, Fold, Rare, Stat,
    end::{Happening, UNFINISHED_MAX},
    fold::{COMPARED, Quantity, Versus},
};
use crate::{
    model::Measure,
    stats::{
        Interval, Moments, Sketch,
        stratified::{self, Estimated, Stratum},
    },
    units::LimitKind,
};

/// How sure the intervals are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Confidence {
    /// Share of the intervals that hold the truth, when only one is looked at.
    pub level: f64,
    /// Looks at the results, each of which could end the comparison.
    pub looks: u32,
}

impl Confidence {
    /// What it is for one interval of one look, so that all looks together keep the level
    /// (Bonferroni).
    pub fn of_a_look(self) -> f64 {
        1.0 - (1.0 - self.level) / f64::from(self.looks)
    }

    /// The same where so many intervals are to hold at once.
    pub fn of_all(self, intervals: usize) -> f64 {
        1.0 - (1.0 - self.of_a_look()) / intervals.max(1) as f64
    }
}

/// Trials with any of a quantity from which its mean has an interval: with fewer nothing is known of its shape.
/// `reports/coverage.md` has how often the intervals hold.
const EVENTS_MIN: u64 = 10;

/// Quantiles that are reported.
const QUANTILES: [(Stat, f64); 3] = [(Stat::P50, 0.5), (Stat::P95, 0.95), (Stat::P99, 0.99)];

/// What is reported for each class on its own.
const OF_A_CLASS: [Quantity; 16] = [
    Quantity::Cost,
    Quantity::Of(Measure::users_met),
    Quantity::Of(Measure::users_hurt),
    Quantity::Of(Measure::users_hurt_undetected),
    Quantity::Of(Measure::users_hurt_detecting),
    Quantity::Of(Measure::users_hurt_rolling_back),
    Quantity::Of(Measure::users_hurt_after_detection),
    Quantity::Of(Measure::users_hurt_unmet),
    Quantity::Of(Measure::failed),
    Quantity::Of(Measure::error_budget),
    Quantity::Of(Measure::downtime),
    Quantity::Of(Measure::pages),
    Quantity::Of(Measure::detection_time),
    Quantity::Of(Measure::rollback_time),
    Quantity::Of(Measure::rollout_time),
    Quantity::Of(Measure::promotion_time),
];

/// Everything about one strategy over all releases.
pub(super) fn overall(fold: &Fold, strategy: usize, confidence: f64) -> Vec<Estimate> {
    let mut found = Vec::new();
    for quantity in Quantity::all() {
        let moments = fold.moments(strategy, quantity);
        let sketches = fold.sketches(strategy, quantity);
        let mean = named(quantity, Stat::Mean, stratified::mean(&moments, confidence));
        found.extend(mean.map(|it| Estimate { rare: rare(&sketches, confidence), ..it }));
        for (stat, q) in QUANTILES {
            let estimated = stratified::quantile(&sketches, q, confidence);
            found.extend(named(quantity, stat, estimated));
        }
    }
    for happening in Happening::ALL {
        let estimated = stratified::rate(&fold.happened(strategy, happening), confidence);
        let cut_off = fold.cut_off(strategy, happening);
        found.extend(estimated.map(|it| rate((happening, cut_off), it)));
    }
    found
}

/// Means and rates of one strategy and class.
pub(super) fn of_class(
    fold: &Fold,
    strategy: usize,
    class: usize,
    confidence: f64,
) -> Vec<Estimate> {
    let mut found = Vec::new();
    for quantity in OF_A_CLASS {
        let moments = [Stratum { weight: 1.0, ..fold.moments(strategy, quantity)[class] }];
        let mean = named(quantity, Stat::Mean, stratified::mean(&moments, confidence));
        let sketches = [Stratum { weight: 1.0, ..fold.sketches(strategy, quantity)[class] }];
        found.extend(mean.map(|it| Estimate { rare: rare(&sketches, confidence), ..it }));
    }
    let good = fold.classes()[class].good;
    for happening in Happening::ALL.into_iter().filter(|it| it.concerns(good)) {
        let concerned = fold.classes()[..class].iter().filter(|it| happening.concerns(it.good));
        let stratum = fold.happened(strategy, happening)[concerned.count()];
        let estimated = stratified::rate(&[Stratum { weight: 1.0, ..stratum }], confidence);
        let unfinished = fold.happened(strategy, Happening::Unfinished)[class];
        let cut_off = unfinished.values as f64 / unfinished.trials.max(1) as f64;
        found.extend(estimated.map(|it| rate((happening, cut_off), it)));
    }
    found
}

/// How often there was any of it, where that is too seldom for the interval of a mean.
fn rare(sketches: &[Stratum<&Sketch>], confidence: f64) -> Option<Rare> {
    let events: u64 = sketches.iter().map(|it| it.values.events()).sum();
    let all: u64 = sketches.iter().map(|it| it.values.count()).sum();
    if events >= EVENTS_MIN || events == all {
        return None;
    }
    let of = |it: &Stratum<&Sketch>| Stratum {
        weight: it.weight * it.values.count() as f64 / it.trials.max(1) as f64,
        trials: it.values.count(),
        values: it.values.events(),
    };
    let present: Vec<_> = sketches.iter().map(of).filter(|it| it.trials > 0).collect();
    let found = stratified::rate(&present, confidence)?;
    let Interval { low, high } = found.interval;
    Some(Rare { events, rate: found.value, low, high })
}

fn named(quantity: Quantity, stat: Stat, found: Option<Estimated>) -> Option<Estimate> {
    let is_share = match quantity {
        Quantity::Of(measure) => measure.kind() == LimitKind::Ratio,
        Quantity::Cost => false,
    };
    let found = found?.of_measured(is_share);
    Some(Estimate {
        quantity: quantity.name().to_owned(),
        stat,
        unit: unit(quantity).to_owned(),
        value: found.value,
        low: found.interval.low,
        high: found.interval.high,
        n: found.n,
        rare: None,
    })
}

/// How often something happens. What would have become of the part of the rollouts that was cut off is not known:
/// it may have happened to all of them.
fn rate((happening, cut_off): (Happening, f64), found: Estimated) -> Estimate {
    let open = match happening {
        Happening::FalseRollback
        | Happening::Escaped
        | Happening::Completed
        | Happening::RolledBack => cut_off,
        Happening::Detected | Happening::Unfinished => 0.0,
    };
    Estimate {
        quantity: happening.name().to_owned(),
        stat: Stat::Rate,
        unit: "ratio".to_owned(),
        value: found.value,
        low: found.interval.low,
        high: (found.interval.high + open).min(1.0),
        n: found.n,
        rare: None,
    }
}

const fn unit(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Cost => "currency",
        Quantity::Of(measure) => measure.unit(),
    }
}

/// How two strategies differ on the same rollouts; none as long as a class has fewer than two trials.
pub(super) fn differences(
    fold: &Fold,
    (first, second): (usize, usize),
    (confidence, tolerance): (Confidence, f64),
) -> Option<Vec<Difference>> {
    let pairs = fold.strategies() * (fold.strategies() - 1) / 2;
    let mut found = Vec::new();
    for (index, quantity) in COMPARED.into_iter().enumerate() {
        let versus = fold.versus(first, second, index);
        let moments = differing(&versus);
        let plain = stratified::mean(&moments, confidence.of_a_look())?;
        let adjusted = stratified::mean(&moments, confidence.of_all(pairs))?.interval;
        let apart = !adjusted.contains(0.0) || adjusted.width() <= 0.0 && plain.value != 0.0;
        let half = 0.5 * adjusted.width();
        // the one that has less could still come to more
        let less = if plain.value < 0.0 { second } else { first };
        let nearest = if plain.value < 0.0 { -adjusted.high } else { adjusted.low };
        let cost = fold.mean_cost(first).abs().max(fold.mean_cost(second).abs());
        let widest = adjusted.low.abs().max(adjusted.high.abs());
        let cut_off = fold.cut_off(less, Happening::Unfinished);
        let turned = apart && nearest <= fold.could_add(less, index);
        let unfinished = cut_off > UNFINISHED_MAX || cut_off > 0.0 && turned;
        let decided = apart && !unfinished;
        let alike = quantity == Quantity::Cost && widest <= tolerance * cost && !unfinished;
        let trials = moments.iter().map(|it| it.trials).sum();
        let needed = |difference: f64| more(difference, half, trials);
        let open = !apart && !alike && !unfinished;
        found.push(Difference {
            quantity: quantity.name().to_owned(),
            value: plain.value,
            low: plain.interval.low,
            high: plain.interval.high,
            low_adjusted: adjusted.low,
            high_adjusted: adjusted.high,
            less: share(&versus, |it| it.less),
            equal: share(&versus, |it| it.equal),
            more: share(&versus, |it| it.difference.count() - it.less - it.equal),
            narrowed: narrowed(fold, (first, second), quantity, &moments),
            decided,
            unfinished,
            alike,
            more_trials: needed(plain.value).filter(|_| open),
            more_trials_range: likely(plain.value, variance(&moments))
                .and_then(|(near, far)| Some((needed(far)?, needed(near)?)))
                .filter(|_| open),
        });
    }
    Some(found)
}

pub(super) fn differing(versus: &[Stratum<Versus>]) -> Vec<Stratum<Moments>> {
    let moments = |it: &Stratum<Versus>| Stratum {
        weight: it.weight,
        trials: it.trials,
        values: it.values.difference,
    };
    versus.iter().map(moments).collect()
}

/// Share of the rollouts in which something was so, each class with its chance.
fn share(versus: &[Stratum<Versus>], count: impl Fn(&Versus) -> u64) -> f64 {
    let part = |it: &Stratum<Versus>| it.weight * count(&it.values) as f64 / it.trials as f64;
    versus.iter().filter(|it| it.trials > 0).map(part).sum()
}

/// Variance of a stratified mean: the sum of squared weights times variances of the strata's means.
fn variance(strata: &[Stratum<Moments>]) -> f64 {
    let term = |it: &Stratum<Moments>| {
        let spread = it.values.variance().unwrap_or(0.0);
        it.weight * it.weight * spread / it.trials as f64
    };
    strata.iter().filter(|it| it.trials > 0).map(term).sum()
}

/// Width of the interval with trials of their own for each strategy, as a multiple of the paired one.
fn narrowed(
    fold: &Fold,
    (first, second): (usize, usize),
    quantity: Quantity,
    paired: &[Stratum<Moments>],
) -> Option<f64> {
    let [one, two] = [first, second].map(|it| fold.moments(it, quantity));
    // one that went on without the other has rollouts that the difference does not know
    let alike = one.iter().zip(&two).all(|(one, two)| one.trials == two.trials);
    let (alone, paired) = (variance(&one) + variance(&two), variance(paired));
    (alike && paired > 0.0).then(|| (alone / paired).sqrt())
}

/// Between which sizes a difference lies in half of the cases; none where that holds zero.
fn likely(difference: f64, variance: f64) -> Option<(f64, f64)> {
    /// Upper quartile of the normal distribution.
    const QUARTILE: f64 = 0.674_49;
    let (size, off) = (difference.abs(), QUARTILE * variance.sqrt());
    (size > off).then_some((size - off, size + off))
}

/// Trials that are still missing when an interval of this half-width is to leave out zero: it narrows
/// with the root of their number. None where there is no difference to decide about.
fn more(difference: f64, half: f64, trials: u64) -> Option<u64> {
    let factor = half / difference.abs();
    // a thousand times as many are as good as never
    (factor * factor < 1_000.0)
        .then(|| crate::units::round_u64((factor * factor - 1.0).max(0.0) * trials as f64).max(1))
}

/// Quantities whose distribution is kept in the summary.
pub(super) const DISTRIBUTED: [Quantity; 3] =
    [Quantity::Cost, Quantity::Of(Measure::users_hurt), Quantity::Of(Measure::rollout_time)];
