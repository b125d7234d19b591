//! What faults do: to an instance as a whole, to what all share, to one request.

use super::{
    active_faults::{Fault, FaultImpact},
    attempts::Attempt,
    requests::either,
    slot::{Onset, Slot, Work},
    world::World,
};
use crate::{
    fault::{DependencyDisruption, Disruption, TriggerSpec},
    model::Cohort,
    units::Instant,
};

impl World<'_> {
    /// Recomputes what faults make of an instance as a whole.
    pub(super) fn refresh_slot(&mut self, slot: u32) {
        let now = self.now;
        let (mut hung, mut readiness) = (false, None);
        for onset in &self.slots[slot as usize].faults {
            let it = self.active_faults.fault(onset.fault);
            it.at(it.strength(onset.at, now), |disruption| {
                hung |= disruption.hang;
                readiness = match (readiness, disruption.readiness) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (before, None) => before,
                    (_, now) => now,
                };
            });
        }
        self.slots[slot as usize].readiness = readiness;
        self.watch_memory(slot);
        self.set_hung(slot, hung);
        self.refresh_plain(slot);
    }

    fn set_hung(&mut self, slot: u32, hung: bool) {
        if self.slots[slot as usize].hung == hung {
            return;
        }
        self.slots[slot as usize].hung = hung;
        let first = slot * self.workers_each();
        for worker in first..first + self.workers_each() {
            let record = self.workers[worker as usize];
            if !matches!(record.work, Work::Database | Work::Service) {
                continue;
            }
            if hung {
                self.freeze(worker);
            } else {
                self.due(worker, record.left);
            }
        }
    }

    /// The worker's present work stands still, and its client may lose patience.
    fn freeze(&mut self, worker: u32) {
        let due = self.work.at(worker as usize).map_or(self.now, Instant::nanos);
        let record = &mut self.workers[worker as usize];
        record.left = due - self.now;
        let attempt = record.attempt;
        self.work.clear(worker as usize);
        if !self.attempts[attempt].has(Attempt::GONE) {
            self.arm(attempt);
        }
    }

    pub(super) fn refresh_plain(&mut self, slot: u32) {
        let instance = &mut self.slots[slot as usize];
        instance.unimpaired = !instance.memory.tight
            && instance.warm_at == 0
            && instance.faults.is_empty()
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
            it.at(strength, |disruption| total.combine(disruption));
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
        self.database.fault_locks = total.database_locked;
        self.database.fault_factor = total.database_factor;
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

    /// What the faults of an instance do to a request.
    pub(super) fn fault_impact_on(&self, attempt: &Attempt, slot: u32) -> FaultImpact {
        let mut impact = FaultImpact {
            error: 0.0,
            wrong: 0.0,
            service_factor: 1.0,
            service_delay: 0,
            kill: 0.0,
            leak: 0.0,
        };
        for onset in &self.slots[slot as usize].faults {
            let it = self.active_faults.fault(onset.fault);
            if !self.in_scope(it, attempt) {
                continue;
            }
            it.at(it.strength(onset.at, self.now), |disruption| {
                impact.error = either(impact.error, disruption.error);
                impact.wrong = either(impact.wrong, disruption.wrong);
                impact.kill = either(impact.kill, disruption.kill);
                impact.service_factor *= disruption.service_factor;
                impact.service_delay =
                    impact.service_delay.saturating_add(disruption.service_delay.nanos());
                impact.leak += disruption.leak_per_request;
            });
        }
        impact
    }

    fn in_scope(&self, fault: &Fault, attempt: &Attempt) -> bool {
        fault.operation.is_none_or(|it| it == attempt.operation)
            && (!fault.spec.scope.feature || attempt.cohort == Cohort::Exposed)
            && fault.users.iter().all(|&(index, value)| {
                !attempt.has(Attempt::SMOKE) && self.attribute_of(attempt.user, index) == value
            })
    }

    /// What faults do to a call of a dependency: chance of failing, latency as a multiple.
    pub(super) fn dependency_disorder(
        &self,
        attempt: &Attempt,
        slot: u32,
        name: &str,
    ) -> (f64, f64) {
        let (mut error, mut factor) = (0.0, 1.0);
        if !self.active_faults.any_dependency {
            return (error, factor);
        }
        let meant = |it: &&DependencyDisruption| it.name.as_deref().is_none_or(|it| it == name);
        let mut add = |disruption: &Disruption| {
            for call in disruption.dependencies.iter().filter(meant) {
                error = either(error, call.error);
                factor *= call.factor;
            }
        };
        for onset in &self.slots[slot as usize].faults {
            let it = self.active_faults.fault(onset.fault);
            if !it.full.dependencies.is_empty() && self.in_scope(it, attempt) {
                it.at(it.strength(onset.at, self.now), &mut add);
            }
        }
        (error, factor)
    }

    /// What faults do to the start of an instance: chance of failing, time as a multiple.
    pub(super) fn start_disorder(&self, slot: u32) -> (f64, f64) {
        let (mut failure, mut factor) = (0.0, 1.0);
        for fault in self.active_faults.numbers() {
            let it = self.active_faults.fault(fault);
            let at_start = matches!(it.spec.when, TriggerSpec::Start);
            if !(at_start || it.since.is_some()) || !self.concerns(fault, slot) {
                continue;
            }
            let onset = it.since.unwrap_or(self.now);
            it.at(it.strength(onset, self.now), |disruption| {
                failure = either(failure, disruption.start_failure);
                factor *= disruption.start_factor;
            });
        }
        (failure, factor)
    }
}
