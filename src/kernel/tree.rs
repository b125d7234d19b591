//! What happens next among many sources that each have at most one thing pending.
//!
//! A winner tree: the leaf of a source holds its time and number in one word, each node above the
//! smaller of its two children. A change is one store and one minimum for each level.

use crate::units::Instant;

use super::index;

const EMPTY: u64 = u64::MAX;

/// The earliest of many pending times, one for each source. Equal times: the lowest source first.
#[derive(Clone, Debug)]
pub struct WinnerTree {
    /// `node[1]` is the root, `node[leaves + source]` a leaf: `nanos << bits | source`, or `EMPTY`.
    node: Vec<u64>,
    sources: usize,
    leaves: usize,
    bits: u32,
}

impl WinnerTree {
    /// Sources `0..sources`, nothing pending.
    pub fn new(sources: usize) -> Self {
        let leaves = sources.next_power_of_two();
        Self { node: vec![EMPTY; 2 * leaves], sources, leaves, bits: leaves.trailing_zeros() }
    }

    pub fn sources(&self) -> usize {
        self.sources
    }

    /// Last instant that [`Self::set`] takes: time and source share 64 bits, so it shrinks as
    /// sources grow (about 39 hours for 131,072, 13 days for 16,384).
    pub fn horizon(&self) -> Instant {
        Instant::from_nanos((u64::MAX >> self.bits) - 1)
    }

    /// Makes `at` the time of what the source has pending, in place of what it had.
    #[inline]
    pub fn set(&mut self, source: usize, at: Instant) {
        assert!(at <= self.horizon(), "the tree's keys cannot hold so late an instant");
        self.store(source, at.nanos() << self.bits | source as u64);
    }

    /// The source has nothing pending any more.
    #[inline]
    pub fn clear(&mut self, source: usize) {
        self.store(source, EMPTY);
    }

    #[inline]
    fn store(&mut self, source: usize, key: u64) {
        assert!(source < self.sources, "the source is not one of the tree's");
        let (mut at, mut min) = (source + self.leaves, key);
        self.node[at] = min;
        while at > 1 {
            min = min.min(self.node[at ^ 1]);
            at >>= 1;
            self.node[at] = min;
        }
    }

    /// The earliest pending time and its source.
    pub fn min(&self) -> Option<(Instant, usize)> {
        let nanos = self.min_nanos();
        (nanos != EMPTY).then(|| (Instant::from_nanos(nanos), self.min_source()))
    }

    /// The earliest pending time in nanoseconds; `u64::MAX` when nothing is pending.
    #[inline]
    pub fn min_nanos(&self) -> u64 {
        let key = self.node[1];
        if key == EMPTY { EMPTY } else { key >> self.bits }
    }

    /// Source of the earliest pending time. Without meaning when nothing is pending.
    #[inline]
    pub fn min_source(&self) -> usize {
        index(self.node[1]) & (self.leaves - 1)
    }

    /// When what the source has pending is due.
    pub fn at(&self, source: usize) -> Option<Instant> {
        assert!(source < self.sources, "the source is not one of the tree's");
        let key = self.node[self.leaves + source];
        (key != EMPTY).then(|| Instant::from_nanos(key >> self.bits))
    }

    /// Makes room for sources `0..sources` and keeps what is pending. Never shrinks.
    pub fn grow(&mut self, sources: usize) {
        if sources <= self.leaves {
            self.sources = self.sources.max(sources);
            return;
        }
        let mut larger = Self::new(sources);
        for source in 0..self.sources {
            if let Some(at) = self.at(source) {
                larger.set(source, at);
            }
        }
        *self = larger;
    }
}
