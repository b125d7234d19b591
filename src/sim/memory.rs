//! Memory of an instance: what is in use, and what happens when it is too much.

use super::{slot::Memory, world::World};
use crate::units::{narrow, text};

impl World<'_> {
    /// Bytes in use at an instance.
    pub(super) fn memory_used(&self, slot: u32) -> f64 {
        let Some(spec) = self.plan.scenario.fleet.memory else { return 0.0 };
        let instance = &self.slots[slot as usize];
        if !instance.state.serves() {
            return 0.0;
        }
        let busy = self.workers_each() - narrow(instance.idle.len()) + instance.queue_len;
        spec.base.get() as f64
            + spec.per_request.get() as f64 * f64::from(busy)
            + instance.memory.lost_at(self.now)
    }

    pub(super) fn out_of_memory(&mut self, slot: u32) {
        self.ledger.oom_kills += 1;
        self.crash(slot, "out of memory", |it| {
            let used = Memory::bytes(it.memory_used(slot));
            format!("{} in use", text::bytes(used.get() as f64))
        });
    }
}
