//! The books: whole numbers that a trial leaves.

use std::collections::{BTreeMap, BTreeSet};

use rollsim::{scenario::Plan, stats::Histogram};

use super::attempts::Attempt;

#[derive(Clone, Debug, Default)]
pub(super) struct Books {
    /// Nanoseconds at which counting begins.
    from: u64,
    pub(super) requests: u64,
    pub(super) attempts: u64,
    pub(super) good: u64,
    pub(super) slow: u64,
    pub(super) wrong: u64,
    pub(super) failed: u64,
    pub(super) failed_normally: u64,
    pub(super) failed_by_stopping: u64,
    /// Requests that failed though no attempt was answered.
    pub(super) lost: u64,
    pub(super) rejected: u64,
    pub(super) abandoned: u64,
    pub(super) served: u64,
    pub(super) sojourn_nanos: u128,
    pub(super) latencies: Histogram,
    /// Nanoseconds of each wait that is over, none included.
    pub(super) waits: Vec<u64>,
    /// How often each request was served without an error.
    pub(super) served_well: BTreeMap<u64, u64>,
    /// Requests of which an attempt was answered with an error.
    pub(super) answered: BTreeSet<u64>,
    /// How often each user was hurt.
    pub(super) hurts: BTreeMap<u64, u64>,
    pub(super) hurt_by_release: BTreeSet<u64>,
    /// Users who met the candidate.
    pub(super) met: BTreeSet<u64>,
    pub(super) complaints: u64,
    pub(super) restarts: u64,
    pub(super) oom_kills: u64,
    pub(super) begun: Option<u64>,
    pub(super) rested: Option<u64>,
    /// Fewest endpoints that answered at once during the rollout.
    pub(super) ready_min: Option<u64>,
    /// Requests that ended since the last scrape, and how many of them failed.
    slice: (u64, u64),
    pub(super) downtime: u64,
    pub(super) busy_nanos: u128,
    /// Instances that run, that serve, that cost; since when; and how long in all.
    now: [u64; 3],
    moved: u64,
    pub(super) nanos: [u128; 3],
    /// Instances that are there and not being stopped, and how long so many were wanted, the fleet at least.
    exist: u64,
    pub(super) wanted_nanos: u128,
    /// Of the cost, what is beyond the fleet.
    pub(super) extra_nanos: u128,
    fleet: u64,
    pub(super) peak: u64,
}

impl Books {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            from: plan.scenario.warm_up.nanos(),
            fleet: u64::from(plan.scenario.fleet.instances),
            ..Self::default()
        }
    }

    /// A request ends well, or so it looks.
    pub(super) fn good(&mut self, took: u64, counted: bool, slow: bool, wrong: bool) {
        self.slice.0 += 1;
        if counted {
            self.good += 1;
            self.slow += u64::from(slow);
            self.wrong += u64::from(wrong);
            self.latencies.record(took);
        }
    }

    /// A request ends with this attempt, without a good answer.
    pub(super) fn failed(&mut self, it: &Attempt) {
        self.slice.0 += 1;
        self.slice.1 += 1;
        if it.counted {
            self.failed += 1;
            self.failed_normally += u64::from(it.normal);
            self.failed_by_stopping += u64::from(it.stopped);
            self.lost += u64::from(!self.answered.contains(&it.request));
        }
    }

    /// An attempt was taken up, or its client hung up.
    pub(super) fn waited(&mut self, wait: u64) {
        self.waits.push(wait);
    }

    pub(super) fn served(&mut self, sojourn: u64) {
        self.served += 1;
        self.sojourn_nanos += u128::from(sojourn);
    }

    /// A worker was busy from then until now.
    pub(super) fn works(&mut self, from: u64, now: u64) {
        self.busy_nanos += u128::from(now.saturating_sub(from.max(self.from)));
    }

    /// An interval is down in which at least half of what ended failed.
    pub(super) fn scrape(&mut self, now: u64, interval: u64) {
        let (ended, failed) = std::mem::take(&mut self.slice);
        if now > self.from && ended > 0 && 2 * failed >= ended {
            self.downtime += interval;
        }
    }

    /// Books the instances that there are, up to now.
    pub(super) fn integrate(&mut self, now: u64) {
        let span = u128::from(now.saturating_sub(self.moved.max(self.from)));
        for (total, count) in self.nanos.iter_mut().zip(self.now) {
            *total += span * u128::from(count);
        }
        self.extra_nanos += span * u128::from(self.now[2].saturating_sub(self.fleet));
        self.wanted_nanos += span * u128::from(self.exist.max(self.fleet));
        self.moved = now;
    }

    /// So many run, serve and cost from now on, and so many exist.
    pub(super) fn instances(&mut self, [run, serve, cost]: [usize; 3], exist: usize) {
        self.now = [run, serve, cost].map(|it| it as u64);
        self.exist = exist as u64;
        self.peak = self.peak.max(self.now[2]);
    }
}
