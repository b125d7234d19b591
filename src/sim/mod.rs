//! The world: the only room that changes state.
//!
//! A [`Trial`] plays a plan once. The data plane (requests) is exact and event-driven; the
//! control plane (instances, weights, probes, people) hangs on one small queue of events. Strategy,
//! judge and operator see telemetry only; what users suffered is booked in the ledger, from the truth.

mod arrivals;
mod attempts;
mod balancer;
mod census;
mod checker;
mod control;
mod database;
mod disorder;
mod draws;
mod effects;
mod flags;
mod ledger;
mod lifecycle;
mod looks;
mod memory;
mod migration;
mod monitor;
mod onsets;
mod operator;
mod outcome;
mod platform;
mod probes;
mod requests;
mod serving;
mod slot;
mod smoke;
mod timeline;
mod world;

pub use outcome::{
    FaultMark, GateOutcome, Life, LifeState, Outcome, PhaseMark, Series, SeriesPoint, Stretch,
};
pub use timeline::{Entry, Sight, Topic};

use crate::{kernel::Seed, scenario::Plan, strategy::Strategy};

/// How much a trial keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Detail {
    /// Everything that an outcome has.
    Full,
    /// No series, timeline, lives, measurements or phases.
    Figures,
}

/// When a trial ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    /// After the scenario's length.
    AtLength,
    /// Once the rollout has come to rest and no instance is on its way, or after the length.
    Settled,
}

/// One trial of a plan, about to be played.
///
/// The same plan, seed and release give the same outcome, byte for byte, however it is played.
#[derive(Clone, Copy, Debug)]
pub struct Trial<'p> {
    plan: &'p Plan,
    seed: Seed,
    release: usize,
    detail: Detail,
    ends: Ends,
}

impl<'p> Trial<'p> {
    /// A trial of the release that the scenario names.
    pub const fn new(plan: &'p Plan, seed: Seed) -> Self {
        Self { plan, seed, release: 0, detail: Detail::Full, ends: Ends::AtLength }
    }

    /// Ships another of the plan's releases: an index into `plan.releases`, below its length.
    #[must_use]
    pub const fn release(self, index: usize) -> Self {
        Self { release: index, ..self }
    }

    /// Keeps the figures, the phase and the times, which are the same as with full detail, and leaves
    /// series, timeline, lives, measurements and phases empty: for many trials.
    #[must_use]
    pub const fn figures_only(self) -> Self {
        Self { detail: Detail::Figures, ..self }
    }

    /// Ends as soon as the rollout has come to rest, everybody is back where a way back began, and no
    /// instance starts or stops; at the scenario's length where that never happens. All figures count
    /// up to that moment: what a promoted release does to its users afterwards, and whether somebody
    /// takes it back then, is not played.
    #[must_use]
    pub const fn until_settled(self) -> Self {
        Self { ends: Ends::Settled, ..self }
    }

    /// Plays it.
    pub fn run(self) -> Outcome {
        self.run_with_strategy(self.plan.scenario.strategy.build())
    }

    /// Plays it and shows what happens in it, and how far it is.
    pub fn run_watched(self, watch: &mut dyn FnMut(Sight<'_>)) -> Outcome {
        world::World::new(self, self.plan.scenario.strategy.build(), Some(watch)).run()
    }

    /// Plays it with a strategy of the caller's in place of the scenario's: to try out one that no
    /// file can name. Its routing and whether it has a flag hold for the whole trial.
    pub fn run_with_strategy(self, strategy: Box<dyn Strategy>) -> Outcome {
        world::World::new(self, strategy, None).run()
    }
}

/// Plays a trial of the release that the scenario names: the short form.
pub fn run(plan: &Plan, seed: Seed) -> Outcome {
    Trial::new(plan, seed).run()
}
