//! Smoke tests: test requests of the strategy, before users meet a release.

use crate::{
    model::{SmokeState, SmokeTest},
    sim::{
        Topic,
        ids::OperationId,
        world::{Event, World},
    },
    units::{Span, text},
};
#[derive(Clone)]
pub(super) struct SmokeTestRun {
    test: SmokeTest,
    operations: Vec<OperationId>,
    answered: u32,
    failed: u32,
}

impl World<'_> {
    pub(super) fn start_smoke(&mut self, test: SmokeTest) {
        let plan = self.plan;
        let operations: Vec<OperationId> = if test.operations.is_empty() {
            (0..plan.operations.len()).map(OperationId::at).collect()
        } else {
            test.operations
                .iter()
                .filter_map(|it| plan.operation(it))
                .map(OperationId::at)
                .collect()
        };
        let gap = Span::from_nanos(test.over.nanos() / u64::from(test.requests));
        let requests = u64::from(test.requests);
        self.note(Topic::Rollout, |_| {
            (format!("smoke test of {}", text::counted(requests, "request")), "")
        });
        for number in 0..test.requests {
            self.schedule(gap.scale(f64::from(number)), Event::SmokeRequest(number));
        }
        self.control.rollout.smoke =
            Some(SmokeTestRun { test, operations, answered: 0, failed: 0 });
        self.control.rollout.seen.set_smoke(SmokeState::Running);
    }

    pub(in crate::sim) fn smoke_request(&mut self, number: u32) {
        let Some(smoke) = &self.control.rollout.smoke else { return };
        let operation = smoke.operations[number as usize % smoke.operations.len()];
        self.offer_smoke(number, operation);
    }

    pub(in crate::sim) fn smoke_answered(&mut self, well: bool) {
        let Some(smoke) = &mut self.control.rollout.smoke else { return };
        smoke.answered += 1;
        smoke.failed += u32::from(!well);
        if smoke.answered < smoke.test.requests {
            return;
        }
        let share = f64::from(smoke.failed) / f64::from(smoke.test.requests);
        let passed = share <= smoke.test.failures_max.get();
        let (failed, requests) = (smoke.failed, smoke.test.requests);
        self.control.rollout.smoke = None;
        let state = if passed { SmokeState::Passed } else { SmokeState::Failed };
        self.control.rollout.seen.set_smoke(state);
        self.note(Topic::Verdict, |_| {
            let how = if passed { "passed" } else { "failed" };
            (format!("smoke test {how}: {failed} of {requests} failed"), "")
        });
    }
}
