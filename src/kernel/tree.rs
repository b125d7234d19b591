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
        // no early exit where a node stays as it was: its branch would be mispredicted too often
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(nanos: u64) -> Instant {
        Instant::from_nanos(nanos)
    }

    #[test]
    fn an_empty_tree_has_no_minimum() {
        for sources in [0, 1, 5] {
            let tree = WinnerTree::new(sources);
            assert_eq!((tree.min(), tree.min_nanos()), (None, u64::MAX));
        }
    }

    #[test]
    fn the_horizon_is_the_last_instant_that_fits() {
        let mut tree = WinnerTree::new(131_072);
        // 47 bits of nanoseconds: 39 hours
        assert_eq!(tree.horizon(), at((1 << 47) - 2));
        tree.set(131_071, tree.horizon());
        assert_eq!(tree.min(), Some((tree.horizon(), 131_071)));
        assert_eq!(WinnerTree::new(1).horizon(), at(u64::MAX - 1));
    }

    #[test]
    #[should_panic(expected = "cannot hold so late an instant")]
    fn an_instant_beyond_the_horizon_is_refused() {
        let mut tree = WinnerTree::new(1 << 20);
        tree.set(0, at(1 << 44));
    }

    #[test]
    #[should_panic(expected = "not one of the tree's")]
    fn a_source_that_does_not_exist_is_refused() {
        WinnerTree::new(5).set(5, at(1));
    }

    proptest! {
        #[test]
        fn the_tree_agrees_with_a_search_through_all_sources(
            sources in 1..40_usize,
            steps in prop::collection::vec((0..80_usize, 0..50_u64, 0..8_u8), 0..200),
        ) {
            let mut tree = WinnerTree::new(sources);
            let mut model = vec![None; sources];
            for (pick, nanos, action) in steps {
                let source = pick % model.len();
                if action == 0 && model.len() < 80 {
                    model.resize(model.len() + pick % 7, None);
                    tree.grow(model.len());
                } else if action <= 2 {
                    tree.clear(source);
                    model[source] = None;
                } else {
                    tree.set(source, at(nanos));
                    model[source] = Some(at(nanos));
                }
                let pending = model.iter().enumerate();
                let expected = pending.filter_map(|(n, due)| due.map(|due| (due, n))).min();
                prop_assert_eq!(tree.min(), expected);
                prop_assert_eq!(tree.min_nanos(), expected.map_or(u64::MAX, |(due, _)| due.nanos()));
                prop_assert_eq!(tree.at(source), model[source]);
                prop_assert_eq!(tree.sources(), model.len());
            }
        }
    }
}
