//! What the judges on counts share: which attempts they count, and how they read the scrapes.

use serde::{Deserialize, Serialize};

use super::{Assessment, Evidence, Flaw, Statistic, Subject, Verdict};
use crate::{
    model::{MetricSpec, Observed, Population, Scrape},
    stats::Share,
    units::{Instant, Ratio, Span},
};

/// Which attempts count against a release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CountedSpec {
    /// Those that failed, of all: errors, time-outs, refusals.
    #[default]
    Errors,
    /// Those that took longer than this, of all that succeeded, to 3 %. A limit fixed before the
    /// rollout, such as the usual p99, needs fewer requests than comparing two quantiles.
    SlowerThan(Span),
}

impl CountedSpec {
    pub(super) const fn metric(self) -> MetricSpec {
        match self {
            Self::Errors => MetricSpec::ErrorRate,
            Self::SlowerThan(span) => MetricSpec::SlowerThan(span),
        }
    }

    fn of(self, scrape: &Scrape, population: Population) -> Share {
        match self {
            Self::Errors => {
                let counted = scrape.counted(population);
                Share { hits: counted.failures, tries: counted.attempts }
            }
            Self::SlowerThan(span) => {
                Share { hits: scrape.slower(population, span), tries: scrape.answered(population) }
            }
        }
    }

    /// What a scrape counted on both sides.
    pub(super) fn arms(self, scrape: &Scrape, subject: Subject) -> Arms {
        Arms {
            candidate: self.of(scrape, subject.candidate),
            baseline: self.of(scrape, subject.baseline),
        }
    }
}

/// Counts of the candidate and of what it is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Arms {
    pub candidate: Share,
    pub baseline: Share,
}

impl Arms {
    pub(super) const fn plus(self, other: Self) -> Self {
        Self {
            candidate: self.candidate.plus(other.candidate),
            baseline: self.baseline.plus(other.baseline),
        }
    }

    /// Events of both sides.
    pub(super) const fn events(self) -> u64 {
        self.candidate.plus(self.baseline).hits
    }

    /// The candidate's part of the attempts; 0 where there are none.
    pub(super) fn share(self) -> f64 {
        let all = self.candidate.plus(self.baseline).tries;
        if all == 0 { 0.0 } else { self.candidate.tries as f64 / all as f64 }
    }

    /// Whether both sides had traffic, and the candidate this much.
    pub(super) const fn suffice(self, min_samples: u64) -> bool {
        let (candidate, baseline) = (self.candidate.tries, self.baseline.tries);
        candidate > 0 && baseline > 0 && candidate >= min_samples
    }

    /// Of a measurement without a statistic.
    pub(super) fn unweighed(self, verdict: Verdict, counted: CountedSpec) -> Assessment {
        let evidence = Evidence {
            value: self.candidate.rate(),
            baseline: self.baseline.rate(),
            ..Evidence::nothing(counted.metric(), self.candidate.tries)
        };
        Assessment { verdict, evidence }
    }

    pub(super) fn weighed(
        self,
        verdict: Verdict,
        counted: CountedSpec,
        statistic: Statistic,
    ) -> Assessment {
        let Assessment { verdict, mut evidence } = self.unweighed(verdict, counted);
        evidence.statistic = Some(statistic);
        Assessment { verdict, evidence }
    }
}

/// Fails where a statistic reaches its bound, and passes below.
pub(super) fn at_bound(value: f64, bound: f64) -> Verdict {
    if value >= bound { Verdict::Fail } else { Verdict::Pass }
}

/// A statistic for people and files: neither infinite nor not-a-number.
pub(super) const fn statistic(name: &'static str, value: f64, bound: f64) -> Statistic {
    const FAR: f64 = 1e9;
    let value = if value.is_nan() { 0.0 } else { value.clamp(-FAR, FAR) };
    Statistic { name, value, bound }
}

/// Keeps up with the scrapes, each of which it reads once.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reader {
    last: Option<Instant>,
}

impl Reader {
    /// The scrapes since the last measurement, or since the analysis started, with the time since
    /// the one before.
    pub(super) fn fresh<'a>(
        &mut self,
        observed: &Observed<'a>,
        subject: Subject,
    ) -> impl Iterator<Item = (&'a Scrape, Span)> {
        let start = self.last.unwrap_or(subject.since).max(subject.since);
        let last = self.last.insert(start);
        observed.after(start).map(|scrape| {
            let elapsed = scrape.at.since(*last);
            *last = scrape.at;
            (scrape, elapsed)
        })
    }
}

/// Counts over a window, or since the analysis started.
#[derive(Clone, Copy, Debug)]
pub(super) struct ArmCounter {
    counted: CountedSpec,
    window: Option<Span>,
    reader: Reader,
    total: Arms,
}

impl ArmCounter {
    pub(super) fn new(counted: CountedSpec, window: Option<Span>) -> Self {
        Self { counted, window, reader: Reader::default(), total: Arms::default() }
    }

    pub(super) fn look(&mut self, observed: &Observed<'_>, subject: Subject) -> Arms {
        let counted = self.counted;
        if let Some(window) = self.window {
            let arms = observed.scrapes(window).map(|it| counted.arms(it, subject));
            return arms.fold(Arms::default(), Arms::plus);
        }
        let fresh = self.reader.fresh(observed, subject).map(|it| counted.arms(it.0, subject));
        self.total = fresh.fold(self.total, Arms::plus);
        self.total
    }

    /// The verdict of a measurement without enough: an empty window is a fault of the monitoring or
    /// of the traffic, a start without traffic is not.
    pub(super) fn lacking(&self, arms: Arms) -> Assessment {
        let empty = arms.candidate.tries == 0 || arms.baseline.tries == 0;
        let error = self.window.is_some() && empty;
        let verdict = if error { Verdict::Error } else { Verdict::TooFew };
        arms.unweighed(verdict, self.counted)
    }

    pub(super) fn lookback(&self, between: Span) -> Span {
        self.window.unwrap_or(between)
    }

    pub(super) fn flaws(&self, scrape: Span) -> Option<Flaw> {
        self.window.and_then(|it| Flaw::of_span("window", it, scrape))
    }
}

/// The window of a judge on counts, by its key, where it has one.
pub(super) fn window_of(window: Option<Span>) -> Vec<(String, Span)> {
    window.map(|it| ("window".to_owned(), it)).into_iter().collect()
}

/// Least error probability: below, doubles and judges' users alike can no longer tell.
const LEVEL_MIN: f64 = 1e-9;
const LEVEL_MAX: f64 = 0.5;

/// An error probability as the mathematics can bear it.
pub(super) const fn bearable(level: Ratio) -> f64 {
    level.get().clamp(LEVEL_MIN, LEVEL_MAX)
}

/// Where an error probability is none.
pub(super) fn level_flaw(field: &str, level: Ratio) -> Option<Flaw> {
    let bad = level.get() < LEVEL_MIN || level.get() > LEVEL_MAX;
    let message = || format!("`{level}` is not an error probability");
    bad.then(|| Flaw::new(field, message(), "more than 0 %, at most `50%`"))
}

/// Where a number lies outside its range.
pub(super) fn range_flaw(field: &str, value: f64, range: (f64, f64)) -> Option<Flaw> {
    let inside = value >= range.0 && value <= range.1;
    let message = || format!("`{value}` is out of range");
    (!inside).then(|| Flaw::new(field, message(), format!("from {} to {}", range.0, range.1)))
}
