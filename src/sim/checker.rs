//! Conservation, checked at the end of every trial, release builds included.

use super::{data::State, world::World};
use crate::{model::Phase, units::narrow};

impl World<'_> {
    /// Asserts what must hold of any trial. A failure here is a defect of rollsim, never of a file.
    pub(super) fn check_books(&self) {
        self.books.ledger.check(self.data.open_requests());
        self.books.fleet.check();
        assert!((0.0..=1.0).contains(&self.data.traffic().away()), "weights sum to one");
        for group in self.control.platform.groups() {
            let ours = |it: &&super::data::Slot| it.group == group && it.state.counts();
            let existing = narrow(self.data.slots().iter().filter(ours).count());
            let desired = self.control.platform.desired(group);
            assert_eq!(existing, desired, "instances are conserved");
        }
        if matches!(self.control.rollout.phase, Phase::Completed | Phase::RolledBack) {
            let wanted = self.control.platform.desired_in_all();
            assert!(
                wanted >= self.control.platform.fleet(),
                "a finished rollout leaves a whole fleet"
            );
        }
        for slot in self.data.endpoints() {
            assert_ne!(
                self.data.slots()[slot].state,
                State::Vacant,
                "the balancer never believes in an empty slot"
            );
        }
        self.check_not_stuck();
    }

    /// A rollout that is not over waits for something that can still happen.
    fn check_not_stuck(&self) {
        let rollout = &self.control.rollout;
        if !rollout.under_way() {
            return;
        }
        let moving = self.data.slots().entries().any(|(slot, it)| {
            matches!(
                it.state,
                State::Pending
                    | State::Waiting
                    | State::Starting
                    | State::Stopping
                    | State::Finishing
                    | State::Backoff
                    | State::Draining
                    | State::Closing
            ) || (it.state == State::Up && !self.control.platform.instances[slot].ready)
        });
        let waits = rollout.wake_at.is_some()
            || rollout.is_analysing()
            || rollout.asked
            || rollout.is_migrating()
            || self.control.operator.busy()
            || rollout.seen.orders().freeze
            || moving;
        assert!(waits, "a rollout under way waits for something that can happen");
    }
}
