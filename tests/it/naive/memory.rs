//! Memory of an instance: what is in use, what collecting garbage costs, and when it is too much.

use rollsim::model::MemorySpec;

use super::{Naive, lifecycle::Slot};

/// Memory that a process has lost and does not get back.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lost {
    /// Bytes lost until `at`, in nanoseconds.
    pub(super) bytes: f64,
    pub(super) at: u64,
    /// Bytes that are lost each nanosecond since.
    pub(super) per_nano: f64,
}

/// Nanoseconds of an hour.
const HOUR: f64 = 3.6e12;

impl Naive<'_> {
    fn memory_in_use(&self, slot: usize, spec: MemorySpec) -> f64 {
        let it: &Slot = &self.fleet.slots[slot];
        let mut requests = it.workers.len() - it.idle.len();
        if self.rules.waiting_uses_memory {
            requests += self.waiting_at(slot);
        }
        let lost = it.lost.bytes + it.lost.per_nano * (self.now - it.lost.at) as f64;
        spec.base.get() as f64 + spec.per_request.get() as f64 * requests as f64 + lost
    }

    /// Multiple of the service time of a request that is being taken up, by collecting garbage; none
    /// where it takes more memory than there is, which kills the instance.
    pub(super) fn collecting(&mut self, slot: usize) -> Option<f64> {
        let Some(spec) = self.plan.scenario.fleet.memory else { return Some(1.0) };
        let used = self.memory_in_use(slot, spec) / spec.limit.get() as f64;
        if used > 1.0 && self.rules.memory_is_looked_at_when_served {
            self.books.oom_kills += 1;
            self.crash(slot);
            return None;
        }
        let from = spec.garbage_collection.from.get();
        if used <= from || !self.rules.collecting_slows {
            return Some(1.0);
        }
        let part = ((used - from) / (1.0 - from).max(1e-9)).min(1.0);
        Some(1.0 + (spec.garbage_collection.slowdown.get() - 1.0) * part)
    }

    /// What is lost from now on, by what the bot loses on a normal day and by faults.
    pub(super) fn refresh_leak(&mut self, slot: usize) {
        let normal = self.plan.scenario.fleet.memory.map_or(0.0, |it| it.per_hour.get() as f64);
        let per_hour = normal + self.leak_per_hour(slot);
        let now = self.now;
        let lost = &mut self.fleet.slots[slot].lost;
        lost.bytes += lost.per_nano * (now - lost.at) as f64;
        lost.at = now;
        lost.per_nano = per_hour / HOUR;
    }
}
