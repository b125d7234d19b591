//! By how much one sample lies above another, from ranks alone (F. Wilcoxon 1945; H. B. Mann, D. R.
//! Whitney 1947).

use super::{Interval, brent, special::normal_upper};

/// Most steps of the root finder, as R's `uniroot` in `wilcox.test` has them.
const STEPS: u32 = 1001;

/// Two samples, sorted, none of them empty.
#[derive(Clone, Debug, PartialEq)]
pub struct TwoSamples {
    x: Vec<f64>,
    y: Vec<f64>,
}

/// Sum of the ranks of `x` among both, ties sharing the mean of their ranks, and the sum of
/// `t^3 - t` over ties of `t`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ranked {
    sum: f64,
    ties: f64,
}

/// By how much `x` is above `y`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shift {
    /// Confidence interval. The lower end may come out above the upper one by the tolerance of the
    /// roots.
    pub interval: Interval,
    /// The shift that makes both samples alike: Hodges and Lehmann's, to the tolerance.
    pub estimate: f64,
}

impl TwoSamples {
    /// None if a sample is empty or has a value that is not a number.
    pub fn new(x: &[f64], y: &[f64]) -> Option<Self> {
        let usable = |it: &[f64]| !it.is_empty() && !it.iter().any(|value| value.is_nan());
        let sorted = |it: &[f64]| {
            let mut sorted = it.to_vec();
            sorted.sort_unstable_by(f64::total_cmp);
            sorted
        };
        (usable(x) && usable(y)).then(|| Self { x: sorted(x), y: sorted(y) })
    }

    fn sizes(&self) -> (f64, f64) {
        (self.x.len() as f64, self.y.len() as f64)
    }

    /// Ranks after `shift` has been taken from every `x`. Both are sorted, and stay so.
    fn ranked(&self, shift: f64) -> Ranked {
        let (mut i, mut j) = (0, 0);
        let (mut sum, mut ties) = (0.0, 0.0);
        while i < self.x.len() || j < self.y.len() {
            let x = self.x.get(i).map(|it| it - shift);
            let y = self.y.get(j).copied();
            let least = match (x, y) {
                (Some(x), Some(y)) => x.min(y),
                (Some(it), None) | (None, Some(it)) => it,
                (None, None) => break,
            };
            let rank = (i + j) as f64;
            let (from_i, from_j) = (i, j);
            // what is not a number, such as infinite minus infinite, counts as the least
            while self.x.get(i).is_some_and(|it| not_above(it - shift, least)) {
                i += 1;
            }
            while self.y.get(j).is_some_and(|it| not_above(*it, least)) {
                j += 1;
            }
            let tied = (i - from_i + j - from_j) as f64;
            sum += (i - from_i) as f64 * (rank + 0.5 * (tied + 1.0));
            ties += tied * tied * tied - tied;
        }
        Ranked { sum, ties }
    }

    /// Normal score of the rank sum after a shift, with continuity and tie corrections. Not a
    /// number where everything is tied.
    pub fn score(&self, shift: f64) -> f64 {
        let (m, n) = self.sizes();
        let Ranked { sum, ties } = self.ranked(shift);
        let above = sum - m * (m + 1.0) / 2.0 - m * n / 2.0;
        let correction = if above == 0.0 { 0.0 } else { 0.5 * above.signum() };
        let all = m + n;
        let sigma = (m * n / 12.0 * ((all + 1.0) - ties / (all * (all - 1.0)))).sqrt();
        (above - correction) / sigma
    }

    /// Pairs in which `x` is above `y`, ties by half: Mann and Whitney's U.
    pub fn u(&self) -> f64 {
        let m = self.x.len() as f64;
        self.ranked(0.0).sum - m * (m + 1.0) / 2.0
    }

    /// Chance that an `x` is above a `y`, ties by half: the common language effect
    /// size (Psychological Bulletin 111 (1992)).
    pub fn chance_above(&self) -> f64 {
        let (m, n) = self.sizes();
        self.u() / (m * n)
    }

    /// Shift of `x` above `y` with its interval at this confidence, as R's `wilcox.test` finds it
    /// for large samples: where the normal score of the shifted ranks crosses the quantiles, by
    /// the secant method of Brent to an absolute tolerance.
    ///
    /// The score is a step function: any interval or estimate is as coarse as the tolerance, and
    /// where values differ by less it means nothing. R's default tolerance is 1e-4. Kayenta keeps the
    /// continuity correction in the estimate, where R drops it: the two may differ by the tolerance.
    pub fn shift(&self, confidence: f64, tolerance: f64) -> Shift {
        let ends = (self.x[0] - self.y[self.y.len() - 1], self.x[self.x.len() - 1] - self.y[0]);
        let root = |level: f64| {
            if self.score(ends.0) - level <= 0.0 {
                ends.0
            } else if self.score(ends.1) - level >= 0.0 {
                ends.1
            } else {
                brent::zero(|shift| self.score(shift) - level, ends, tolerance, STEPS)
            }
        };
        let z = normal_upper(0.5 * (1.0 - confidence));
        let interval = Interval { low: root(z), high: root(-z) };
        let estimate = brent::zero(|shift| self.score(shift), ends, tolerance, STEPS);
        Shift { interval, estimate }
    }
}

/// At most as much, or no number, which then cannot block a count.
fn not_above(value: f64, least: f64) -> bool {
    value <= least || value.is_nan() || least.is_nan()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;

    #[test]
    fn ties_share_their_ranks_and_shrink_the_variance() {
        let samples = TwoSamples::new(&[3.0, 1.0, 2.0, 2.0, 1.0], &[2.0, 3.0, 3.0, 4.0, 4.0]);
        let samples = samples.unwrap();
        assert_eq!(samples.u(), 3.0);
        assert_eq!(samples.chance_above(), 0.12);
    }

    #[test]
    fn nothing_and_what_is_no_number_are_refused() {
        assert_eq!(TwoSamples::new(&[], &[1.0]), None);
        assert_eq!(TwoSamples::new(&[1.0], &[f64::NAN]), None);
    }

    #[test]
    fn the_interval_of_few_values_ends_at_the_extreme_differences() {
        let samples = TwoSamples::new(&[10.0, 20.0], &[1.0, 2.0]).unwrap();
        let Interval { low, high } = samples.shift(0.98, 1e-4).interval;
        assert_eq!((low, high), (8.0, 19.0));
    }

    #[test]
    fn infinite_values_end_in_no_loop() {
        let samples = TwoSamples::new(&[f64::INFINITY, 1.0], &[f64::NEG_INFINITY, 1.0]).unwrap();
        let _ = samples.shift(0.98, 1e-4);
        let _ = samples.score(f64::INFINITY);
    }
}
