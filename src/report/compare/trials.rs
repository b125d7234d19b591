//! The best, the median and the worst trial of a strategy as timelines.

use super::{
    ChartFile,
    context::ChartContext,
    sheet::{LEFT, RIGHT, Words, sheet},
};
use crate::{
    experiment::{Example, Timeline, TimelinePoint, Which},
    report::{
        chart::{Axis, Canvas, Colour, Frame, Lettering, fitted, linear_ticks, width_of},
        words::harmless,
    },
    units::text::{Unit, estimated, seconds, share},
};

/// Stems of the files, one for each strategy.
const NAMES: [&str; 16] = [
    "trials-1",
    "trials-2",
    "trials-3",
    "trials-4",
    "trials-5",
    "trials-6",
    "trials-7",
    "trials-8",
    "trials-9",
    "trials-10",
    "trials-11",
    "trials-12",
    "trials-13",
    "trials-14",
    "trials-15",
    "trials-16",
];
const LABELS: f64 = 96.0;
const HEAD: f64 = 46.0;
const LANE: f64 = 15.0;
const BAND: f64 = 18.0;
const WEIGHT: f64 = 44.0;
const FAILED: f64 = 44.0;
const GAP: f64 = 10.0;
const CLOCK: f64 = 24.0;
const APART: f64 = 20.0;
const SIZE: f64 = 11.0;
/// Phases and points of a timeline beyond these are not drawn.
const DRAWN_MAX: usize = 4_000;

/// What happened at a moment, with its label.
struct Moment {
    x: f64,
    text: String,
    colour: Colour,
    label: (f64, f64),
    lane: usize,
}

/// A trial with its place in the chart.
struct Panel<'s> {
    example: &'s Example,
    clock: Axis,
    moments: Vec<Moment>,
    /// How many lanes of labels it has.
    lanes: usize,
}

/// One for each strategy, up to sixteen.
pub(super) fn charts(context: &ChartContext<'_>) -> Vec<ChartFile> {
    let strategies = 0..context.names.len().min(NAMES.len());
    strategies.filter_map(|it| chart(context, it)).collect()
}

fn chart(context: &ChartContext<'_>, strategy: usize) -> Option<ChartFile> {
    let examples = context.summary.examples.iter();
    let mut examples: Vec<&Example> = examples.filter(|it| it.strategy == strategy).collect();
    examples.sort_by_key(|it| std::cmp::Reverse(it.which));
    let window = window(&examples)?;
    let panels: Vec<Panel<'_>> =
        examples.iter().map(|it| Panel::new(context, it, window)).collect();
    let words = Words {
        name: NAMES[strategy],
        title: format!("{}: worst, median and best rollout", context.names[strategy]),
        caption: "One simulated rollout each, ranked by cost, on a common time axis from the \
                  start of the rollout. Above: share of the traffic assigned to the new release; \
                  below: share of requests that failed."
            .to_owned(),
    };
    let height: f64 = panels.iter().map(|it| it.height() + APART).sum();
    Some(sheet(context, words, height - APART, |canvas, top| {
        let mut y = top;
        for panel in &panels {
            panel.draw(canvas, context, y);
            y += panel.height() + APART;
        }
    }))
}

/// Seconds from the start of the rollout that show what happened in all of them.
fn window(examples: &[&Example]) -> Option<(f64, f64)> {
    let lines = || examples.iter().map(|it| &it.timeline);
    let before = lines().map(|it| it.rollout_began.unwrap_or(0.0)).fold(0.0, f64::max);
    let after = |it: &Timeline| (it.length - it.rollout_began.unwrap_or(0.0)).max(0.0);
    let whole = lines().map(after).fold(0.0, f64::max);
    let last = |it: &Timeline| {
        let moments = [it.rested, it.rollback_done, it.detected, it.first_symptom];
        let last = moments.into_iter().flatten().fold(0.0, f64::max);
        (last - it.rollout_began.unwrap_or(0.0)).max(0.0)
    };
    let last = lines().map(last).fold(0.0, f64::max);
    let until = if last > 0.0 { (1.15 * last).min(whole) } else { whole };
    let from = -before.min(0.06 * until);
    (until - from).is_finite().then_some(())?;
    (!examples.is_empty() && until > from).then_some((from, until))
}

impl<'s> Panel<'s> {
    fn new(context: &ChartContext<'_>, example: &'s Example, window: (f64, f64)) -> Self {
        let clock = Axis::clock(window, (LEFT + LABELS, RIGHT));
        let line = &example.timeline;
        let began = line.rollout_began.unwrap_or(0.0);
        let theme = context.theme;
        let known = [
            (line.first_symptom, "first symptom", theme.bad),
            (line.detected, "detected", theme.limit),
            (line.rollback_began, "rollback starts", theme.ink),
            (line.rollback_done, "rolled back", theme.ink),
            (line.rested, "finished", theme.ink),
        ];
        let mut joined: Vec<(f64, String, Colour)> = Vec::new();
        for (at, what, colour) in known {
            let Some(at) = at.map(|it| it - began).filter(|it| it.is_finite()) else { continue };
            match joined.iter_mut().find(|it| (it.0 - at).abs() < 1e-9) {
                Some((_, words, _)) => words.extend([", ", what]),
                None => joined.push((at, what.to_owned(), colour)),
            }
        }
        let mut moments: Vec<Moment> = joined
            .into_iter()
            .map(|(at, what, colour)| {
                moment(clock.at(at), format!("{what} {}", seconds(at)), colour)
            })
            .collect();
        let lanes = into_lanes(&mut moments);
        Self { example, clock, moments, lanes }
    }

