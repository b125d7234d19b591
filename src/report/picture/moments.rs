//! What happened when: labelled moments and the band of phases above the panels.

use super::{AXIS, PictureContext, Section};
use crate::{
    model::Phase,
    report::{
        chart::{Canvas, Colour, Frame, Lettering, fitted},
        words::harmless,
    },
    units::Instant,
};

const LANE: f64 = 17.0;
const BAND: f64 = 20.0;
const SIZE: f64 = 11.5;
/// Faults with a label of their own; the rest is left to the timeline.
const FAULTS_MAX: usize = 8;

/// A moment with its label.
struct Moment {
    x: f64,
    text: String,
    colour: Colour,
    /// Where the label begins and ends.
    label: (f64, f64),
    /// Counted upwards from the band.
    lane: usize,
}

fn moment(context: &PictureContext<'_>, at: Instant, what: &str, colour: Colour) -> Moment {
    let wall = context.clock.wall(at);
    // the day matters once the picture shows more than one
    let several = context.window.1 - context.window.0 > 86_400.0;
    let time = wall.split_once(' ').map_or(wall.as_str(), |it| it.1);
    let text = format!("{} {what}", if several { &wall } else { time });
    let style = Lettering::new(SIZE, colour).bold();
    let (x, width) = (context.x(at), style.width_of(&text));
    let label = if x + 5.0 + width <= AXIS.1 {
        (x + 5.0, x + 5.0 + width)
    } else {
        (x - 5.0 - width, x - 5.0)
    };
    Moment { x, text, colour, label, lane: 0 }
}

fn moments(context: &PictureContext<'_>) -> Vec<Moment> {
    let outcome = context.trial.outcome;
    let theme = context.theme;
    let ended = match outcome.phase {
        Phase::Completed => "completed",
        Phase::Failed => "failed half-way",
        Phase::RolledBack => "rollback complete",
        Phase::Pending | Phase::Progressing | Phase::Paused | Phase::RollingBack => "",
    };
    // what follows within a hair's breadth of the rollback needs no label of its own
    let home = outcome.rollback_done;
    let rested =
        outcome.rested.filter(|it| home.is_none_or(|home| context.x(*it) - context.x(home) > 40.0));
    let known = [
        (outcome.rollout_began, "rollout started", theme.ink),
        (outcome.first_symptom, "first symptom", theme.bad),
        (outcome.detected, "detected", theme.limit),
        (outcome.rollback_began, "rollback started", theme.ink),
        (outcome.rollback_done, "all traffic on the old release", theme.ink),
        (rested, ended, theme.ink),
    ];
    let mut joined: Vec<(Instant, String, Colour)> = Vec::new();
    for (at, what, colour) in known {
        let Some(at) = at.filter(|_| !what.is_empty()) else { continue };
        match joined.iter_mut().find(|it| it.0 == at) {
            Some((_, words, _)) => words.extend([", ", what]),
            None => joined.push((at, what.to_owned(), colour)),
        }
    }
    let mut moments: Vec<Moment> =
        joined.iter().map(|(at, what, colour)| moment(context, *at, what, *colour)).collect();
    let mut named: Vec<&str> = Vec::new();
    for fault in &outcome.faults {
        let known = named.contains(&fault.name.as_str());
        if known || named.len() == FAULTS_MAX || !context.shows(fault.at) {
            continue;
        }
        named.push(&fault.name);
        let kind = if fault.defect { "defect" } else { "incident" };
        let name = fitted(&harmless(&fault.name), SIZE, true, 180.0);
        moments.push(moment(context, fault.at, &format!("{kind}: {name}"), theme.bad));
    }
    into_lanes(&mut moments);
    moments
}

