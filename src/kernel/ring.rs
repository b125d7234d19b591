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
