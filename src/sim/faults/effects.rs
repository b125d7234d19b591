//! What faults do: to an instance as a whole, to what all share, to one request. How several of them meet
//! is one rule, [`Disruption::combine`].

use super::{at_instance::Onset, fault::Fault};
use crate::{
    fault::{DependencyDisruption, Disruption, Target, TriggerSpec},
    sim::{data::Attempt, ids::SlotId, world::World},
};

impl World<'_> {
    /// What the faults of an instance make of it as a whole.
    pub(in crate::sim) fn disruption_of_instance(&self, slot: SlotId) -> Disruption {
        let mut total = Disruption::NONE;
        for onset in &self.data.slots()[slot].faults.onsets {
            let it = self.faults.fault(onset.fault);
            it.at(it.strength(onset.at, self.now), |disruption| {
                it.strikes(Target::Instances);
                total.combine_all_but_calls(disruption);
            });
        }
        total
    }

    /// What faults make of what all share, now; none where none ever will. A defect affects it while any instance that
    /// carries it runs.
    pub(in crate::sim) fn disruption_of_shared(&mut self) -> Option<Disruption> {
        if !self.faults.any_shared {
            return None;
        }
        let now = self.now;
        let mut total = Disruption::NONE;
        let mut grows = false;
        for (index, it) in self.faults.faults.iter().enumerate().filter(|(_, it)| it.strikes_shared)
        {
            let ours = |onset: &&Onset| usize::from(onset.fault) == index;
            let serving = self.data.slots().iter().filter(|slot| slot.state.serves());
            let at_instances = serving.flat_map(|slot| &slot.faults.onsets);
            let onsets = self.faults.shared.iter().chain(at_instances).filter(ours);
            let strength = onsets.map(|it_at| it.strength(it_at.at, now)).fold(0.0, f64::max);
            grows |= strength > 0.0 && strength < 1.0;
            it.at(strength, |disruption| {
                it.strikes(Target::Shared);
                total.combine_all_but_calls(disruption);
            });
        }
        let faults = &mut self.faults;
        faults.shared_grows = grows;
        faults.shared_at = now;
        Some(total)
    }

    /// Adds what the faults of an instance do to a request that it takes up, calls of dependencies apart.
    pub(in crate::sim) fn disrupt(&self, attempt: &Attempt, slot: SlotId, total: &mut Disruption) {
        for onset in &self.data.slots()[slot].faults.onsets {
            let it = self.faults.fault(onset.fault);
            if !self.in_scope(it, attempt) {
                continue;
            }
            it.at(it.strength(onset.at, self.now), |disruption| touch(it, disruption, total));
        }
    }

    fn in_scope(&self, fault: &Fault, attempt: &Attempt) -> bool {
        fault.operation.is_none_or(|it| it == attempt.operation)
            && (!fault.spec.scope.feature || attempt.cohort.is_exposed())
            && fault.users.iter().all(|&(index, value)| {
                !attempt.has(Attempt::SMOKE) && self.attribute_of(attempt.user, index) == value
            })
    }

    /// What faults do to a call of a dependency.
    pub(in crate::sim) fn disruption_of_call(
        &self,
        attempt: &Attempt,
        slot: SlotId,
        dependency: &str,
    ) -> DependencyDisruption {
        let mut total = DependencyDisruption::NONE;
        if !self.faults.any_dependency {
            return total;
        }
        for onset in &self.data.slots()[slot].faults.onsets {
            let it = self.faults.fault(onset.fault);
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
    pub(in crate::sim) fn disruption_of_start(&mut self, slot: SlotId) -> Disruption {
        let mut total = Disruption::NONE;
        for fault in self.faults.numbers() {
            let it = self.faults.fault(fault);
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
#[inline]
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
