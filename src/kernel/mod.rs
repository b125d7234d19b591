//! What a trial runs on: streams of chance, samplers, queues of what happens next, mathematics.
//!
//! Nothing here knows what a rollout is. Everything gives the same bits on every platform: times are
//! whole nanoseconds, and floats meet only `+ - * /`, `sqrt` and bit operations.

mod alias;
pub mod math;
mod queue;
mod ring;
mod rng;
mod sample;
mod tree;

pub use alias::{Categories, zipf_weights};
pub use queue::EventQueue;
pub use ring::DelayRing;
pub use rng::{Key, Purpose, Seed, Stream, Streams};
pub use sample::Sampler;
pub use tree::WinnerTree;

/// A number known to be an index into memory.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "callers pass what began as a usize")]
const fn index(number: u64) -> usize {
    number as usize
}
