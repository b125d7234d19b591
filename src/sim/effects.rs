//! What faults do: to an instance as a whole, to what all share, to one request. How several of them meet
//! is one rule, [`Disruption::combine`].

use super::{
    active_faults::Fault,
    attempts::Attempt,
    database::Strain,
    ids::{SlotId, WorkerId},
    slot::{Onset, Slot, Work},
    world::World,
};
use crate::{
    fault::{DependencyDisruption, Disruption, Target, TriggerSpec},
    model::Cohort,
    units::Instant,
};

impl World<'_> {
    /// Recomputes what faults make of an instance as a whole.
    pub(super) fn refresh_slot(&mut self, slot: SlotId) {
        let now = self.now;
        let mut total = Disruption::NONE;
        for onset in &self.slots[slot].faults {
            let it = self.active_faults.fault(onset.fault);
            it.at(it.strength(onset.at, now), |disruption| {
                it.strikes(Target::Instances);
                total.combine_all_but_calls(disruption);
            });
        }
        self.slots[slot].readiness = total.readiness;
        self.watch_memory(slot);
        self.set_hung(slot, total.hang);
        self.refresh_regular(slot);
    }

    fn set_hung(&mut self, slot: SlotId, hung: bool) {
        if self.slots[slot].hung == hung {
            return;
        }
        self.slots[slot].hung = hung;
        for worker in self.workers_of(slot) {
            let record = self.workers[worker];
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
        }
    }

    /// The worker's present work stands still, and its client may lose patience.
    fn freeze(&mut self, worker: WorkerId) {
        let due = self.work.at(worker.index()).map_or(self.now, Instant::nanos);
        let record = &mut self.workers[worker];
        record.left = due - self.now;
        let attempt = record.attempt;
        self.work.clear(worker.index());
        if !self.attempts[attempt].has(Attempt::GONE) {
            self.arm(attempt);
        }
    }

    pub(super) fn refresh_regular(&mut self, slot: SlotId) {
        let instance = &mut self.slots[slot];
        instance.regular = !instance.memory.tight
            && instance.warm_at == 0
            && instance.faults.is_empty()
            && instance.loads.is_empty()
            && instance.next_requests_trigger == u64::MAX;
    }

    /// Recomputes what faults make of what all share. A defect affects it while any instance that
    /// carries it runs.
    pub(super) fn refresh_shared(&mut self) {
        if !self.active_faults.any_shared {
            return;
        }
        let now = self.now;
        let mut total = Disruption::NONE;
        let mut grows = false;
        for (index, it) in
            self.active_faults.faults.iter().enumerate().filter(|(_, it)| it.strikes_shared)
        {
            let ours = |onset: &&Onset| usize::from(onset.fault) == index;
            let at_instances = self
                .slots
                .iter()
                .filter(|slot| slot.state.serves())
                .flat_map(|slot: &Slot| slot.faults.iter());
            let onsets = self.active_faults.shared.iter().chain(at_instances).filter(ours);
            let strength = onsets.map(|it_at| it.strength(it_at.at, now)).fold(0.0, f64::max);
            grows |= strength > 0.0 && strength < 1.0;
            it.at(strength, |disruption| {
                it.strikes(Target::Shared);
                total.combine_all_but_calls(disruption);
            });
        }
        self.active_faults.shared_grows = grows;
        self.active_faults.shared_at = now;
        self.apply_shared(&total);
    }

    /// What faults make of what all share, as it is now: asked wherever it matters, because a ramp has another
    /// strength at each instant.
    #[inline]
    pub(super) fn shared_as_of_now(&mut self) {
        if self.active_faults.shared_grows && self.active_faults.shared_at != self.now {
            self.refresh_shared();
        }
    }

    fn apply_shared(&mut self, total: &Disruption) {
        let strain = Strain { locks: total.database_locked, factor: total.database_factor };
        self.database.strained_by_faults(strain, self.now);
        self.database_opens();
        let healed = self.active_faults.stale_endpoints && !total.stale_endpoints;
        self.active_faults.stale_endpoints = total.stale_endpoints;
        self.active_faults.scrapes_lost = total.scrapes_lost;
        self.active_faults.weight_factor = total.weight_factor;
        self.traffic.apply(self.traffic.applied(), total.weight_factor);
        if healed {
            self.clear_stale_endpoints();
        }
    }

    /// Adds what the faults of an instance do to a request that it takes up, calls of dependencies apart.
    pub(super) fn disrupt(&self, attempt: &Attempt, slot: SlotId, total: &mut Disruption) {
        for onset in &self.slots[slot].faults {
            let it = self.active_faults.fault(onset.fault);
            if !self.in_scope(it, attempt) {
                continue;
            }
            it.at(it.strength(onset.at, self.now), |disruption| touch(it, disruption, total));
        }
    }

    fn in_scope(&self, fault: &Fault, attempt: &Attempt) -> bool {
        fault.operation.is_none_or(|it| it == attempt.operation)
            && (!fault.spec.scope.feature || attempt.cohort == Cohort::Exposed)
            && fault.users.iter().all(|&(index, value)| {
                !attempt.has(Attempt::SMOKE) && self.attribute_of(attempt.user, index) == value
            })
    }

    /// What faults do to a call of a dependency.
    pub(super) fn disruption_of_call(
        &self,
        attempt: &Attempt,
        slot: SlotId,
        dependency: &str,
    ) -> DependencyDisruption {
        let mut total = DependencyDisruption::NONE;
        if !self.active_faults.any_dependency {
            return total;
        }
        for onset in &self.slots[slot].faults {
            let it = self.active_faults.fault(onset.fault);
            if it.full.dependencies.is_empty() || !self.in_scope(it, attempt) {
                continue;
            }
            it.at(it.strength(onset.at, self.now), |disruption| {
                let calls = disruption.dependencies.iter();
                touch_calls(it, calls.filter(|call| call.concerns(dependency)), &mut total);
            });
        }
        total
    }

    /// What faults do to the start of an instance.
    pub(super) fn disruption_of_start(&mut self, slot: SlotId) -> Disruption {
        let mut total = Disruption::NONE;
        for fault in self.active_faults.numbers() {
            let it = self.active_faults.fault(fault);
            let at_start = matches!(it.spec.when, TriggerSpec::Start);
            if !(at_start || it.since.is_some()) || !self.concerns(fault, slot) {
                continue;
            }
            let onset = it.since.unwrap_or(self.now);
            let meets = it.at(it.strength(onset, self.now), |disruption| {
                it.strikes(Target::Starts);
                total.combine_all_but_calls(disruption);
            });
            // a process that never comes up would not show it, and one that lies is ready before it comes up
            let lies = it.full.readiness == Some(true);
            if meets.is_some() && (it.acts_on(Target::Starts) || lies) {
                it.strikes(Target::Instances);
                self.tell(fault);
            }
        }
        total
    }
}

/// A fault does to a request what it does to all in its scope; a fault of calls only to those.
fn touch(fault: &Fault, disruption: &Disruption, total: &mut Disruption) {
    if fault.full.dependencies.is_empty() {
        fault.strikes(Target::Requests);
    }
    total.combine_all_but_calls(disruption);
}

fn touch_calls<'d>(
    fault: &Fault,
    calls: impl Iterator<Item = &'d DependencyDisruption>,
    total: &mut DependencyDisruption,
) {
    for call in calls {
        fault.strikes(Target::Requests);
        total.combine(call);
    }
}
