//! The monitoring: counts what the balancer sees, scrapes, and keeps the series of the picture.

use super::{
    ids::SlotId,
    outcome::{Series, SeriesPoint},
    slot::{Memory, Work},
    world::{Event, World},
};
use crate::{
    judge::AnalysisSpec,
    model::{AlertSpec, Cohort, Counters, Gauges, ReleaseId, Scrape, Telemetry},
    scenario::Plan,
    stats::Histogram,
    units::{Bytes, Instant, Span},
};

/// Points that the series of a trial has at most.
const POINTS_MAX: u64 = 480;

#[derive(Clone)]
pub(super) struct Monitor {
    pub(super) telemetry: Telemetry,
    /// What the next scrape will find.
    current: Scrape,
    scraped_at: u64,
    point: Accumulator,
    /// Length of a point of the series; a multiple of the scrape interval.
    pub(super) step: Span,
    pub(super) series: Vec<SeriesPoint>,
    /// The series is kept.
    whole: bool,
    /// Latencies are kept: a judge or alert reads them.
    latencies: bool,
}

/// What goes into one point of the series.
#[derive(Clone, Debug, Default)]
struct Accumulator {
    from: u64,
    latency: [Histogram; Cohort::COUNT],
    /// Attempts and failures of the present scrape that have been added already.
    seen: [(u64, u64); Cohort::COUNT],
    point: SeriesPoint,
}

impl Monitor {
    /// `whole` keeps the series.
    pub(super) fn new(plan: &Plan, whole: bool) -> Self {
        let scenario = &plan.scenario;
        let interval = scenario.telemetry.interval.nanos();
        let scrapes = scenario.length.nanos() / interval;
        let step = interval * scrapes.div_ceil(POINTS_MAX).max(1);
        let windows = scenario.alerts.iter().map(|it: &AlertSpec| it.window);
        let judged = scenario.analysis.iter().map(AnalysisSpec::lookback);
        let alerted = |it: &AlertSpec| it.metric.of_latency();
        let latencies = whole
            || scenario.alerts.iter().any(alerted)
            || scenario.analysis.as_ref().is_some_and(AnalysisSpec::looks_at_latency);
        let looked_at = scenario.operator.looks_back();
        let retention = windows.chain(judged).chain(looked_at).max().unwrap_or(Span::ZERO);
        Self {
            telemetry: Telemetry::new(
                scenario.telemetry.delay,
                retention.saturating_add(scenario.telemetry.interval),
            ),
            current: Scrape::default(),
            scraped_at: 0,
            point: Accumulator::default(),
            step: Span::from_nanos(step),
            series: Vec::new(),
            whole,
            latencies,
        }
    }

    #[inline]
    pub(super) fn attempt_succeeded(&mut self, cohort: Cohort, latency: u64) {
        let counters = &mut self.current.counters[cohort.index()];
        counters.attempts += 1;
        if self.latencies {
            counters.latency.record(latency);
        }
    }

    pub(super) fn attempt_failed(&mut self, cohort: Cohort) {
        let counters = &mut self.current.counters[cohort.index()];
        counters.attempts += 1;
        counters.failures += 1;
    }

    pub(super) const fn complaint(&mut self) {
        self.current.complaints += 1;
    }

    pub(super) fn into_series(self) -> Series {
        Series { step: self.step, points: self.series }
    }
}

