//! Slots ordered by the requests that they have in hand.

use crate::{sim::ids::SlotId, units::narrow};

/// Slots by requests in hand: one set of bits for each number of requests, so that picking and
/// releasing cost the same for any fleet.
#[derive(Clone, Debug)]
pub(super) struct Levels {
    /// The levels one after the other, each with a bit for each slot.
    bits: Vec<u64>,
    /// Words of 64 slots in one level.
    words: usize,
    /// Where the lowest level that has a slot begins; of no meaning where none has one.
    floor: usize,
    /// In which word each slot is; `ABSENT` where it is none of ours.
    place: Vec<usize>,
    /// Where the search among equals begins: behind the slot that was picked last.
    pub(super) turn: u32,
}

/// More requests in hand than this count as this many.
const LEVEL_MAX: u32 = 4_095;
const ABSENT: usize = usize::MAX;

impl Levels {
    pub(super) const fn new() -> Self {
        Self { bits: Vec::new(), words: 0, floor: 0, place: Vec::new(), turn: 0 }
    }

    /// Slots with the fewest requests in hand; of these, the next in turn.
    #[inline]
    pub(super) fn first(&self) -> Option<SlotId> {
        let (word, bit) = word_and_bit(SlotId::new(self.turn));
        if word < self.words {
            let bits = self.bits[self.floor + word] & !(bit - 1);
            if bits != 0 {
                return Some(slot_at(word, bits));
            }
        }
        self.first_after(word)
    }

    /// The same from the word after this one on.
    // apart, so that what comes before it is a part of each pick
    #[cold]
    fn first_after(&self, word: usize) -> Option<SlotId> {
        let bits = self.lowest();
        let after = (word + 1..bits.len()).chain(0..bits.len()).find(|&it| bits[it] != 0)?;
        Some(slot_at(after, bits[after]))
    }

    /// The lowest level's words.
    fn lowest(&self) -> &[u64] {
        &self.bits[self.floor..self.floor + self.words]
    }

    /// Takes a slot in, at the level of its requests in hand.
    pub(super) fn join(&mut self, slot: SlotId, outstanding: u32) {
        self.leave(slot);
        self.make_room(slot);
        let level = self.level_of(outstanding);
        self.put(slot, level);
        self.floor = self.floor.min(level);
        self.rise();
    }

    pub(super) fn leave(&mut self, slot: SlotId) {
        let Some(place) = self.place.get_mut(slot.index()).filter(|it| **it != ABSENT) else {
            return;
        };
        let place = std::mem::replace(place, ABSENT);
        self.bits[place] &= !word_and_bit(slot).1;
        self.rise();
    }

    /// Moves a slot, if it is one of ours, to the level of its requests in hand.
    #[inline]
    pub(super) fn follow(&mut self, slot: SlotId, outstanding: u32) {
        let place = self.place.get(slot.index()).copied().unwrap_or(ABSENT);
        if place == ABSENT {
            return;
        }
        let (word, bit) = word_and_bit(slot);
        let left = self.bits[place] & !bit;
        self.bits[place] = left;
        let level = self.level_of(outstanding);
        self.put(slot, level);
        if level < self.floor {
            self.floor = level;
        } else if left == 0 && place == self.floor + word {
            self.rise();
        }
    }

    /// Where the level of so many requests begins.
    #[inline]
    fn level_of(&self, outstanding: u32) -> usize {
        outstanding.min(LEVEL_MAX) as usize * self.words
    }

    #[inline]
    fn put(&mut self, slot: SlotId, level: usize) {
        let (word, bit) = word_and_bit(slot);
        let place = level + word;
        self.place[slot.index()] = place;
        if place >= self.bits.len() {
            self.heighten(level);
        }
        self.bits[place] |= bit;
    }

    #[cold]
    fn heighten(&mut self, level: usize) {
        self.bits.resize(level + self.words, 0);
    }

    /// Finds the lowest level again after a slot has left it.
    #[inline(never)]
    fn rise(&mut self) {
        while self.floor + self.words < self.bits.len() && self.lowest().iter().all(|it| *it == 0) {
            self.floor += self.words;
        }
    }

    /// Makes room for a slot in each level.
    fn make_room(&mut self, slot: SlotId) {
        if slot.index() >= self.place.len() {
            self.place.resize(slot.index() + 1, ABSENT);
        }
        let words = self.place.len().div_ceil(64);
        if words > self.words {
            let old = std::mem::replace(&mut self.words, words);
            let moved = |it: usize| it.checked_div(old).unwrap_or_default() * words;
            self.floor = moved(self.floor);
            let mut bits = vec![0; moved(self.bits.len())];
            let places = self.place.iter_mut().enumerate();
            for (slot, place) in places.filter(|(_, it)| **it != ABSENT) {
                *place = moved(*place) + slot / 64;
                bits[*place] |= 1 << (slot % 64);
            }
            self.bits = bits;
        }
    }
}

/// The word of a level that a slot is in, and its bit there.
#[inline]
fn word_and_bit(slot: SlotId) -> (usize, u64) {
    (slot.index() / 64, 1 << (slot.number() % 64))
}

/// The first slot of some of a word.
#[inline]
fn slot_at(word: usize, bits: u64) -> SlotId {
    SlotId::new(narrow(word * 64) + bits.trailing_zeros())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// The least busy slot from this one on, and before it where there is none.
    fn searched(slots: &BTreeMap<u32, u32>, turn: u32) -> Option<u32> {
        let least = slots.values().min()?;
        let behind = slots.range(turn..).chain(slots.range(..turn));
        behind.filter(|it| it.1 == least).map(|it| *it.0).next()
    }

    proptest! {
        #[test]
        fn levels_agree_with_a_search_through_all_slots(
            steps in prop::collection::vec((0..200_u32, 0..5_u8, 0..7_u32, 0..201_u32), 0..200),
        ) {
            let mut levels = Levels::new();
            let mut model: BTreeMap<u32, u32> = BTreeMap::new();
            for (slot, action, outstanding, turn) in steps {
                match action {
                    0 => {
                        levels.leave(SlotId::new(slot));
                        model.remove(&slot);
                    }
                    1 | 2 => {
                        levels.join(SlotId::new(slot), outstanding);
                        model.insert(slot, outstanding);
                    }
                    _ => {
                        levels.follow(SlotId::new(slot), outstanding);
                        model.entry(slot).and_modify(|it| *it = outstanding);
                    }
                }
                levels.turn = turn;
                prop_assert_eq!(levels.first(), searched(&model, turn).map(SlotId::new));
            }
        }
    }

    #[test]
    fn more_requests_than_there_are_levels_are_all_the_most() {
        let mut levels = Levels::new();
        levels.join(SlotId::new(0), LEVEL_MAX + 7);
        levels.join(SlotId::new(1), LEVEL_MAX);
        assert_eq!(levels.first(), Some(SlotId::new(0)));
        levels.follow(SlotId::new(1), LEVEL_MAX - 1);
        assert_eq!(levels.first(), Some(SlotId::new(1)));
    }
}
