//! The books: whole numbers that a trial leaves.

use std::collections::{BTreeMap, BTreeSet};

use rollsim::{channel::RetryOn, scenario::Plan, stats::Histogram};

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
    /// What became of the last attempt of each request that failed; nothing is a client who hung up.
    pub(super) failed_as: Vec<Option<RetryOn>>,
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
    /// Requests that wait at instances, and since when; the sum over time, and the most.
    queue: (u64, u64),
    pub(super) queue_nanos: u128,
    pub(super) queue_max: u64,
    pub(super) restarts: u64,
    pub(super) oom_kills: u64,
    pub(super) begun: Option<u64>,
    pub(super) rested: Option<u64>,
    /// Fewest endpoints that answered at once during the rollout.
    pub(super) ready_min: Option<u64>,
    /// When each request ended, and whether it failed beyond a normal day.
    ended: Vec<(u64, bool)>,
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
        if counted {
            self.good += 1;
            self.slow += u64::from(slow);
            self.wrong += u64::from(wrong);
            self.latencies.record(took);
        }
    }

    /// A request ends with this attempt, without a good answer.
    pub(super) fn failed(&mut self, it: &Attempt, how: Option<RetryOn>) {
        if it.counted {
            self.failed += 1;
            self.failed_as.push(how);
            self.failed_normally += u64::from(it.normal);
            self.failed_by_stopping += u64::from(it.stopped);
            self.lost += u64::from(!self.answered.contains(&it.request));
        }
    }

    /// From now on so many wait.
    pub(super) fn queue(&mut self, length: usize, now: u64) {
        let (before, since) = self.queue;
        let span = now.saturating_sub(since.max(self.from));
        self.queue_nanos += u128::from(before) * u128::from(span);
        self.queue = (length as u64, now);
        if now >= self.from && self.queue.0 > before {
            self.queue_max = self.queue_max.max(self.queue.0);
        }
    }

    pub(super) fn queue_end(&self) -> u64 {
        self.queue.0
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

    pub(super) fn ends(&mut self, now: u64, failed: bool) {
        self.ended.push((now, failed));
    }

    /// Five seconds are down in which at least half of what ended failed; where nothing ended, they are
    /// as those before.
    pub(super) fn count_downtime(&mut self, end: u64) {
        const FIVE_SECONDS: u64 = 5_000_000_000;
        let mut down = false;
        for start in (0..).map(|it| it * FIVE_SECONDS).take_while(|&it| it <= end) {
            let until = start + FIVE_SECONDS;
            let of_it = self.ended.iter().filter(|it| (start..until).contains(&it.0));
            let failed = of_it.clone().filter(|it| it.1).count();
            if of_it.clone().count() > 0 {
                down = 2 * failed >= of_it.count();
            }
            if down {
                self.downtime += until.min(end).saturating_sub(start.max(self.from));
            }
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
