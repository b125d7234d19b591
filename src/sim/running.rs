//! A trial under way, event by event, and its forks.

use super::{Fork, Outcome, Sight, Trial, world::World};
use crate::units::Instant;

/// A trial under way.
///
/// A clone is a fork with the same random draws: both go on to the same bytes, as if they had never been one. It costs what is
/// alive in the trial: instances, requests under way, telemetry and the users to whom something has happened.
#[derive(Clone)]
pub struct Running<'p>(World<'p>);

impl<'p> Trial<'p> {
    /// Starts it: nothing has happened yet, but for what happens up to its last fork.
    pub fn start(self) -> Running<'p> {
        let mut world = World::new_to_fork(self, self.plan.scenario.strategy.build());
        world.go_through(self.forks, &mut |_| {});
        Running(world)
    }
}

impl World<'_> {
    /// Everything happens up to each fork, and at its instant, and an observer sees it; what has not happened by then
    /// is drawn again.
    pub(super) fn go_through(&mut self, forks: &[Fork], watch: &mut dyn FnMut(Sight<'_>)) {
        for fork in forks {
            let at = fork.at.nanos();
            let possible = self.now..=self.plan.scenario.length.nanos();
            assert!(possible.contains(&at), "forks are in the order of time, within the trial");
            while self.advance(at, u64::MAX) && self.books.told.has_to_show() {
                self.books.told.show(watch);
            }
            if self.over {
                return;
            }
            self.stand_at(at);
            self.redraw(fork.luck);
        }
    }
}

#[cfg(test)]
impl<'p> Running<'p> {
    pub(super) fn of(world: World<'p>) -> Self {
        Self(world)
    }
}

impl Running<'_> {
    /// The next thing happens; false where nothing more does. Several may happen in one nanosecond.
    pub fn step(&mut self) -> bool {
        self.0.step()
    }

    /// Everything happens up to this instant, and at it.
    pub fn until(&mut self, at: Instant) {
        self.0.advance(at.nanos(), u64::MAX);
        self.0.stand_at(at.nanos());
    }

    /// A fork with random draws of its own, one for each `luck`: what has happened stays, work under way and the present
    /// burst included, who the users are, and what the release and each instance was drawn to be; what has not
    /// happened yet is drawn again, conditional on not having happened by now. The outcome names the fork by its
    /// instant: where that is the one of [`until`](Self::until), [`Trial::forked`] makes the same fork.
    #[must_use]
    pub fn forked(&self, luck: u64) -> Self {
        let mut fork = self.clone();
        fork.0.redraw(luck);
        fork
    }

    /// The instant that it has come to.
    pub fn now(&self) -> Instant {
        self.0.instant()
    }

    /// Simulates the rest.
    pub fn finish(self) -> Outcome {
        self.0.run()
    }
}
