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

fn key(at: Instant, push: u64) -> u128 {
    u128::from(at.nanos()) << 64 | u128::from(push)
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
        self.heap.push(Entry { key: key(at, self.pushed), event });
        self.pushed += 1;
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

    /// Shows every event, in the order in which they would come, to `moved`, which says what stands
    /// in its place and when: nothing leaves it as it is.
    ///
    /// Events that are left alone keep their order among each other at equal times. Those that are moved count as
    /// pushed now, in the order in which they were shown: at one instant they come behind all that are left alone,
    /// even where they are moved to the time that they had.
    pub fn retime(&mut self, mut moved: impl FnMut(Instant, E) -> Option<(Instant, E)>) {
        self.heap.sort_unstable_by_key(|it| it.key);
        for entry in &mut self.heap {
            if let Some((at, event)) = moved(entry.at(), entry.event) {
                *entry = Entry { key: key(at, self.pushed), event };
                self.pushed += 1;
            }
        }
        // what is sorted is a heap
        self.heap.sort_unstable_by_key(|it| it.key);
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

    /// Everything in its order: time, event.
    fn drained(mut queue: EventQueue<usize>) -> Vec<(u64, usize)> {
        std::iter::from_fn(|| queue.pop()).map(|(at, event)| (at.nanos(), event)).collect()
    }

    #[test]
    fn moved_events_come_behind_those_that_stay_and_in_the_order_in_which_they_were() {
        let mut queue = EventQueue::new();
        for (nanos, event) in [(5, 0), (7, 1), (3, 2), (7, 3), (5, 4), (3, 5)] {
            queue.push(Instant::from_nanos(nanos), event);
        }
        let mut shown = Vec::new();
        queue.retime(|at, event| {
            shown.push((at.nanos(), event));
            // odd ones are moved to 5, and the first of them is another one from then on
            let event_then = if event == 5 { 50 } else { event };
            (event % 2 == 1).then_some((Instant::from_nanos(5), event_then))
        });
        assert_eq!(shown, [(3, 2), (3, 5), (5, 0), (5, 4), (7, 1), (7, 3)]);
        queue.push(Instant::from_nanos(5), 6);
        assert_eq!(drained(queue), [(3, 2), (5, 0), (5, 4), (5, 50), (5, 1), (5, 3), (5, 6)]);
    }

    #[test]
    fn a_clone_goes_its_own_way() {
        let mut queue = EventQueue::new();
        for event in 0..10 {
            queue.push(Instant::from_nanos(9 - event as u64), event);
        }
        let mut other = queue.clone();
        other.retime(|_, event| Some((Instant::from_nanos(event as u64), event)));
        assert_eq!(drained(other), (0..10).map(|it| (it as u64, it)).collect::<Vec<_>>());
        let kept = (0..10).map(|it| (it, 9 - usize::try_from(it).unwrap()));
        assert_eq!(drained(queue), kept.collect::<Vec<_>>());
    }

    proptest! {
        #[test]
        fn a_queue_with_other_times_agrees_with_a_sorted_list(
            pushes in prop::collection::vec(0..20_u64, 0..60),
            // which events are moved, and to when
            moves in prop::collection::vec(prop::option::of(0..20_u64), 60),
            pops in 0..30_usize,
            more in prop::collection::vec(0..20_u64, 0..20),
        ) {
            let mut queue = EventQueue::new();
            // time, rank among equal times, event
            let mut model: Vec<(u64, usize, usize)> = Vec::new();
            let push = |queue: &mut EventQueue<usize>, model: &mut Vec<_>, nanos: u64, event| {
                queue.push(Instant::from_nanos(nanos), event);
                model.push((nanos, event, event));
                model.sort_unstable();
            };
            for (event, nanos) in pushes.into_iter().enumerate() {
                push(&mut queue, &mut model, nanos, event);
            }
            for _ in 0..pops.min(model.len()) {
                queue.pop();
                model.remove(0);
            }
            queue.retime(|_, event| moves[event].map(|nanos| (Instant::from_nanos(nanos), event)));
            for (rank, entry) in (100..).zip(&mut model) {
                if let Some(nanos) = moves[entry.2] {
                    (entry.0, entry.1) = (nanos, rank);
                }
            }
            for (event, nanos) in (200..).zip(more) {
                push(&mut queue, &mut model, nanos, event);
            }
            model.sort_unstable();
            let expected: Vec<_> = model.into_iter().map(|it| (it.0, it.2)).collect();
            prop_assert_eq!(drained(queue), expected);
        }

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
