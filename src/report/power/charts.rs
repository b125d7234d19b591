//! The charts of a survey: what is caught as defects grow, how soon and at what price, how the gate does
//! elsewhere, and what contamination adds.

use super::{
    figures::{along, severity_in_cell},
    panels::{self, CurveMark, Line, Panel, Upright},
    tables::pair,
    words::defect,
};
use crate::{
    experiment::{
        Figure,
        power::{CurveFound, Found, KindFound, Paired, Power, SeverityUnit},
    },
    report::{
        chart::{
            Axis, Canvas, Colour, DARK, Frame, Key, LIGHT, Lettering, Mark, Marker, Side, header,
        },
        compare::{
            ChartFile, Tone,
            sheet::{Foot, LEFT, PARTIAL, RIGHT, Words, sheet_of},
        },
        words::harmless,
    },
    units::text::{Unit, count, counted, number, range, share},
};

/// Every chart that there is something for.
pub fn power_charts(power: &Power, tone: Tone) -> Vec<ChartFile> {
    let theme = match tone {
        Tone::Light => &LIGHT,
        Tone::Dark => &DARK,
    };
    let foot = Foot {
        theme,
        complete: power.complete,
        rests_on: rests_on(power),
        title: &power.title,
        command: &power.command,
    };
    let charts = [catches(power, &foot), times(power, &foot), harm(power, &foot)];
    let more = [elsewhere(power, &foot), worlds(power, &foot)];
    charts.into_iter().chain(more).flatten().collect()
}

/// How much a point rests on, since each has its own number of trials.
fn rests_on(power: &Power) -> String {
    let points = power.kinds.iter().flat_map(|it| &it.points).map(|it| it.found.trials);
    let curves = power.curves.iter().flat_map(|it| &it.points);
    let all = points.chain(curves.flat_map(|it| [it.good.trials, it.bad.trials]));
    let all = all.filter(|it| *it > 0).chain([power.good.trials]);
    let (least, most) = all.fold((u64::MAX, 0), |(least, most), it| (least.min(it), most.max(it)));
    let partial = if power.complete { String::new() } else { format!("{PARTIAL}, ") };
    let each = if least < most { range(&count(least), &count(most)) } else { count(most) };
    format!(
        "{partial}{}, {each} a point, {} intervals  ·  seed {}",
        counted(power.trials, "rollout"),
        share(power.confidence),
        power.seed
    )
}

fn point(x: f64, it: Option<Figure>) -> Option<CurveMark> {
    let it = it?;
    let sound = [it.value, it.low, it.high].iter().all(|it| it.is_finite());
    sound.then_some(CurveMark { x, y: it.value, low: it.low, high: it.high })
}

/// Kinds that have a curve.
fn graded(power: &Power) -> impl Iterator<Item = &KindFound> {
    power.kinds.iter().filter(|it| it.unit != SeverityUnit::AllOrNothing && it.points.len() > 1)
}

/// Where a severity stands on a scale of logarithms.
fn place(kind: &KindFound, severity: f64) -> f64 {
    if kind.unit == SeverityUnit::SlowerTimes { severity - 1.0 } else { severity }
}

fn panel(kind: &KindFound, upright: Upright, lines: Vec<Line>) -> Panel<'_> {
    let along = match kind.unit {
        SeverityUnit::MoreErrors => "errors above a normal day's",
        SeverityUnit::SlowerTimes => "service time as a multiple",
        SeverityUnit::BytesAnHour => "leak of each instance",
        SeverityUnit::Strength | SeverityUnit::AllOrNothing => "part of its full strength",
    };
    let unit = kind.unit;
    let back = move |it: f64| if unit == SeverityUnit::SlowerTimes { it + 1.0 } else { it };
    Panel {
        title: harmless(&kind.name),
        along: along.to_owned(),
        tick: Box::new(move |it| severity_in_cell(unit, back(it))),
        ticks: kind.points.iter().map(|it| place(kind, it.severity)).collect(),
        logarithmic: true,
        upright,
        level: None,
        band: None,
        own: None,
        lines,
    }
}

/// A line over the severities of a kind.
fn over(
    kind: &KindFound,
    of: impl Fn(&Found) -> Option<Figure>,
    (colour, marker): (Colour, Marker),
) -> Line {
    let points = kind.points.iter();
    let points = points.filter_map(|it| point(place(kind, it.severity), of(&it.found)));
    Line { points: points.collect(), colour, marker }
}

fn has_points(panel: &Panel<'_>) -> bool {
    panel.lines.iter().any(|it| !it.points.is_empty())
}

