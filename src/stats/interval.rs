//! Confidence intervals for shares and means. A number in a report has one.

use super::special::{beta_quantile, normal_upper, student_upper};

/// From `low` to `high`, both included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

impl Interval {
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    pub fn width(&self) -> f64 {
        self.high - self.low
    }
}

/// Interval for a share from `successes` of `n` (E. B. Wilson 1927, without continuity correction);
/// `confidence` in (0, 1). From 0 to 1 when `n` is 0. Covers about as often as it says on average;
/// where it must never cover less, use [`clopper_pearson`].
pub fn wilson(successes: u64, n: u64, confidence: f64) -> Interval {
    if n == 0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    wilson_about(successes as f64 / n as f64, n as f64, confidence)
}

/// The same for a share that was found among `n` trials, `n` above 0 and not necessarily whole.
pub(super) fn wilson_about(share: f64, n: f64, confidence: f64) -> Interval {
    let z = normal_upper(0.5 * (1.0 - confidence));
    let weight = z * z / n;
    let centre = (share + 0.5 * weight) / (1.0 + weight);
    let half = z * (share * (1.0 - share) / n + 0.25 * weight / n).sqrt() / (1.0 + weight);
    let low = if share <= 0.0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if share >= 1.0 { 1.0 } else { (centre + half).min(1.0) };
    Interval { low, high }
}

/// Trials after which neither end of [`wilson`]'s interval is further than `off` from the share that was found,
/// whatever it is. It is widest at one half, `z / (2 sqrt(n + z^2))` to each side, but further from one side to the
/// other where the share is small or large. `off` in (0, 0.5).
pub fn trials_within(off: f64, confidence: f64) -> f64 {
    /// Shares that are tried, up to one half: the interval of the rest mirrors theirs.
    const SHARES: u32 = 200;
    let z = normal_upper(0.5 * (1.0 - confidence));
    let mut n = (z * z * (0.25 / (off * off) - 1.0)).ceil().max(1.0);
    let furthest = |n: f64| {
        let shares = (0..=SHARES).map(|it| 0.5 * f64::from(it) / f64::from(SHARES));
        shares.map(|it| wilson_about(it, n, confidence).high - it).fold(0.0, f64::max)
    };
    while furthest(n) > off {
        n = (n + (n / 200.0).max(1.0)).ceil();
    }
    n
}

/// Interval for a share that covers at least as often as `confidence` says, whatever the share
/// (C. J. Clopper, E. S. Pearson 1934). From 0 to 1 when `n` is 0. Costs tens of microseconds, more
/// for large `n`.
pub fn clopper_pearson(successes: u64, n: u64, confidence: f64) -> Interval {
    assert!(successes <= n, "more successes than tries");
    let tail = 0.5 * (1.0 - confidence);
    let (hits, misses) = (successes as f64, (n - successes) as f64);
    Interval {
        low: if successes == 0 { 0.0 } else { beta_quantile(tail, hits, misses + 1.0) },
        high: if successes == n { 1.0 } else { beta_quantile(1.0 - tail, hits + 1.0, misses) },
    }
}

/// How much more often something happens in one of two ways of doing the same `n` trials, and the
/// interval for it: the adjusted Wald interval of D. G. Bonett and R. M. Price (2012), which adds one
/// to each count of trials in which it happened in one way only, and so is never of width zero.
pub fn paired_shares(
    (first_only, second_only): (u64, u64),
    n: u64,
    confidence: f64,
) -> (f64, Interval) {
    assert!(first_only + second_only <= n, "no more trials differ than there are");
    let value = if n == 0 { 0.0 } else { (first_only as f64 - second_only as f64) / n as f64 };
    let total = n as f64 + 2.0;
    let (more, less) = ((first_only + 1) as f64 / total, (second_only + 1) as f64 / total);
    let z = normal_upper(0.5 * (1.0 - confidence));
    let half = z * ((more + less - (more - less) * (more - less)) / total).sqrt();
    let centre = more - less;
    let interval = Interval { low: (centre - half).max(-1.0), high: (centre + half).min(1.0) };
    (value, interval)
}

/// Mean of independent values and Student's interval for it; `None` for fewer than two values.
pub fn mean_interval(values: &[f64], confidence: f64) -> Option<(f64, Interval)> {
    if values.len() < 2 {
        return None;
    }
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    let error = (squares / (count - 1.0) / count).sqrt();
    let half = student_upper(0.5 * (1.0 - confidence), count - 1.0) * error;
    Some((mean, Interval { low: mean - half, high: mean + half }))
}

