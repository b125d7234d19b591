//! The process of an instance as far as it serves: it opens, hangs and goes on. How it dies is in `serving`.

use super::{
    attempts::Attempt,
    slot::{Memory, Work},
};
use crate::{
    sim::{
        ids::{AttemptId, SlotId, WorkerId},
        world::World,
    },
    units::Instant,
};

impl World<'_> {
    /// A process answers: nothing waits, and all workers are free.
    pub(in crate::sim) fn open_for_work(&mut self, slot: SlotId) {
        let now = self.now;
        let workers = self.workers_of(slot);
        let rest = workers.clone().all(|it| self.data.workers[it].work == Work::Idle);
        assert!(rest, "a new process has no old work");
        let instance = &mut self.data.slots[slot];
        instance.memory = Memory::fresh(now);
        instance.warm_at = 0;
        instance.idle.clear();
        // the lowest worker is taken first
        instance.idle.extend(workers.rev());
        instance.queue_head = AttemptId::NONE;
        instance.queue_tail = AttemptId::NONE;
        instance.queue_len = 0;
    }

    /// Whether an instance has a request in hand or in its queue.
    pub(in crate::sim) fn has_work(&self, slot: SlotId) -> bool {
        let instance = &self.data.slots[slot];
        let idle = instance.idle.len() == self.workers_each() as usize;
        !idle || instance.queue_head != AttemptId::NONE
    }

    /// A process hangs: what its workers do stands still.
    pub(in crate::sim) fn freeze(&mut self, slot: SlotId) {
        if std::mem::replace(&mut self.data.slots[slot].hung, true) {
            return;
        }
        for worker in self.workers_of(slot) {
            if matches!(self.data.workers[worker].work, Work::Database | Work::Service) {
                self.stand_still(worker);
            }
        }
    }

    /// A process that has hung goes on.
    pub(in crate::sim) fn unfreeze(&mut self, slot: SlotId) {
        if !std::mem::replace(&mut self.data.slots[slot].hung, false) {
            return;
        }
        for worker in self.workers_of(slot) {
            let record = self.data.workers[worker];
            if matches!(record.work, Work::Database | Work::Service) {
                self.due(worker, record.left);
            }
        }
        self.answers_again(slot);
        self.fetch_all(slot);
    }

    /// The worker's present work stands still, and its client may lose patience.
    fn stand_still(&mut self, worker: WorkerId) {
        let due = self.data.work.at(worker.index()).map_or(self.now, Instant::nanos);
        let record = &mut self.data.workers[worker];
        record.left = due - self.now;
        let attempt = record.attempt;
        self.data.work.clear(worker.index());
        if !self.data.attempts[attempt].has(Attempt::GONE) {
            self.arm(attempt);
        }
    }

    /// Looks again whether something special holds of an instance.
    pub(in crate::sim) fn refresh_regular(&mut self, slot: SlotId) {
        let instance = &mut self.data.slots[slot];
        instance.regular =
            !instance.memory.tight && instance.warm_at == 0 && instance.faults.is_quiet();
    }

    /// Nanoseconds of work since the process of an instance started, what is under way included.
    pub(in crate::sim) fn work_of_process(&self, slot: SlotId) -> u64 {
        let at_work = self.workers_of(slot).filter(|it| self.data.workers[*it].work != Work::Idle);
        self.data.slots[slot].busy_of_process
            + at_work.map(|it| self.now - self.data.workers[it].began).sum::<u64>()
    }

    /// Books the work of those who are still at it, so that it counts where it was done.
    pub(in crate::sim) fn settle_busy_workers(&mut self) {
        for worker in self.data.workers.ids() {
            let record = &mut self.data.workers[worker];
            if record.work != Work::Idle {
                let worked = self.now - record.began;
                self.books.ledger.works(record.began, self.now);
                record.began = self.now;
                let slot = self.slot_of(worker);
                self.data.slots[slot].busy_nanos += worked;
                self.data.slots[slot].busy_of_process += worked;
            }
        }
    }
}
