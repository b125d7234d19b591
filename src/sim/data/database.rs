//! The shared database: a number of queries at once, the others wait in order, locks hold them all. Pure state; what happens to
//! it is in `queries`.

use std::collections::VecDeque;

use crate::{kernel::DelayRing, model::DatabaseSpec, sim::ids::WorkerId};

#[derive(Clone, Debug)]
pub(super) struct Database {
    pub(super) capacity: u32,
    pub(super) active: u32,
    pub(super) migration: Strain,
    pub(super) faults: Strain,
    /// When something held it or slowed it last, in nanoseconds; of no meaning while something does.
    strained_until: Option<u64>,
    /// Workers that wait, with the turn in which they began to.
    pub(super) waiting: VecDeque<(WorkerId, u32)>,
    pub(super) timeouts: DelayRing<(WorkerId, u32)>,
}

/// What a migration, or faults, do to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::sim) struct Strain {
    /// All queries that have not begun wait.
    pub(in crate::sim) locks: bool,
    /// Query times as a multiple.
    pub(in crate::sim) factor: f64,
}

impl Strain {
    pub(in crate::sim) const NONE: Self = Self { locks: false, factor: 1.0 };
}

impl Database {
    pub(super) fn new(spec: DatabaseSpec) -> Self {
        Self {
            capacity: spec.capacity,
            active: 0,
            migration: Strain::NONE,
            faults: Strain::NONE,
            strained_until: None,
            waiting: VecDeque::new(),
            timeouts: DelayRing::new(spec.timeout),
        }
    }

    pub(super) const fn locked(&self) -> bool {
        self.migration.locks || self.faults.locks
    }

    pub(super) fn strained_by_migration(&mut self, strain: Strain, now: u64) {
        self.strain_ends(now);
        self.migration = strain;
    }

    pub(super) fn strained_by_faults(&mut self, strain: Strain, now: u64) {
        self.strain_ends(now);
        self.faults = strain;
    }

    fn is_strained(&self) -> bool {
        self.migration != Strain::NONE || self.faults != Strain::NONE
    }

    fn strain_ends(&mut self, now: u64) {
        if self.is_strained() {
            self.strained_until = Some(now);
        }
    }

    /// Whether something held it or slowed it since then.
    pub(super) fn strained_since(&self, then: u64) -> bool {
        self.is_strained() || self.strained_until.is_some_and(|it| it > then)
    }

    #[inline]
    pub(super) fn next_timeout(&self) -> u64 {
        self.timeouts.front_nanos()
    }

    pub(super) fn has_room(&self) -> bool {
        !self.locked() && self.active < self.capacity
    }
}

/// Nanoseconds times a factor; exact for a factor of one.
#[inline]
#[expect(clippy::float_cmp, reason = "one is the neutral value, set as such")]
pub(super) fn scaled(nanos: u64, factor: f64) -> u64 {
    if factor == 1.0 { nanos } else { crate::units::round_u64(nanos as f64 * factor) }
}
