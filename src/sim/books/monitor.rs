//! The monitoring: counts what the balancer sees, scrapes, and keeps the series of the picture.

use super::{
    ledger::Ended,
    series::{Series, SeriesPoint},
};
use crate::{
    judge::AnalysisSpec,
    model::{
        AlertSpec, ByMet, ByRelease, Cohort, Counted, Counters, Gauges, MetId, Observed, Scrape,
        Telemetry,
    },
    scenario::Plan,
    sim::data::Memory,
    stats::Histogram,
    units::{Instant, Span},
};

/// Points that the series of a trial has at most.
const POINTS_MAX: u64 = 480;

#[derive(Clone)]
pub(in crate::sim) struct Monitor {
    telemetry: Telemetry,
    /// What the next scrape will find.
    current: Scrape,
    scraped_at: u64,
    point: Accumulator,
    /// Length of a point of the series; a multiple of the scrape interval.
    step: Span,
    series: Vec<SeriesPoint>,
    /// Latencies are kept: a judge or alert reads them.
    latencies: bool,
}

/// How things stand where a point of the series is closed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    /// Share of the traffic that is assigned to the candidate.
    pub(super) weight: f64,
    /// Requests that wait.
    pub(super) queue: u64,
    /// Ready instances of each release.
    pub(super) ready: ByRelease<u32>,
}

/// What goes into one point of the series.
#[derive(Clone, Debug)]
struct Accumulator {
    from: u64,
    ended: Ended,
    /// Of the first three cohorts.
    first: [Sums; Cohort::COUNT],
    /// Of what is met beside that.
    further: Vec<Sums>,
    /// Attempts and failures of the present scrape that have been added already, of each cohort.
    seen: [Counted; Cohort::COUNT],
    seen_further: Vec<Counted>,
}

/// What attempts that met the same add up to.
#[derive(Clone, Debug, Default)]
struct Sums {
    attempts: u64,
    failures: u64,
    latency: Histogram,
}

impl Sums {
    #[inline]
    fn add(&mut self, counters: &Counters, seen: &mut Counted, lost: bool) {
        // after a lost scrape the counters hold what has been added already
        self.attempts += counters.attempts - seen.attempts;
        self.failures += counters.failures - seen.failures;
        // of a lost scrape, the latencies come with the next one
        if lost {
            *seen = Counted { attempts: counters.attempts, failures: counters.failures };
        } else {
            *seen = Counted::default();
            self.latency.add(&counters.latency);
        }
    }

    fn clear(&mut self) {
        (self.attempts, self.failures) = (0, 0);
        self.latency.clear();
    }
}

impl Accumulator {
    fn new(releases: usize) -> Self {
        let further = MetId::count(releases) - Cohort::COUNT;
        Self {
            from: 0,
            ended: Ended::default(),
            first: Default::default(),
            further: vec![Sums::default(); further],
            seen: Default::default(),
            seen_further: Vec::new(),
        }
    }

    /// Something of all that was met.
    fn each<T: Default>(&self, of: impl Fn(&Sums) -> T) -> ByMet<T> {
        self.first.iter().chain(&self.further).map(of).collect()
    }

    fn clear(&mut self) {
        self.ended = Ended::default();
        self.first.iter_mut().chain(&mut self.further).for_each(Sums::clear);
    }
}

