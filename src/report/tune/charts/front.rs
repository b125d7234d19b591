//! What can be had: the objective, or harm, against how long a good release takes, with the front of
//! those contestants that no other beats.

use super::{
    Page,
    sheet::{LEFT, RIGHT, Words, sheet},
};
use crate::{
    experiment::{
        Figure,
        tune::{ContestantFound, Part},
    },
    report::{
        ChartFile,
        chart::{Axis, Canvas, Frame, Key, Lettering, Mark, Side, fitted, header, placed},
    },
};

const HEAD: f64 = 30.0;
const PLOT: f64 = 380.0;
const AXIS: f64 = 44.0;
const VALUES: f64 = 74.0;
const SIZE: f64 = 12.0;

/// What the vertical axis measures.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Height {
    Objective,
    Harm,
}

/// A contestant with both figures.
struct ContestantPoint<'t> {
    index: usize,
    found: &'t ContestantFound,
    time: Figure,
    height: Figure,
    /// No other is better in one and no worse in the other.
    efficient: bool,
}

fn points<'t>(page: &Page<'t>, height: Height) -> Vec<ContestantPoint<'t>> {
    let known = |(index, found): (usize, &'t ContestantFound)| {
        let of = match height {
            Height::Objective => found.objective,
            Height::Harm => found.users_hurt,
        };
        let (time, height) = (found.rollout_time?, of?);
        Some(ContestantPoint { index, found, time, height, efficient: true })
    };
    let mut points: Vec<ContestantPoint<'_>> =
        page.tuning.contestants.iter().enumerate().filter_map(known).collect();
    let values: Vec<(f64, f64)> =
        points.iter().map(|it| (it.time.value, it.height.value)).collect();
    for (point, own) in points.iter_mut().zip(&values) {
        let beats =
            |it: &(f64, f64)| it.0 <= own.0 && it.1 <= own.1 && (it.0 < own.0 || it.1 < own.1);
        point.efficient = !values.iter().any(beats);
    }
    points
}

/// Candidates of the search that were not given up as broken, by time and height.
fn dust(page: &Page<'_>, height: Height) -> Vec<(f64, f64)> {
    let known = page.tuning.candidates.iter().filter_map(|it| {
        let of = match height {
            Height::Objective => it.objective,
            Height::Harm => it.users_hurt,
        };
        Some((it.rollout_time?, of?))
    });
    known.filter(|it| it.0.is_finite() && it.1.is_finite()).collect()
}

pub(super) fn chart(page: &Page<'_>, height: Height) -> Option<ChartFile> {
    let points = points(page, height);
    if points.is_empty()
        || (height == Height::Harm && page.tuning.objective.name == "users_hurt_mean")
    {
        return None;
    }
    let what = match height {
        Height::Objective => page.objective(),
        Height::Harm => "users hurt by a rollout".to_owned(),
    };
    let words = Words {
        name: match height {
            Height::Objective => "front-objective",
            Height::Harm => "front-harm",
        },
        title: format!("{what} against rollout time"),
        caption: "Left and low is better. Large marks are figures on fresh seeds with their \
                  intervals, labelled with the share of good releases rolled back; dots are \
                  certified to meet the constraints, rings are not certified, crosses violate \
                  them. Small dots are candidates with the search's own estimates. No setting is \
                  both faster and lower than those on the grey line."
            .to_owned(),
    };
    Some(sheet(page, words, HEAD + PLOT + AXIS, |canvas, top| {
        draw(canvas, page, (height, &what), (top, &points));
    }))
}

