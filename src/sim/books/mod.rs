//! The books: what really happened, what monitoring sees of it, and what is said of it in words.
//!
//! Everything is told them and they call nothing: what they know is read through their faces. Strategies, judges and
//! the operator see [`Monitor`]'s telemetry only; what users suffered is in the [`Ledger`], from the truth.

mod course;
mod downtime;
mod figures;
mod fleet_meter;
mod fold;
mod ledger;
mod lives;
mod monitor;
mod queue_meter;
mod release_books;
mod symptom;
mod thinning;
mod timeline;
mod told;
mod user_counts;

pub use fold::{FoldedEntry, folded, thinned};
pub use lives::{Life, LifeState, Stretch};
pub use timeline::{Entry, Sight, Topic};

pub(super) use figures::Beside;
pub(super) use fleet_meter::FleetMeter;
pub(super) use ledger::{Ledger, Served};
pub(super) use monitor::Monitor;
use monitor::Shown;
pub(super) use queue_meter::QueueMeter;
pub(super) use timeline::scaled;
pub(super) use told::Told;

use super::trial::Detail;
use crate::scenario::Plan;

#[derive(Clone)]
pub(super) struct Books {
    pub(super) ledger: Ledger,
    pub(super) fleet: FleetMeter,
    pub(super) queue: QueueMeter,
    pub(super) monitor: Monitor,
    pub(super) told: Told,
}

impl Books {
    pub(super) fn new(plan: &Plan, detail: Detail, observed: bool) -> Self {
        let whole = detail == Detail::Full;
        Self {
            ledger: Ledger::new(plan, whole),
            fleet: FleetMeter::new(plan),
            queue: QueueMeter::new(plan.scenario.warm_up.nanos()),
            monitor: Monitor::new(plan, whole),
            told: Told::new(whole, observed),
        }
    }

    /// Adds what has ended since the last scrape, which may have been lost, to the series; says whether a point is full.
    pub(super) fn add_to_series(&mut self, now: u64, lost: bool) -> bool {
        let ended = self.ledger.take_slice();
        self.told.is_kept() && self.monitor.add_to_series(now, ended, lost)
    }

    /// Closes a point of the series, with the candidate's share of the traffic and the ready instances of each release.
    pub(super) fn close_point(&mut self, now: u64, weight: f64, ready: [u32; 2]) {
        let queue = self.queue.length;
        self.monitor.close_point(now, Shown { weight, queue, ready });
    }
}
