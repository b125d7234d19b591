//! All books of a trial.

use super::{
    fleet_meter::FleetMeter,
    ledger::Ledger,
    monitor::{Monitor, Shown},
    queue_meter::QueueMeter,
    told::Told,
};
use crate::{model::ByRelease, scenario::Plan, sim::trial::Detail};

#[derive(Clone)]
pub(in crate::sim) struct Books {
    pub(in crate::sim) ledger: Ledger,
    pub(in crate::sim) fleet: FleetMeter,
    pub(in crate::sim) queue: QueueMeter,
    pub(in crate::sim) monitor: Monitor,
    pub(in crate::sim) told: Told,
}

impl Books {
    /// Of so many releases.
    pub(in crate::sim) fn new(
        plan: &Plan,
        detail: Detail,
        observed: bool,
        releases: usize,
    ) -> Self {
        let whole = detail == Detail::Full;
        Self {
            ledger: Ledger::new(plan, whole, releases),
            fleet: FleetMeter::new(plan),
            queue: QueueMeter::new(plan.scenario.warm_up.nanos()),
            monitor: Monitor::new(plan, whole, releases),
            told: Told::new(whole, observed),
        }
    }

    /// Adds what has ended since the last scrape, which may have been lost, to the series; says whether a point is full.
    #[inline]
    pub(in crate::sim) fn add_to_series(&mut self, now: u64, lost: bool) -> bool {
        let ended = self.ledger.take_slice();
        self.told.is_kept() && self.monitor.add_to_series(now, ended, lost)
    }

    /// Closes a point of the series, with the candidate's share of the traffic and the ready instances of each release.
    pub(in crate::sim) fn close_point(&mut self, now: u64, weight: f64, ready: ByRelease<u32>) {
        let queue = self.queue.length;
        self.monitor.close_point(now, Shown { weight, queue, ready });
    }
}