    fn height(&self) -> f64 {
        HEAD + LANE * self.lanes as f64 + BAND + WEIGHT + FAILED + 2.0 * GAP + CLOCK
    }

    /// Seconds of the trial to pixels.
    fn x(&self, at: f64) -> f64 {
        self.clock.at(at - self.example.timeline.rollout_began.unwrap_or(0.0))
    }

    fn points(&self) -> impl Iterator<Item = &TimelinePoint> {
        let points = self.example.timeline.points.iter().take(DRAWN_MAX);
        points.filter(|it| it.at.is_finite() && it.weight.is_finite())
    }

    fn draw(&self, canvas: &Canvas<'_>, context: &ChartContext<'_>, top: f64) {
        self.head(canvas, context, top);
        let labels = top + HEAD;
        let band = labels + LANE * self.lanes as f64;
        let weight = band + BAND + GAP;
        let failed = weight + WEIGHT + GAP;
        let bottom = failed + FAILED;
        for &tick in &self.clock.ticks {
            let x = self.clock.at(tick);
            canvas.line(&[(x, weight), (x, bottom)], context.theme.grid, 1.0);
        }
        self.phases(canvas, band);
        self.weight(canvas, (weight, weight + WEIGHT));
        self.failed(canvas, (failed, bottom));
        for it in &self.moments {
            let y = band - LANE * (it.lane as f64 + 0.5);
            canvas.line(&[(it.x, y - 5.0), (it.x, bottom)], it.colour, 0.9);
        }
        for it in &self.moments {
            let y = band - LANE * (it.lane as f64 + 0.5);
            canvas.text((it.label.0, y), &it.text, Lettering::new(SIZE, it.colour).bold());
        }
        self.clock(canvas, bottom);
    }

    /// Which trial it is, and the command that repeats it.
    fn head(&self, canvas: &Canvas<'_>, context: &ChartContext<'_>, top: f64) {
        let theme = context.theme;
        let it = self.example;
        let which = match it.which {
            Which::Best => "Best",
            Which::Median => "Median",
            Which::Worst => "Worst",
        };
        let bold = Lettering::new(13.0, theme.ink).bold();
        canvas.text((LEFT, top + 8.0), which, bold);
        let class = context.summary.classes.get(it.class);
        let class = class.map_or("no class".to_owned(), |it| harmless(&it.name));
        let class = fitted(&class, 12.0, false, 260.0);
        let currency = fitted(&harmless(&context.summary.currency), 12.0, false, 32.0);
        let users = estimated(it.users_hurt, "user");
        let (cost, trial) = (Unit::Money(&currency).value(it.cost), it.trial);
        let told =
            format!("{class}  ·  {users} hurt  ·  {cost}  ·  trial {trial}, seed {}", it.seed);
        let beside = LEFT + bold.width_of(which) + 12.0;
        let text = fitted(&told, 12.0, false, RIGHT - beside);
        canvas.text((beside, top + 8.0), &text, Lettering::new(12.0, theme.ink));
        let again = fitted(&harmless(&it.command), 10.5, false, RIGHT - LEFT);
        canvas.text((LEFT, top + 26.0), &again, Lettering::new(10.5, theme.mute));
    }

    fn phases(&self, canvas: &Canvas<'_>, top: f64) {
        let theme = canvas.theme;
        side(canvas, top + BAND / 2.0, "phase");
        let phases = self.example.timeline.phases.iter().take(DRAWN_MAX);
        let phases: Vec<_> = phases.filter(|it| it.0.is_finite()).collect();
        for (index, (at, name)) in phases.iter().enumerate() {
            let right = phases.get(index + 1).map_or(RIGHT, |it| self.x(it.0));
            // what comes before the window has its name at the edge of it
            let left = self.x(*at);
            let words = harmless(name).replace('_', " ");
            let ground = phase_colour(canvas, &words);
            canvas.fill(Frame { left, right, top, bottom: top + BAND }, ground);
            if right - left > width_of(&words, SIZE, false) + 10.0 {
                let style = Lettering::new(SIZE, theme.ink);
                canvas.text((left + 5.0, top + BAND / 2.0), &words, style);
            }
        }
    }

