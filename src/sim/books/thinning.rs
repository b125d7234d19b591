//! A list that stays short: where there is too much, what says least of the course of a trial gives way,
//! from its middle.

use std::collections::VecDeque;

use crate::units::Instant;

/// How much an entry says of the course of a trial, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// What becomes of instances.
    Instances,
    /// The sizes that the rollout asks for.
    Sizes,
    /// Measurements, alerts and people.
    Steering,
    /// Phases, steps, traffic, faults and symptoms.
    Course,
}

impl Rank {
    const ALL: [Self; 4] = [Self::Instances, Self::Sizes, Self::Steering, Self::Course];
}

/// What was left out of one rank: all between its first and its last entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) from: Instant,
    pub(super) until: Instant,
    /// Entries that were left out.
    pub(super) entries: u64,
    /// Where it stands among all that were added.
    number: u64,
}

/// At most so many entries, in the order in which they were added.
#[derive(Clone, Debug)]
pub(super) struct Thinning<T> {
    most: usize,
    /// Entries in all ranks.
    held: usize,
    /// Number of the next entry.
    next: u64,
    ranks: [Kept<T>; Rank::ALL.len()],
}

/// What is kept of one rank: its first entries and its last ones.
#[derive(Clone, Debug)]
struct Kept<T> {
    first: Vec<Held<T>>,
    last: VecDeque<Held<T>>,
    gap: Option<Gap>,
}

#[derive(Clone, Debug)]
struct Held<T> {
    number: u64,
    at: Instant,
    /// Entries that it stands for.
    entries: u64,
    item: T,
}

/// Part of all entries, as a divisor, that each rank keeps whatever else there is: a few of each kind say more
/// than more of one.
const SPARED: usize = 20;

impl<T> Thinning<T> {
    pub(super) fn new(most: usize) -> Self {
        let kept = || Kept { first: Vec::new(), last: VecDeque::new(), gap: None };
        Self { most, held: 0, next: 0, ranks: [kept(), kept(), kept(), kept()] }
    }

    /// Adds an item that stands for so many entries; returns its number.
    pub(super) fn add(&mut self, rank: Rank, at: Instant, entries: u64, item: T) -> u64 {
        let number = self.next;
        self.next += 1;
        let half = self.most / 2;
        let kept = &mut self.ranks[rank as usize];
        let held = Held { number, at, entries, item };
        if kept.gap.is_none() && kept.first.len() < half {
            kept.first.push(held);
        } else {
            kept.last.push_back(held);
        }
        self.held += 1;
        if self.held > self.most {
            self.leave_one_out();
        }
        number
    }

    fn leave_one_out(&mut self) {
        let spared = self.most / SPARED;
        let least = self.ranks.iter_mut().find(|it| it.first.len() + it.last.len() > spared);
        if let Some(kept) = least {
            kept.leave_out_the_middle();
            self.held -= 1;
        }
    }

    /// An item by its number, where it is among the last of its rank.
    pub(super) fn late(&mut self, rank: Rank, number: u64) -> Option<&mut T> {
        /// As many as can be in question at once: one of each release.
        const LATE: usize = 2;
        let kept = &mut self.ranks[rank as usize];
        let mut late = kept.last.iter_mut().rev().chain(kept.first.iter_mut().rev()).take(LATE);
        late.find(|it| it.number == number).map(|it| &mut it.item)
    }

    /// All that was kept in its order, with an item for each gap where it begins; and how many entries were left
    /// out.
    pub(super) fn end(self, told: impl Fn(Rank, Gap) -> T) -> (Vec<T>, u64) {
        let mut all: Vec<(u64, T)> = Vec::with_capacity(self.held);
        let mut left_out = 0;
        for (rank, kept) in Rank::ALL.into_iter().zip(self.ranks) {
            all.extend(kept.first.into_iter().chain(kept.last).map(|it| (it.number, it.item)));
            if let Some(gap) = kept.gap {
                left_out += gap.entries;
                all.push((gap.number, told(rank, gap)));
            }
        }
        all.sort_unstable_by_key(|it| it.0);
        (all.into_iter().map(|it| it.1).collect(), left_out)
    }
}

impl<T> Kept<T> {
    /// The side that has more loses what is next to the gap.
    fn leave_out_the_middle(&mut self) {
        let of_last = self.last.len() >= self.first.len();
        let out = if of_last { self.last.pop_front() } else { self.first.pop() };
        let Some(Held { number, at, entries, .. }) = out else { return };
        let gap = self.gap.get_or_insert(Gap { from: at, until: at, entries: 0, number });
        gap.entries += entries;
        gap.from = gap.from.min(at);
        gap.until = gap.until.max(at);
        gap.number = gap.number.min(number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thinned(most: usize, ranks: &[(Rank, u64)]) -> (Vec<String>, u64) {
        let mut thinning = Thinning::new(most);
        for (second, (rank, entries)) in (0..).zip(ranks) {
            let at = Instant::from_nanos(second * 1_000_000_000);
            thinning.add(*rank, at, *entries, format!("{}{second}", *rank as u8));
        }
        thinning.end(|rank, gap| format!("{} of {}", gap.entries, rank as u8))
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        let (kept, left_out) = thinned(4, &[(Rank::Course, 1), (Rank::Instances, 1)]);
        assert_eq!((kept, left_out), (vec!["30".to_owned(), "01".to_owned()], 0));
    }

    #[test]
    fn the_least_gives_way_from_its_middle_and_says_how_much() {
        let mut ranks = vec![(Rank::Course, 1)];
        ranks.extend([(Rank::Instances, 2); 30]);
        ranks.extend([(Rank::Sizes, 1), (Rank::Course, 1)]);
        let (kept, left_out) = thinned(10, &ranks);
        // ten are kept, and the gap has a line of its own
        let expected = ["30", "01", "02", "03", "04", "46 of 0", "028", "029", "030", "131", "332"];
        assert_eq!((kept, left_out), (expected.map(str::to_owned).to_vec(), 46));
    }

    #[test]
    fn an_end_is_kept_whatever_there_is_before_it() {
        for before in [Rank::Instances, Rank::Sizes, Rank::Steering, Rank::Course] {
            let mut ranks = vec![(Rank::Course, 1); 5];
            ranks.extend(vec![(before, 1); 10_000]);
            ranks.extend([(Rank::Course, 1); 5]);
            let (kept, left_out) = thinned(100, &ranks);
            assert_eq!((kept.len(), left_out), (101, 9_910));
            let course = |from: usize, to: usize| (from..to).map(|it| format!("3{it}"));
            assert!(kept.iter().take(5).cloned().eq(course(0, 5)), "{kept:?}");
            assert!(kept.iter().skip(96).cloned().eq(course(10_005, 10_010)), "{kept:?}");
        }
    }

    #[test]
    fn a_kind_that_is_rare_is_not_left_out_for_one_that_says_more() {
        let mut ranks = vec![(Rank::Instances, 1); 5];
        ranks.extend([(Rank::Course, 1); 1_000]);
        let (kept, _) = thinned(100, &ranks);
        assert_eq!(kept.iter().filter(|it| it.starts_with('0')).count(), 5);
    }
}