impl Monitor {
    /// Of so many releases; `whole` keeps the series.
    pub(super) fn new(plan: &Plan, whole: bool, releases: usize) -> Self {
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
            point: Accumulator::new(releases),
            step: Span::from_nanos(step),
            series: Vec::new(),
            latencies,
        }
    }

    #[inline]
    pub(in crate::sim) fn attempt_succeeded(&mut self, cohort: Cohort, latency: u64) {
        let counters = self.current.of_cohort(cohort);
        counters.attempts += 1;
        if self.latencies {
            counters.latency.record(latency);
        }
    }

    pub(in crate::sim) fn attempt_failed(&mut self, cohort: Cohort) {
        let counters = self.current.of_cohort(cohort);
        counters.attempts += 1;
        counters.failures += 1;
    }

    pub(in crate::sim) const fn complaint(&mut self) {
        self.current.complaints += 1;
    }

    /// What has been scraped by now.
    #[inline]
    pub(in crate::sim) fn observed(&self, now: Instant) -> Observed<'_> {
        self.telemetry.observed(now)
    }

    /// Whether the last scrape was at this instant.
    pub(in crate::sim) const fn has_scraped(&self, now: u64) -> bool {
        self.scraped_at == now
    }

    /// Begins a scrape: the time since the last one in nanoseconds, and records to fill again.
    pub(in crate::sim) fn begin_scrape(&mut self, now: u64) -> (u64, Vec<Gauges>) {
        let interval = now - self.scraped_at;
        self.scraped_at = now;
        let mut gauges = std::mem::take(&mut self.current.gauges);
        gauges.clear();
        (interval, gauges)
    }

    /// What the scrape has found at the instances.
    pub(in crate::sim) fn gauges_are(&mut self, gauges: Vec<Gauges>) {
        self.current.gauges = gauges;
    }

    /// Hands a scrape over to those who look at telemetry.
    // a part of the scrape, its only caller: at a low rate scrapes are much of what a trial costs
    #[inline]
    pub(in crate::sim) fn hand_over(&mut self, now: u64) {
        let mut full = std::mem::take(&mut self.current);
        full.at = Instant::from_nanos(now);
        // the records of the scrape that is forgotten serve again
        let mut reused = self.telemetry.push(full).unwrap_or_default();
        for counters in &mut reused.counters {
            *counters = Counters {
                latency: cleared(std::mem::take(&mut counters.latency)),
                ..Counters::default()
            };
        }
        reused.further.clear();
        reused.complaints = 0;
        self.current = reused;
    }

    /// Adds to the present point of the series what has happened since the last scrape, which may have been lost; says
    /// whether the point is full.
    #[inline]
    pub(super) fn add_to_series(&mut self, now: u64, ended: Ended, lost: bool) -> bool {
        let Accumulator { from, ended: sum, first, seen, .. } = &mut self.point;
        sum.good += ended.good;
        sum.failed += ended.failed;
        sum.slow += ended.slow;
        sum.wrong += ended.wrong;
        for (index, counters) in self.current.counters.iter().enumerate() {
            first[index].add(counters, &mut seen[index], lost);
        }
        let full = now - *from >= self.step.nanos();
        if !self.current.further.is_empty() {
            self.add_further(lost);
        }
        full
    }

    /// Adds what the further groups have had to those who met the same.
    #[cold]
    fn add_further(&mut self, lost: bool) {
        let Accumulator { first, further, seen_further, .. } = &mut self.point;
        seen_further.resize(self.current.further.len(), Counted::default());
        for ((cohort, counters), seen) in self.current.further.iter().zip(seen_further) {
            let met = cohort.met().index();
            let attempts = match met.checked_sub(Cohort::COUNT) {
                Some(further_one) => &mut further[further_one],
                None => &mut first[met],
            };
            attempts.add(counters, seen, lost);
        }
    }

    /// Closes a point of the series.
    #[inline]
    pub(super) fn close_point(&mut self, now: u64, shown: Shown) {
        let mut memory: ByRelease<(f64, u32)> = ByRelease::of(shown.ready.len());
        let (mut busy, mut workers) = (0.0, 0.0);
        for gauges in self.current.gauges.iter().filter(|it| it.workers > 0) {
            let (sum, count) = &mut memory[gauges.release];
            *sum += gauges.memory.get() as f64;
            *count += 1;
            busy += gauges.busy;
            workers += f64::from(gauges.workers);
        }
        let Ended { good, failed, slow, wrong } = self.point.ended;
        let mean = |sum: f64, count: u32| Memory::bytes(sum / f64::from(count));
        self.series.push(SeriesPoint {
            at: Instant::from_nanos(now),
            good,
            failed,
            slow,
            wrong,
            queue: shown.queue,
            attempts: self.point.each(|it| it.attempts),
            failures: self.point.each(|it| it.failures),
            latency_p50: self.point.each(|it| it.latency.quantile(0.5)),
            latency_p99: self.point.each(|it| it.latency.quantile(0.99)),
            memory: memory.map(|&(sum, count)| (count > 0).then(|| mean(sum, count))),
            saturation: if workers > 0.0 { busy / workers } else { 0.0 },
            ready: shown.ready,
            weight: shown.weight,
        });
        self.point.clear();
        self.point.from = now;
    }

    pub(in crate::sim) fn into_series(self) -> Series {
        Series { step: self.step, points: self.series }
    }
}

fn cleared(mut histogram: Histogram) -> Histogram {
    if !histogram.is_empty() {
        histogram.clear();
    }
    histogram
}
