//! Counts of what happens at random.

use super::{Stream, math, sample::round_u64};

/// Above this mean a count is drawn from its normal approximation, with the correction for its skewness (E. A. Cornish,
/// R. A. Fisher, "Moments and cumulants in the specification of distributions", 1938).
const LARGE: f64 = 100.0;

impl Stream {
    /// A Poisson count of this mean, from one uniform; 0 for a mean of 0 or less.
    pub fn poisson(&mut self, mean: f64) -> u64 {
        if mean <= 0.0 {
            return 0;
        }
        let uniform = self.uniform();
        if mean > LARGE {
            let z = math::normal_quantile(uniform);
            return round_u64((mean + mean.sqrt() * z + (z * z - 1.0) / 6.0).max(0.0));
        }
        let mut part = math::exp(-mean);
        let mut below = part;
        let mut count = 0_u32;
        // the last parts may be too small to add to the sum
        while uniform > below && part > 1e-300 {
            count += 1;
            part *= mean / f64::from(count);
            below += part;
        }
        u64::from(count)
    }
}

#[cfg(test)]
mod tests {
    use crate::kernel::Key;

    #[test]
    fn counts_have_their_mean_and_variance() {
        for mean in [0.05, 1.0, 7.0, 60.0, 99.0, 101.0, 5_000.0] {
            let mut stream = Key::of_bits(7).stream(3);
            let draws: Vec<f64> = (0..20_000).map(|_| stream.poisson(mean) as f64).collect();
            let found = draws.iter().sum::<f64>() / 20_000.0;
            let variance =
                draws.iter().map(|it| (it - found) * (it - found)).sum::<f64>() / 19_999.0;
            // five standard errors
            assert!((found - mean).abs() < 5.0 * (mean / 20_000.0).sqrt(), "{mean}: {found}");
            let error = 5.0 * ((2.0 * mean * mean + mean) / 20_000.0).sqrt();
            assert!((variance - mean).abs() < error, "{mean}: {variance}");
        }
        assert_eq!(Key::of_bits(7).stream(3).poisson(0.0), 0);
    }
}
