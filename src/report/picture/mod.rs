//! The picture of one run: panels stacked on one axis of time.

mod crowd;
mod gantt;
mod moments;
mod panel;
mod series;
mod context;
mod time;
mod verdicts;

use self::context::{AXIS, GAP, MARGIN, PictureContext, Section, WIDTH};
use super::{
    Trial,
    chart::{Canvas, Lettering, drawn, fitted},
    headline::headline,
    words::harmless,
};
use crate::{
    model::Measure,
    units::{
        Span, round_u64,
        text::{counted, span},
    },
};

const TITLE_HEIGHT: f64 = 66.0;
const CAPTION_HEIGHT: f64 = 26.0;

/// The picture as an SVG. The same outcome gives the same bytes.
pub fn picture(trial: Trial<'_>) -> String {
    let context = PictureContext::new(trial);
    let sections = sections(&context);
    let panels: f64 = sections.iter().map(|it| it.height + GAP).sum();
    let height = TITLE_HEIGHT + panels + time::HEIGHT + CAPTION_HEIGHT;
    let size = (WIDTH, u32::try_from(round_u64(height)).unwrap_or(WIDTH));
    let about = format!("{}: {}", trial.plan.scenario.title, headline(trial));
    drawn(size, &about, context.theme, |canvas| {
        title(canvas, &context);
        let mut top = TITLE_HEIGHT;
        for section in &sections {
            let plot = (top + section.header, top + section.height);
            if section.header > 0.0 {
                time::grid(canvas, &context, plot);
            }
            (section.draw)(canvas, top);
            if section.header > 0.0 {
                moments::lines(canvas, &context, plot);
            }
            top += section.height + GAP;
        }
        time::axis(canvas, &context, top - GAP);
        caption(canvas, &context, height);
    })
}

fn sections<'p>(context: &'p PictureContext<'p>) -> Vec<Section<'p>> {
    let mut sections = vec![moments::section(context), instances(context)];
    sections.extend(series::sections(context));
    sections.extend(verdicts::section(context));
    sections
}

/// A bar for each instance, or how many there are where they would be too many to see.
fn instances<'p>(context: &'p PictureContext<'p>) -> Section<'p> {
    if context.trial.outcome.lives.len() > gantt::ROWS_MAX {
        crowd::section(context)
    } else {
        gantt::section(context)
    }
}

fn title(canvas: &Canvas<'_>, context: &PictureContext<'_>) {
    let room = AXIS.1 - MARGIN;
    let text = fitted(&harmless(&context.trial.plan.scenario.title), 20.0, true, room);
    canvas.text((MARGIN, 26.0), &text, Lettering::new(20.0, context.theme.ink).bold());
    let sentence = fitted(&headline(context.trial), 13.5, false, room);
    canvas.text((MARGIN, 49.0), &sentence, Lettering::new(13.5, context.theme.mute));
}

fn caption(canvas: &Canvas<'_>, context: &PictureContext<'_>, height: f64) {
    let outcome = context.trial.outcome;
    let requests = round_u64(outcome.figure(Measure::requests).unwrap_or(0.0));
    let length = context.trial.plan.scenario.length;
    let shown = Span::from_secs_f64(context.window.1 - context.window.0);
    let part = if shown < length {
        format!("{} of {} shown", span(shown), span(length))
    } else {
        format!("{} long", span(length))
    };
    let text = format!(
        "One simulated run, {part}, {}, one point per {}, seed {}  ·  {}",
        counted(requests, "request"),
        span(outcome.series.step),
        outcome.seed,
        harmless(context.trial.command),
    );
    let text = fitted(&text, 11.0, false, AXIS.1 - MARGIN);
    canvas.text((MARGIN, height - 16.0), &text, Lettering::new(11.0, context.theme.mute));
}
