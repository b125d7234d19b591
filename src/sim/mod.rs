//! The world: the only room that changes state.
//!
//! A [`Trial`] simulates a plan once. The data plane (requests) is exact and event-driven; the
//! control plane (instances, weights, probes, people) hangs on one small queue of events. Strategy,
//! judge and operator see telemetry only; what users suffered is booked in the ledger, from the
//! truth.

mod books;
mod user_pages;
#[cfg(test)]
mod witness;
#[cfg(test)]
mod channels;
mod checker;
mod control;
mod data;
mod faults;
mod fork;
#[cfg(test)]
mod groups;
#[cfg(test)]
mod honoured;
mod ids;
mod impaired;
mod keys;
#[cfg(test)]
mod matrix;
mod notes;
mod outcome;
#[cfg(test)]
mod pairing;
mod past;
#[cfg(test)]
mod previewed;
#[cfg(test)]
mod pulled;
mod redraw;
mod running;
mod scrape;
mod trial;
mod waits;
mod world;

pub use books::{
    Entry, FaultMark, FoldedEntry, Life, LifeState, PhaseMark, Series, SeriesPoint, Sight, Stretch,
    Topic, folded, thinned,
};
pub use fork::Fork;
pub use outcome::{FaultOutcome, FurtherRelease, GateOutcome, Outcome, StepOutcome, StepState};
pub use past::Past;
pub use running::Running;
pub use trial::Trial;

use self::world::World;
use crate::{kernel::Seed, scenario::Plan, strategy::Strategy};

impl Trial<'_> {
    /// Simulates it.
    pub fn run(self) -> Outcome {
        self.run_with_strategy(self.plan.scenario.strategy.build())
    }

    /// Simulates it and reports events and progress.
    pub fn run_watched(self, watch: &mut dyn FnMut(Sight<'_>)) -> Outcome {
        let mut world = World::new(self, self.plan.scenario.strategy.build(), true);
        world.go_through(self.forks, watch);
        world.run_watched(watch)
    }

    /// Simulates it with a strategy of the caller's in place of the scenario's: to try out one that
    /// no file can name. Its routing and whether it has a flag hold for the whole trial.
    pub fn run_with_strategy(self, strategy: Box<dyn Strategy>) -> Outcome {
        let mut world = World::new(self, strategy, false);
        world.go_through(self.forks, &mut |_| {});
        world.run()
    }
}

/// Simulates a trial of the scenario's release: the short form.
pub fn run(plan: &Plan, seed: Seed) -> Outcome {
    Trial::new(plan, seed).run()
}