fn catches(power: &Power, foot: &Foot<'_>) -> Option<ChartFile> {
    let theme = foot.theme;
    let (bad, good) = (theme.series[0], theme.series[1]);
    let panels: Vec<Panel<'_>> = graded(power)
        .map(|kind| {
            let lines = vec![over(kind, |it| it.rolled_back, (bad, Marker::Dot))];
            let band = point(0.0, power.good.rolled_back).map(|it| (it, good));
            Panel { level: Some(0.9), band, ..panel(kind, Upright::Share, lines) }
        })
        .filter(has_points)
        .collect();
    if panels.is_empty() {
        return None;
    }
    let words = Words {
        name: "catch",
        title: "Rollbacks by severity of the defect".to_owned(),
        caption: format!(
            "Share of the rollouts that are rolled back, with {} intervals. The dashed line is 90 \
             %. The band is the false rollbacks of good releases: a defect within the band cannot \
             be told from none.",
            share(power.confidence)
        ),
    };
    let keys = [
        Key::new(Mark::Dot, bad, "with the defect"),
        Key::new(Mark::Line, good, "good releases"),
        Key::new(Mark::Dashes, theme.mute, "nine in ten"),
    ];
    Some(sheet_of(foot, words, panels::height(panels.len()), |canvas, top| {
        panels::draw(canvas, top, "", &keys, &panels);
    }))
}

fn times(power: &Power, foot: &Foot<'_>) -> Option<ChartFile> {
    let theme = foot.theme;
    let (half, most) = (theme.series[0], theme.series[3]);
    let panels: Vec<Panel<'_>> = graded(power)
        .map(|kind| {
            let lines = vec![
                over(kind, |it| it.back_after_p90, (most, Marker::Diamond)),
                over(kind, |it| it.back_after_p50, (half, Marker::Dot)),
            ];
            panel(kind, Upright::Time, lines)
        })
        .filter(has_points)
        .collect();
    if panels.is_empty() {
        return None;
    }
    let words = Words {
        name: "time-to-catch",
        title: "Time to detect and roll back".to_owned(),
        caption: format!(
            "Time from the start of the rollout to the decision to roll it back, of those that \
             are rolled back, with {} intervals; points with too few are left out.",
            share(power.confidence)
        ),
    };
    let keys =
        [Key::new(Mark::Dot, half, "median"), Key::new(Mark::Diamond, most, "90th percentile")];
    Some(sheet_of(foot, words, panels::height(panels.len()), |canvas, top| {
        panels::draw(canvas, top, "", &keys, &panels);
    }))
}

fn harm(power: &Power, foot: &Foot<'_>) -> Option<ChartFile> {
    let theme = foot.theme;
    let (mean, most) = (theme.series[0], theme.series[3]);
    let panels: Vec<Panel<'_>> = graded(power)
        .map(|kind| {
            let lines = vec![
                over(kind, |it| it.users_hurt_p90, (most, Marker::Diamond)),
                over(kind, |it| it.users_hurt_mean, (mean, Marker::Dot)),
            ];
            panel(kind, Upright::Value(number), lines)
        })
        .filter(has_points)
        .collect();
    if panels.is_empty() {
        return None;
    }
    let words = Words {
        name: "harm",
        title: "Users hurt until the rollout is over".to_owned(),
        caption: format!(
            "Mean and 90th percentile over all rollouts with the defect, rolled back or not, with \
             {} intervals. Harm after the promotion is not counted.",
            share(power.confidence)
        ),
    };
    let keys =
        [Key::new(Mark::Dot, mean, "mean"), Key::new(Mark::Diamond, most, "90th percentile")];
    Some(sheet_of(foot, words, panels::height(panels.len()), |canvas, top| {
        panels::draw(canvas, top, "", &keys, &panels);
    }))
}

fn elsewhere(power: &Power, foot: &Foot<'_>) -> Option<ChartFile> {
    let theme = foot.theme;
    let (name, _) = defect(power)?;
    let (bad, good) = (theme.series[0], theme.series[1]);
    let panels: Vec<Panel<'_>> = power
        .curves
        .iter()
        .filter(|it| it.points.len() > 1)
        .map(|curve| {
            let of = |it: fn(&crate::experiment::power::CurvePoint) -> Option<Figure>| {
                curve.points.iter().filter_map(move |at| point(at.x, it(at))).collect()
            };
            let lines = vec![
                Line { points: of(|it| it.good.rolled_back), colour: good, marker: Marker::Square },
                Line { points: of(|it| it.bad.rolled_back), colour: bad, marker: Marker::Dot },
            ];
            curve_panel(curve, lines)
        })
        .filter(has_points)
        .collect();
    if panels.is_empty() {
        return None;
    }
    let words = Words {
        name: "elsewhere",
        title: format!("Good releases and {name}, under other conditions"),
        caption: format!(
            "Share of the rollouts that are rolled back, with {} intervals, as one setting \
             changes. The dashed line is the scenario's own setting.",
            share(power.confidence)
        ),
    };
    let keys = [Key::new(Mark::Dot, bad, name), Key::new(Mark::Box, good, "good releases")];
    Some(sheet_of(foot, words, panels::height(panels.len()), |canvas, top| {
        panels::draw(canvas, top, "", &keys, &panels);
    }))
}

