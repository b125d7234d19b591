//! The rollout, for the two strategies that only stop and start: all at once, and recreate.

use rollsim::strategy::StrategySpec;

use super::{
    Naive,
    lifecycle::{Slot, State},
};

#[derive(Debug, Default)]
pub(super) struct Rollout {
    begun: bool,
    started: bool,
    pub(super) rested: bool,
}

impl Naive<'_> {
    pub(super) fn begin_rollout(&mut self) {
        self.rollout.begun = true;
        self.books.begun = Some(self.now);
        self.count_who_answers();
        for slot in self.stable_in_order_of_stopping() {
            self.stop(slot);
        }
    }

    /// As Kubernetes does: what waits, what does not run, what is not ready; the newest first.
    fn stable_in_order_of_stopping(&self) -> Vec<usize> {
        let rank = |&slot: &usize| {
            let it = &self.fleet.slots[slot];
            let class = match it.state {
                State::Waiting => 0,
                State::Up | State::Draining | State::Closing if it.ready => 3,
                State::Up | State::Draining | State::Closing => 2,
                State::Starting | State::Crashed | State::Vacant | State::Gone => 1,
            };
            (class, std::cmp::Reverse(it.pod))
        };
        let slots = 0..self.fleet.slots.len();
        let mut stable: Vec<usize> = slots.filter(|&it| self.fleet.slots[it].exists()).collect();
        stable.sort_by_key(rank);
        stable
    }

    /// Goes on with the rollout when it can, after each event.
    pub(super) fn look_at_rollout(&mut self) {
        if !self.rollout.begun || self.rollout.rested {
            return;
        }
        let count = self.plan.scenario.fleet.instances;
        let waits = matches!(self.plan.scenario.strategy, StrategySpec::Recreate(_));
        let stable = |it: &Slot| it.release == 0 && it.costs();
        let old_are_there = self.fleet.slots.iter().any(stable);
        if !self.rollout.started && (!waits || !old_are_there) {
            self.rollout.started = true;
            (0..count).for_each(|_| self.create_instance(1));
        }
        if !self.rules.readiness_is_counted_at_changes {
            self.count_who_answers();
        }
        let ready = self.fleet.slots.iter().filter(|it| it.release == 1 && it.ready);
        if self.rollout.started && ready.count() >= count as usize {
            self.rollout.rested = true;
            self.books.rested = Some(self.now);
        }
    }

    /// During the rollout, how many of the endpoints would answer.
    pub(super) fn count_who_answers(&mut self) {
        if !self.rollout.begun || self.rollout.rested {
            return;
        }
        let answers =
            |&&slot: &&usize| matches!(self.fleet.slots[slot].state, State::Up | State::Draining);
        let count = self.balancer.members.iter().filter(answers).count() as u64;
        let least = self.books.ready_min.unwrap_or(count);
        self.books.ready_min = Some(least.min(count));
    }
}
