//! How long until a bad release is noticed, and how long until everyone is back on the old one.

use super::{
    ChartFile,
    context::ChartContext,
    sheet::{LEFT, RIGHT, Words, sheet},
};
use crate::{
    experiment::{Estimate, Stat},
    report::chart::{Axis, Canvas, Frame, Lettering, Side},
    units::text::{NONE, Unit, seconds, share},
};

const ROW: f64 = 40.0;
const HEAD: f64 = 40.0;
const AXIS: f64 = 44.0;
/// Column of the share right of each panel.
const SHARE: f64 = 78.0;
const BETWEEN: f64 = 26.0;

/// Half of the chart: a time, and how often it came to that.
struct Half {
    name: &'static str,
    quantity: &'static str,
    event: &'static str,
    /// What the share is a share of.
    of: [&'static str; 2],
}

const HALVES: [Half; 2] = [
    Half {
        name: "Time to detect",
        quantity: "detection_time",
        event: "detected",
        of: ["detected", "of bad ones"],
    },
    Half {
        name: "Time to roll back",
        quantity: "rollback_time",
        event: "rolled_back",
        of: ["rolled back", "of all"],
    },
];

pub(super) fn chart(context: &ChartContext<'_>) -> Option<ChartFile> {
    let known = |it: usize, half: &Half| context.estimate(it, half.quantity, Stat::P50).is_some();
    let some = (0..context.names.len()).any(|it| HALVES.iter().any(|half| known(it, half)));
    if !some {
        return None;
    }
    let words = Words {
        name: "times",
        title: "Time to detect and to roll back".to_owned(),
        caption: format!(
            "Solid marks are medians, pale ones the 95th percentile, with {} intervals, of the \
             rollouts in which it happened. Detection counts from the first symptom and has no time \
             where there was none; rollback counts from the decision.",
            share(context.summary.confidence)
        ),
    };
    let height = HEAD + ROW * context.names.len() as f64 + AXIS;
    Some(sheet(context, words, height, |canvas, top| draw(canvas, context, top)))
}

fn draw(canvas: &Canvas<'_>, context: &ChartContext<'_>, top: f64) {
    let gutter = context.gutter(200.0);
    let bottom = top + HEAD + ROW * context.names.len() as f64;
    let wide = (RIGHT - LEFT - gutter - BETWEEN) / 2.0;
    for (index, half) in HALVES.iter().enumerate() {
        let left = LEFT + gutter + index as f64 * (wide + BETWEEN);
        let frame = Frame { left, right: left + wide - SHARE, top: top + HEAD, bottom };
        panel(canvas, context, half, frame);
    }
    for strategy in 0..context.names.len() {
        let y = top + HEAD + ROW * (strategy as f64 + 0.5);
        context.name(canvas, (LEFT, y), gutter, strategy);
    }
}

fn panel(canvas: &Canvas<'_>, context: &ChartContext<'_>, half: &Half, frame: Frame) {
    let theme = context.theme;
    let of = |it, stat| context.estimate(it, half.quantity, stat);
    let all: Vec<[Option<Estimate>; 2]> =
        (0..context.names.len()).map(|it| [of(it, Stat::P50), of(it, Stat::P95)]).collect();
    let ends = all.iter().flatten().flatten().flat_map(|it| [it.value, it.low, it.high]);
    let least = all.iter().flatten().flatten().map(|it| it.value).filter(|it| *it > 0.0);
    let least = least.fold(f64::INFINITY, f64::min);
    let axis = Axis::times(ends.filter(|it| *it >= 0.2 * least), (frame.left, frame.right));
    axis.draw(canvas, frame, Side::Below, seconds);
    axis.title_below(canvas, frame, "time");
    let title = Lettering::new(13.0, theme.ink).bold();
    canvas.text((frame.left, frame.top - 28.0), half.name, title);
    let small = Lettering::new(11.0, theme.mute).flush_right();
    for (line, words) in half.of.iter().enumerate() {
        canvas.text(
            (frame.right + SHARE - 4.0, frame.top - 28.0 + 14.0 * line as f64),
            words,
            small,
        );
    }
    for (strategy, [middle, high]) in all.iter().enumerate() {
        let y = frame.top + ROW * (strategy as f64 + 0.5);
        quantiles(canvas, context, (strategy, y), &axis, [middle.as_ref(), high.as_ref()]);
        let part = context.estimate(strategy, half.event, Stat::Rate);
        let (part, range) = part.map_or((NONE.to_owned(), String::new()), |it| {
            let Estimate { value, low, high, .. } = it;
            (Unit::Share.among(value, low, high), Unit::Share.interval(value, low, high))
        });
        let style = Lettering::new(12.0, theme.ink).bold().flush_right();
        canvas.text((frame.right + SHARE - 4.0, y - 5.0), &part, style);
        let style = Lettering::new(9.5, theme.mute).flush_right();
        canvas.text((frame.right + SHARE - 4.0, y + 9.0), &range, style);
    }
}

/// Median and 95th percentile of a strategy, written out.
fn quantiles(
    canvas: &Canvas<'_>,
    context: &ChartContext<'_>,
    (strategy, y): (usize, f64),
    axis: &Axis,
    both: [Option<&Estimate>; 2],
) {
    let theme = context.theme;
    let colour = context.colour(strategy);
    let pale = colour.over(theme.paper, 0.5);
    let line = y + 6.0;
    if let [Some(middle), Some(high)] = both {
        let ends = [(axis.at(middle.value), line), (axis.at(high.value), line)];
        canvas.line(&ends, theme.grid.over(theme.mute, 0.5), 1.2);
    }
    let mut labels: Vec<(f64, String)> = Vec::new();
    for (it, colour) in both.into_iter().zip([colour, pale]) {
        let Some(it) = it else { continue };
        canvas.across((axis.at(it.low), axis.at(it.high)), line, colour, 2.2);
        let x = axis.at(it.value);
        canvas.marker((x, line), ChartContext::marker(strategy), 4.8, colour);
        labels.push((x, seconds(it.value)));
    }
    labels.sort_by(|one, two| one.0.total_cmp(&two.0));
    let style = Lettering::new(11.0, theme.ink);
    let halves: Vec<f64> = labels.iter().map(|it| style.width_of(&it.1) / 2.0).collect();
    let places: Vec<f64> = labels.iter().map(|it| it.0).collect();
    for (x, (_, text)) in apart(&places, &halves, axis.pixels()).into_iter().zip(&labels) {
        canvas.text((x, line - 14.0), text, style.centred());
    }
}

/// Middles of labels in a row of a frame, moved so that none lies over the one before it.
fn apart(places: &[f64], halves: &[f64], (left, right): (f64, f64)) -> Vec<f64> {
    const BETWEEN: f64 = 6.0;
    let mut moved = places.to_vec();
    if let ([one, two], [half, other]) = (moved.as_mut_slice(), halves) {
        let short = (half + other + BETWEEN - (*two - *one)).max(0.0);
        *one = (*one - short / 2.0).max(left + half);
        *two = two.max(*one + half + other + BETWEEN).min(right - other);
        *one = one.min(*two - half - other - BETWEEN);
    }
    moved
}
