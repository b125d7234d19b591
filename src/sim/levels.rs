//! Slots ordered by the requests that they have in hand.

use crate::units::narrow;

/// Slots by requests in hand: one set of bits for each number of requests, so that picking and
/// releasing cost the same for any fleet.
#[derive(Debug)]
pub(super) struct Levels {
    /// Words of 64 slots in one level.
    words: usize,
    /// `bits[level * words + word]`.
    bits: Vec<u64>,
    /// How many levels there are.
    height: usize,
    /// No level below this one has a slot; this one has, unless none is left.
    lowest: usize,
    /// Level of each slot; `ABSENT` where it is none of ours.
    level: Vec<u32>,
    /// Where the search among equals begins: behind the slot that was picked last.
    pub(super) turn: u32,
}

/// More requests in hand than this count as this many.
const LEVEL_MAX: u32 = 4_095;
const ABSENT: u32 = u32::MAX;

impl Levels {
    pub(super) const fn new() -> Self {
        Self { words: 0, bits: Vec::new(), height: 0, lowest: 0, level: Vec::new(), turn: 0 }
    }

    pub(super) fn has(&self, slot: u32) -> bool {
        self.level.get(slot as usize).is_some_and(|&it| it != ABSENT)
    }

    /// Slots with the fewest requests in hand; of these, the next in turn.
    pub(super) fn first(&self) -> Option<u32> {
        let bits = self.slots_of(self.lowest);
        let (word, bit) = (self.turn as usize / 64, self.turn % 64);
        let from = bits.get(word).map_or(0, |it| it & (u64::MAX << bit));
        let slot_at = |word: usize, bits: u64| narrow(word * 64) + bits.trailing_zeros();
        if from != 0 {
            return Some(slot_at(word, from));
        }
        let after = (word + 1..bits.len()).chain(0..bits.len()).find(|&it| bits[it] != 0)?;
        Some(slot_at(after, bits[after]))
    }

    /// A level's words; none of one that there is not.
    #[inline]
    fn slots_of(&self, level: usize) -> &[u64] {
        let from = level * self.words;
        self.bits.get(from..from + self.words).unwrap_or_default()
    }

    /// Moves a slot to the level of its requests in hand.
    #[inline]
    pub(super) fn set(&mut self, slot: u32, outstanding: u32) {
        if self.has(slot) {
            self.clear(slot);
        } else {
            self.admit(slot);
        }
        let capped = outstanding.min(LEVEL_MAX);
        let level = capped as usize;
        if level >= self.height {
            self.height = level + 1;
            self.bits.resize(self.height * self.words, 0);
        }
        self.level[slot as usize] = capped;
        self.bits[level * self.words + slot as usize / 64] |= 1 << (slot % 64);
        self.lowest = self.lowest.min(level);
        self.rise();
    }

    #[inline]
    fn clear(&mut self, slot: u32) {
        let level = self.level[slot as usize] as usize;
        self.bits[level * self.words + slot as usize / 64] &= !(1 << (slot % 64));
    }

    /// Finds the lowest level again after a slot has left one.
    #[inline]
    fn rise(&mut self) {
        while self.lowest + 1 < self.height && self.slots_of(self.lowest).iter().all(|it| *it == 0)
        {
            self.lowest += 1;
        }
    }

    pub(super) fn leave(&mut self, slot: u32) {
        if self.has(slot) {
            self.clear(slot);
            self.level[slot as usize] = ABSENT;
            self.rise();
        }
    }

    /// Makes room for a slot.
    fn admit(&mut self, slot: u32) {
        if slot as usize >= self.level.len() {
            self.level.resize(slot as usize + 1, ABSENT);
        }
        let words = self.level.len().div_ceil(64);
        if words > self.words {
            let old = std::mem::replace(&mut self.words, words);
            let mut bits = vec![0; self.height * words];
            for level in 0..self.height {
                bits[level * words..level * words + old]
                    .copy_from_slice(&self.bits[level * old..(level + 1) * old]);
            }
            self.bits = bits;
        }
    }
}