fn axes(points: &[ContestantPoint<'_>], dust: &[(f64, f64)], frame: Frame) -> (Axis, Axis) {
    let most = points.iter().map(|it| it.time.high.max(it.time.value)).fold(0.0, f64::max);
    let time = Axis::time(1.05 * most, (frame.left, frame.right));
    let up: Vec<f64> = points.iter().map(|it| it.height.value).collect();
    let mut bounds: Vec<f64> =
        points.iter().flat_map(|it| [it.height.low, it.height.high]).collect();
    let largest = up.iter().copied().fold(0.0, f64::max);
    bounds.extend(dust.iter().map(|it| it.1).filter(|it| *it < 1.5 * largest && *it > 0.0));
    let least = up.iter().copied().fold(f64::INFINITY, f64::min);
    let pixels = (frame.bottom, frame.top);
    let height = if least > 0.0 && largest > 8.0 * least {
        Axis::logarithmic(up.iter().chain(&bounds).copied().filter(|it| *it > 0.2 * least), pixels)
    } else {
        Axis::suiting(&up, &bounds, pixels)
    };
    (time, height)
}

fn draw(
    canvas: &Canvas<'_>,
    page: &Page<'_>,
    (height, what): (Height, &str),
    (top, points): (f64, &[ContestantPoint<'_>]),
) {
    let theme = page.theme;
    let frame = Frame {
        left: LEFT + VALUES,
        right: RIGHT - 12.0,
        top: top + HEAD,
        bottom: top + HEAD + PLOT,
    };
    let unit = match height {
        Height::Objective => page.tuning.objective.unit.as_str(),
        Height::Harm => "count",
    };
    let dust = dust(page, height);
    let (time, up) = axes(points, &dust, frame);
    time.draw(canvas, frame, Side::Below, |it| page.figure("seconds", it));
    up.draw(canvas, frame, Side::Left, |it| page.figure(unit, it));
    time.title_below(canvas, frame, "mean rollout time of a good release");
    let keys = [
        Key::new(Mark::Dot, theme.series[0], "present"),
        Key::new(Mark::Dot, theme.series[2], "recommended"),
        Key::new(Mark::Dot, theme.mute, "found"),
        Key::new(Mark::Dot, theme.series[1], "common defaults"),
    ];
    let what = if up.logarithmic { format!("{what}, logarithmic") } else { what.to_owned() };
    header(canvas, (LEFT, RIGHT), top + 8.0, (&what, ""), &keys);
    let (right, low) = (time.pixels().1, up.pixels());
    for &(seconds, value) in &dust {
        let (x, y) = (time.at(seconds), up.at(value));
        let inside = x < right - 0.5 && y > low.1 + 0.5 && y < low.0 - 0.5;
        if inside {
            canvas.dot((x, y), 1.8, theme.mute.over(theme.paper, 0.45));
        }
    }
    let place = |it: &ContestantPoint<'_>| (time.at(it.time.value), up.at(it.height.value));
    line(canvas, points, &place);
    let mut bars = Vec::new();
    for it in points {
        let ((x, y), colour) = (place(it), page.colour(it.found, it.index));
        let across = (time.at(it.time.low), time.at(it.time.high));
        let upright = (up.at(it.height.low), up.at(it.height.high));
        canvas.across(across, y, colour, 1.3);
        canvas.upright(x, upright, colour, 1.3);
        bars.push(Frame { left: across.0, right: across.1, top: y - 4.0, bottom: y + 4.0 });
        bars.push(Frame { left: x - 4.0, right: x + 4.0, top: upright.1, bottom: upright.0 });
    }
    for it in points {
        canvas.marker(place(it), Page::marker(it.found), 6.2, page.colour(it.found, it.index));
    }
    labels(canvas, page, points, (&place, &bars, frame));
}

/// The front as steps.
fn line(
    canvas: &Canvas<'_>,
    points: &[ContestantPoint<'_>],
    place: &dyn Fn(&ContestantPoint<'_>) -> (f64, f64),
) {
    let mut front: Vec<_> = points.iter().filter(|it| it.efficient).map(place).collect();
    front.sort_by(|one, two| one.0.total_cmp(&two.0));
    let steps = |pair: &[(f64, f64)]| [(pair[1].0, pair[0].1), pair[1]];
    let line: Vec<_> =
        front.iter().copied().take(1).chain(front.windows(2).flat_map(steps)).collect();
    if line.len() > 1 {
        canvas.line(&line, canvas.theme.mute.over(canvas.theme.paper, 0.6), 2.0);
    }
}

type Around<'a, 't> = (&'a dyn Fn(&ContestantPoint<'t>) -> (f64, f64), &'a [Frame], Frame);

fn labels<'t>(
    canvas: &Canvas<'_>,
    page: &Page<'_>,
    points: &[ContestantPoint<'t>],
    (place, bars, frame): Around<'_, 't>,
) {
    let theme = canvas.theme;
    // of the other finalists only the front is named: they lie close together
    let named: Vec<&ContestantPoint<'t>> = points
        .iter()
        .filter(|it| {
            it.found.part != Part::Found
                || it.index == page.tuning.verdict.recommended
                || it.efficient
        })
        .collect();
    let text = |it: &ContestantPoint<'_>| {
        let back = it.found.false_rollback.map_or_else(String::new, |found| {
            format!(", {} rolled back", page.figure("ratio", found.value))
        });
        fitted(&format!("{}{back}", page.name(it.found, it.index)), SIZE, false, 290.0)
    };
    let style = Lettering::new(SIZE, theme.ink);
    let texts: Vec<String> = named.iter().map(|it| text(it)).collect();
    let sizes: Vec<_> =
        named.iter().zip(&texts).map(|(it, text)| (place(it), style.width_of(text))).collect();
    for ((it, text), label) in named.iter().zip(&texts).zip(placed(&sizes, bars, frame)) {
        let (x, y) = place(it);
        let near = (x.clamp(label.left, label.right), y.clamp(label.top, label.bottom));
        if libm::hypot(near.0 - x, near.1 - y) > 24.0 {
            canvas.line(&[(x, y), near], theme.mute, 0.8);
        }
        let middle = f64::midpoint(label.top, label.bottom);
        canvas.fill(Frame { top: middle - 6.5, bottom: middle + 6.5, ..label }, theme.paper);
        canvas.text((label.left, middle), text, style);
    }
}
