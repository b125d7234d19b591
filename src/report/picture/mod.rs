//! The picture of one run: panels stacked on one axis of time.

mod crowd;
mod gantt;
mod moments;
mod panel;
mod series;
mod stage;
mod time;
mod verdicts;

use self::stage::{AXIS, GAP, MARGIN, Section, Stage, WIDTH};
use super::{
    Trial,
    chart::{Canvas, Lettering, drawn, fitted},
    headline::headline,
    words::{count, harmless, span_in_words},
};
use crate::{
    model::Measure,
    units::{Span, whole},
};

const TITLE_HEIGHT: f64 = 66.0;
const CAPTION_HEIGHT: f64 = 26.0;

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

fn sections<'p>(stage: &'p Stage<'p>) -> Vec<Section<'p>> {
    let mut sections = vec![moments::section(stage), instances(stage)];
    sections.extend(series::sections(stage));
    sections.extend(verdicts::section(stage));
    sections
}

/// A bar for each instance, or how many there are where they would be too many to see.
fn instances<'p>(stage: &'p Stage<'p>) -> Section<'p> {
    if stage.trial.outcome.lives.len() > gantt::ROWS_MAX {
        crowd::section(stage)
    } else {
        gantt::section(stage)
    }
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
        "One simulated run, {part}, {} requests, one point per {}, seed {}  ·  {}",
        count(requests),
        span_in_words(outcome.series.step),
        outcome.seed,
        harmless(stage.trial.command),
    );
    let text = fitted(&text, 11.0, false, AXIS.1 - MARGIN);
    canvas.text((MARGIN, height - 16.0), &text, Lettering::new(11.0, stage.theme.mute));
}
