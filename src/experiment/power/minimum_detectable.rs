//! The smallest severity that is detected as often as asked: where a curve of
//! catches crosses a level.

use super::Smallest;
use crate::experiment::Figure;
use crate::kernel::math;

/// One point of a curve: where it stands, above zero, and the part that was caught there.
pub(super) type Caught = (f64, Figure);

/// Neighbouring points between which the curve, made monotone, reaches the level; none where all
/// points are above or all below it.
pub(super) fn bracket(points: &[Caught], level: f64) -> Option<(f64, f64)> {
    let rates = rising(points);
    let above = rates.iter().position(|it| *it >= level)?;
    (above > 0).then(|| (points[above - 1].0, points[above].0))
}

/// The severity at which the curve crosses the level, by straight lines over the logarithm of the
/// severity; its ends are where the curves of the upper and of the lower ends of the intervals cross.
/// Nothing is said beyond the points.
pub(super) fn minimum_detectable(points: &[Caught], level: f64) -> Option<Smallest> {
    let value = crosses(points, &rising(points), level)?;
    // a catch is likelier the worse the defect: what bounds a point bounds its neighbours
    let mut most = 0.0_f64;
    let mut highest = |it: &Caught| {
        most = most.max(it.1.low);
        most
    };
    let lower: Vec<f64> = points.iter().map(&mut highest).collect();
    let mut least = 1.0_f64;
    let mut lowest = |it: &Caught| {
        least = least.min(it.1.high);
        least
    };
    let mut upper: Vec<f64> = points.iter().rev().map(&mut lowest).collect();
    upper.reverse();
    let low = crosses(points, &upper, level).map(|it| it.min(value));
    let high = crosses(points, &lower, level).map(|it| it.max(value));
    Some(Smallest { value, low, high })
}

/// Where rising values first reach the level; none where they begin or stay on one side of it.
fn crosses(points: &[Caught], values: &[f64], level: f64) -> Option<f64> {
    let above = values.iter().position(|it| *it >= level)?;
    if above == 0 {
        return None;
    }
    let (from, to) = (points[above - 1].0, points[above].0);
    let (low, high) = (values[above - 1], values[above]);
    let part = (level - low) / (high - low);
    Some(from * math::pow(to / from, part))
}

/// The rates made monotone with the least change: neighbours out of order are pooled (M. Ayer et al.
/// 1955).
fn rising(points: &[Caught]) -> Vec<f64> {
    // rate, trials and points of each pool
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for (_, it) in points {
        let mut pool = (it.value, it.n as f64, 1);
        while let Some(last) = pools.pop_if(|last| last.0 > pool.0) {
            let n = last.1 + pool.1;
            pool = ((last.0 * last.1 + pool.0 * pool.1) / n, n, last.2 + pool.2);
        }
        pools.push(pool);
    }
    pools.iter().flat_map(|it| std::iter::repeat_n(it.0, it.2)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(all: &[(f64, f64, f64, f64)]) -> Vec<Caught> {
        let point = |&(at, value, low, high): &(f64, f64, f64, f64)| {
            (at, Figure { value, low, high, n: 100 })
        };
        all.iter().map(point).collect()
    }

    #[test]
    fn a_crossing_lies_between_its_points_on_a_scale_of_logarithms() {
        let curve = points(&[(1.0, 0.8, 0.7, 0.88), (100.0, 1.0, 0.95, 1.0)]);
        let found = minimum_detectable(&curve, 0.9).unwrap();
        assert!((found.value - 10.0).abs() < 1e-9, "{found:?}");
        // 0.7 + 0.25 p = 0.9 at p = 0.8, 0.88 + 0.12 p = 0.9 at p = 1/6
        assert!((found.high.unwrap() - 39.810_717_055_349_73).abs() < 1e-9);
        assert!((found.low.unwrap() - 2.154_434_690_031_884).abs() < 1e-9);
    }

    #[test]
    fn nothing_is_said_beyond_what_was_played() {
        assert_eq!(
            minimum_detectable(&points(&[(1.0, 0.1, 0.0, 0.2), (2.0, 0.8, 0.7, 0.9)]), 0.9),
            None
        );
        assert_eq!(
            minimum_detectable(&points(&[(1.0, 0.95, 0.9, 1.0), (2.0, 1.0, 0.9, 1.0)]), 0.9),
            None
        );
        let open = minimum_detectable(&points(&[(1.0, 0.5, 0.2, 0.92), (2.0, 1.0, 0.8, 1.0)]), 0.9)
            .unwrap();
        assert_eq!((open.low, open.high), (None, None));
    }

    #[test]
    fn points_out_of_order_are_taken_together() {
        let curve = points(&[(1.0, 0.2, 0.0, 0.0), (2.0, 0.6, 0.0, 0.0), (4.0, 0.4, 0.0, 0.0)]);
        let pooled = rising(&curve);
        assert!((pooled[1] - 0.5).abs() < 1e-12 && (pooled[2] - 0.5).abs() < 1e-12, "{pooled:?}");
        assert_eq!(bracket(&curve, 0.5), Some((1.0, 2.0)));
    }
}
