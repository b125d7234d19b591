//! The world: the only room that changes state.
//!
//! [`run`] plays one trial of a plan. The data plane (requests) is exact and event-driven; the
//! control plane (instances, weights, probes, people) hangs on one small queue of events. Strategy,
//! judge and operator see telemetry only; what users suffered is booked in the ledger, from the truth.

mod arrivals;
mod attempts;
mod balancer;
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

pub use outcome::{FaultMark, Life, LifeState, Outcome, PhaseMark, Series, SeriesPoint, Stretch};
pub use timeline::{Entry, Sight, Topic};

use crate::{kernel::Seed, scenario::Plan, strategy::Strategy};

/// Plays one trial. The same plan and seed give the same outcome, byte for byte.
pub fn run(plan: &Plan, seed: Seed) -> Outcome {
    run_watched(plan, seed, &mut |_| {})
}

/// Plays one trial and shows what happens in it, and how far it is.
pub fn run_watched(plan: &Plan, seed: Seed, watch: &mut dyn FnMut(Sight<'_>)) -> Outcome {
    world::World::new(plan, seed, plan.scenario.strategy.build(), watch).run()
}

/// Plays one trial with a strategy of the caller's in place of the scenario's: to try out one that
/// no file can name. Its routing and whether it has a flag hold for the whole trial.
pub fn run_with_strategy(plan: &Plan, seed: Seed, strategy: Box<dyn Strategy>) -> Outcome {
    world::World::new(plan, seed, strategy, &mut |_| {}).run()
}