fn curve_panel(curve: &CurveFound, lines: Vec<Line>) -> Panel<'_> {
    Panel {
        title: format!("against {}", curve.name),
        along: match curve.name.as_str() {
            "traffic" => "mean requests per second".to_owned(),
            _ => curve.about.clone(),
        },
        tick: Box::new(|it| along(&curve.name, it)),
        ticks: curve.points.iter().map(|it| it.x).collect(),
        logarithmic: curve.name != "hour",
        upright: Upright::Share,
        level: None,
        band: None,
        own: curve.points.iter().find(|it| it.as_is).map(|it| it.x),
        lines,
    }
}

const ROW: f64 = 46.0;
const HEAD: f64 = 30.0;
const AXIS: f64 = 46.0;
const NAMES: f64 = 150.0;
const FIGURES: f64 = 210.0;

fn worlds(power: &Power, foot: &Foot<'_>) -> Option<ChartFile> {
    let playing: Vec<_> = power.worlds.iter().filter(|it| it.good.is_some()).collect();
    let name = defect(power).map_or_else(|| "the defect".to_owned(), |it| it.0);
    if playing.is_empty() {
        return None;
    }
    let words = Words {
        name: "contamination",
        title: "Effect of contamination".to_owned(),
        caption: format!(
            "Change in rollbacks without each source of contamination, in the same rollouts, with \
             {} intervals for paired shares. Left of zero for good releases: that many false \
             rollbacks are not the judge's fault.",
            share(power.confidence)
        ),
    };
    let height = HEAD + ROW * playing.len() as f64 + AXIS;
    Some(sheet_of(foot, words, height, |canvas, top| {
        let theme = canvas.theme;
        let (bad, good) = (theme.series[0], theme.series[1]);
        let frame = Frame {
            left: LEFT + NAMES,
            right: RIGHT - FIGURES,
            top: top + HEAD,
            bottom: top + HEAD + ROW * playing.len() as f64,
        };
        let pairs = playing.iter().flat_map(|it| [it.good, it.bad]).flatten();
        let ends: Vec<f64> = pairs.flat_map(|it| [it.low, it.high]).collect();
        let axis = Axis::linear(ends.into_iter(), (frame.left, frame.right));
        axis.draw(canvas, frame, Side::Below, |it| Unit::Points.value(it));
        axis.title_below(canvas, frame, "percentage points");
        let keys =
            [Key::new(Mark::Box, good, "good releases"), Key::new(Mark::Dot, bad, name.clone())];
        header(canvas, (LEFT, RIGHT), top + 8.0, ("", ""), &keys);
        let zero = axis.at(0.0);
        canvas.line(&[(zero, frame.top - 4.0), (zero, frame.bottom)], theme.ink, 1.3);
        for (index, world) in playing.iter().enumerate() {
            let y = frame.top + ROW * (index as f64 + 0.5);
            canvas.text((LEFT, y), &world.name, Lettering::new(12.5, theme.ink));
            let rows = [(world.good, good, Marker::Square), (world.bad, bad, Marker::Dot)];
            let known = |(row, (it, colour, marker)): (usize, (Option<Paired>, Colour, Marker))| {
                Some((y - 9.0 + 18.0 * row as f64, it?, colour, marker))
            };
            for (y, it, colour, marker) in rows.into_iter().enumerate().filter_map(known) {
                difference(canvas, &axis, y, (&it, colour, marker));
            }
        }
    }))
}

/// One difference with its interval, and its figures beside it.
fn difference(
    canvas: &Canvas<'_>,
    axis: &Axis,
    y: f64,
    (it, colour, marker): (&Paired, Colour, Marker),
) {
    canvas.across((axis.at(it.low), axis.at(it.high)), y, colour, 2.0);
    canvas.marker((axis.at(it.difference), y), marker, 4.6, colour);
    let [rates, change] = pair(Some(it));
    let style = Lettering::new(11.0, canvas.theme.ink).flush_right();
    canvas.text((RIGHT - 100.0, y), &rates, style);
    canvas.text((RIGHT, y), &change, Lettering::new(11.0, canvas.theme.mute).flush_right());
}
