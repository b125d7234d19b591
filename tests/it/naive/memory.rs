//! Memory of an instance: what is in use, what collecting garbage costs, and when it is too much.

use rollsim::{fault::EffectSpec, model::MemorySpec, units::Span};

use super::{Event, Naive, faults::Fault, lifecycle::Slot};

/// Memory that a process has lost and does not get back.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lost {
    /// Bytes lost until `at`, in nanoseconds, and what requests have left behind since.
    pub(super) bytes: f64,
    pub(super) at: u64,
    /// When it is looked whether the limit has been crossed.
    full_at: Option<u64>,
}

impl Lost {
    pub(super) fn at(now: u64) -> Self {
        Self { at: now, ..Self::default() }
    }
}

/// Seconds at full strength that are worth what a fault did in so many nanoseconds.
fn exposure(fault: &Fault, nanos: u64) -> f64 {
    let spec = &fault.spec;
    let seconds = |nanos: u64| Span::from_nanos(nanos).as_secs_f64();
    let ramp = seconds(spec.ramp.nanos());
    let once = |nanos: u64| {
        let on = seconds(spec.lasts.map_or(nanos, |it| it.nanos().min(nanos)));
        if on < ramp { on * on / (2.0 * ramp) } else { on - 0.5 * ramp }
    };
    match spec.repeat.filter(|_| spec.lasts.is_some()).map(Span::nanos).filter(|&it| it > 0) {
        Some(round) => (nanos / round) as f64 * once(round) + once(nanos % round),
        None => once(nanos),
    }
}

impl Naive<'_> {
    fn lost_until(&self, slot: usize, then: u64) -> f64 {
        let it: &Slot = &self.fleet.slots[slot];
        let per_hour = self.plan.scenario.fleet.memory.map_or(0.0, |it| it.per_hour.get() as f64);
        let grown = per_hour / 3.6e12 * (then - it.lost.at) as f64;
        let mut leaked = 0.0;
        for onset in &it.faults {
            let fault = &self.faults[onset.fault];
            let EffectSpec::Leak(leak) = &fault.spec.effect else { continue };
            let per_second = leak.per_hour.get() as f64 / 3_600.0;
            let from = it.lost.at.max(onset.at);
            leaked +=
                per_second * (exposure(fault, then - onset.at) - exposure(fault, from - onset.at));
        }
        it.lost.bytes + grown + leaked
    }

    fn memory_in_use(&self, slot: usize, spec: MemorySpec, then: u64) -> f64 {
        let it: &Slot = &self.fleet.slots[slot];
        let served = (it.workers.len() - it.idle.len()) as f64;
        let waiting = self.waiting_at(slot) as f64;
        let each = if self.rules.waiting_uses_memory { spec.per_request } else { spec.per_waiting };
        let in_hand = spec.per_request.get() as f64 * served + each.get() as f64 * waiting;
        spec.base.get() as f64 + in_hand + self.lost_until(slot, then)
    }

    /// Books what has been lost so far, before the faults change.
    pub(super) fn settle_memory(&mut self, slot: usize) {
        let bytes = self.lost_until(slot, self.now);
        let now = self.now;
        let lost = &mut self.fleet.slots[slot].lost;
        (lost.bytes, lost.at) = (bytes, now);
    }

    /// Kills an instance that uses too much; whether it did.
    pub(super) fn is_full(&mut self, slot: usize) -> bool {
        let Some(spec) = self.plan.scenario.fleet.memory else { return false };
        let full = self.memory_in_use(slot, spec, self.now) > spec.limit.get() as f64;
        if full {
            self.books.oom_kills += 1;
            self.crash(slot);
        }
        full
    }

    /// Looks for the first nanosecond at which what it has in hand and will have lost is too much.
    pub(super) fn watch_memory(&mut self, slot: usize) {
        let Some(spec) = self.plan.scenario.fleet.memory else { return };
        let limit = spec.limit.get() as f64;
        let full = |then: u64| self.memory_in_use(slot, spec, then) > limit;
        let (mut low, mut high) = (self.now, self.length());
        if !self.rules.full_memory_is_noticed_at_once || !full(high) {
            return;
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if full(middle) { high = middle } else { low = middle }
        }
        let it = &mut self.fleet.slots[slot];
        if it.lost.full_at.is_none_or(|known| high < known) {
            it.lost.full_at = Some(high);
            let life = it.life;
            self.schedule(high - self.now, Event::MemoryFull { slot, life });
        }
    }

    pub(super) fn memory_full(&mut self, slot: usize, life: u64) {
        let it = &mut self.fleet.slots[slot];
        if it.life != life || it.lost.full_at != Some(self.now) || !it.serves() {
            return;
        }
        it.lost.full_at = None;
        if !self.is_full(slot) {
            self.watch_memory(slot);
        }
    }

    /// Multiple of the service time of a request that is being taken up, by collecting garbage; none
    /// where it takes more memory than there is, which kills the instance.
    pub(super) fn collecting(&mut self, slot: usize) -> Option<f64> {
        let Some(spec) = self.plan.scenario.fleet.memory else { return Some(1.0) };
        if self.is_full(slot) {
            return None;
        }
        self.watch_memory(slot);
        let used = self.memory_in_use(slot, spec, self.now) / spec.limit.get() as f64;
        let from = spec.garbage_collection.from.get();
        if used <= from || !self.rules.collecting_slows {
            return Some(1.0);
        }
        let part = ((used - from) / (1.0 - from).max(1e-9)).min(1.0);
        Some(1.0 + (spec.garbage_collection.slowdown.get() - 1.0) * part)
    }
}
