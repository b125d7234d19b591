//! Judges against exact tables: what they compute to the last printed digit, and how often and how late
//! they speak within four standard errors.

mod clones;
mod crossings;
mod fixtures;
mod hostile;
mod planted_counts;
mod proportions;
mod rollouts;
mod values;
mod verdicts;
mod waits;

use rollsim::{
    judge::{Assessment, Judge, JudgeSpec, Subject},
    kernel::math,
    model::{Cohort, Population, Scrape, Telemetry},
    units::{Instant, Span},
};
use serde_json::Value;

/// A judge as a scenario would have it, such as `{"sprt": {...}}`.
pub(super) fn judge(spec: &Value) -> JudgeSpec {
    let spec: JudgeSpec = serde_json::from_value(spec.clone()).expect("a judge");
    assert_eq!(spec.build().flaws(Span::from_secs(1)), [], "{}", spec.name());
    spec
}

/// One row of a table of figures, read by the names of the columns.
pub(super) struct Row {
    names: csv::StringRecord,
    cells: csv::StringRecord,
}

pub(super) fn rows(table: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let names = reader.headers().unwrap().clone();
    reader.records().map(|it| Row { names: names.clone(), cells: it.unwrap() }).collect()
}

impl Row {
    pub(super) fn text(&self, name: &str) -> &str {
        let column = self.names.iter().position(|it| it == name).expect(name);
        &self.cells[column]
    }

    pub(super) fn number(&self, name: &str) -> f64 {
        self.text(name).parse().expect(name)
    }
}

/// Failures of attempts, of the candidate and of the baseline.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub candidate: (u64, u64),
    pub stable: (u64, u64),
}

/// A monitoring that is shown scrape after scrape, one a second unless said otherwise.
pub(super) struct Monitoring {
    telemetry: Telemetry,
    spare: Scrape,
    now: Instant,
    between: Span,
}

impl Monitoring {
    pub(super) fn new(retention: Span) -> Self {
        let telemetry = Telemetry::new(Span::ZERO, retention);
        let (spare, between) = (Scrape::default(), Span::from_secs(1));
        Self { telemetry, spare, now: Instant::ZERO, between }
    }

    /// The same with another time between two scrapes.
    pub(super) fn every(self, between: Span) -> Self {
        Self { between, ..self }
    }

    pub(super) const fn now(&self) -> Instant {
        self.now
    }

    pub(super) fn scrape(&mut self, counts: Counts) {
        self.now += self.between;
        let mut scrape = std::mem::take(&mut self.spare);
        scrape.at = self.now;
        for (cohort, shown) in
            [(Cohort::EXPOSED, counts.candidate), (Cohort::STABLE, counts.stable)]
        {
            let counters = &mut scrape.counters[cohort.index()];
            (counters.failures, counters.attempts) = shown;
        }
        self.spare = self.telemetry.push(scrape).unwrap_or_default();
    }

    /// A rollout that starts now.
    pub(super) fn subject(&self) -> Subject {
        Subject { candidate: Population::CANDIDATE, baseline: Population::STABLE, since: self.now }
    }

    pub(super) fn look(&self, judge: &mut dyn Judge, subject: Subject) -> Assessment {
        judge.assess(&self.telemetry.observed(self.now), subject)
    }
}

/// A distribution of counts, drawn by inversion.
pub(super) struct Drawn(Vec<f64>);

impl Drawn {
    pub(super) fn poisson(mean: f64) -> Self {
        let (mut chance, mut sum) = (math::exp(-mean), 0.0);
        let until = (mean + 12.0 * mean.sqrt() + 30.0).ceil();
        let mut cumulative = Vec::new();
        while (cumulative.len() as f64) < until {
            sum += chance;
            cumulative.push(sum);
            chance *= mean / cumulative.len() as f64;
        }
        Self(cumulative)
    }

    pub(super) fn draw(&self, uniform: f64) -> u64 {
        self.0.partition_point(|below| *below < uniform) as u64
    }
}

/// An estimated chance within four standard errors of the exact one, which may have an error itself.
#[track_caller]
pub(super) fn check_chance(label: &str, hits: u32, runs: u32, exact: (f64, f64)) {
    let runs = f64::from(runs);
    let found = f64::from(hits) / runs;
    // an event that has hardly a chance happens now and then all the same
    let error = (exact.0 * (1.0 - exact.0) / runs + exact.1 * exact.1).sqrt().max(0.25 / runs);
    assert!((found - exact.0).abs() <= 4.0 * error, "{label}: {found}, not {}", exact.0);
}

/// A mean within four standard errors.
#[track_caller]
pub(super) fn check_mean(label: &str, values: &[f64], exact: f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|it| (it - mean) * (it - mean)).sum();
    let error = (squares / (count - 1.0) / count).sqrt();
    assert!((mean - exact).abs() <= 4.0 * error, "{label}: {mean} +- {error}, not {exact}");
}