    /// Steps of the part meant for the new release.
    fn weight(&self, canvas: &Canvas<'_>, (top, bottom): (f64, f64)) {
        let theme = canvas.theme;
        let most = self.points().map(|it| it.weight).fold(0.0, f64::max);
        let full = if most > 0.0 && most < 0.3 { linear_ticks(most, 2) } else { vec![0.0, 1.0] };
        let full = full[full.len() - 1];
        scale(canvas, (top, bottom), ["new release", &share(full)]);
        let y = |weight: f64| bottom - (bottom - top) * (weight / full).clamp(0.0, 1.0);
        let mut line = vec![(LEFT + LABELS, bottom)];
        for it in self.points() {
            let before = line[line.len() - 1];
            let (x, y) = (self.x(it.at), y(it.weight));
            if x > before.0 {
                line.extend([(x, before.1), (x, y)]);
            } else {
                line.push((before.0, y));
            }
        }
        let mut area = line.clone();
        area.extend([(line[line.len() - 1].0, bottom), (line[0].0, bottom)]);
        canvas.polygon(&area, theme.candidate.over(theme.paper, 0.25));
        canvas.line(&line, theme.candidate, 1.8);
    }

    /// The failed part of the requests of each stretch.
    fn failed(&self, canvas: &Canvas<'_>, (top, bottom): (f64, f64)) {
        let theme = canvas.theme;
        let part = |it: &TimelinePoint| {
            let all = it.good as f64 + it.failed as f64;
            if all > 0.0 { it.failed as f64 / all } else { 0.0 }
        };
        let most = self.points().map(part).fold(0.0, f64::max);
        if most <= 0.0 {
            scale(canvas, (top, bottom), ["failed", ""]);
            let style = Lettering::new(SIZE, theme.mute);
            canvas.text((LEFT + LABELS + 6.0, bottom - 9.0), "no request failed", style);
            return;
        }
        let ticks = linear_ticks(most, 2);
        let full = ticks[ticks.len() - 1].min(1.0);
        scale(canvas, (top, bottom), ["failed", &share(full)]);
        let mut area = vec![(LEFT + LABELS, bottom)];
        for it in self.points() {
            let y = bottom - (bottom - top) * (part(it) / full).clamp(0.0, 1.0);
            let before = area[area.len() - 1].0;
            area.extend([(before, y), (self.x(it.at).max(before), y)]);
        }
        area.push((area[area.len() - 1].0, bottom));
        canvas.polygon(&area, theme.bad);
    }

    fn clock(&self, canvas: &Canvas<'_>, bottom: f64) {
        let theme = canvas.theme;
        side(canvas, bottom + 12.0, "since start");
        let style = Lettering::new(SIZE, theme.mute);
        let mut taken = LEFT + LABELS - 14.0;
        for &tick in &self.clock.ticks {
            let x = self.clock.at(tick);
            let text = seconds(tick);
            let half = style.width_of(&text) / 2.0;
            if x - half > taken + 6.0 && x + half <= RIGHT + 20.0 {
                canvas.text((x, bottom + 12.0), &text, style.centred());
                taken = x + half;
            }
        }
    }
}

fn moment(x: f64, text: String, colour: Colour) -> Moment {
    let width = width_of(&text, SIZE, true);
    let right = x + 4.0 + width <= RIGHT;
    let label = if right { (x + 4.0, x + 4.0 + width) } else { (x - 4.0 - width, x - 4.0) };
    Moment { x, text, colour, label, lane: 0 }
}

/// Labels over the line of another moment or over another label go above it; how many lanes that
/// takes.
fn into_lanes(moments: &mut [Moment]) -> usize {
    moments.sort_by(|one, two| two.x.total_cmp(&one.x));
    for index in 0..moments.len() {
        let (from, to) = moments[index].label;
        let above = |it: &&Moment| {
            let crossed = (from - 3.0..=to + 3.0).contains(&it.x);
            crossed || it.label.0 < to + 8.0 && from < it.label.1 + 8.0
        };
        let lane = moments[..index].iter().filter(above).map(|it| it.lane + 1).max();
        moments[index].lane = lane.unwrap_or(0);
    }
    moments.iter().map(|it| it.lane + 1).max().unwrap_or(0)
}

/// The phases are tinted as in the picture of a single run.
fn phase_colour(canvas: &Canvas<'_>, name: &str) -> Colour {
    let theme = canvas.theme;
    let (colour, part) = match name {
        "progressing" | "rolling" => (theme.candidate, 0.35),
        "paused" => (theme.unsure, 0.35),
        "rolling back" => (theme.bad, 0.4),
        "completed" => (theme.good, 0.3),
        "rolled back" => (theme.stable, 0.25),
        "failed" => (theme.bad, 0.25),
        _ => (theme.mute, 0.14),
    };
    colour.over(theme.paper, part)
}

/// A label left of the axis of time.
fn side(canvas: &Canvas<'_>, y: f64, words: &str) {
    let style = Lettering::new(SIZE, canvas.theme.mute).flush_right();
    canvas.text((LEFT + LABELS - 8.0, y), words, style);
}

/// The lines of zero and of the top value, with what is shown.
fn scale(canvas: &Canvas<'_>, (top, bottom): (f64, f64), [name, full]: [&str; 2]) {
    for y in [top, bottom] {
        canvas.line(&[(LEFT + LABELS, y), (RIGHT, y)], canvas.theme.grid, 1.0);
    }
    side(canvas, top + 1.0, full);
    side(canvas, f64::midpoint(top, bottom) + 3.0, name);
}
