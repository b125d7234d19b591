//! A trial under way, event by event, and its forks.

use super::{Outcome, Trial, world::World};
use crate::units::Instant;

/// A trial under way.
///
/// A clone is a fork with the same random draws: both go on to the same bytes, as if they had never been one. It costs what is
/// alive in the trial: instances, requests under way, telemetry and the users to whom something has happened.
#[derive(Clone)]
pub struct Running<'p>(World<'p>);

impl<'p> Trial<'p> {
    /// Starts it: nothing has happened yet.
    pub fn start(self) -> Running<'p> {
        Running(World::new(self, self.plan.scenario.strategy.build(), false))
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
    }

    /// When something happened last.
    pub fn now(&self) -> Instant {
        self.0.instant()
    }

    /// Simulates the rest.
    pub fn finish(self) -> Outcome {
        self.0.run()
    }
}
