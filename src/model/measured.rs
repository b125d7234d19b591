//! What scrapes say of a metric: one definition for every window, step and judge.

use super::{Gauges, MetricSpec, Observed, Population, Scrape};
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

/// Memory of a population's running instances at a scrape, mean of each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UsedMemory {
    /// In use, in bytes.
    pub used: f64,
    /// Limit, in bytes.
    pub limit: f64,
}

impl Measured {
    /// A metric of a population over some scrapes; none when there is no data.
    pub fn of<'a>(
        metric: MetricSpec,
        population: Population,
        scrapes: impl Iterator<Item = &'a Scrape>,
    ) -> Option<Self> {
        match metric {
            MetricSpec::ErrorRate => error_rate(population, scrapes),
            MetricSpec::Latency(quantile) => {
                let mut latency = Histogram::new();
                scrapes.for_each(|it| it.add_latency(population, &mut latency));
                let value = latency.quantile(quantile.get())?.as_secs_f64();
                Some(Self { value, samples: latency.count() })
            }
            MetricSpec::SlowerThan(span) => {
                let (mut slower, mut answered) = (0_u64, 0_u64);
                for scrape in scrapes {
                    slower += scrape.slower(population, span);
                    answered += scrape.answered(population);
                }
                let value = slower as f64 / answered as f64;
                (answered > 0).then_some(Self { value, samples: answered })
            }
            MetricSpec::Memory => mean_gauge(population, scrapes, |it| {
                let limit = it.memory_limit.get();
                (limit > 0).then(|| it.memory.get() as f64 / limit as f64)
            }),
            MetricSpec::Saturation => mean_gauge(population, scrapes, |it| {
                (it.workers > 0).then(|| it.busy / f64::from(it.workers))
            }),
            MetricSpec::MemorySlope => memory_slope(population, scrapes),
            MetricSpec::Restarts => {
                let restarts =
                    |it: &Scrape| it.of(population).map(|it| u64::from(it.restarts_new)).sum();
                counted(scrapes, restarts)
            }
            MetricSpec::Complaints => counted(scrapes, |it| it.complaints),
        }
    }
}

impl Observed<'_> {
    /// A metric of a population over the window that ends now; none when there is no data.
    pub fn measure(
        &self,
        metric: MetricSpec,
        population: Population,
        window: Span,
    ) -> Option<Measured> {
        Measured::of(metric, population, self.scrapes(window))
    }
}

impl Scrape {
    /// Gauges of a population's instances.
    fn of(&self, population: Population) -> impl Iterator<Item = &Gauges> {
        self.gauges.iter().filter(move |it| population.has_instance(it))
    }

    /// Adds the latencies of a population's successes since the scrape before.
    pub fn add_latency(&self, population: Population, to: &mut Histogram) {
        self.each_of(population, |it| to.add(&it.latency));
    }

    /// Memory of a population's instances; none when none of them runs, or memory is not modelled.
    pub fn memory(&self, population: Population) -> Option<UsedMemory> {
        let (mut used, mut limit, mut count) = (0_u64, 0_u64, 0_u64);
        for gauges in self.of(population).filter(|it| it.memory_limit.get() > 0) {
            used = used.saturating_add(gauges.memory.get());
            limit = limit.saturating_add(gauges.memory_limit.get());
            count += 1;
        }
        let mean = |sum: u64| sum as f64 / count as f64;
        (count > 0).then(|| UsedMemory { used: mean(used), limit: mean(limit) })
    }
}

fn error_rate<'a>(
    population: Population,
    scrapes: impl Iterator<Item = &'a Scrape>,
) -> Option<Measured> {
    let (mut attempts, mut failures) = (0_u64, 0_u64);
    for scrape in scrapes {
        let counted = scrape.counted(population);
        attempts += counted.attempts;
        failures += counted.failures;
    }
    let value = failures as f64 / attempts as f64;
    (attempts > 0).then_some(Measured { value, samples: attempts })
}

fn mean_gauge<'a>(
    population: Population,
    scrapes: impl Iterator<Item = &'a Scrape>,
    value: impl Fn(&Gauges) -> Option<f64>,
) -> Option<Measured> {
    let (mut sum, mut count) = (0.0, 0_u64);
    for gauges in scrapes.flat_map(|it| it.of(population)) {
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
fn memory_slope<'a>(
    population: Population,
    scrapes: impl Iterator<Item = &'a Scrape>,
) -> Option<Measured> {
    let hours = |it: &Scrape| it.at.as_secs_f64() / 3_600.0;
    let point = |it: &'a Scrape| it.memory(population).map(|memory| (hours(it), memory.used));
    let points: Vec<(f64, f64)> = scrapes.filter_map(point).collect();
    let samples = points.len() as u64;
    // two points make a slope, but no evidence for it
    if samples < 3 {
        return None;
    }
    theil_sen(&points).map(|value| Measured { value, samples })
}
