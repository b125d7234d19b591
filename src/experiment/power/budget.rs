//! How a fixed amount of simulation is spread over the cells: the same on every machine.

use super::setting::Bake;
use crate::{scenario::Plan, units::round_u64};

/// Work that the default may come to, in requests: well below a minute on two cores.
const REQUESTS: f64 = 180e6;
/// What an instance and the rest of the world cost for a second of simulated time, in requests: probes
/// and scrapes.
const PER_INSTANCE: f64 = 0.5;
const PER_SECOND: f64 = 1.0;
/// Trials of a cell, at least and at most.
const TRIALS: (f64, f64) = (4.0, 4_000.0);
/// Trials of a point for which everything is simulated; with fewer, some of it is left out.
const ENOUGH: f64 = 24.0;
const SCANT: f64 = 12.0;
/// Share of a whole rollout that a trial of a defect takes, since many are rolled back early.
const CUT_SHORT: f64 = 0.6;

/// How much is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// Severities of each kind at first, and more where its curve is of interest.
    pub(super) coarse: u32,
    pub(super) fine: u32,
    pub(super) curves: Curves,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Curves {
    All,
    /// The ends and the middle.
    Ends,
    None,
}

pub(super) const FULL: Extent = Extent { coarse: 6, fine: 3, curves: Curves::All };
pub(super) const EXTENTS: [Extent; 3] = [
    FULL,
    Extent { coarse: 5, fine: 2, curves: Curves::Ends },
    Extent { coarse: 4, fine: 2, curves: Curves::None },
];

/// Cells that there will be: whole rollouts and defects, each by its weight and its cost as a multiple
/// of the good release's.
#[derive(Clone, Debug, Default)]
pub(super) struct Load {
    total: f64,
}

impl Load {
    pub(super) fn add_full(&mut self, weight: f64, cost: f64) {
        self.total += weight * cost.min(1.0);
    }

    pub(super) fn add_defect(&mut self, weight: f64, cost: f64) {
        self.add_full(weight * CUT_SHORT, cost);
    }
}

/// Trials for each cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Budget {
    /// So many for each.
    Fixed(u64),
    /// So many for a cell of weight 1 that costs no more than the good release does.
    Shared { unit: f64, cost: f64 },
}

impl Budget {
    /// The widest extent that leaves each cell enough trials, with the loads of [`EXTENTS`].
    pub(super) fn shared(good: &Plan, bake: Bake, loads: &[Load; 3]) -> (Self, Extent) {
        let cost = cost(good, bake);
        let unit = |load: &Load| REQUESTS / (load.total * cost);
        let units = [unit(&loads[0]), unit(&loads[1]), unit(&loads[2])];
        let chosen = match units {
            [all, _, _] if all >= ENOUGH => 0,
            [_, ends, _] if ends >= SCANT => 1,
            _ => 2,
        };
        (Self::Shared { unit: units[chosen], cost }, EXTENTS[chosen])
    }

    pub(super) fn trials(self, weight: f64, plan: &Plan, bake: Bake) -> u64 {
        match self {
            Self::Fixed(trials) => trials,
            Self::Shared { unit, cost: own } => {
                let part = (own / cost(plan, bake)).min(1.0);
                round_u64((unit * weight * part).floor().clamp(TRIALS.0, TRIALS.1))
            }
        }
    }
}

/// What a whole rollout costs, in requests.
fn cost(plan: &Plan, bake: Bake) -> f64 {
    let end = bake.end();
    let world = PER_SECOND + PER_INSTANCE * f64::from(plan.scenario.fleet.instances);
    plan.rates.expected(end) + world * end.as_secs_f64()
}
