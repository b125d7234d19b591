//! The panels drawn from the series: traffic, errors, latency, memory.

use super::{
    PictureContext, Section,
    panel::{Curve, Panel, Threshold},
};
use crate::{
    model::{MetId, MetricSpec, ReleaseId},
    report::chart::{Key, Mark, byte_ticks, linear_ticks},
    sim::SeriesPoint,
    units::{
        Bytes, Span,
        text::{self, bytes, rate, seconds},
    },
};

pub(super) fn sections<'p>(context: &'p PictureContext<'p>) -> Vec<Section<'p>> {
    let panels = [
        context.ships.then(|| share(context)),
        Some(traffic(context)),
        Some(errors(context)),
        Some(latency(context)),
        memories(context),
    ];
    panels.into_iter().flatten().map(|it| it.into_section(context)).collect()
}

fn panel(name: &'static str, note: String, height: f64, label: fn(f64) -> String) -> Panel {
    Panel {
        name,
        note,
        height,
        keys: Vec::new(),
        areas: Vec::new(),
        curves: Vec::new(),
        limits: Vec::new(),
        least_top: 0.0,
        notes: Vec::new(),
        ticks: linear_ticks,
        label,
        logarithmic: false,
    }
}

/// A value of each point, where it has one, in the middle of its step.
fn values(
    context: &PictureContext<'_>,
    value: impl Fn(&SeriesPoint) -> Option<f64>,
) -> Vec<(f64, Option<f64>)> {
    let series = &context.trial.outcome.series;
    let half = series.step.as_secs_f64() / 2.0;
    let points = series.points.iter();
    let middle = points.map(|it| (it.at.as_secs_f64() - half, it));
    let shown = middle.filter(|(at, _)| (context.window.0..=context.window.1).contains(at));
    shown.map(|(at, it)| (context.time.at(at), value(it))).collect()
}

/// Attempts that a point of a rate stands for at least: a rate of a handful is noise.
const RATE_ATTEMPTS_MIN: f64 = 50.0;

/// Points that stand together for one rate.
#[derive(Clone, Copy)]
struct Batch {
    from: f64,
    to: f64,
    attempts: f64,
    failures: f64,
}

/// Failed part of the attempts that met the same; points with few attempts are taken together, and what is left
/// at the end of a stretch goes with the points before it.
fn rates(context: &PictureContext<'_>, met: MetId) -> Vec<(f64, Option<f64>)> {
    let attempts = values(context, |it| Some(it.attempts[met] as f64));
    let failures = values(context, |it| Some(it.failures[met] as f64));
    let points: Vec<Batch> = attempts
        .iter()
        .zip(&failures)
        .map(|(&(x, attempts), &(_, failures))| {
            let (attempts, failures) = (attempts.unwrap_or(0.0), failures.unwrap_or(0.0));
            Batch { from: x, to: x, attempts, failures }
        })
        .collect();
    let mut rates = Vec::new();
    for stretch in points.chunk_by(|one, two| (one.attempts > 0.0) == (two.attempts > 0.0)) {
        if stretch[0].attempts > 0.0 {
            rates.extend(batches(stretch).into_iter().flat_map(level));
        } else {
            rates.push((stretch[0].from, None));
        }
    }
    rates
}

/// A level line that shows how long a rate stands for, or a point.
fn level(batch: Batch) -> impl Iterator<Item = (f64, Option<f64>)> {
    let rate = Some(batch.failures / batch.attempts);
    let end = (batch.to > batch.from).then_some((batch.to, rate));
    std::iter::once((batch.from, rate)).chain(end)
}

fn batches(stretch: &[Batch]) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    let mut left = stretch.iter().map(|it| it.attempts).sum::<f64>();
    for point in stretch {
        let full = |it: &Batch| it.attempts >= RATE_ATTEMPTS_MIN;
        let last = batches.last_mut().filter(|it| !full(it) || left < RATE_ATTEMPTS_MIN);
        left -= point.attempts;
        match last {
            Some(batch) => {
                batch.to = point.to;
                batch.attempts += point.attempts;
                batch.failures += point.failures;
            }
            None => batches.push(*point),
        }
    }
    batches
}

