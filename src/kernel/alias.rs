//! Picks one of many with given weights: operations, users, instances by popularity.
//!
//! Walker's alias method: two draws whatever the number of categories. The table is built from
//! integer weights, so that every platform builds the same one.

use rand::distr::Distribution;
use rand_distr::weighted::WeightedAliasIndex;

use super::{Stream, math};

/// The largest weight becomes this. Times the number of categories it must stay below 2^64, which
/// leaves room for eight million of them.
const LARGEST: f64 = (1_u64 << 40) as f64;

/// A weighted choice among `0..n`.
#[derive(Clone, Debug)]
pub struct Categories {
    table: WeightedAliasIndex<u64>,
}

impl Categories {
    /// Chances in proportion to the weights, to one part in 2^40 of the largest; a positive weight
    /// keeps some chance and a zero weight has none. `None` when there are no weights, when all are
    /// zero or when one is negative or not finite.
    pub fn new(weights: &[f64]) -> Option<Self> {
        if !weights.iter().all(|weight| weight.is_finite() && *weight >= 0.0) {
            return None;
        }
        let largest = weights.iter().copied().fold(0.0, f64::max);
        if largest <= 0.0 {
            return None;
        }
        let whole = weights.iter().map(|&weight| {
            if weight > 0.0 { round_u64(weight / largest * LARGEST).max(1) } else { 0 }
        });
        let table = WeightedAliasIndex::new(whole.collect()).ok()?;
        Some(Self { table })
    }

    #[inline]
    pub fn pick(&self, stream: &mut Stream) -> usize {
        self.table.sample(stream)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounds a number between 0 and 2^40"
)]
fn round_u64(scaled: f64) -> u64 {
    (scaled + 0.5) as u64
}

/// Weights of Zipf's law, `rank^-exponent` for the ranks 1 to `n`: the popularity of users, tenants
/// or keys. An exponent of 0 makes all equal; traffic is usually near 1.
pub fn zipf_weights(n: usize, exponent: f64) -> Vec<f64> {
    (1..=n).map(|rank| math::pow(rank as f64, -exponent)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Purpose, Seed, Streams, testing::fnv};

    fn stream() -> Stream {
        Streams::new(Seed::DEFAULT).key(Purpose::Operation).stream(0)
    }

    fn counts(categories: &Categories, among: usize, picks: u32) -> Vec<f64> {
        let mut stream = stream();
        let mut counts = vec![0.0; among];
        for _ in 0..picks {
            counts[categories.pick(&mut stream)] += 1.0;
        }
        counts
    }

    #[test]
    fn categories_are_picked_as_often_as_they_weigh() {
        let categories = Categories::new(&[5.0, 0.0, 3.0, 1.5, 0.5]).unwrap();
        let counts = counts(&categories, 5, 1_000_000);
        for (count, share) in counts.iter().zip([0.5, 0.0, 0.3, 0.15, 0.05_f64]) {
            let error = (share * (1.0 - share) * 1e6).sqrt();
            assert!((count - share * 1e6).abs() <= 4.0 * error, "{count} for {share}");
        }
    }

    #[test]
    fn two_million_categories_fit() {
        let categories = Categories::new(&vec![1.0; 2_000_000]).unwrap();
        let mut stream = stream();
        let mean =
            (0..100_000).map(|_| categories.pick(&mut stream) as f64).sum::<f64>() / 100_000.0;
        // standard error of a uniform on 0 to 2e6: 2e6 / sqrt(12 * 1e5)
        assert!((mean - 999_999.5).abs() < 4.0 * 1_826.0, "{mean}");
    }

    #[test]
    fn weights_that_leave_nothing_to_pick_are_refused() {
        for weights in [&[][..], &[0.0, 0.0], &[1.0, -1.0], &[f64::NAN], &[f64::INFINITY, 1.0]] {
            assert!(Categories::new(weights).is_none(), "{weights:?}");
        }
        assert_eq!(Categories::new(&[1e-300]).unwrap().pick(&mut stream()), 0);
    }

    #[test]
    fn popularity_falls_with_rank_as_zipf_says() {
        let harmonic = zipf_weights(4, 1.0);
        for (weight, expected) in harmonic.iter().zip([1.0, 0.5, 1.0 / 3.0, 0.25]) {
            assert!((weight - expected).abs() < 1e-15);
        }
        assert!(zipf_weights(3, 0.0).iter().all(|weight| (weight - 1.0).abs() < 1e-15));
    }

    #[test]
    fn not_a_pick_may_change() {
        let categories = Categories::new(&zipf_weights(1_000, 1.1)).unwrap();
        let mut stream = stream();
        assert_eq!(
            fnv((0..10_000).map(|_| categories.pick(&mut stream) as u64)),
            15_897_296_343_193_943_559
        );
    }
}
