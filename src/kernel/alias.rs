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
        let whole = weights
            .iter()
            .map(|&weight| if weight > 0.0 { whole(weight / largest * LARGEST).max(1) } else { 0 });
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
fn whole(scaled: f64) -> u64 {
    (scaled + 0.5) as u64
}

/// Weights of Zipf's law, `rank^-exponent` for the ranks 1 to `n`: the popularity of users, tenants
/// or keys. An exponent of 0 makes all equal; traffic is usually near 1.
pub fn zipf_weights(n: usize, exponent: f64) -> Vec<f64> {
    (1..=n).map(|rank| math::pow(rank as f64, -exponent)).collect()
}
