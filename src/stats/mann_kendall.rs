//! Whether a series rises, and how significantly, when it is autocorrelated.

use super::{
    Interval,
    special::{normal_upper, student_tail, student_upper},
    trend::{median, slopes},
};

/// Kendall's sum over all pairs (H. B. Mann 1945, M. G. Kendall 1975).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MannKendall {
    /// Pairs that rise, less pairs that fall.
    pub s: f64,
    /// Variance of `s` for independent values in any order, ties taken into account.
    pub variance: f64,
}

impl MannKendall {
    /// Takes the square of the number of values in time. They must be numbers.
    pub fn of(values: &[f64]) -> Self {
        let mut s = 0.0;
        for (i, earlier) in values.iter().enumerate() {
            for later in &values[i + 1..] {
                s += f64::from(u8::from(later > earlier)) - f64::from(u8::from(later < earlier));
            }
        }
        let spread = |n: f64| n * (n - 1.0) * (2.0 * n + 5.0);
        let ties: f64 = runs(values).map(spread).sum();
        Self { s, variance: (spread(values.len() as f64) - ties) / 18.0 }
    }

    /// Standardised, with continuity correction; zero where all values are equal.
    pub fn z(&self) -> f64 {
        if self.s == 0.0 || self.variance <= 0.0 {
            return 0.0;
        }
        (self.s - self.s.signum()) / self.variance.sqrt()
    }
}

/// Lengths of the groups of equal values.
fn runs(values: &[f64]) -> impl Iterator<Item = f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let mut lengths = vec![];
    for group in sorted.chunk_by(|a, b| a.partial_cmp(b).is_some_and(std::cmp::Ordering::is_eq)) {
        lengths.push(group.len() as f64);
    }
    lengths.into_iter()
}

/// A trend and how far it can be trusted.
#[derive(Clone, Debug, PartialEq)]
pub struct Trend {
    /// Between all pairs of points, in order.
    pub slopes: Vec<f64>,
    /// Kendall's sum over the points.
    pub kendall: MannKendall,
    /// Theil and Sen's slope, in units of `y` for one of `x`.
    pub slope: f64,
    /// The line of that slope has half of the points above it.
    pub intercept: f64,
    /// By how much the variance of Kendall's sum is larger than for independent values; at least 1.
    pub inflation: f64,
    /// How many points there are.
    pub points: f64,
}

impl Trend {
    /// The trend of evenly spaced points, as if they were independent; none for fewer than three
    /// different `x`. Takes the square of the number of points in time and memory.
    pub fn of(points: &[(f64, f64)]) -> Option<Self> {
        let slopes = slopes(points);
        let count = points.len() as f64;
        if points.len() < 3 || slopes.is_empty() || slopes.iter().any(|it| !it.is_finite()) {
            return None;
        }
        let middle = slopes.len() / 2;
        let even = slopes.len().is_multiple_of(2);
        let slope = if even { 0.5 * (slopes[middle - 1] + slopes[middle]) } else { slopes[middle] };
        let (mut x, mut y): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
        let kendall = MannKendall::of(&y);
        let intercept = median(&mut y)? - slope * median(&mut x)?;
        Some(Self { slopes, kendall, slope, intercept, inflation: 1.0, points: count })
    }

    /// The trend of evenly spaced points whose neighbours depend on each other.
    ///
    /// K. H. Hamed and A. R. Rao, Journal of Hydrology 204 (1998), equation 5, on the residuals of
    /// Theil and Sen's line, but with the correlations `r^i` of a first-order autoregression in place
    /// of those estimated for each lag, as S. Yue and C. Wang, Water Resources Management 18 (2004),
    /// have it: estimated ones are biased down so far that four in five false alarms stay. `r` itself
    /// has its bias removed, which is `(2 + 4 r) / n` beside a fitted line (F. H. C. Marriott, J. A.
    /// Pope, Biometrika 41 (1954), for a mean). The quantiles are Student's, for as many values as
    /// would be independent. Pre-whitening was measured and refused: with the trend taken out before
    /// (TFPW) it gives more false alarms than the plain test, without it finds no strong trend.
    pub fn autocorrelated(points: &[(f64, f64)]) -> Option<Self> {
        let plain = Self::of(points)?;
        let n = plain.points;
        let residuals: Vec<f64> = points.iter().map(|(x, y)| y - plain.slope * x).collect();
        let raw = lag_one(&residuals);
        let r = if n > 4.0 { ((n * raw + 2.0) / (n - 4.0)).clamp(0.0, 0.99) } else { 0.99 };
        let (mut sum, mut power, mut lag) = (0.0, 1.0, 1.0);
        while lag < n - 2.0 {
            power *= r;
            sum += (n - lag) * (n - lag - 1.0) * (n - lag - 2.0) * power;
            lag += 1.0;
        }
        let inflation = 1.0 + 2.0 * sum / (n * (n - 1.0) * (n - 2.0));
        Some(Self { inflation, ..plain })
    }

