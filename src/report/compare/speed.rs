//! What speed costs: cost or harm against how long a rollout takes, with the front of those strategies
//! that no other beats in both.

use super::{
    ChartFile,
    context::{ChartContext, Ranked},
    sheet::{LEFT, RIGHT, Words, sheet},
};
use crate::{
    experiment::{Estimate, Stat},
    report::chart::{Axis, Canvas, Frame, Lettering, Side, fitted, placed},
    units::text::seconds,
};

const HEAD: f64 = 24.0;
const PLOT: f64 = 360.0;
const AXIS: f64 = 44.0;
/// Room left of the plot for the labels.
const VALUES: f64 = 74.0;
const SIZE: f64 = 12.5;
/// Widest name.
const NAME: f64 = 190.0;

/// A strategy with its time and its cost or harm.
struct StrategyPoint {
    strategy: usize,
    time: Estimate,
    worth: Estimate,
    /// No other is better in one and no worse in the other.
    efficient: bool,
}

fn points(context: &ChartContext<'_>, ranked: &Ranked) -> Vec<StrategyPoint> {
    let known = |strategy| {
        let time = context.estimate(strategy, "promotion_time", Stat::Mean)?;
        let worth = context.estimate(strategy, ranked.quantity, Stat::Mean)?;
        Some(StrategyPoint { strategy, time, worth, efficient: true })
    };
    let mut points: Vec<StrategyPoint> = (0..context.names.len()).filter_map(known).collect();
    let values: Vec<_> = points.iter().map(|it| (it.time.value, it.worth.value)).collect();
    for (point, own) in points.iter_mut().zip(&values) {
        let beats =
            |it: &(f64, f64)| it.0 <= own.0 && it.1 <= own.1 && (it.0 < own.0 || it.1 < own.1);
        point.efficient = !values.iter().any(beats);
    }
    points
}

pub(super) fn chart(context: &ChartContext<'_>, ranked: &Ranked) -> Option<ChartFile> {
    let points = points(context, ranked);
    if points.is_empty() {
        return None;
    }
    let what = ranked.either("cost", "harm");
    let words = Words {
        name: ranked.either("speed-cost", "speed-harm"),
        title: ranked
            .either("Cost against rollout time", "Users hurt against rollout time")
            .to_owned(),
        caption: format!(
            "Means over all releases with their intervals both ways; left and low is better. No \
             strategy is faster than one on the grey line (names in bold) without being worse in \
             {what}."
        ),
    };
    let height = HEAD + PLOT + AXIS;
    Some(sheet(context, words, height, |canvas, top| draw(canvas, context, ranked, (top, &points))))
}

fn axes(points: &[StrategyPoint], frame: Frame) -> (Axis, Axis) {
    let across: Vec<f64> = points.iter().map(|it| it.time.value).collect();
    let bounds: Vec<f64> = points.iter().flat_map(|it| [it.time.low, it.time.high]).collect();
    let positive = across.iter().copied().filter(|it| *it > 0.0);
    let (least, most) =
        positive.fold((f64::MAX, 0.0), |ends, it| (f64::min(ends.0, it), f64::max(ends.1, it)));
    let spread = across.iter().all(|it| *it > 0.0) && most > 8.0 * least;
    let pixels = (frame.left, frame.right);
    let time = if spread {
        let bounds = bounds.into_iter().filter(|it| *it > 0.3 * least);
        Axis::times(across.into_iter().chain(bounds), pixels)
    } else {
        Axis::time(across.into_iter().chain(bounds).fold(0.0, f64::max), pixels)
    };
    let up: Vec<f64> = points.iter().map(|it| it.worth.value).collect();
    let bounds: Vec<f64> = points.iter().flat_map(|it| [it.worth.low, it.worth.high]).collect();
    (time, Axis::suiting(&up, &bounds, (frame.bottom, frame.top)))
}

