//! Conservation, checked at the end of every trial, release builds included.

use super::{slot::State, user_counts::UserCounts, world::World};
use crate::{
    model::{Phase, ReleaseId},
    units::narrow,
};

impl World<'_> {
    /// Asserts what must hold of any trial. A failure here is a defect of rollsim, never of a file.
    pub(super) fn check_books(&self, users: &UserCounts) {
        let open = self.attempts.open();
        assert_eq!(
            self.ledger.arrived_all,
            self.ledger.ended_all + open,
            "each request ends exactly once"
        );
        let total = self.ledger.total;
        assert!(
            total.good + total.failed <= self.ledger.requests,
            "no more counted requests end than arrive"
        );
        assert_eq!(
            users.hurt(),
            users.hurt_unmet() + users.hurt_early() + users.hurt_late(),
            "users are hurt for one reason"
        );
        assert!((0.0..=1.0).contains(&self.traffic.weight()), "weights sum to one");
        for release in ReleaseId::BOTH {
            let ours = |it: &&super::slot::Slot| it.release == release && it.state.counts();
            let existing = narrow(self.slots.iter().filter(ours).count());
            let desired = self.platform.desired[release.index()];
            assert_eq!(existing, desired, "instances are conserved");
        }
        if matches!(self.rollout.phase, Phase::Completed | Phase::RolledBack) {
            let wanted: u32 = self.platform.desired.iter().sum();
            assert!(wanted >= self.platform.fleet, "a finished rollout leaves a whole fleet");
        }
        assert!(
            self.ledger.running_nanos <= self.ledger.wanted_nanos,
            "no more instances are up than are wanted"
        );
        for pool in &self.pools {
            for &slot in pool.members() {
                assert_ne!(
                    self.slots[slot].state,
                    State::Vacant,
                    "the balancer never believes in an empty slot"
                );
            }
        }
        self.check_not_stuck();
    }

    /// A rollout that is not over waits for something that can still happen.
    fn check_not_stuck(&self) {
        let rollout = &self.rollout;
        if !rollout.under_way() {
            return;
        }
        let moving = self.slots.iter().any(|it| {
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
            ) || (it.state == State::Up && !it.ready)
        });
        let waits = rollout.wake_at.is_some()
            || rollout.is_analysing()
            || rollout.asked
            || rollout.is_migrating()
            || self.operator.busy()
            || rollout.orders.freeze
            || moving;
        assert!(waits, "a rollout under way waits for something that can happen");
    }
}
