//! The picture of one run: panels stacked on one axis of time.

mod crowd;
mod gantt;
mod moments;
mod panel;
mod series;
mod time;
mod verdicts;

use super::{
    Trial,
    chart::{Canvas, Colour, LIGHT, Lettering, Scale, Theme, drawn, fitted},
    headline::headline,
    timeline::Clock,
    words::{count, harmless, span_in_words},
};
use crate::{
    model::{Cohort, Measure},
    units::{Instant, Span, whole},
};

const WIDTH: u32 = 1_200;
const MARGIN: f64 = 28.0;
/// Where the common axis of time begins and ends.
const AXIS: (f64, f64) = (138.0, WIDTH as f64 - MARGIN);
/// Between two panels.
const GAP: f64 = 18.0;
const TITLE_HEIGHT: f64 = 66.0;
const CAPTION_HEIGHT: f64 = 26.0;

/// Draws something below a given line.
type Draw<'p> = Box<dyn Fn(&Canvas<'_>, f64) + 'p>;

/// A part of the picture: its height, and how it is drawn below a given line.
struct Section<'p> {
    height: f64,
    /// How much of the height is a header, which lines of time do not cross.
    header: f64,
    draw: Draw<'p>,
}

impl<'p> Section<'p> {
    /// With a header.
    fn new(height: f64, draw: impl Fn(&Canvas<'_>, f64) + 'p) -> Self {
        Self { height, header: panel::HEADER, draw: Box::new(draw) }
    }
}

/// What all panels share.
struct Stage<'p> {
    trial: Trial<'p>,
    clock: Clock,
    time: Scale,
    /// What is shown of the trial, in seconds since its start.
    window: (f64, f64),
    /// Releases as users of the picture call them: old, new.
    names: [String; 2],
    theme: &'static Theme,
}

impl<'p> Stage<'p> {
    fn new(trial: Trial<'p>) -> Self {
        let scenario = &trial.plan.scenario;
        let window = window(trial);
        let release = &scenario.release;
        let name = |version: &str, role: &str| {
            format!("{} ({role})", fitted(&harmless(version), 11.5, false, 90.0))
        };
        Self {
            trial,
            clock: Clock::of(scenario),
            time: Scale::linear(window, AXIS),
            window,
            names: [name(&release.from, "old"), name(&release.to, "new")],
            theme: &LIGHT,
        }
    }

    fn x(&self, at: Instant) -> f64 {
        self.time.at(at.as_secs_f64())
    }

    fn shows(&self, at: Instant) -> bool {
        (self.window.0..=self.window.1).contains(&at.as_secs_f64())
    }

    /// The cohorts that requests fell into, with their names and colours.
    fn cohorts(&self) -> Vec<(usize, String, Colour)> {
        let points = &self.trial.outcome.series.points;
        let seen = |cohort: Cohort| points.iter().any(|it| it.attempts[cohort.index()] > 0);
        let [old, new] = &self.names;
        let flagged = seen(Cohort::Dark);
        let exposed = if flagged { format!("{new}, feature on") } else { new.clone() };
        let all = [
            (Cohort::Stable, old.clone(), self.theme.stable),
            (Cohort::Dark, format!("{new}, feature off"), self.theme.dark),
            (Cohort::Exposed, exposed, self.theme.candidate),
        ];
        let seen = all.into_iter().filter(|(cohort, ..)| seen(*cohort));
        seen.map(|(cohort, name, colour)| (cohort.index(), name, colour)).collect()
    }
}

/// The picture as an SVG. The same outcome gives the same bytes.
pub fn picture(trial: Trial<'_>) -> String {
    let stage = Stage::new(trial);
    let sections = sections(&stage);
    let panels: f64 = sections.iter().map(|it| it.height + GAP).sum();
    let height = TITLE_HEIGHT + panels + time::HEIGHT + CAPTION_HEIGHT;
    let size = (WIDTH, u32::try_from(whole(height)).unwrap_or(WIDTH));
    let about = format!("{}: {}", trial.plan.scenario.title, headline(trial));
    drawn(size, &about, stage.theme, |canvas| {
        title(canvas, &stage);
        let mut top = TITLE_HEIGHT;
        for section in &sections {
            let plot = (top + section.header, top + section.height);
            if section.header > 0.0 {
                time::grid(canvas, &stage, plot);
            }
            (section.draw)(canvas, top);
            if section.header > 0.0 {
                moments::lines(canvas, &stage, plot);
            }
            top += section.height + GAP;
        }
        time::axis(canvas, &stage, top - GAP);
        caption(canvas, &stage, height);
    })
}

/// Everything, or what happened and a while before and after, where that is a small part.
fn window(trial: Trial<'_>) -> (f64, f64) {
    /// Of what happened, shown before it and after it.
    const AROUND: f64 = 0.4;
    /// Steps of the series at least before and after.
    const STEPS: f64 = 10.0;
    let outcome = trial.outcome;
    let length = trial.plan.scenario.length.as_secs_f64();
    let Some(began) = outcome.rollout_began else { return (0.0, length) };
    let began = outcome.faults.first().map_or(began, |it| it.at.min(began)).as_secs_f64();
    let last = outcome.timeline.last().map(|it| it.at).max(outcome.rested);
    let ended = last.map_or(length, Instant::as_secs_f64);
    let around = (AROUND * (ended - began)).max(STEPS * outcome.series.step.as_secs_f64());
    let (from, to) = ((began - around).max(0.0), (ended + around).min(length));
    if to - from > 0.6 * length { (0.0, length) } else { (from, to) }
}

fn sections<'p>(stage: &'p Stage<'p>) -> Vec<Section<'p>> {
    let mut sections = vec![moments::section(stage), gantt::section(stage)];
    sections.extend(series::sections(stage));
    sections.extend(verdicts::section(stage));
    sections
}

fn title(canvas: &Canvas<'_>, stage: &Stage<'_>) {
    let room = AXIS.1 - MARGIN;
    let text = fitted(&harmless(&stage.trial.plan.scenario.title), 20.0, true, room);
    canvas.text((MARGIN, 26.0), &text, Lettering::new(20.0, stage.theme.ink).bold());
    let sentence = fitted(&headline(stage.trial), 13.5, false, room);
    canvas.text((MARGIN, 49.0), &sentence, Lettering::new(13.5, stage.theme.mute));
}

fn caption(canvas: &Canvas<'_>, stage: &Stage<'_>, height: f64) {
    let outcome = stage.trial.outcome;
    let requests = whole(outcome.figure(Measure::requests).unwrap_or(0.0));
    let length = stage.trial.plan.scenario.length;
    let shown = Span::from_secs_f64(stage.window.1 - stage.window.0);
    let part = if shown < length {
        format!("{} of {} shown", span_in_words(shown), span_in_words(length))
    } else {
        format!("{} long", span_in_words(length))
    };
    let text = format!(
        "One simulated run, {part}, {} requests, a point each {}, seed {}  ·  {}",
        count(requests),
        span_in_words(outcome.series.step),
        outcome.seed,
        harmless(stage.trial.command),
    );
    let text = fitted(&text, 11.0, false, AXIS.1 - MARGIN);
    canvas.text((MARGIN, height - 16.0), &text, Lettering::new(11.0, stage.theme.mute));
}
