//! What a normal day is to be blamed for: attempts that would have failed without any defect or incident.

use super::attempts::{Attempt, Failure};
use crate::{
    fault::either,
    sim::{ids::AttemptId, world::World},
};

impl World<'_> {
    /// Whether an attempt that fails would have on a normal day too, the proxy's earlier tries of it included: with
    /// an error, of the fleet or of what it calls, or because it takes too long for its client.
    pub(super) fn fails_normally(&self, index: AttemptId, failure: Failure) -> bool {
        let attempt = &self.data.attempts[index];
        if self.data.proxy.failed_abnormally(index) {
            false
        } else if failure == Failure::Error || attempt.has(Attempt::NORMAL) {
            attempt.has(Attempt::NORMAL)
        } else {
            let operation = &self.plan.operations[attempt.operation.index()];
            let errors = operation.calls.iter().map(|it| self.plan.dependencies[*it].errors.get());
            let chance = errors.fold(self.plan.scenario.fleet.errors.get(), either);
            let luck = self.keys.of_request(attempt.number()).luck;
            attempt.service > operation.deadline.nanos()
                || luck.stream(attempt.entity()).uniform() < chance
        }
    }
}
