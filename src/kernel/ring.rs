//! Things that fall due a constant time after they began: timeouts, probe periods, propagation.
//!
//! They are pushed in order of time, so a plain queue keeps them sorted without a comparison. On a
//! balanced fleet with timeouts, taking these out of the heap is the largest single gain in speed.

use std::collections::VecDeque;

use crate::units::{Instant, Span};

/// First in, first out, each item due `delay` after its push.
#[derive(Clone, Debug)]
pub struct DelayRing<T> {
    delay: Span,
    items: VecDeque<(u64, T)>,
}

impl<T> DelayRing<T> {
    pub const fn new(delay: Span) -> Self {
        Self { delay, items: VecDeque::new() }
    }

    pub const fn delay(&self) -> Span {
        self.delay
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Schedules the item for `now` plus the delay; `now` must not be before that of the last push.
    /// A sum beyond the clock's range is due at its end.
    #[inline]
    pub fn push(&mut self, now: Instant, item: T) {
        let due = now.saturating_add(self.delay).nanos();
        assert!(
            self.items.back().is_none_or(|&(last, _)| last <= due),
            "a delay ring is filled in order of time"
        );
        self.items.push_back((due, item));
    }

    /// When the first item is due, in nanoseconds; `u64::MAX` when there is none.
    #[inline]
    pub fn front_nanos(&self) -> u64 {
        self.items.front().map_or(u64::MAX, |&(due, _)| due)
    }

    pub fn front(&self) -> Option<&T> {
        self.items.front().map(|(_, item)| item)
    }

    /// The first item and when it is due.
    #[inline]
    pub fn pop(&mut self) -> Option<(Instant, T)> {
        self.items.pop_front().map(|(due, item)| (Instant::from_nanos(due), item))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    #[should_panic(expected = "in order of time")]
    fn a_push_from_the_past_is_refused() {
        let mut ring = DelayRing::new(Span::from_secs(1));
        ring.push(Instant::from_nanos(2), ());
        ring.push(Instant::from_nanos(1), ());
    }

    #[test]
    fn a_delay_beyond_the_clock_is_never_due() {
        let mut ring = DelayRing::new(Span::MAX);
        ring.push(Instant::from_nanos(5), 'a');
        assert_eq!(ring.pop(), Some((Instant::NEVER, 'a')));
    }

    proptest! {
        #[test]
        fn the_ring_agrees_with_a_sorted_list(
            delay in 0..1_000_u64,
            steps in prop::collection::vec(prop::option::of(0..5_u64), 0..200),
        ) {
            let mut ring = DelayRing::new(Span::from_nanos(delay));
            let mut model: Vec<(u64, usize)> = Vec::new();
            let mut now = 0;
            for (number, step) in steps.into_iter().enumerate() {
                if let Some(later) = step {
                    now += later;
                    ring.push(Instant::from_nanos(now), number);
                    model.push((now + delay, number));
                    model.sort_unstable();
                } else {
                    let expected = (!model.is_empty()).then(|| model.remove(0));
                    let popped = ring.pop().map(|(due, item)| (due.nanos(), item));
                    prop_assert_eq!(popped, expected);
                }
                prop_assert_eq!(ring.front().copied(), model.first().map(|next| next.1));
                prop_assert_eq!(ring.front_nanos(), model.first().map_or(u64::MAX, |next| next.0));
                prop_assert_eq!((ring.len(), ring.is_empty()), (model.len(), model.is_empty()));
            }
        }
    }
}
