//! Queries: they begin where the database has room, or wait for it, and end.

use super::{database::scaled, slot::Work};
use crate::{
    sim::{ids::WorkerId, world::World},
    units::Instant,
};

impl World<'_> {
    /// The worker's request begins with a query.
    pub(super) fn query(&mut self, worker: WorkerId) {
        if self.data.database.has_room() && self.data.database.waiting.is_empty() {
            self.begin_query(worker);
        } else {
            let turn = self.data.workers[worker].turn;
            self.data.workers[worker].work = Work::DatabaseWait;
            self.data.database.waiting.push_back((worker, turn));
            self.data.database.timeouts.push(Instant::from_nanos(self.now), (worker, turn));
        }
    }

    fn begin_query(&mut self, worker: WorkerId) {
        // counted first: a database that opens lets in those that wait
        self.data.database.active += 1;
        assert!(
            self.data.database.active <= self.data.database.capacity,
            "a query begins where there is room"
        );
        self.shared_as_of_now();
        let record = &mut self.data.workers[worker];
        record.work = Work::Database;
        let attempt = &self.data.attempts[record.attempt];
        let sampler = self.plan.operations[attempt.operation.index()].database.as_ref();
        let sampler = sampler.expect("only operations with a query wait for the database");
        let mut stream = self.keys.database.stream(attempt.entity());
        let ordinary = sampler.sample(&mut stream);
        record.ordinary = record.ordinary.saturating_add(ordinary);
        if !self.data.database.strained_since(record.since) {
            // it only waited in line
            record.since = self.now;
        }
        let factor = self.data.database.migration.factor * self.data.database.faults.factor;
        let nanos = scaled(ordinary, factor);
        self.work_for(worker, self.slot_of(worker), nanos);
    }

    /// The worker's query is over, however it ended; the next in line gets its place.
    pub(super) fn end_query(&mut self) {
        assert!(self.data.database.active > 0, "a query that ends has begun");
        self.data.database.active -= 1;
        self.admit_queries();
    }

    /// Nothing may hold the database any longer: what waits begins.
    pub(in crate::sim) fn database_opens(&mut self) {
        if !self.data.database.locked() {
            self.admit_queries();
        }
    }

    /// Lets waiting queries begin while there is room.
    fn admit_queries(&mut self) {
        while self.data.database.has_room() {
            let Some((worker, turn)) = self.data.database.waiting.pop_front() else { return };
            if self.still_waits(worker, turn) {
                self.begin_query(worker);
            }
        }
    }

    fn still_waits(&self, worker: WorkerId, turn: u32) -> bool {
        let record = &self.data.workers[worker];
        record.work == Work::DatabaseWait && record.turn == turn
    }

    /// A query has waited too long: the request fails, its worker is free again.
    pub(in crate::sim) fn database_wait_over(&mut self, at: u64) {
        let (_, (worker, turn)) =
            self.data.database.timeouts.pop().expect("its front was just seen");
        if self.still_waits(worker, turn) {
            self.now = at;
            let hung = self.data.slots[self.slot_of(worker)].hung;
            let record = &mut self.data.workers[worker];
            record.error = true;
            if hung {
                // it answers, with the error, once it goes on
                (record.work, record.left, record.kills) = (Work::Service, 0, false);
            } else {
                self.release_worker(worker);
            }
        }
        // what waits was put in line in the same order
        while let Some(&(worker, turn)) = self.data.database.waiting.front() {
            if self.still_waits(worker, turn) {
                break;
            }
            self.data.database.waiting.pop_front();
        }
    }
}
