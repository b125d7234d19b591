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
    let z = normal_upper(0.5 * (1.0 - confidence));
    let (count, share) = (n as f64, successes as f64 / n as f64);
    let weight = z * z / count;
    let centre = (share + 0.5 * weight) / (1.0 + weight);
    let spread = (share * (1.0 - share) / count + 0.25 * weight / count).sqrt();
    let half = z * spread / (1.0 + weight);
    Interval {
        low: if successes == 0 { 0.0 } else { centre - half },
        high: if successes == n { 1.0 } else { centre + half },
    }
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
