//! From the trials of a cell to its estimates.

use super::{Found, Paired, PowerRow};
use crate::{
    experiment::{End, Figure},
    stats::{
        Moments, Sketch, paired_shares,
        stratified::{self, Stratum},
        wilson,
    },
};

/// Share of the intervals that hold the truth.
pub(super) const CONFIDENCE: f64 = 0.95;

pub(super) fn estimates(rows: &[PowerRow], planned: u64) -> Found {
    let back: Vec<f64> =
        rows.iter().filter(|it| it.end == End::RolledBack).filter_map(|it| it.back_after).collect();
    let hurt: Vec<f64> = rows.iter().map(|it| it.users_hurt).collect();
    let times: Vec<f64> = rows.iter().filter_map(|it| it.rollout_time).collect();
    Found {
        trials: rows.len() as u64,
        planned,
        rolled_back: share_back(rows),
        unfinished: share(rows, |it| matches!(it.end, End::Failed | End::Unfinished)),
        by_gates: share(rows, |it| it.end == End::RolledBack && !it.gates_failed.is_empty()),
        back_after_p50: quantile(&back, 0.5),
        back_after_p90: quantile(&back, 0.9),
        users_hurt_mean: mean(&hurt),
        users_hurt_p90: quantile(&hurt, 0.9),
        rollout_time: mean(&times),
    }
}

/// Part that was rolled back.
pub(super) fn share_back(rows: &[PowerRow]) -> Option<Figure> {
    share(rows, |it| it.end == End::RolledBack)
}

/// Share of the trials of which something is so; none without a trial.
pub(super) fn share(rows: &[PowerRow], holds: impl Fn(&PowerRow) -> bool) -> Option<Figure> {
    let (hits, n) = (rows.iter().filter(|it| holds(it)).count() as u64, rows.len() as u64);
    let interval = wilson(hits, n, CONFIDENCE);
    let value = hits as f64 / n.max(1) as f64;
    (n > 0).then_some(Figure { value, low: interval.low, high: interval.high, n })
}

/// The same over several classes, each with its chance.
pub(super) fn weighted_share(
    classes: &[(f64, &[PowerRow])],
    holds: impl Fn(&PowerRow) -> bool,
) -> Option<Figure> {
    let stratum = |(weight, rows): &(f64, &[PowerRow])| Stratum {
        weight: *weight,
        trials: rows.len() as u64,
        values: rows.iter().filter(|it| holds(it)).count() as u64,
    };
    let strata: Vec<Stratum<u64>> = classes.iter().map(stratum).collect();
    stratified::rate(&strata, CONFIDENCE).map(Figure::from)
}

fn mean(values: &[f64]) -> Option<Figure> {
    let mut moments = Moments::default();
    for value in values {
        moments.record(*value);
    }
    let stratum = Stratum { weight: 1.0, trials: values.len() as u64, values: moments };
    Some(stratified::mean(&[stratum], CONFIDENCE)?.of_measured(false).into())
}

fn quantile(values: &[f64], q: f64) -> Option<Figure> {
    let mut sketch = Sketch::default();
    for value in values {
        sketch.record(*value);
    }
    let stratum = Stratum { weight: 1.0, trials: values.len() as u64, values: &sketch };
    stratified::quantile(&[stratum], q, CONFIDENCE).map(Figure::from)
}

/// How much more often releases are rolled back there than as it is, in the same trials.
pub(super) fn paired(as_is: &[PowerRow], there: &[PowerRow]) -> Option<Paired> {
    let pairs = || {
        as_is.iter().zip(there).map(|(one, two)| {
            assert_eq!(
                (one.trial, one.seed),
                (two.trial, two.seed),
                "trials are paired by their seeds"
            );
            (one.end == End::RolledBack, two.end == End::RolledBack)
        })
    };
    let n = pairs().count() as u64;
    let count = |it: (bool, bool)| pairs().filter(|pair| *pair == it).count() as u64;
    let (only_here, only_there, both) =
        (count((true, false)), count((false, true)), count((true, true)));
    let (difference, interval) = paired_shares((only_there, only_here), n, CONFIDENCE);
    let part = |hits: u64| hits as f64 / n as f64;
    (n > 0).then(|| Paired {
        as_is: part(only_here + both),
        there: part(only_there + both),
        difference,
        low: interval.low,
        high: interval.high,
        n,
    })
}
