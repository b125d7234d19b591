//! What faults do is applied: to an instance as a whole, and to what all share.

use super::{data::Strain, ids::SlotId, world::World};

impl World<'_> {
    /// Recomputes what faults make of an instance as a whole.
    pub(super) fn refresh_slot(&mut self, slot: SlotId) {
        let total = self.disruption_of_instance(slot);
        self.control.platform.instances[slot].readiness = total.readiness;
        self.watch_memory(slot);
        if total.hang {
            self.freeze(slot);
        } else {
            self.unfreeze(slot);
        }
        self.refresh_regular(slot);
    }

    /// Recomputes what faults make of what all share, and applies it.
    pub(super) fn refresh_shared(&mut self) {
        let Some(total) = self.disruption_of_shared() else { return };
        let strain = Strain { locks: total.database_locked, factor: total.database_factor };
        self.data.strained_by_faults(strain, self.now);
        self.database_opens();
        let kept = self.faults.keep_endpoints();
        self.faults.shared_is(&total);
        self.data.reroute(total.weight_factor);
        if kept && !total.stale_endpoints {
            self.clear_stale_endpoints();
        }
    }

    /// What faults make of what all share, as it is now: asked wherever it matters, because a ramp has another
    /// strength at each instant.
    #[inline]
    pub(super) fn shared_as_of_now(&mut self) {
        if self.faults.is_behind(self.now) {
            self.refresh_shared();
        }
    }
}
