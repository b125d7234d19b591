//! What a trial runs on: streams of chance, samplers, queues of what happens next, mathematics.
//!
//! Nothing here knows what a rollout is. Everything gives the same bits on every platform: times are
//! whole nanoseconds, and floats meet only `+ - * /`, `sqrt` and bit operations.

mod alias;
mod correlated;
#[cfg(test)]
mod forked;
mod handful;
mod index;
pub mod math;
mod poisson;
#[cfg(test)]
mod purposes;
mod queue;
mod residual;
mod ring;
mod rng;
mod sample;
mod tree;
mod upper;
#[cfg(test)]
mod witness;

pub use alias::{Categories, zipf_weights};
pub use correlated::Correlated;
pub use handful::Handful;
pub use index::{Id, Table};
#[cfg(test)]
pub(crate) use purposes::PURPOSES;
pub use queue::EventQueue;
pub use ring::DelayRing;
pub use rng::{Key, Purpose, Seed, Stream, Streams};
pub use sample::{Sampler, Uniforms};
pub use tree::WinnerTree;
#[cfg(test)]
pub(crate) use witness::{Draw, Meddling, witnessed};

/// A number known to be an index into memory.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "callers pass what began as a usize")]
const fn index(number: u64) -> usize {
    number as usize
}

#[cfg(test)]
mod testing {
    use std::collections::BTreeMap;

    /// Fowler, Noll and Vo's 64-bit hash (1a), to pin many results in one literal.
    pub(super) fn fnv(values: impl IntoIterator<Item = u64>) -> u64 {
        values.into_iter().flat_map(u64::to_le_bytes).fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
        })
    }

    /// Pearson's statistic of counts against equal expectations.
    pub(super) fn chi_square(cells: impl IntoIterator<Item = u64>, among: u32) -> f64 {
        let mut counts = BTreeMap::new();
        let mut total = 0.0;
        for cell in cells {
            *counts.entry(cell).or_insert(0.0_f64) += 1.0;
            total += 1.0;
        }
        let expected = total / f64::from(among);
        let empty = (f64::from(among) - counts.len() as f64) * expected;
        counts.values().map(|n| (n - expected) * (n - expected) / expected).sum::<f64>() + empty
    }
    /// Pearson's correlation of pairs of uniforms, in standard errors.
    pub(super) fn correlation(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
        let (mut count, mut sum) = (0.0_f64, 0.0);
        for (a, b) in pairs {
            count += 1.0;
            sum += (a - 0.5) * (b - 0.5);
        }
        // the variance of a uniform is 1/12
        sum / count * 12.0 * count.sqrt()
    }
}
