//! The shared database: a number of queries at once, the others wait in order, locks hold them all.

use std::collections::VecDeque;

use super::slot::Work;
use crate::{
    kernel::DelayRing,
    model::DatabaseSpec,
    sim::{ids::WorkerId, world::World},
    units::Instant,
};

#[derive(Clone, Debug)]
pub(in crate::sim) struct Database {
    capacity: u32,
    active: u32,
    migration: Strain,
    faults: Strain,
    /// When something held it or slowed it last, in nanoseconds; of no meaning while something does.
    strained_until: Option<u64>,
    /// Workers that wait, with the turn in which they began to.
    waiting: VecDeque<(WorkerId, u32)>,
    timeouts: DelayRing<(WorkerId, u32)>,
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
    pub(in crate::sim) fn new(spec: DatabaseSpec) -> Self {
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

    pub(in crate::sim) const fn locked(&self) -> bool {
        self.migration.locks || self.faults.locks
    }

    pub(in crate::sim) fn strained_by_migration(&mut self, strain: Strain, now: u64) {
        self.strain_ends(now);
        self.migration = strain;
    }

    pub(in crate::sim) fn strained_by_faults(&mut self, strain: Strain, now: u64) {
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
    fn strained_since(&self, then: u64) -> bool {
        self.is_strained() || self.strained_until.is_some_and(|it| it > then)
    }

    #[inline]
    pub(in crate::sim) fn next_timeout(&self) -> u64 {
        self.timeouts.front_nanos()
    }

    fn has_room(&self) -> bool {
        !self.locked() && self.active < self.capacity
    }
}

impl World<'_> {
    /// The worker's request begins with a query.
    pub(super) fn query(&mut self, worker: WorkerId) {
        if self.database.has_room() && self.database.waiting.is_empty() {
            self.begin_query(worker);
        } else {
            let turn = self.workers[worker].turn;
            self.workers[worker].work = Work::DatabaseWait;
            self.database.waiting.push_back((worker, turn));
            self.database.timeouts.push(Instant::from_nanos(self.now), (worker, turn));
        }
    }

    fn begin_query(&mut self, worker: WorkerId) {
        // counted first: a database that opens lets in those that wait
        self.database.active += 1;
        assert!(
            self.database.active <= self.database.capacity,
            "a query begins where there is room"
        );
        self.shared_as_of_now();
        let record = &mut self.workers[worker];
        record.work = Work::Database;
        let attempt = &self.attempts[record.attempt];
        let sampler = self.plan.operations[usize::from(attempt.operation)].database.as_ref();
        let sampler = sampler.expect("only operations with a query wait for the database");
        let mut stream = self.keys.database.stream(attempt.entity());
        let ordinary = sampler.sample(&mut stream);
        record.ordinary = record.ordinary.saturating_add(ordinary);
        if !self.database.strained_since(record.since) {
            // it only waited in line
            record.since = self.now;
        }
        let factor = self.database.migration.factor * self.database.faults.factor;
        let nanos = scaled(ordinary, factor);
        self.work_for(worker, self.slot_of(worker), nanos);
    }

    /// The worker's query is over, however it ended; the next in line gets its place.
    pub(super) fn end_query(&mut self) {
        assert!(self.database.active > 0, "a query that ends has begun");
        self.database.active -= 1;
        self.admit_queries();
    }

    /// Lets waiting queries begin while there is room.
    pub(in crate::sim) fn admit_queries(&mut self) {
        while self.database.has_room() {
            let Some((worker, turn)) = self.database.waiting.pop_front() else { return };
            if self.still_waits(worker, turn) {
                self.begin_query(worker);
            }
        }
    }

    fn still_waits(&self, worker: WorkerId, turn: u32) -> bool {
        let record = &self.workers[worker];
        record.work == Work::DatabaseWait && record.turn == turn
    }

    /// A query has waited too long: the request fails, its worker is free again.
    pub(in crate::sim) fn database_wait_over(&mut self, at: u64) {
        let (_, (worker, turn)) = self.database.timeouts.pop().expect("its front was just seen");
        if self.still_waits(worker, turn) {
            self.now = at;
            let hung = self.slots[self.slot_of(worker)].hung;
            let record = &mut self.workers[worker];
            record.error = true;
            if hung {
                // it answers, with the error, once it goes on
                (record.work, record.left, record.kills) = (Work::Service, 0, false);
            } else {
                self.release_worker(worker);
            }
        }
        // what waits was put in line in the same order
        while let Some(&(worker, turn)) = self.database.waiting.front() {
            if self.still_waits(worker, turn) {
                break;
            }
            self.database.waiting.pop_front();
        }
    }
}

/// Nanoseconds times a factor; exact for a factor of one.
#[inline]
#[expect(clippy::float_cmp, reason = "one is the neutral value, set as such")]
pub(super) fn scaled(nanos: u64, factor: f64) -> u64 {
    if factor == 1.0 { nanos } else { crate::units::round_u64(nanos as f64 * factor) }
}
