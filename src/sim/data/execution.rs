//! How one request goes at one instance, by what is special of either.

use super::{attempts::Attempt, database::scaled};
use crate::{
    fault::{Disruption, either},
    sim::{ids::SlotId, world::World},
};

/// How one request goes at one instance.
pub(super) struct Execution {
    /// Work of the instance itself, in nanoseconds; what slows the instance stretches it.
    pub(super) service: u64,
    /// Time spent otherwise: calls of others, and what a fault adds.
    pub(super) besides: u64,
    /// Both where nothing is wrong.
    pub(super) ordinary: u64,
    pub(super) error: f64,
    pub(super) wrong: f64,
    pub(super) kill: f64,
    /// Part of `error` that a normal day has.
    pub(super) error_base: f64,
}

impl Execution {
    /// Where nothing special holds, neither of the instance nor of the operation.
    #[inline]
    pub(super) const fn regular(attempt: &Attempt, errors: f64) -> Self {
        Self {
            service: attempt.service,
            besides: 0,
            ordinary: attempt.service,
            error: errors,
            wrong: 0.0,
            kill: 0.0,
            error_base: errors,
        }
    }
}

impl World<'_> {
    /// How a request goes where the instance or the operation is out of the ordinary. None where the instance dies
    /// of it.
    #[inline(never)]
    pub(super) fn irregular_execution(
        &mut self,
        attempt: &Attempt,
        slot: SlotId,
    ) -> Option<Execution> {
        if self.data.slots[slot].faults.is_metered() {
            self.load_changes(slot);
        }
        let instance = &self.data.slots[slot];
        let mut execution = Execution::regular(attempt, instance.errors);
        let impaired = !instance.regular;
        if impaired && !self.outlives_its_requests(slot) {
            return None;
        }
        let operation = &self.plan.operations[attempt.operation.index()];
        if !operation.calls.is_empty() {
            self.call_dependencies(attempt, slot, &mut execution);
        }
        if impaired && !self.impair(attempt, slot, &mut execution) {
            return None;
        }
        if operation.database.is_some() {
            execution.error = either(execution.error, self.schema_errors(slot));
        }
        Some(execution)
    }

    fn call_dependencies(&mut self, attempt: &Attempt, slot: SlotId, execution: &mut Execution) {
        let plan = self.plan;
        let calls = &plan.operations[attempt.operation.index()].calls;
        for (nth, &called) in (0_u64..).zip(calls) {
            let dependency = &plan.dependencies[called];
            let mut stream = self.keys.dependency.child(nth).stream(attempt.entity());
            let fault = self.disruption_of_call(attempt, slot, &dependency.name);
            let ordinary = dependency.latency.sample(&mut stream);
            let call = scaled(ordinary, fault.factor);
            execution.ordinary = execution.ordinary.saturating_add(ordinary);
            execution.besides = execution.besides.saturating_add(call);
            execution.error = either(execution.error, dependency.errors.get());
            execution.error_base = either(execution.error_base, dependency.errors.get());
            execution.error = either(execution.error, fault.error);
        }
    }

    /// Warm-up, memory and faults of the instance change the execution of a request. False when the
    /// instance dies of it.
    fn impair(&mut self, attempt: &Attempt, slot: SlotId, execution: &mut Execution) -> bool {
        let mut factor = self.warm_up_factor(slot);
        if !self.data.slots[slot].faults.is_empty() {
            let mut fault = Disruption::NONE;
            self.disrupt(attempt, slot, &mut fault);
            factor *= fault.service_factor;
            execution.besides = execution.besides.saturating_add(fault.service_delay.nanos());
            execution.error = either(execution.error, fault.error);
            execution.wrong = fault.wrong;
            execution.kill = fault.kill;
            self.request_leaks(slot, fault.leak_per_request);
        }
        if self.data.slots[slot].memory.tight {
            if self.is_out_of_memory(slot) {
                return false;
            }
            self.watch_memory(slot);
            factor *= self.garbage_collection(slot);
        }
        execution.service = scaled(execution.service, factor);
        true
    }

    /// Multiple of the service times of a process that has just started.
    fn warm_up_factor(&mut self, slot: SlotId) -> f64 {
        let spec = self.plan.scenario.fleet.warm_up;
        let instance = &self.data.slots[slot];
        if instance.warm_at == 0 {
            return 1.0;
        }
        if self.now >= instance.warm_at {
            self.data.slots[slot].warm_at = 0;
            self.refresh_regular(slot);
            return 1.0;
        }
        let left = (instance.warm_at - self.now) as f64 / spec.duration.nanos() as f64;
        1.0 + (spec.slowdown.get() - 1.0).max(0.0) * left
    }
}
