//! The irregular events of a trial: faults, rollout steps, jittered retries.
//!
//! A four-ary heap (fewer levels than a binary one, and the children share a cache line). What has a
//! constant delay or one pending time for each source belongs in a [`super::DelayRing`] or a
//! [`super::WinnerTree`] instead.

use crate::units::Instant;

const ARITY: usize = 4;

/// Events in order of time; events at the same instant in the order in which they were pushed.
#[derive(Clone, Debug)]
pub struct EventQueue<E> {
    heap: Vec<Entry<E>>,
    pushed: u64,
}

#[derive(Clone, Copy, Debug)]
struct Entry<E> {
    /// Nanoseconds in the upper half, number of the push in the lower: one comparison orders both.
    key: u128,
    event: E,
}

impl<E> Entry<E> {
    fn at(&self) -> Instant {
        Instant::from_nanos(nanos(self.key))
    }
}

const fn nanos(key: u128) -> u64 {
    (key >> 64) as u64
}

impl<E: Copy> Default for EventQueue<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E: Copy> EventQueue<E> {
    pub const fn new() -> Self {
        Self { heap: Vec::new(), pushed: 0 }
    }

    pub const fn len(&self) -> usize {
        self.heap.len()
    }

    pub const fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    pub fn push(&mut self, at: Instant, event: E) {
        let key = u128::from(at.nanos()) << 64 | u128::from(self.pushed);
        self.pushed += 1;
        self.heap.push(Entry { key, event });
        self.rise(self.heap.len() - 1);
    }

    /// Time of the next event in nanoseconds; `u64::MAX` when there is none.
    #[inline]
    pub fn peek_nanos(&self) -> u64 {
        self.heap.first().map_or(u64::MAX, |entry| nanos(entry.key))
    }

    pub fn peek(&self) -> Option<(Instant, &E)> {
        self.heap.first().map(|entry| (entry.at(), &entry.event))
    }

    pub fn pop(&mut self) -> Option<(Instant, E)> {
        let last = self.heap.pop()?;
        let entry = match self.heap.first_mut() {
            Some(first) => std::mem::replace(first, last),
            None => last,
        };
        self.sink();
        Some((entry.at(), entry.event))
    }

    fn rise(&mut self, mut place: usize) {
        let entry = self.heap[place];
        while place > 0 {
            let parent = (place - 1) / ARITY;
            if self.heap[parent].key <= entry.key {
                break;
            }
            self.heap[place] = self.heap[parent];
            place = parent;
        }
        self.heap[place] = entry;
    }

    /// Where the earliest of these is: an entry with this key that is to be at `place`, and the children of that place.
    #[inline]
    fn earliest(&self, place: usize, key: u128) -> usize {
        let first = place * ARITY + 1;
        let (mut earliest, mut least) = (place, key);
        for child in first..(first + ARITY).min(self.heap.len()) {
            let key = self.heap[child].key;
            if key < least {
                (earliest, least) = (child, key);
            }
        }
        earliest
    }

    /// Moves the first entry down to where it belongs.
    fn sink(&mut self) {
        let Some(&entry) = self.heap.first() else { return };
        let mut place = 0;
        loop {
            let next = self.earliest(place, entry.key);
            if next == place {
                break;
            }
            self.heap[place] = self.heap[next];
            place = next;
        }
        self.heap[place] = entry;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn simultaneous_events_come_in_the_order_of_their_push() {
        let mut queue = EventQueue::new();
        for event in 0..100 {
            queue.push(Instant::from_nanos(7), event);
        }
        queue.push(Instant::ZERO, 100);
        let order: Vec<i32> = std::iter::from_fn(|| queue.pop()).map(|(_, event)| event).collect();
        assert_eq!(order[0], 100);
        assert!(order[1..].iter().copied().eq(0..100));
        assert_eq!((queue.peek_nanos(), queue.peek()), (u64::MAX, None));
    }

    proptest! {
        #[test]
        fn the_queue_agrees_with_a_sorted_list(
            steps in prop::collection::vec(prop::option::of(0..30_u64), 0..300),
        ) {
            let mut queue = EventQueue::new();
            let mut model: Vec<(u64, usize)> = Vec::new();
            for (number, step) in steps.into_iter().enumerate() {
                if let Some(nanos) = step {
                    queue.push(Instant::from_nanos(nanos), number);
                    let place = model.partition_point(|(due, _)| *due <= nanos);
                    model.insert(place, (nanos, number));
                } else {
                    let expected = (!model.is_empty()).then(|| model.remove(0));
                    let popped = queue.pop().map(|(due, event)| (due.nanos(), event));
                    prop_assert_eq!(popped, expected);
                }
                prop_assert_eq!(queue.len(), model.len());
                prop_assert_eq!(queue.is_empty(), model.is_empty());
                prop_assert_eq!(queue.peek_nanos(), model.first().map_or(u64::MAX, |next| next.0));
            }
        }
    }
}
