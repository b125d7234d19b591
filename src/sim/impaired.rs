//! What faults do is applied: to an instance as a whole, and to what all share.

use super::{
    data::{Attempt, Strain, Work},
    ids::{SlotId, WorkerId},
    world::World,
};
use crate::units::Instant;

impl World<'_> {
    /// Recomputes what faults make of an instance as a whole.
    pub(super) fn refresh_slot(&mut self, slot: SlotId) {
        let total = self.disruption_of_instance(slot);
        self.platform.instances[slot].readiness = total.readiness;
        self.watch_memory(slot);
        self.set_hung(slot, total.hang);
        self.refresh_regular(slot);
    }

    fn set_hung(&mut self, slot: SlotId, hung: bool) {
        if self.data.slots[slot].hung == hung {
            return;
        }
        self.data.slots[slot].hung = hung;
        for worker in self.workers_of(slot) {
            let record = self.data.workers[worker];
            if !matches!(record.work, Work::Database | Work::Service) {
                continue;
            }
            if hung {
                self.freeze(worker);
            } else {
                self.due(worker, record.left);
            }
        }
        if !hung {
            self.answers_again(slot);
            self.fetch_all(slot);
        }
    }

    /// The worker's present work stands still, and its client may lose patience.
    fn freeze(&mut self, worker: WorkerId) {
        let due = self.data.work.at(worker.index()).map_or(self.now, Instant::nanos);
        let record = &mut self.data.workers[worker];
        record.left = due - self.now;
        let attempt = record.attempt;
        self.data.work.clear(worker.index());
        if !self.data.attempts[attempt].has(Attempt::GONE) {
            self.arm(attempt);
        }
    }

    pub(super) fn refresh_regular(&mut self, slot: SlotId) {
        let instance = &mut self.data.slots[slot];
        instance.regular =
            !instance.memory.tight && instance.warm_at == 0 && instance.faults.is_quiet();
    }

    /// Recomputes what faults make of what all share, and applies it.
    pub(super) fn refresh_shared(&mut self) {
        let Some(total) = self.disruption_of_shared() else { return };
        let strain = Strain { locks: total.database_locked, factor: total.database_factor };
        self.data.database.strained_by_faults(strain, self.now);
        self.database_opens();
        let kept = self.active_faults.keep_endpoints();
        self.active_faults.shared_is(&total);
        self.data.traffic.skew(total.weight_factor);
        if kept && !total.stale_endpoints {
            self.clear_stale_endpoints();
        }
    }

    /// What faults make of what all share, as it is now: asked wherever it matters, because a ramp has another
    /// strength at each instant.
    #[inline]
    pub(super) fn shared_as_of_now(&mut self) {
        if self.active_faults.is_behind(self.now) {
            self.refresh_shared();
        }
    }
}
