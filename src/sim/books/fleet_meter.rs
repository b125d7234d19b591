//! How many instances run, answer, are wanted and are paid for, over time.

use crate::{scenario::Plan, sim::data::State};

#[derive(Clone, Debug)]
pub(in crate::sim) struct FleetMeter {
    /// Nanoseconds at which counting begins.
    counts_from: u64,
    running: u32,
    serving: u32,
    paid: u32,
    /// Instances that the bot is meant to have.
    fleet: u32,
    /// Instances that are wanted of all releases, at least the fleet.
    wanted: u32,
    moved_at: u64,
    pub(super) running_nanos: u128,
    pub(super) wanted_nanos: u128,
    pub(super) serving_nanos: u128,
    pub(super) paid_nanos: u128,
    /// Of these, what was paid for beyond the fleet.
    pub(super) extra_nanos: u128,
    pub(super) peak: u32,
}

impl FleetMeter {
    pub(super) fn new(plan: &Plan) -> Self {
        let fleet = plan.scenario.fleet.instances;
        Self {
            counts_from: plan.scenario.warm_up.nanos(),
            running: 0,
            serving: 0,
            paid: 0,
            fleet,
            wanted: fleet,
            moved_at: 0,
            running_nanos: 0,
            wanted_nanos: 0,
            serving_nanos: 0,
            paid_nanos: 0,
            extra_nanos: 0,
            peak: 0,
        }
    }

    /// Integrates how many instances run and cost, up to now.
    pub(in crate::sim) fn integrate(&mut self, now: u64) {
        let from = self.moved_at.max(self.counts_from).min(now);
        let span = u128::from(now - from);
        self.running_nanos += u128::from(self.running) * span;
        self.wanted_nanos += u128::from(self.wanted) * span;
        self.serving_nanos += u128::from(self.serving) * span;
        self.paid_nanos += u128::from(self.paid) * span;
        self.extra_nanos += u128::from(self.paid.saturating_sub(self.fleet)) * span;
        self.moved_at = now;
    }

    pub(in crate::sim) fn fleet_changes(&mut self, fleet: u32, now: u64) {
        self.integrate(now);
        self.fleet = fleet;
    }

    pub(in crate::sim) fn wanted_changes(&mut self, wanted: u32, now: u64) {
        self.integrate(now);
        self.wanted = wanted;
    }

    pub(in crate::sim) fn instance_moves(&mut self, before: State, after: State, now: u64) {
        self.integrate(now);
        self.running -= u32::from(before == State::Up);
        self.running += u32::from(after == State::Up);
        self.serving -= u32::from(before.serves());
        self.serving += u32::from(after.serves());
        self.paid -= u32::from(before.costs());
        self.paid += u32::from(after.costs());
        self.peak = self.peak.max(self.paid);
    }

    /// Asserts that no more instances are up than are wanted.
    pub(in crate::sim) fn check(&self) {
        assert!(
            self.running_nanos <= self.wanted_nanos,
            "no more instances are up than are wanted"
        );
    }
}
