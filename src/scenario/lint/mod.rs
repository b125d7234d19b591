//! What is unlikely to be meant or cannot work, found by arithmetic before anything is simulated. None of
//! it prevents a simulation.

mod expect;
mod faults;
mod gates;
mod in_time;
mod load;
mod names;
mod rehearsed;
mod rollout;
mod still_waiting;

pub use expect::highest;
pub(super) use load::busy;
pub use rollout::too_short;

use super::{Plan, Problem};

/// Warnings about a plan, each place with each remedy once.
pub fn lint(plan: &Plan) -> Vec<Problem> {
    let strategies = plan.strategies_by_path();
    let lints = [
        gates::lints(plan, &strategies),
        gates::alerts(plan),
        rollout::lints(plan, &strategies),
        load::lints(plan),
        in_time::lints(plan),
        still_waiting::lints(plan, &strategies),
        names::lints(plan),
        faults::lints(plan),
        expect::lints(plan),
    ];
    let mut told: Vec<Problem> = Vec::new();
    for problem in lints.concat() {
        // the same gate watches several ramps
        if !told.iter().any(|it| it.path == problem.path && it.hint == problem.hint) {
            told.push(problem);
        }
    }
    told
}