impl World<'_> {
    pub(super) fn scrape(&mut self) {
        self.show_progress();
        self.shared_as_of_now();
        let interval = self.now - self.monitor.scraped_at;
        self.monitor.scraped_at = self.now;
        self.settle_busy_workers();
        let mut gauges = std::mem::take(&mut self.monitor.current.gauges);
        gauges.clear();
        for slot in self.slots.ids() {
            // also those that do not serve: their restarts are what monitoring sees of them
            if self.slots[slot].state.costs() {
                gauges.push(self.gauges_of(slot, interval));
            }
        }
        for slot in &mut self.slots {
            slot.busy_nanos = 0;
        }
        self.monitor.current.gauges = gauges;
        self.add_to_series();
        // counters are cumulative: what a lost scrape missed, the next one finds
        if !self.active_faults.scrapes_lost {
            self.hand_over_scrape();
        }
        self.evaluate_alerts();
        self.schedule(self.plan.scenario.telemetry.interval, Event::Scrape);
    }

    /// Books the work of those who are still at it, so that it counts where it was done.
    pub(super) fn settle_busy_workers(&mut self) {
        for worker in self.workers.ids() {
            let record = &mut self.workers[worker];
            if record.work != Work::Idle {
                let worked = self.now - record.began;
                self.ledger.works(record.began, self.now);
                record.began = self.now;
                let slot = self.slot_of(worker);
                self.slots[slot].busy_nanos += worked;
                self.slots[slot].busy_of_process += worked;
            }
        }
    }

    fn gauges_of(&self, slot: SlotId, interval: u64) -> Gauges {
        let instance = &self.slots[slot];
        let serves = instance.state.serves();
        let limit = self.plan.scenario.fleet.memory.filter(|_| serves).map(|it| it.limit);
        Gauges {
            instance: instance.pod,
            release: instance.release.number(),
            memory: Memory::bytes(self.memory_used(slot)),
            memory_limit: limit.unwrap_or(Bytes::ZERO),
            restarts: instance.restarts,
            restarts_new: instance.restarts_new,
            failures: instance.failures,
            busy: instance.busy_nanos as f64 / interval.max(1) as f64,
            workers: if serves { self.workers_each() } else { 0 },
        }
    }

    fn hand_over_scrape(&mut self) {
        for slot in &mut self.slots {
            slot.restarts_new = 0;
            slot.failures = 0;
        }
        let at = Instant::from_nanos(self.now);
        let mut full = std::mem::take(&mut self.monitor.current);
        full.at = at;
        // the records of the scrape that is forgotten serve again
        let mut reused = self.monitor.telemetry.push(full).unwrap_or_default();
        for counters in &mut reused.counters {
            *counters = Counters {
                latency: cleared(std::mem::take(&mut counters.latency)),
                ..Counters::default()
            };
        }
        reused.complaints = 0;
        self.monitor.current = reused;
    }

    /// Adds what has happened since the last scrape to the present point of the series.
    fn add_to_series(&mut self) {
        let ended = std::mem::take(&mut self.ledger.slice);
        if !self.monitor.whole {
            return;
        }
        let weight = self.candidate_share();
        let monitor = &mut self.monitor;
        let point = &mut monitor.point.point;
        point.good += ended.good;
        point.failed += ended.failed;
        point.slow += ended.slow;
        point.wrong += ended.wrong;
        point.weight = weight;
        point.queue = self.ledger.queue.length;
        for (index, counters) in monitor.current.counters.iter().enumerate() {
            // after a lost scrape the counters hold what has been added already
            let seen = monitor.point.seen[index];
            point.attempts[index] += counters.attempts - seen.0;
            point.failures[index] += counters.failures - seen.1;
            monitor.point.seen[index] = (counters.attempts, counters.failures);
            // of a lost scrape, the latencies come with the next one
            if !self.active_faults.scrapes_lost {
                monitor.point.latency[index].add(&counters.latency);
            }
        }
        if !self.active_faults.scrapes_lost {
            monitor.point.seen = Default::default();
        }
        if self.now - monitor.point.from >= monitor.step.nanos() {
            self.close_point();
        }
    }

    /// Share of the traffic that is assigned to the candidate.
    pub(super) fn candidate_share(&self) -> f64 {
        if !self.traffic.shared() {
            return self.traffic.weight();
        }
        let members = self.pools[0].members();
        let of = |it: &&SlotId| self.slots[**it].release == ReleaseId::Candidate;
        members.iter().filter(of).count() as f64 / (members.len() as f64).max(1.0)
    }

    fn close_point(&mut self) {
        let (mut memory, mut memory_count) = ([0.0; 2], [0_u32; 2]);
        let (mut busy, mut workers) = (0.0, 0.0);
        for gauges in self.monitor.current.gauges.iter().filter(|it| it.workers > 0) {
            let release = usize::from(gauges.release);
            memory[release] += gauges.memory.get() as f64;
            memory_count[release] += 1;
            busy += gauges.busy;
            workers += f64::from(gauges.workers);
        }
        let monitor = &mut self.monitor;
        let mut point = std::mem::take(&mut monitor.point.point);
        point.at = Instant::from_nanos(self.now);
        for index in 0..Cohort::COUNT {
            let latency = &mut monitor.point.latency[index];
            point.latency_p50[index] = latency.quantile(0.5);
            point.latency_p99[index] = latency.quantile(0.99);
            latency.clear();
        }
        for release in 0..2 {
            point.memory[release] = (memory_count[release] > 0)
                .then(|| Memory::bytes(memory[release] / f64::from(memory_count[release])));
        }
        point.saturation = if workers > 0.0 { busy / workers } else { 0.0 };
        for slot in self.slots.iter().filter(|it| it.ready) {
            point.ready[slot.release.index()] += 1;
        }
        monitor.series.push(point);
        monitor.point.from = self.now;
    }
}

fn cleared(mut histogram: Histogram) -> Histogram {
    if !histogram.is_empty() {
        histogram.clear();
    }
    histogram
}
