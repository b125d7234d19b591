//! What the other parts ask of the data plane, and do to its state. Without more: what else follows from it, such as
//! requests that are cut off, is done by the world, in `process`, `endpoints`, `queries` and `backlog`.

use super::{
    balancer::Pool,
    database::Strain,
    plane::DataPlane,
    slot::{Slot, State, Worker},
    traffic::Traffic,
};
use crate::{
    kernel::{Purpose, Streams},
    model::{Cohort, GroupId, GroupSpec, ReleaseId},
    scenario::Plan,
    sim::{
        control::ProbePlace,
        faults::AtInstance,
        ids::{BySlot, SlotId},
        keys::Keys,
    },
    strategy::Routing,
    units::Ratio,
};

/// What an instance is, all its life.
#[derive(Clone, Copy, Debug)]
pub(in crate::sim) struct Identity {
    pub(in crate::sim) group: GroupId,
    pub(in crate::sim) release: ReleaseId,
    pub(in crate::sim) zone: u16,
    /// Number of the instance, counted from the start of the trial.
    pub(in crate::sim) pod: u32,
    /// What chance knows it by.
    pub(in crate::sim) entity: u64,
    /// Part of its requests that fail on a normal day.
    pub(in crate::sim) errors: f64,
}

impl DataPlane {
    /// What serves, by its slot; to be looked at.
    #[inline]
    pub(in crate::sim) const fn slots(&self) -> &BySlot<Slot> {
        &self.slots
    }

    /// How the traffic is assigned; to be looked at.
    #[inline]
    pub(in crate::sim) const fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// Room for one instance more, with this many workers.
    pub(in crate::sim) fn add_slot(&mut self, workers: u32) -> SlotId {
        let slot = self.slots.push(Slot::vacant());
        for _ in 0..workers {
            self.workers.push(Worker::idle());
        }
        self.work.grow(self.workers.len());
        slot
    }

    /// A new instance has a slot from now on.
    pub(in crate::sim) fn begin_instance(&mut self, slot: SlotId, identity: Identity) {
        let instance = &mut self.slots[slot];
        let Identity { group, release, zone, pod, entity, errors } = identity;
        instance.reset_process();
        instance.group = group;
        instance.release = release;
        instance.cohort = Cohort::of(group, release);
        instance.zone = zone;
        instance.pod = pod;
        instance.entity = entity;
        instance.errors = errors;
        instance.in_line = 0;
        instance.failures = 0;
        instance.faults.begin_instance();
    }

    /// An instance has come to a state.
    pub(in crate::sim) fn set_state(&mut self, slot: SlotId, state: State) {
        self.slots[slot].state = state;
    }

    /// A process answers: it has full speed from an instant on, and has heard of a version of the flag's rule.
    pub(in crate::sim) fn begin_process(&mut self, slot: SlotId, warm_at: u64, flag: u16) {
        self.slots[slot].warm_at = warm_at;
        self.slots[slot].flag = flag;
    }

    /// Everything of the process that ran here is forgotten.
    pub(in crate::sim) fn reset_process(&mut self, slot: SlotId) {
        self.slots[slot].reset_process();
    }

    /// An instance hears of a version of the flag's rule; says whether it is news.
    pub(in crate::sim) fn hears_of_flag(&mut self, slot: SlotId, version: u16) -> bool {
        let news = self.slots[slot].flag < version;
        if news {
            self.slots[slot].flag = version;
        }
        news
    }

    /// The faults of an instance, to be written.
    #[inline]
    pub(in crate::sim) fn faults_at(&mut self, slot: SlotId) -> &mut AtInstance {
        &mut self.slots[slot].faults
    }

    /// Something special holds of an instance from now on.
    pub(in crate::sim) fn is_special(&mut self, slot: SlotId) {
        self.slots[slot].regular = false;
    }

    /// A probe has come, and waits in the queue unless it has been taken in hand.
    pub(in crate::sim) fn joins_line(&mut self, slot: SlotId, place: ProbePlace) {
        self.slots[slot].in_line += u32::from(place != ProbePlace::InHand);
    }

    /// A probe that has waited is over, or taken in hand.
    pub(in crate::sim) fn leaves_line(&mut self, slot: SlotId, place: ProbePlace) {
        self.slots[slot].in_line -= u32::from(place != ProbePlace::InHand);
    }

    /// This many probes wait in the queue.
    pub(in crate::sim) fn set_line(&mut self, slot: SlotId, in_line: u32) {
        self.slots[slot].in_line = in_line;
    }

    /// The strategy asks for a weight; says whether it is another one.
    pub(in crate::sim) fn ask_weight(&mut self, group: GroupId, weight: Ratio) -> bool {
        self.traffic.ask(group, weight)
    }

    /// Nothing has been asked for yet: the traffic is to be assigned in another way.
    pub(in crate::sim) fn is_routed(
        &mut self,
        plan: &Plan,
        routing: Routing,
        groups: &[GroupSpec],
    ) {
        self.traffic = Traffic::new(plan, routing, groups);
    }

    /// The balancer has a weight, and a fault makes something of it.
    pub(in crate::sim) fn route(&mut self, group: GroupId, weight: Ratio, fault_factor: f64) {
        self.traffic.apply(group, weight, fault_factor);
    }

    /// A fault makes something else of the weight that the balancer has.
    pub(in crate::sim) fn reroute(&mut self, fault_factor: f64) {
        self.traffic.skew(fault_factor);
    }

    /// Where requests of a group are sent.
    pub(in crate::sim) fn endpoints_of(&self, group: GroupId) -> &[SlotId] {
        self.pools[self.traffic.pool_of(group)].members()
    }

    /// Where requests are sent.
    pub(in crate::sim) fn endpoints(&self) -> impl Iterator<Item = SlotId> {
        self.pools.iter().flat_map(Pool::members).copied()
    }

    /// An instance is gone, the balancer knows, and nothing that was sent there is unanswered.
    pub(in crate::sim) fn is_forgotten(&self, slot: SlotId) -> bool {
        let instance = &self.slots[slot];
        let pool = &self.pools[self.traffic.pool_of(instance.group)];
        instance.state == State::Gone && !instance.endpoint && !pool.has_in_hand(slot)
    }

    pub(in crate::sim) fn strained_by_migration(&mut self, strain: Strain, now: u64) {
        self.database.strained_by_migration(strain, now);
    }

    pub(in crate::sim) fn strained_by_faults(&mut self, strain: Strain, now: u64) {
        self.database.strained_by_faults(strain, now);
    }

    /// A scrape has found how busy they were.
    pub(in crate::sim) fn busy_is_seen(&mut self) {
        for slot in &mut self.slots {
            slot.busy_nanos = 0;
        }
    }

    /// A scrape has found their failures.
    pub(in crate::sim) fn failures_are_seen(&mut self) {
        for slot in &mut self.slots {
            slot.failures = 0;
        }
    }

    /// Requests that have arrived.
    pub(in crate::sim) const fn arrived(&self) -> u64 {
        self.arrivals.request
    }

    /// Requests that no one has answered or given up on.
    pub(in crate::sim) fn open_requests(&self) -> u64 {
        self.attempts.open()
    }

    /// Draws again what has not arrived by now.
    pub(in crate::sim) fn redraw(&mut self, plan: &Plan, now: u64, streams: Streams, keys: &Keys) {
        let request = self.arrivals.request;
        let of_arrivals = (streams.key(Purpose::Arrival), streams.key(Purpose::Burst));
        self.arrivals.redraw(&plan.rates, now, of_arrivals);
        self.demands.redraw(request, plan, keys);
    }
}