/// Points in a row with the same value that are worth a label.
const PLATEAU_POINTS: usize = 3;
/// Labels of plateaus; more would be a fence.
const PLATEAUS_MAX: usize = 12;

/// Where a value stays for a while: begin and value. None when that is too often.
fn plateaus(points: &[(f64, Option<f64>)]) -> Vec<(f64, f64)> {
    let same = |one: &(f64, Option<f64>), two: &(f64, Option<f64>)| one.1 == two.1;
    let runs = points.chunk_by(same).filter(|it| it.len() >= PLATEAU_POINTS);
    let wide = runs.filter(|it| it[it.len() - 1].0 - it[0].0 >= 30.0);
    let values = wide.filter_map(|it| Some((it[0].0, it[0].1.filter(|it| *it > 0.0)?)));
    let all: Vec<(f64, f64)> = values.collect();
    if all.len() > PLATEAUS_MAX { Vec::new() } else { all }
}

/// Which share of the traffic is meant for the new release.
fn share<'p>(context: &'p PictureContext<'p>) -> Panel {
    let theme = context.theme;
    let mut panel = panel("Traffic split", "share of the requests".into(), 64.0, text::share);
    let meant = values(context, |it| Some(it.weight));
    let most = meant.iter().filter_map(|it| it.1).fold(0.0, f64::max);
    // a small canary would be invisible on an axis that goes up to everything
    panel.least_top = if most > 0.0 && most < 0.3 { most * 1.3 } else { 1.0 };
    panel.notes = plateaus(&meant);
    panel.areas = vec![Curve {
        points: meant.clone(),
        colour: theme.candidate.over(theme.paper, 0.35),
        width: 0.0,
    }];
    panel.curves = vec![Curve { points: meant, colour: theme.candidate, width: 2.0 }];
    panel.keys = vec![Key::new(
        Mark::Line,
        theme.candidate,
        format!("to {}", context.names[ReleaseId::CANDIDATE]),
    )];
    let met = context.met();
    let partly_dark = [MetId::STABLE, MetId::DARK, MetId::EXPOSED];
    if partly_dark.iter().all(|it| met.iter().any(|seen| seen.0 == *it)) {
        let seen = |it: &SeriesPoint| {
            let all: u64 = it.attempts.iter().sum();
            (all > 0).then(|| it.attempts[MetId::EXPOSED] as f64 / all as f64)
        };
        panel.curves.push(Curve { points: values(context, seen), colour: theme.limit, width: 2.0 });
        panel.keys.push(Key::new(Mark::Line, theme.limit, "with the feature on"));
    }
    panel
}

/// Attempts per second, stacked by what they met.
fn traffic<'p>(context: &'p PictureContext<'p>) -> Panel {
    let step = context.trial.outcome.series.step.as_secs_f64();
    let mut panel = panel("Requests", "a second, retries included".into(), 64.0, rate);
    let all = context.met();
    for upto in (0..all.len()).rev() {
        let stacked = &all[..=upto];
        let each = |it: &SeriesPoint| {
            let attempts: u64 = stacked.iter().map(|(met, ..)| it.attempts[*met]).sum();
            Some(attempts as f64 / step)
        };
        let colour = all[upto].2.over(context.theme.paper, 0.75);
        panel.areas.push(Curve { points: values(context, each), colour, width: 0.0 });
    }
    let key = |(_, name, colour): &(MetId, String, _)| {
        let colour: crate::report::chart::Colour = *colour;
        Key::new(Mark::Box, colour.over(context.theme.paper, 0.75), name.as_str())
    };
    panel.keys = all.iter().map(key).collect();
    panel.least_top = 0.1;
    panel
}

