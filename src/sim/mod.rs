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
mod flags;
mod ledger;
mod lifecycle;
mod monitor;
mod operator;
mod outcome;
mod platform;
mod probes;
mod requests;
mod serving;
mod slot;
mod timeline;
mod world;

pub use outcome::{FaultMark, Life, LifeState, Outcome, PhaseMark, Series, SeriesPoint, Stretch};
pub use timeline::{Entry, Topic};

use crate::{kernel::Seed, scenario::Plan};

/// Plays one trial. The same plan and seed give the same outcome, byte for byte.
pub fn run(plan: &Plan, seed: Seed) -> Outcome {
    run_watched(plan, seed, &mut |_| {})
}

/// Plays one trial and shows each entry of the timeline as it happens.
pub fn run_watched(plan: &Plan, seed: Seed, watch: &mut dyn FnMut(&Entry)) -> Outcome {
    world::World::new(plan, seed, watch).run()
}
