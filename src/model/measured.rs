//! What scrapes say of a metric: one definition for every window, step and judge.

use super::{Gauges, Group, MetricSpec, Observed, Scrape};
use crate::{
    stats::{Histogram, theil_sen},
    units::Span,
};

/// A measured value and on how many samples it rests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// In the unit of the metric: 0 to 1, seconds, bytes per hour, or a count.
    pub value: f64,
    /// Attempts, or scrapes where the metric is a gauge.
    pub samples: u64,
}

/// Memory of a group's running instances at a scrape, mean of each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UsedMemory {
    /// In use, in bytes.
    pub used: f64,
    /// Limit, in bytes.
    pub limit: f64,
}

impl Measured {
    /// A metric of a group over some scrapes; none when there is no data.
    pub fn of<'a>(
        metric: MetricSpec,
        group: Group,
        scrapes: impl Iterator<Item = &'a Scrape>,
    ) -> Option<Self> {
        match metric {
            MetricSpec::ErrorRate => error_rate(group, scrapes),
            MetricSpec::Latency(quantile) => {
                let mut latency = Histogram::new();
                scrapes.for_each(|it| it.add_latency(group, &mut latency));
                let value = latency.quantile(quantile.get())?.as_secs_f64();
                Some(Self { value, samples: latency.count() })
            }
            MetricSpec::SlowerThan(span) => {
                let (mut slower, mut answered) = (0_u64, 0_u64);
                for scrape in scrapes {
                    slower += scrape.slower(group, span);
                    answered += scrape.answered(group);
                }
                let value = slower as f64 / answered as f64;
                (answered > 0).then_some(Self { value, samples: answered })
            }
            MetricSpec::Memory => mean_gauge(group, scrapes, |it| {
                let limit = it.memory_limit.get();
                (limit > 0).then(|| it.memory.get() as f64 / limit as f64)
            }),
            MetricSpec::Saturation => mean_gauge(group, scrapes, |it| {
                (it.workers > 0).then(|| it.busy / f64::from(it.workers))
            }),
            MetricSpec::MemorySlope => memory_slope(group, scrapes),
            MetricSpec::Restarts => {
                let restarts =
                    |it: &Scrape| it.of(group).map(|it| u64::from(it.restarts_new)).sum();
                counted(scrapes, restarts)
            }
            MetricSpec::Complaints => counted(scrapes, |it| it.complaints),
        }
    }
}

impl Observed<'_> {
    /// A metric of a group over the window that ends now; none when there is no data.
    pub fn measure(&self, metric: MetricSpec, group: Group, window: Span) -> Option<Measured> {
        Measured::of(metric, group, self.scrapes(window))
    }
}

impl Scrape {
    /// Gauges of a group's instances.
    fn of(&self, group: Group) -> impl Iterator<Item = &Gauges> {
        self.gauges.iter().filter(move |it| group.releases().contains(&usize::from(it.release)))
    }

    /// Adds the latencies of a group's successes since the scrape before.
    pub fn add_latency(&self, group: Group, to: &mut Histogram) {
        for cohort in group.cohorts() {
            to.add(&self.counters[cohort.index()].latency);
        }
    }

    /// Memory of a group's instances; none when none of them runs, or memory is not modelled.
    pub fn memory(&self, group: Group) -> Option<UsedMemory> {
        let (mut used, mut limit, mut count) = (0_u64, 0_u64, 0_u64);
        for gauges in self.of(group).filter(|it| it.memory_limit.get() > 0) {
            used = used.saturating_add(gauges.memory.get());
            limit = limit.saturating_add(gauges.memory_limit.get());
            count += 1;
        }
        let mean = |sum: u64| sum as f64 / count as f64;
        (count > 0).then(|| UsedMemory { used: mean(used), limit: mean(limit) })
    }
}

fn error_rate<'a>(group: Group, scrapes: impl Iterator<Item = &'a Scrape>) -> Option<Measured> {
    let (mut attempts, mut failures) = (0_u64, 0_u64);
    for scrape in scrapes {
        let counted = scrape.counted(group);
        attempts += counted.attempts;
        failures += counted.failures;
    }
    let value = failures as f64 / attempts as f64;
    (attempts > 0).then_some(Measured { value, samples: attempts })
}

fn mean_gauge<'a>(
    group: Group,
    scrapes: impl Iterator<Item = &'a Scrape>,
    value: impl Fn(&Gauges) -> Option<f64>,
) -> Option<Measured> {
    let (mut sum, mut count) = (0.0, 0_u64);
    for gauges in scrapes.flat_map(|it| it.of(group)) {
        if let Some(it) = value(gauges) {
            sum += it;
            count += 1;
        }
    }
    (count > 0).then(|| Measured { value: sum / count as f64, samples: count })
}

/// What was counted, on as many samples as there were scrapes.
fn counted<'a>(
    scrapes: impl Iterator<Item = &'a Scrape>,
    count: impl Fn(&Scrape) -> u64,
) -> Option<Measured> {
    let (mut sum, mut samples) = (0_u64, 0_u64);
    for scrape in scrapes {
        sum += count(scrape);
        samples += 1;
    }
    (samples > 0).then_some(Measured { value: sum as f64, samples })
}

/// Theil-Sen slope of the mean memory of the group's instances, bytes per hour.
fn memory_slope<'a>(group: Group, scrapes: impl Iterator<Item = &'a Scrape>) -> Option<Measured> {
    let hours = |it: &Scrape| it.at.as_secs_f64() / 3_600.0;
    let point = |it: &'a Scrape| it.memory(group).map(|memory| (hours(it), memory.used));
    let points: Vec<(f64, f64)> = scrapes.filter_map(point).collect();
    let samples = points.len() as u64;
    // two points make a slope, but no evidence for it
    if samples < 3 {
        return None;
    }
    theil_sen(&points).map(|value| Measured { value, samples })
}