fn draw(
    canvas: &Canvas<'_>,
    context: &ChartContext<'_>,
    ranked: &Ranked,
    (top, points): (f64, &[StrategyPoint]),
) {
    let theme = context.theme;
    let frame = Frame {
        left: LEFT + VALUES,
        right: RIGHT - 12.0,
        top: top + HEAD,
        bottom: top + HEAD + PLOT,
    };
    let (time, worth) = axes(points, frame);
    time.draw(canvas, frame, Side::Below, seconds);
    worth.draw(canvas, frame, Side::Left, |it| ranked.told(it));
    time.title_below(canvas, frame, "mean time until the rollout is over");
    let words = if worth.logarithmic {
        format!("{}, logarithmic", ranked.axis)
    } else {
        ranked.axis.clone()
    };
    canvas.text((LEFT, top + 6.0), &words, Lettering::new(11.5, theme.ink));
    let place = |it: &StrategyPoint| (time.at(it.time.value), worth.at(it.worth.value));
    let mut front: Vec<_> = points.iter().filter(|it| it.efficient).map(place).collect();
    front.sort_by(|one, two| one.0.total_cmp(&two.0));
    let steps = |pair: &[(f64, f64)]| [(pair[1].0, pair[0].1), pair[1]];
    let line: Vec<_> =
        front.iter().copied().take(1).chain(front.windows(2).flat_map(steps)).collect();
    if line.len() > 1 {
        canvas.line(&line, theme.mute.over(theme.paper, 0.7), 2.0);
    }
    let mut bars = Vec::new();
    for it in points {
        let ((x, y), colour) = (place(it), context.colour(it.strategy));
        let ends = (time.at(it.time.low), time.at(it.time.high));
        canvas.across(ends, y, colour, 1.5);
        let sides = (worth.at(it.worth.low), worth.at(it.worth.high));
        canvas.upright(x, sides, colour, 1.5);
        bars.push(Frame { left: ends.0, right: ends.1, top: y - 4.0, bottom: y + 4.0 });
        bars.push(Frame { left: x - 4.0, right: x + 4.0, top: sides.1, bottom: sides.0 });
    }
    bars.extend(line.windows(2).map(|it| Frame {
        left: it[0].0.min(it[1].0) - 3.0,
        right: it[0].0.max(it[1].0) + 3.0,
        top: it[0].1.min(it[1].1) - 3.0,
        bottom: it[0].1.max(it[1].1) + 3.0,
    }));
    for it in points {
        context.mark(canvas, place(it), it.strategy, 6.0);
    }
    let names: Vec<_> = points
        .iter()
        .map(|it| fitted(&context.names[it.strategy], SIZE, it.efficient, NAME))
        .collect();
    names_beside(canvas, points, &names, (&place, &bars, frame));
}

type Around<'a> = (&'a dyn Fn(&StrategyPoint) -> (f64, f64), &'a [Frame], Frame);

/// The names beside their points, with a line to those that found no place near.
fn names_beside(
    canvas: &Canvas<'_>,
    points: &[StrategyPoint],
    names: &[String],
    (place, bars, frame): Around<'_>,
) {
    let theme = canvas.theme;
    let style = |it: &StrategyPoint| {
        let plain = Lettering::new(SIZE, theme.ink);
        if it.efficient { plain.bold() } else { plain }
    };
    let sizes: Vec<_> =
        points.iter().zip(names).map(|(it, name)| (place(it), style(it).width_of(name))).collect();
    let places = placed(&sizes, bars, frame);
    for (it, label) in points.iter().zip(&places) {
        let (x, y) = place(it);
        let near = (x.clamp(label.left, label.right), y.clamp(label.top, label.bottom));
        let away = libm::hypot(near.0 - x, near.1 - y);
        if away > 24.0 {
            let from = (x + (near.0 - x) * 9.0 / away, y + (near.1 - y) * 9.0 / away);
            canvas.line(&[from, near], theme.mute, 0.8);
        }
    }
    for (it, (label, name)) in points.iter().zip(places.iter().zip(names)) {
        let middle = f64::midpoint(label.top, label.bottom);
        // lines to other names end where this one begins
        let ground = Frame { top: middle - 6.5, bottom: middle + 6.5, ..*label };
        canvas.fill(ground, theme.paper);
        canvas.text((label.left, middle), name, style(it));
    }
}
