//! The autoscaler in the world: what it sees, what it makes of the fleet, and what rollouts make of that.

mod cases;
mod machines;
mod metrics;
mod releases;
mod rollouts;

use rollsim::{
    kernel::Seed,
    sim::{self, Outcome},
};

use crate::trials::plan;

#[track_caller]
fn run(text: &str) -> Outcome {
    sim::run(&plan(text), Seed::DEFAULT)
}

/// Changes of sizes by autoscalers: second, what was scaled, sizes before and after.
fn changes(outcome: &Outcome) -> Vec<(u64, String, u32, u32)> {
    let change = |it: &sim::Entry| {
        let (what, sizes) = it.text.strip_prefix("autoscaler scales ")?.split_once(" from ")?;
        let (before, after) = sizes.split_once(" to ")?;
        let size = |it: &str| it.parse().ok();
        Some((it.at.nanos() / 1_000_000_000, what.to_owned(), size(before)?, size(after)?))
    };
    outcome.timeline.iter().filter_map(change).collect()
}

/// The same of the fleet: second and size after.
fn sizes(outcome: &Outcome) -> Vec<(u64, u32)> {
    let of_fleet = changes(outcome).into_iter().filter(|it| it.1 == "the fleet");
    of_fleet.map(|(at, _, _, after)| (at, after)).collect()
}

/// A fleet whose requests take a tenth of a second exactly, under an autoscaler; ready at once.
fn fleet(instances: u32, workers: u32, autoscaler: &str) -> String {
    format!(
        "fleet:
  instances: {instances}
  workers: {workers}
  queue: 100000
  service_time: {{constant: 100ms}}
  startup: {{constant: 2s}}
  errors: 0%
  readiness: {{period: 1s, timeout: 1h}}
  liveness: null
  propagation: 0s
  autoscaler: {{{autoscaler}}}
"
    )
}