/// Limits of the scenario's gates on a metric that stand for themselves.
fn gates(context: &PictureContext<'_>, asked: impl Fn(MetricSpec) -> bool) -> Vec<f64> {
    let gates = context.trial.plan.scenario.analysis.iter().flat_map(|it| &it.gates);
    let drawn = gates.filter_map(|it| it.judge.kind().drawn_limit());
    drawn.filter(|(metric, _)| asked(*metric)).map(|(_, limit)| limit.value()).collect()
}

fn thresholds(values: Vec<f64>, words: &str, label: fn(f64) -> String) -> Vec<Threshold> {
    let words = |value| format!("{words} {}", label(value));
    values.into_iter().map(|value| Threshold { value, words: words(value) }).collect()
}

fn errors<'p>(context: &'p PictureContext<'p>) -> Panel {
    let note = "share of attempts that failed, as the balancer sees them";
    let mut panel = panel("Error rate", note.into(), 84.0, text::share);
    for (met, name, colour) in context.met() {
        panel.curves.push(Curve { points: rates(context, met), colour, width: 1.6 });
        panel.keys.push(Key::new(Mark::Line, colour, name));
    }
    let limits = gates(context, |it| it == MetricSpec::ErrorRate);
    panel.limits = thresholds(limits, "gate fails above", text::share);
    panel.least_top = 0.01;
    panel
}

fn latency<'p>(context: &'p PictureContext<'p>) -> Panel {
    let note = "of successful requests";
    let mut panel = panel("Latency", note.into(), 92.0, seconds);
    for (met, name, colour) in context.met() {
        let length = |it: Option<Span>| it.map(Span::as_secs_f64);
        let high = values(context, |it| length(it.latency_p99[met]));
        let middle = values(context, |it| length(it.latency_p50[met]));
        let pale = colour.over(context.theme.paper, 0.75);
        panel.curves.push(Curve { points: middle, colour: pale, width: 1.1 });
        panel.curves.push(Curve { points: high, colour, width: 1.9 });
        panel.keys.push(Key::new(Mark::Line, colour, name));
    }
    panel.keys.push(Key::new(Mark::Line, context.theme.mute, "thick: 99th percentile"));
    panel.keys.push(Key::new(Mark::Hairline, context.theme.mute, "thin: median"));
    let limits = gates(context, |it| matches!(it, MetricSpec::Latency(_)));
    panel.limits = thresholds(limits, "gate fails above", seconds);
    let points = panel.curves.iter().flat_map(|it| it.points.iter().filter_map(|it| it.1));
    let ends =
        points.fold((f64::MAX, 0.0), |(low, high), it| (f64::min(low, it), f64::max(high, it)));
    panel.logarithmic = ends.0 > 0.0 && ends.1 > 4.0 * ends.0;
    panel.least_top = 0.001;
    if panel.logarithmic {
        panel.note.push_str(", logarithmic");
    }
    panel
}

/// Memory where it is modelled.
fn memories<'p>(context: &'p PictureContext<'p>) -> Option<Panel> {
    let spec = context.trial.plan.scenario.fleet.memory?;
    let mut panel = panel("Memory", "mean of the instances".into(), 84.0, bytes);
    for (release, name) in context.names.entries() {
        let colour = context.theme.of_release(release);
        let used = |it: &SeriesPoint| it.memory[release].map(|it: Bytes| it.get() as f64);
        let points = values(context, used);
        if points.iter().any(|it| it.1.is_some()) {
            panel.curves.push(Curve { points, colour, width: 1.9 });
            panel.keys.push(Key::new(Mark::Line, colour, name.as_str()));
        }
    }
    panel.ticks = byte_ticks;
    let limit = spec.limit.get() as f64;
    let words = format!("killed above {}", bytes(limit));
    let used = panel.curves.iter().flat_map(|it| it.points.iter().filter_map(|it| it.1));
    if used.fold(0.0, f64::max) < 0.5 * limit {
        panel.note = format!("mean of the instances; one is {words}, off the scale");
    } else {
        panel.limits = vec![Threshold { value: limit, words }];
    }
    Some(panel)
}