    /// As many independent values would say as much, less two for the line; at least one.
    fn degrees(&self) -> f64 {
        (self.points / self.inflation - 2.0).max(1.0)
    }

    /// Kendall's sum, standardised by its variance with the correction.
    pub fn z(&self) -> f64 {
        self.kendall.z() / self.inflation.sqrt()
    }

    /// Chance of a rise as clear as this without any trend.
    pub fn p_rises(&self) -> f64 {
        student_tail(self.z(), self.degrees())
    }

    /// Interval for the slope (P. K. Sen 1968), in rank order of all slopes; `confidence` in (0, 1).
    /// For points taken as independent with the quantiles of the normal distribution.
    pub fn interval(&self, confidence: f64) -> Interval {
        let tail = 0.5 * (1.0 - confidence);
        let quantile = if self.inflation > 1.0 {
            student_upper(tail, self.degrees())
        } else {
            normal_upper(tail)
        };
        let half = quantile * (self.kendall.variance.max(0.0) * self.inflation).sqrt();
        let all = self.slopes.len() as f64;
        let last = self.slopes.len() - 1;
        let rank = |it: f64| crate::units::round_u64(it.round_ties_even().max(0.0));
        let at = |rank: u64| self.slopes[usize::try_from(rank).unwrap_or(last).min(last)];
        let low = at(rank(0.5 * (all - half)).saturating_sub(1));
        Interval { low, high: at(rank(0.5 * (all + half))) }
    }
}

/// Correlation of neighbours about the mean; zero for a constant series.
fn lag_one(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|it| (it - mean) * (it - mean)).sum();
    if squares <= 0.0 {
        return 0.0;
    }
    values.windows(2).map(|it| (it[0] - mean) * (it[1] - mean)).sum::<f64>() / squares
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;

    fn points(values: &[f64]) -> Vec<(f64, f64)> {
        (0..).map(f64::from).zip(values.iter().copied()).collect()
    }

    #[test]
    fn a_sum_counts_pairs_and_ties_shrink_its_variance() {
        // 1 < 2 = 2 > 0: rises 1-2, 1-2; falls 1-0, 2-0, 2-0
        let kendall = MannKendall::of(&[1.0, 2.0, 2.0, 0.0]);
        assert_eq!(kendall.s, -1.0);
        // (4 3 13 - 2 1 9) / 18
        assert!((kendall.variance - 138.0 / 18.0).abs() < 1e-12);
        assert_eq!(kendall.z(), 0.0);
    }

    #[test]
    fn a_straight_line_rises_surely_and_a_flat_one_does_not() {
        let line: Vec<f64> = (0..40).map(|it| 3.0 + 2.0 * f64::from(it)).collect();
        let trend = Trend::autocorrelated(&points(&line)).unwrap();
        assert_eq!((trend.slope, trend.interval(0.99).low), (2.0, 2.0));
        assert!((trend.intercept - 3.0).abs() < 1e-12);
        assert!(trend.p_rises() < 1e-6, "{}", trend.p_rises());
        let flat = Trend::autocorrelated(&points(&[7.0; 40])).unwrap();
        assert_eq!((flat.slope, flat.p_rises()), (0.0, 0.5));
    }

    #[test]
    fn slow_waves_are_worth_few_independent_values() {
        let wave: Vec<f64> = (0..60).map(|it| libm::sin(f64::from(it) / 8.0)).collect();
        let trend = Trend::autocorrelated(&points(&wave)).unwrap();
        assert!(trend.inflation > 20.0, "{}", trend.inflation);
        assert!(trend.interval(0.95).low < 0.0 && trend.interval(0.95).high > 0.0);
    }

    #[test]
    fn two_points_or_infinite_slopes_have_no_trend() {
        assert_eq!(Trend::of(&points(&[1.0, 2.0])), None);
        assert_eq!(Trend::of(&points(&[1.0, f64::INFINITY, 3.0])), None);
        assert_eq!(Trend::of(&points(&[1.0, f64::NAN, 3.0])), None);
    }
}
