//! Monitoring: scrapes, the alerts that read them, and the looks of an analysis.

use super::{asked::Asked, estimate::Found};
use crate::{
    judge::GateSpec,
    model::MetricSpec,
    units::{Span, text},
};

/// Nanoseconds for a scrape, and for an instance in it.
const SCRAPE: f64 = 3_000.0;
const GAUGES: f64 = 75.0;
/// Bytes of a scrape that is kept, of an instance in it, and of its latencies where there are many and where there are few.
const KEPT: f64 = 400.0;
const KEPT_GAUGES: f64 = 72.0;
const LATENCIES: (f64, f64) = (8_000.0, 600.0);
/// Nanoseconds for a look of a gate, and for each step that its judge keeps.
const LOOK: f64 = 2_000.0;
const STEP: f64 = 60.0;
/// Most steps that a judge keeps.
const STEPS_MAX: f64 = 4_096.0;
/// Nanoseconds for a scrape in a window: its counters, its latencies (many, few), each instance; and for two of them
/// where each is compared with each, with the bytes of that.
const COUNTERS: f64 = 30.0;
const HISTOGRAMS: (f64, f64) = (300.0, 70.0);
const INSTANCE: f64 = 8.0;
const PAIR: (f64, f64) = (8.0, 16.0);
/// After a look without data the next comes so much later, whatever the interval.
const AFTER_ERROR: Span = Span::from_secs(10);

pub(super) fn parts(asked: &Asked<'_>) -> Vec<Found> {
    let scenario = &asked.plan.scenario;
    let interval = scenario.telemetry.interval;
    let scrapes = asked.times(interval);
    let what = text::things(&text::number(scrapes.min(1e18)), "scrape");
    let taken = Found::new(what, "telemetry.interval").events(scrapes);
    let mut parts = vec![taken.nanos(scrapes * (SCRAPE + GAUGES * asked.instances)), kept(asked)];
    for (index, alert) in scenario.alerts.iter().enumerate() {
        let window = Window::of(asked, alert.window);
        let looked = scrapes * window.mean;
        let what = format!("an alert over {} scrapes", text::number(looked.min(1e18)));
        let nanos = scrapes * window.nanos(asked, alert.metric);
        let found = Found::new(what, format!("alerts[{index}].window"));
        parts.push(found.nanos(nanos).bytes(window.bytes(alert.metric)));
    }
    let analysis = scenario.analysis.as_ref().filter(|_| asked.strategy.kind().uses_analysis());
    for (index, gate) in analysis.iter().flat_map(|it| &it.gates).enumerate() {
        parts.push(looks(asked, index, gate));
    }
    parts
}

/// Whether a scrape finds many latencies.
fn many(asked: &Asked<'_>) -> bool {
    asked.requests > 10.0 * asked.times(asked.plan.scenario.telemetry.interval)
}

fn kept(asked: &Asked<'_>) -> Found {
    let scenario = &asked.plan.scenario;
    let interval = scenario.telemetry.interval;
    let windows = scenario.alerts.iter().map(|it| it.window);
    let judged = scenario.analysis.iter().map(crate::judge::AnalysisSpec::lookback);
    let window = windows.chain(judged).chain(scenario.operator.looks_back()).max();
    let kept = window.unwrap_or_default().saturating_add(scenario.telemetry.delay);
    let kept = kept.saturating_add(interval).min(scenario.length);
    let count = kept.as_secs_f64() / interval.as_secs_f64().max(1e-9) + 1.0;
    let latencies = if many(asked) { LATENCIES.0 } else { LATENCIES.1 };
    let each = KEPT + KEPT_GAUGES * asked.instances + latencies;
    let what =
        format!("{} that the monitoring keeps", text::things(&text::number(count), "scrape"));
    Found::new(what, "telemetry.interval").bytes(count * each)
}

/// The looks of a gate from the start of the rollout to the end of the trial: it is not known when its analysis is over.
fn looks(asked: &Asked<'_>, index: usize, gate: &GateSpec) -> Found {
    let scenario = &asked.plan.scenario;
    let interval = scenario.analysis.as_ref().map_or(AFTER_ERROR, |it| it.interval);
    let patient = gate.consecutive_error_limit > 100;
    let between = if patient { interval.min(AFTER_ERROR) } else { interval };
    let looks = asked.after / between.as_secs_f64().max(1e-9);
    let kind = gate.judge.kind();
    let window = Window::of(asked, kind.build().lookback(interval));
    let metrics = kind.metrics();
    let times = kind.windows().len().max(metrics.len()).max(1) as f64;
    let nanos = metrics.iter().map(|it| window.nanos(asked, *it)).fold(0.0, f64::max);
    let bytes = metrics.iter().map(|it| window.bytes(*it)).fold(0.0, f64::max);
    let steps = (asked.after / scenario.telemetry.interval.as_secs_f64().max(1.0)).min(STEPS_MAX);
    let each = LOOK + times * (nanos + 0.5 * steps * STEP);
    let read = text::number((looks * window.mean).min(1e18));
    let looked = text::things(&text::number(looks.min(1e18)), "look");
    let what = format!("{looked} of a gate, at {read} scrapes in all");
    let path = format!("analysis.gates[{index}].judge.{}", gate.judge.name());
    Found::new(what, path).events(looks).nanos(looks * each).bytes(bytes)
}

/// A window of scrapes, which is shorter in the beginning.
struct Window {
    mean: f64,
    most: f64,
}

impl Window {
    fn of(asked: &Asked<'_>, length: Span) -> Self {
        let scenario = &asked.plan.scenario;
        let most = length.min(scenario.length).as_secs_f64();
        let part = most / asked.length.max(1e-9);
        let interval = scenario.telemetry.interval.as_secs_f64().max(1e-9);
        Self { mean: most * (1.0 - 0.5 * part) / interval, most: most / interval }
    }

    fn nanos(&self, asked: &Asked<'_>, metric: MetricSpec) -> f64 {
        match metric {
            MetricSpec::ErrorRate | MetricSpec::Complaints => self.mean * COUNTERS,
            MetricSpec::Latency(_) | MetricSpec::SlowerThan(_) => {
                self.mean * if many(asked) { HISTOGRAMS.0 } else { HISTOGRAMS.1 }
            }
            MetricSpec::Memory | MetricSpec::Saturation | MetricSpec::Restarts => {
                self.mean * asked.instances * INSTANCE
            }
            MetricSpec::MemorySlope => {
                self.mean * (asked.instances * INSTANCE + 0.5 * self.mean * PAIR.0)
            }
        }
    }

    fn bytes(&self, metric: MetricSpec) -> f64 {
        let pairs = metric == MetricSpec::MemorySlope;
        if pairs { 0.5 * self.most * self.most * PAIR.1 } else { 0.0 }
    }
}
