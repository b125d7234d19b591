//! The database that all share: so many queries at once, the others wait in order, a lock holds all.

use std::collections::VecDeque;

use rollsim::kernel::Purpose;

use super::{Event, Naive, scaled, serving::Work};

/// What a worker does for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Its query waits for its turn or for a lock.
    QueryWaits,
    Query,
    Service,
}

#[derive(Debug, Default)]
pub(super) struct Database {
    /// Queries that run.
    active: u32,
    /// Queries that wait: slot, worker and attempt.
    waiting: VecDeque<(usize, usize, usize)>,
    /// A fault holds a lock.
    pub(super) locked: bool,
}

impl Naive<'_> {
    /// The worker's request begins with a query.
    pub(super) fn query(&mut self, slot: usize, worker: usize) {
        let work = self.fleet.slots[slot].workers[worker].as_mut().unwrap();
        work.stage = Stage::QueryWaits;
        let attempt = work.attempt;
        self.database.waiting.push_back((slot, worker, attempt));
        self.run_queries();
        if self.query_waits(slot, worker, attempt) && self.rules.queries_time_out {
            let timeout = self.plan.scenario.database.timeout.nanos();
            self.schedule(timeout, Event::QueryWaited { slot, worker, attempt });
        }
    }

    fn query_waits(&self, slot: usize, worker: usize, attempt: usize) -> bool {
        let work = self.fleet.slots[slot].workers.get(worker).copied().flatten();
        work.is_some_and(|it| it.attempt == attempt && it.stage == Stage::QueryWaits)
    }

    /// Queries run while there is room and no lock.
    pub(super) fn run_queries(&mut self) {
        let capacity = self.plan.scenario.database.capacity;
        while !self.database.locked && self.database.active < capacity {
            let Some((slot, worker, attempt)) = self.database.waiting.pop_front() else { return };
            if !self.query_waits(slot, worker, attempt) {
                continue;
            }
            self.database.active += 1;
            self.fleet.slots[slot].workers[worker].as_mut().unwrap().stage = Stage::Query;
            let it = self.attempts[attempt];
            let mut draw = self.key(Purpose::Database).stream(it.entity());
            let time = self.plan.operations[it.operation].database.as_ref().unwrap();
            let time = time.sample(&mut draw);
            self.work_for(slot, worker, scaled(time, self.shared_faults().1));
        }
    }

    /// The query of a worker, if it runs, is over.
    pub(super) fn leave_database(&mut self, work: &Work) {
        if work.stage == Stage::Query {
            self.database.active -= 1;
            self.run_queries();
        }
    }

    /// A query that has waited too long fails, and its request with it.
    pub(super) fn query_waited(&mut self, slot: usize, worker: usize, attempt: usize) {
        if self.query_waits(slot, worker, attempt) {
            self.fleet.slots[slot].workers[worker].as_mut().unwrap().error = true;
            self.answer(slot, worker);
        }
    }
}
