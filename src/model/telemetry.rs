//! Telemetry: what the monitoring has scraped, late and in windows. Judges see nothing else.

use std::{collections::VecDeque, ops::Range};

use serde::{Deserialize, Serialize};

use super::{Cohort, GroupId, ReleaseId};
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

/// What a metric is taken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Population {
    /// Everything.
    Whole,
    /// What a group answered; the candidate whatever its flag.
    Group(GroupId),
    /// What the groups of a release answered.
    Release(ReleaseId),
    /// What the candidate answered with the flag off.
    FlagOff,
    /// What the candidate answered with the flag on.
    FlagOn,
}

impl Population {
    pub const STABLE: Self = Self::Group(GroupId::STABLE);
    pub const CANDIDATE: Self = Self::Group(GroupId::CANDIDATE);

    /// Which of the first three cohorts belong to it.
    fn first(self) -> Range<usize> {
        match self {
            Self::Whole => 0..Cohort::COUNT,
            Self::Group(GroupId::STABLE) | Self::Release(ReleaseId::STABLE) => 0..1,
            Self::Group(GroupId::CANDIDATE) | Self::Release(ReleaseId::CANDIDATE) => 1..3,
            Self::Group(_) | Self::Release(_) => 0..0,
            Self::FlagOff => 1..2,
            Self::FlagOn => 2..3,
        }
    }

    /// Whether the cohort of a further group belongs to it.
    fn has_further(self, cohort: Cohort) -> bool {
        match self {
            Self::Whole => true,
            Self::Group(group) => group.index() + 1 == cohort.index(),
            Self::Release(release) => release == cohort.release(),
            Self::FlagOff | Self::FlagOn => false,
        }
    }

    /// Whether the gauges of an instance belong to it.
    pub(super) fn has_instance(self, gauges: &Gauges) -> bool {
        match self {
            Self::Whole => true,
            Self::Group(it) => it == gauges.group,
            Self::Release(it) => it == gauges.release,
            Self::FlagOff | Self::FlagOn => gauges.group == GroupId::CANDIDATE,
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
    pub group: GroupId,
    pub release: ReleaseId,
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
    /// Of the first three cohorts.
    pub counters: [Counters; Cohort::COUNT],
    /// Of the cohorts of further groups, where there are any.
    pub further: Vec<(Cohort, Counters)>,
    pub gauges: Vec<Gauges>,
    /// Complaints that arrived since the scrape before.
    pub complaints: u64,
}

/// Attempts of a population that a scrape counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub attempts: u64,
    pub failures: u64,
}

impl Scrape {
    /// What is counted of a cohort.
    #[inline]
    pub fn of_cohort(&mut self, cohort: Cohort) -> &mut Counters {
        if cohort.index() < Cohort::COUNT {
            return &mut self.counters[cohort.index()];
        }
        self.of_further(cohort)
    }

    #[cold]
    fn of_further(&mut self, cohort: Cohort) -> &mut Counters {
        let place = self.further.iter().position(|it| it.0 == cohort);
        let place = place.unwrap_or_else(|| {
            self.further.push((cohort, Counters::default()));
            self.further.len() - 1
        });
        &mut self.further[place].1
    }

    /// Looks at what was counted of each cohort of a population.
    #[inline]
    pub(super) fn each_of<'a>(
        &'a self,
        population: Population,
        mut look: impl FnMut(&'a Counters),
    ) {
        self.counters[population.first()].iter().for_each(&mut look);
        if !self.further.is_empty() {
            let further = self.further.iter().filter(|it| population.has_further(it.0));
            further.for_each(|it| look(&it.1));
        }
    }

    /// Attempts of a population that ended since the scrape before, and how many of them failed.
    pub fn counted(&self, population: Population) -> Counted {
        let mut total = Counted::default();
        self.each_of(population, |it| {
            total.attempts += it.attempts;
            total.failures += it.failures;
        });
        total
    }

    /// Successes of a population since the scrape before; counted only where a judge or alert reads
    /// latencies.
    pub fn answered(&self, population: Population) -> u64 {
        let mut answered = 0;
        self.each_of(population, |it| answered += it.latency.count());
        answered
    }

    /// Of these, how many took longer, to a bucket of the histogram (see [`Histogram::count_above`]).
    pub fn slower(&self, population: Population, than: Span) -> u64 {
        let mut slower = 0;
        self.each_of(population, |it| slower += it.latency.count_above(than));
        slower
    }
}

/// Counts of a population over a window.
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

    /// Counts of a population over the window that ends now.
    pub fn window(&self, population: Population, window: Span) -> Window {
        let mut total = Window::default();
        for scrape in self.scrapes(window) {
            total.scrapes += 1;
            let counted = scrape.counted(population);
            total.attempts += counted.attempts;
            total.failures += counted.failures;
        }
        total
    }

    /// Latencies of a population's successes over the window that ends now.
    pub fn latency(&self, population: Population, window: Span) -> Histogram {
        let mut total = Histogram::new();
        for scrape in self.scrapes(window) {
            scrape.each_of(population, |it| total.add(&it.latency));
        }
        total
    }
}