/// Labels that lie over the line of another moment go above it, and so do those over other labels.
fn into_lanes(moments: &mut [Moment]) {
    moments.sort_by(|one, two| two.x.total_cmp(&one.x));
    for index in 0..moments.len() {
        let (from, to) = moments[index].label;
        let above = |it: &&Moment| {
            let crossed = (from - 4.0..=to + 4.0).contains(&it.x);
            crossed || it.label.0 < to + 10.0 && from < it.label.1 + 10.0
        };
        let lane = moments[..index].iter().filter(above).map(|it| it.lane + 1).max();
        moments[index].lane = lane.unwrap_or(0);
    }
}

pub(super) fn section<'p>(context: &'p PictureContext<'p>) -> Section<'p> {
    let lanes = moments(context).iter().map(|it| it.lane + 1).max().unwrap_or(0);
    let labels = LANE * lanes as f64 + 4.0;
    let draw = move |canvas: &Canvas<'_>, top: f64| {
        phases(canvas, context, top + labels);
        named(canvas, context, top, (lanes, top + labels + BAND));
    };
    Section { header: 0.0, ..Section::new(labels + BAND, draw) }
}

/// The band that says where the rollout stood.
fn phases(canvas: &Canvas<'_>, context: &PictureContext<'_>, top: f64) {
    let theme = context.theme;
    let style = Lettering::new(SIZE, theme.mute).flush_right();
    canvas.text((AXIS.0 - 12.0, top + BAND / 2.0), "rollout", style);
    let mut spans = vec![(AXIS.0, Phase::Pending)];
    spans.extend(context.trial.outcome.phases.iter().map(|it| (context.x(it.at), it.phase)));
    for (index, &(left, phase)) in spans.iter().enumerate() {
        let right = spans.get(index + 1).map_or(AXIS.1, |it| it.0);
        let (colour, words) = label(context, phase);
        canvas.fill(Frame { left, right, top, bottom: top + BAND }, colour);
        let style = Lettering::new(SIZE, theme.ink);
        if right - left > style.width_of(words) + 12.0 {
            canvas.text((left + 6.0, top + BAND / 2.0), words, style);
        }
    }
}

fn label(context: &PictureContext<'_>, phase: Phase) -> (Colour, &'static str) {
    let theme = context.theme;
    let tint = |colour: Colour, part: f64| colour.over(theme.paper, part);
    match phase {
        Phase::Pending if !context.ships => (tint(theme.mute, 0.14), "nothing is shipped"),
        Phase::Pending => (tint(theme.mute, 0.14), "before the rollout"),
        Phase::Progressing => (tint(theme.candidate, 0.35), "rolling out"),
        Phase::Paused => (tint(theme.unsure, 0.35), "waiting for a person"),
        Phase::RollingBack => (tint(theme.bad, 0.4), "rolling back"),
        Phase::Completed => (tint(theme.good, 0.3), "completed"),
        Phase::RolledBack => (tint(theme.stable, 0.25), "rolled back"),
        Phase::Failed => (tint(theme.bad, 0.25), "failed half-way"),
    }
}

/// A line for each moment through a panel.
pub(super) fn lines(canvas: &Canvas<'_>, context: &PictureContext<'_>, (top, bottom): (f64, f64)) {
    for it in &moments(context) {
        canvas.line(&[(it.x, top), (it.x, bottom)], it.colour, 0.9);
    }
}

/// The labels, and lines from them down through the band.
fn named(
    canvas: &Canvas<'_>,
    context: &PictureContext<'_>,
    top: f64,
    (lanes, bottom): (usize, f64),
) {
    let moments = moments(context);
    let y = |lane: usize| top + LANE * (lanes - lane) as f64 - LANE / 2.0;
    for it in &moments {
        canvas.line(&[(it.x, y(it.lane) - 6.0), (it.x, bottom)], it.colour, 0.9);
    }
    for it in &moments {
        let (left, right) = (it.label.0 - 1.0, it.label.1 + 1.0);
        let (top, bottom) = (y(it.lane) - 6.0, y(it.lane) + 7.0);
        canvas.fill(Frame { left, top, right, bottom }, context.theme.paper);
        let style = Lettering::new(SIZE, it.colour).bold();
        canvas.text((it.label.0, y(it.lane)), &it.text, style);
    }
}
