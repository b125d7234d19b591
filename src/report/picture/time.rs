//! The common axis of time: what the clock shows, and time since the rollout started.

use super::{AXIS, MARGIN, PictureContext};
use crate::{
    report::chart::{Canvas, Lettering, time_step},
    units::{
        Instant, Span,
        text::{self, Seconds},
    },
};

pub(super) const HEIGHT: f64 = 46.0;
const DAY: f64 = 86_400.0;
/// Labels on the axis at most.
const LABELS_MAX: f64 = 12.0;

/// Seconds since the start of the trial at which the clock shows something round.
fn ticks(context: &PictureContext<'_>) -> (f64, Vec<f64>) {
    let step = time_step(context.window.1 - context.window.0, LABELS_MAX);
    let start = context.clock.seconds_at_start();
    let mut tick = ((start + context.window.0) / step).ceil() * step - start;
    let mut ticks = Vec::new();
    while tick <= context.window.1 + 1e-6 {
        ticks.push(tick);
        tick += step;
    }
    (step, ticks)
}

/// Faint lines at the ticks of the clock.
pub(super) fn grid(canvas: &Canvas<'_>, context: &PictureContext<'_>, (top, bottom): (f64, f64)) {
    for tick in ticks(context).1 {
        let x = context.time.at(tick);
        canvas.line(&[(x, top), (x, bottom)], context.theme.grid, 1.0);
    }
}

/// Two rows of labels below the panels.
pub(super) fn axis(canvas: &Canvas<'_>, context: &PictureContext<'_>, top: f64) {
    let theme = context.theme;
    canvas.line(&[(AXIS.0, top), (AXIS.1, top)], theme.mute, 1.0);
    let name = Lettering::new(11.5, theme.mute);
    canvas.text((MARGIN, top + 15.0), "clock", name);
    canvas.text((MARGIN, top + 33.0), "since rollout", name);
    let (step, ticks) = ticks(context);
    let mut day_before = None;
    for tick in ticks {
        let x = context.time.at(tick);
        canvas.line(&[(x, top), (x, top + 4.0)], theme.mute, 1.0);
        let wall = context.clock.wall(Instant::ZERO + Span::from_secs_f64(tick));
        let (day, time) = wall.split_once(' ').unwrap_or(("", &wall));
        let time = if step < 60.0 { time } else { time.rsplit_once(':').map_or(time, |it| it.0) };
        let text = match (day_before.as_deref() == Some(day), step < DAY) {
            (_, false) => day.to_owned(),
            (true, true) => time.to_owned(),
            (false, true) => format!("{day} {time}"),
        };
        day_before = Some(day.to_owned());
        canvas.text((x, top + 15.0), &text, Lettering::new(11.5, theme.ink).centred());
    }
    rollout_labels(canvas, context, (top, step));
}

/// Round times before and after the start of the rollout, where it is.
fn rollout_labels(canvas: &Canvas<'_>, context: &PictureContext<'_>, (top, step): (f64, f64)) {
    let zero = context.clock.rollout_at().as_secs_f64();
    let mut offset = ((context.window.0 - zero) / step).ceil() * step;
    while zero + offset <= context.window.1 + 1e-6 {
        let x = context.time.at(zero + offset);
        let style = Lettering::new(11.5, context.theme.mute).centred();
        canvas.line(&[(x, top + 22.5), (x, top + 25.5)], context.theme.mute, 1.0);
        canvas.text((x, top + 33.0), &offset_label(offset, step), style);
        offset += step;
    }
}

/// `T+00:10`, `T−00:05`, `T+3 d`, or with seconds for short steps.
fn offset_label(offset: f64, step: f64) -> String {
    let seconds = crate::units::round_u64(offset.abs()).cast_signed();
    let seconds = if offset < 0.0 { -seconds } else { seconds };
    match step {
        it if it >= DAY => text::elapsed_days(seconds / 86_400),
        it if it < 60.0 => text::elapsed(seconds, Seconds::Shown),
        _ => text::elapsed(seconds, Seconds::Hidden),
    }
}