/// Mean of one long series whose neighbours depend on each other: the means of consecutive batches
/// are nearly independent and take part in [`mean_interval`]. The first `len % batches` values are
/// left out. `None` for fewer than two batches or fewer values than batches.
pub fn batch_means(values: &[f64], batches: usize, confidence: f64) -> Option<(f64, Interval)> {
    if batches < 2 || values.len() < batches {
        return None;
    }
    let size = values.len() / batches;
    let used = &values[values.len() - size * batches..];
    let means: Vec<f64> =
        used.chunks_exact(size).map(|batch| batch.iter().sum::<f64>() / size as f64).collect();
    mean_interval(&means, confidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(interval: Interval, low: f64, high: f64, error: f64) {
        let near = |a: f64, b: f64| (a - b).abs() < error;
        assert!(
            near(interval.low, low) && near(interval.high, high),
            "{interval:?} instead of {low} to {high}"
        );
    }

    /// R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in
    /// Medicine 17 (1998), table I, methods 3 and 5.
    #[test]
    fn so_many_trials_are_enough_and_fewer_are_not() {
        // at a share of 0: z^2 / (n + z^2) with z^2 = 3.8415, which is 0.3 at 8.96; at one half
        // 1.96 / (2 sqrt(n + 3.8415)) is 0.05 at 380.3
        assert!((9.0..=12.0).contains(&trials_within(0.3, 0.95)));
        assert!((381.0..=392.0).contains(&trials_within(0.05, 0.95)));
        for off in [0.3, 0.1, 0.02, 0.004] {
            let n = crate::units::round_u64(trials_within(off, 0.95));
            let furthest = |n: u64| {
                let all = (0..=n).map(|it| (it, wilson(it, n, 0.95)));
                let share = |it: u64| it as f64 / n as f64;
                all.map(|(it, of)| (of.high - share(it)).max(share(it) - of.low))
                    .fold(0.0, f64::max)
            };
            assert!(furthest(n) <= off * 1.001, "{off}: {n}");
            assert!(furthest(n * 9 / 10 - 1) > off, "{off}: {n}");
        }
    }

    #[test]
    fn intervals_for_shares_match_newcombe() {
        for (hits, n, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            check(wilson(hits, n, 0.95), low, high, 5.1e-5);
        }
        for (hits, n, low, high) in [
            (81, 263, 0.2527, 0.3676),
            (15, 148, 0.0578, 0.1617),
            (0, 20, 0.0, 0.1684),
            (1, 29, 0.0009, 0.1776),
        ] {
            check(clopper_pearson(hits, n, 0.95), low, high, 5.1e-5);
        }
    }

    /// By hand: of 48 trials 11 in one way only and 3 in the other are 12 and 4 of 50, so 0.16 and half
    /// 1.959964 sqrt((0.24 + 0.08 - 0.0256) / 50).
    #[test]
    fn intervals_for_paired_shares_match_the_adjusted_wald_interval() {
        let (value, interval) = paired_shares((11, 3), 48, 0.95);
        assert!((value - 8.0 / 48.0).abs() < 1e-12);
        check(interval, 0.009_605_5, 0.310_394_5, 1e-6);
        let (none, open) = paired_shares((0, 0), 10, 0.95);
        assert!(none.abs() < 1e-12 && open.low < -0.1 && open.high > 0.1, "{open:?}");
    }

    #[test]
    fn intervals_for_shares_match_forty_digit_values() {
        check(wilson(0, 10, 0.95), 0.0, 0.277_532_799_862_889, 1e-12);
        check(wilson(5, 10, 0.95), 0.236_593_090_512_564, 0.763_406_909_487_436, 1e-12);
        check(wilson(10, 10, 0.95), 0.722_467_200_137_111, 1.0, 1e-12);
        check(wilson(3, 1_000, 0.99), 7.581_012_310_614_68e-4, 0.011_793_516_682_924_9, 1e-12);
        // one-sided 95 %: 1 - 0.05^(1/299)
        check(clopper_pearson(0, 299, 0.9), 0.0, 0.009_969_146_792_899, 1e-12);
        check(clopper_pearson(0, 10, 0.95), 0.0, 0.308_497_107_818_761, 1e-12);
        check(clopper_pearson(5, 10, 0.95), 0.187_086_028_447_399, 0.812_913_971_552_602, 1e-12);
        check(clopper_pearson(10, 10, 0.95), 0.691_502_892_181_239, 1.0, 1e-12);
        check(
            clopper_pearson(3, 1_000, 0.99),
            3.381_445_290_664_93e-4,
            0.010_933_777_420_405_2,
            1e-12,
        );
        check(
            clopper_pearson(1, 100_000, 0.95),
            2.531_780_477_933_31e-7,
            5.571_516_034_774_28e-5,
            1e-14,
        );
    }

    #[test]
    fn nothing_tried_leaves_every_share_possible() {
        check(wilson(0, 0, 0.95), 0.0, 1.0, 1e-15);
        check(clopper_pearson(0, 0, 0.95), 0.0, 1.0, 1e-15);
    }

    #[test]
    fn the_interval_of_a_mean_is_students() {
        // five values with mean 3 and variance 2.5: half-width 2.776445105 * sqrt(0.5)
        let (mean, interval) = mean_interval(&[5.0, 1.0, 3.0, 2.0, 4.0], 0.95).unwrap();
        assert!((mean - 3.0).abs() < 1e-15);
        check(interval, 1.036_756_838_522, 4.963_243_161_478, 1e-9);
        assert!(interval.contains(mean) && !interval.contains(1.0));
        assert!((interval.width() - 3.926_486_322_956).abs() < 1e-9);
        assert_eq!(mean_interval(&[1.0], 0.95), None);
    }

    #[test]
    fn batches_leave_out_the_first_values_that_do_not_fill_one() {
        let values = [100.0, 1.0, 3.0, 2.0, 4.0, 6.0, 8.0];
        assert_eq!(batch_means(&values, 3, 0.9), mean_interval(&[2.0, 3.0, 7.0], 0.9));
        assert_eq!(batch_means(&values, 1, 0.9), None);
        assert_eq!(batch_means(&values, 8, 0.9), None);
    }
}
