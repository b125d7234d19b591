//! Telemetry: what the monitoring has scraped, late and in windows. Judges see nothing else.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::ReleaseId;
use crate::{
    stats::Histogram,
    units::{Bytes, Instant, Span},
};

/// How monitoring scrapes the fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ScrapeSpec {
    /// Time between two scrapes; at least 1 s.
    pub interval: Span,
    /// Time from a scrape until its figures can be queried.
    pub delay: Span,
}

impl Default for ScrapeSpec {
    fn default() -> Self {
        Self { interval: Span::from_secs(15), delay: Span::from_secs(5) }
    }
}

/// Requests are counted separately by what they met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cohort {
    /// The stable release.
    Stable,
    /// The candidate with its feature flag off.
    Dark,
    /// The candidate, with its feature flag on where it has one.
    Exposed,
}

impl Cohort {
    pub const COUNT: usize = 3;

    /// The release that it meets.
    pub const fn release(self) -> ReleaseId {
        match self {
            Self::Stable => ReleaseId::Stable,
            Self::Dark | Self::Exposed => ReleaseId::Candidate,
        }
    }

    pub const fn index(self) -> usize {
        self as usize
    }
}

/// A group of requests that a metric is taken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Everything.
    Whole,
    /// What the stable release answered.
    Stable,
    /// What the candidate answered, whatever its flag.
    Candidate,
    /// What the candidate answered with the flag off.
    FlagOff,
    /// What the candidate answered with the flag on.
    FlagOn,
}

impl Group {
    pub(super) const fn cohorts(self) -> &'static [Cohort] {
        match self {
            Self::Whole => &[Cohort::Stable, Cohort::Dark, Cohort::Exposed],
            Self::Stable => &[Cohort::Stable],
            Self::Candidate => &[Cohort::Dark, Cohort::Exposed],
            Self::FlagOff => &[Cohort::Dark],
            Self::FlagOn => &[Cohort::Exposed],
        }
    }

    /// Which releases' instances the gauges are taken of: stable, candidate.
    pub(super) const fn releases(self) -> &'static [usize] {
        match self {
            Self::Whole => &[0, 1],
            Self::Stable => &[0],
            Self::Candidate | Self::FlagOff | Self::FlagOn => &[1],
        }
    }
}

/// What a scrape counted of one cohort since the scrape before.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    /// Attempts that ended.
    pub attempts: u64,
    /// Of these: answered with an error, timed out, refused or reset.
    pub failures: u64,
    /// Latencies of the successes.
    pub latency: Histogram,
}

/// Gauges of one instance at a scrape.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Gauges {
    /// Which instance, counted from the start of the trial.
    pub instance: u32,
    /// Index of its release.
    pub release: u8,
    /// Memory in use.
    pub memory: Bytes,
    /// Memory limit; zero when memory is not modelled or no process runs.
    pub memory_limit: Bytes,
    /// Restarts since the instance was created.
    pub restarts: u32,
    /// Restarts since the scrape before.
    pub restarts_new: u32,
    /// Attempts that failed there since the scrape before.
    pub failures: u64,
    /// Workers that were busy, mean since the scrape before.
    pub busy: f64,
    /// Workers of the running process; none when it does not run.
    pub workers: u32,
}

/// One scrape: counters since the one before, gauges of the moment.
#[derive(Clone, Debug, Default)]
pub struct Scrape {
    pub at: Instant,
    pub counters: [Counters; Cohort::COUNT],
    pub gauges: Vec<Gauges>,
    /// Complaints that arrived since the scrape before.
    pub complaints: u64,
}

/// Attempts of a group that a scrape counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub attempts: u64,
    pub failures: u64,
}

impl Scrape {
    /// Attempts of a group that ended since the scrape before, and how many of them failed.
    pub fn counted(&self, group: Group) -> Counted {
        let mut total = Counted::default();
        for cohort in group.cohorts() {
            let counters = &self.counters[cohort.index()];
            total.attempts += counters.attempts;
            total.failures += counters.failures;
        }
        total
    }

    /// Successes of a group since the scrape before; counted only where a judge or alert reads
    /// latencies.
    pub fn answered(&self, group: Group) -> u64 {
        group.cohorts().iter().map(|it| self.counters[it.index()].latency.count()).sum()
    }

    /// Of these, how many took longer, to a bucket of the histogram (see [`Histogram::count_above`]).
    pub fn slower(&self, group: Group, than: Span) -> u64 {
        let latency = |it: &Cohort| self.counters[it.index()].latency.count_above(than);
        group.cohorts().iter().map(latency).sum()
    }
}

/// Counts of a group over a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    pub attempts: u64,
    pub failures: u64,
    /// Scrapes that fell into the window.
    pub scrapes: u64,
}

/// The scrapes that the monitoring keeps.
#[derive(Clone, Debug)]
pub struct Telemetry {
    scrapes: VecDeque<Scrape>,
    delay: Span,
    retention: Span,
}

impl Telemetry {
    /// Keeps scrapes for `retention`; a scrape can be queried `delay` after it was taken.
    pub fn new(delay: Span, retention: Span) -> Self {
        Self { scrapes: VecDeque::new(), delay, retention: retention.saturating_add(delay) }
    }

    /// Adds a scrape and forgets the too old ones; gives one of these back for reuse.
    pub fn push(&mut self, scrape: Scrape) -> Option<Scrape> {
        let horizon = scrape.at.saturating_sub(self.retention);
        self.scrapes.push_back(scrape);
        let stale = self.scrapes.front().is_some_and(|it| it.at < horizon);
        if stale { self.scrapes.pop_front() } else { None }
    }

    /// What can be queried at a moment.
    pub fn observed(&self, now: Instant) -> Observed<'_> {
        Observed { telemetry: self, now }
    }
}

/// What the monitoring shows at a moment: only scrapes older than its delay.
#[derive(Clone, Copy, Debug)]
pub struct Observed<'a> {
    telemetry: &'a Telemetry,
    now: Instant,
}

impl<'a> Observed<'a> {
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// Scrapes taken in the window of this length that ends now and already visible, oldest first.
    pub fn scrapes(&self, window: Span) -> impl Iterator<Item = &'a Scrape> + use<'a> {
        let from = self.now.saturating_sub(window);
        let (now, delay) = (self.now, self.telemetry.delay);
        let scrapes = &self.telemetry.scrapes;
        let start = scrapes.partition_point(|it| it.at <= from);
        scrapes.range(start..).take_while(move |it| it.at.saturating_add(delay) <= now)
    }

    /// Scrapes taken after a moment and already visible, oldest first: what is new since that
    /// moment.
    pub fn after(&self, moment: Instant) -> impl Iterator<Item = &'a Scrape> + use<'a> {
        self.scrapes(self.now.since(moment))
    }

    /// Counts of a group over the window that ends now.
    pub fn window(&self, group: Group, window: Span) -> Window {
        let mut total = Window::default();
        for scrape in self.scrapes(window) {
            total.scrapes += 1;
            let counted = scrape.counted(group);
            total.attempts += counted.attempts;
            total.failures += counted.failures;
        }
        total
    }

    /// Latencies of a group's successes over the window that ends now.
    pub fn latency(&self, group: Group, window: Span) -> Histogram {
        let mut total = Histogram::new();
        for scrape in self.scrapes(window) {
            for cohort in group.cohorts() {
                total.add(&scrape.counters[cohort.index()].latency);
            }
        }
        total
    }
}
