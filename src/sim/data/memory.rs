//! Memory of an instance: what is in use at an instant, and when it will be too much.
//!
//! What is lost grows with time, also where nothing happens. So that it costs no event a request, an
//! instance is left alone until so much is lost that a full instance would fill up ([`Memory::tight`]). From then
//! on each request that is taken up is checked, and the instant at which the limit is crossed is an event.

use super::{events::DataEvent, slot::Memory};
use crate::{
    model::MemorySpec,
    sim::{
        ids::SlotId,
        world::{Event, World},
    },
    units::{Span, narrow, round_u64, text},
};

const NANOS_PER_HOUR: f64 = 3.6e12;
const NANOS_PER_SECOND: f64 = 1e9;
/// Part of the time to an instant after which it is looked again.
const EARLY: f64 = 1.0 - 1e-9;
/// Where requests leave something behind, the instant comes nearer with each of them: it is looked again half-way,
/// unless it is nearer than this, so that not every request needs an event.
const NEAR: u64 = 1_000_000_000;

impl World<'_> {
    /// Bytes in use at an instance: what it began with, what it works on, what it has lost.
    pub(in crate::sim) fn memory_used(&self, slot: SlotId) -> f64 {
        let Some(spec) = &self.plan.scenario.fleet.memory else { return 0.0 };
        if !self.data.slots[slot].state.serves() {
            return 0.0;
        }
        spec.base.get() as f64 + self.memory_in_hand(spec, slot) + self.memory_lost(slot)
    }

    /// Bytes of the requests that are being served or that wait.
    fn memory_in_hand(&self, spec: &MemorySpec, slot: SlotId) -> f64 {
        let instance = &self.data.slots[slot];
        let served = self.workers_each() - narrow(instance.idle.len());
        spec.per_request.get() as f64 * f64::from(served)
            + spec.per_waiting.get() as f64 * f64::from(instance.queue_len)
    }

    /// Bytes lost until now: what requests left behind, the growth that is normal, and leaks.
    fn memory_lost(&self, slot: SlotId) -> f64 {
        let memory = &self.data.slots[slot].memory;
        let grown = self.natural_growth() * (self.now - memory.mark) as f64;
        memory.lost + grown + self.memory_leaked(slot)
    }

    /// Bytes an hour that are normal, in bytes a nanosecond.
    fn natural_growth(&self) -> f64 {
        let spec = self.plan.scenario.fleet.memory.as_ref();
        spec.map_or(0.0, |it| it.per_hour.get() as f64) / NANOS_PER_HOUR
    }

    /// Bytes that faults have leaked since the mark, ramps and pauses included.
    fn memory_leaked(&self, slot: SlotId) -> f64 {
        let instance = &self.data.slots[slot];
        self.faults.leaked(&instance.faults, instance.memory.mark, self.now)
    }

    /// Bytes a nanosecond that an instance loses at most, whatever the ramps of its faults.
    fn fastest_growth(&self, slot: SlotId) -> f64 {
        let leak = self.faults.leak_at_most(&self.data.slots[slot].faults);
        self.natural_growth() + leak / NANOS_PER_SECOND
    }

    /// Books what has been lost so far, before the faults of an instance change.
    pub(in crate::sim) fn settle_memory(&mut self, slot: SlotId) {
        let lost = self.memory_lost(slot);
        let memory = &mut self.data.slots[slot].memory;
        memory.lost = lost;
        memory.mark = self.now;
    }

    /// Lost bytes below which even an instance with all places taken has room, and no reason to collect garbage.
    fn room_for_all(&self, spec: &MemorySpec) -> f64 {
        let fleet = &self.plan.scenario.fleet;
        let full = spec.per_request.get() as f64 * f64::from(fleet.workers)
            + spec.per_waiting.get() as f64 * f64::from(fleet.queue);
        let collects_from = spec.garbage_collection.from.get().min(1.0);
        spec.limit.get() as f64 * collects_from - spec.base.get() as f64 - full
    }

    /// Looks whether an instance is short of memory, and arms the next instant at which it may become so. The
    /// growth is never faster than is reckoned with here: what the event finds is that the limit is
    /// crossed, or that there is time left.
    pub(in crate::sim) fn watch_memory(&mut self, slot: SlotId) {
        let Some(spec) = self.plan.scenario.fleet.memory else { return };
        if !self.data.slots[slot].state.serves() {
            return;
        }
        let (lost, room) = (self.memory_lost(slot), self.room_for_all(&spec));
        let tight = lost >= room;
        self.data.slots[slot].memory.tight = tight;
        let target = if tight {
            spec.limit.get() as f64 - spec.base.get() as f64 - self.memory_in_hand(&spec, slot)
        } else {
            room
        };
        let rate = self.fastest_growth(slot);
        if rate <= 0.0 {
            return;
        }
        let after = nanos_until(target - lost, rate);
        let nearer = after > NEAR && self.requests_leave_something(slot);
        let after = if nearer { after / 2 } else { after };
        let at = self.now.saturating_add(after);
        if at < self.data.slots[slot].memory.armed {
            self.data.slots[slot].memory.armed = at;
            let epoch = self.data.slots[slot].epoch;
            self.schedule(Span::from_nanos(after), Event::Data(DataEvent::Memory { slot, epoch }));
        }
    }

    /// A request leaves something behind.
    pub(super) fn request_leaks(&mut self, slot: SlotId, bytes: f64) {
        self.data.slots[slot].memory.lost += bytes;
        let Some(spec) = self.plan.scenario.fleet.memory.filter(|_| bytes > 0.0) else { return };
        let memory = &self.data.slots[slot].memory;
        if memory.tight {
            // looked after with each request
            return;
        }
        let (left, rate) =
            (self.room_for_all(&spec) - self.memory_lost(slot), self.fastest_growth(slot));
        let armed_for = memory.armed.saturating_sub(self.now);
        if left <= 0.0 || rate > 0.0 && nanos_until(left, rate) < armed_for {
            self.watch_memory(slot);
        }
    }

    fn requests_leave_something(&self, slot: SlotId) -> bool {
        self.faults.leak_by_requests(&self.data.slots[slot].faults)
    }

    /// The instant has come at which an instance may be short of memory.
    pub(super) fn memory_fills(&mut self, slot: SlotId, epoch: u32) {
        let instance = &mut self.data.slots[slot];
        if instance.epoch != epoch || instance.memory.armed != self.now {
            return;
        }
        instance.memory.armed = u64::MAX;
        if !self.is_out_of_memory(slot) {
            self.watch_memory(slot);
            self.refresh_regular(slot);
        }
    }

    /// Kills an instance that uses more than its limit.
    pub(super) fn is_out_of_memory(&mut self, slot: SlotId) -> bool {
        let Some(spec) = self.plan.scenario.fleet.memory else { return false };
        let used = self.memory_used(slot);
        let killed = used > spec.limit.get() as f64;
        if killed {
            self.books.ledger.oom_kill();
            self.crash(slot, "out of memory", |_| {
                format!("{} in use", text::bytes(Memory::bytes(used).get() as f64))
            });
        }
        killed
    }

    /// Multiple of the service times at an instance that collects garbage; 1 where it has room.
    pub(super) fn garbage_collection(&self, slot: SlotId) -> f64 {
        let Some(spec) = self.plan.scenario.fleet.memory else { return 1.0 };
        let from = spec.garbage_collection.from.get();
        let part = self.memory_used(slot) / spec.limit.get() as f64;
        let pressure = (part - from) / (1.0 - from).max(1e-9);
        let slowdown = spec.garbage_collection.slowdown.get();
        if pressure > 0.0 { 1.0 + (slowdown - 1.0) * pressure.min(1.0) } else { 1.0 }
    }
}

/// Nanoseconds in which so many bytes are lost, a little less: a rounded quotient may lie behind the first
/// nanosecond beyond the limit.
fn nanos_until(bytes: f64, rate: f64) -> u64 {
    round_u64(bytes / rate * EARLY).max(1)
}
