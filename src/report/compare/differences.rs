//! Paired differences: how much more each strategy costs or hurts than the best one, on the same
//! rollouts.

use super::{
    ChartFile,
    context::{ChartContext, Ranked},
    sheet::{LEFT, RIGHT, Words, sheet},
};
use crate::{
    experiment::Difference,
    report::chart::{Axis, Canvas, Frame, Lettering, Side, width_of},
    units::text::share,
};

const ROW: f64 = 34.0;
const HEAD: f64 = 22.0;
const AXIS: f64 = 44.0;
/// Column of the shares of rollouts, right of all others.
const SHARES: f64 = 236.0;

/// None where there is nothing to compare.
pub(super) fn chart(context: &ChartContext<'_>, ranked: &Ranked) -> Option<ChartFile> {
    let ranking = context.ranking(ranked.quantity);
    let best = ranking.first()?.0;
    let beside =
        |&(it, _): &(usize, _)| Some((it, context.difference((best, it), ranked.quantity)?));
    let rows: Vec<(usize, Difference)> = ranking.iter().skip(1).filter_map(beside).collect();
    if rows.is_empty() {
        return None;
    }
    let name = &context.names[best];
    let words = Words {
        name: ranked.either("differences-cost", "differences-harm"),
        title: ranked.either(
            format!("How much more each costs than {name}"),
            format!("How many more users each hurts than {name}"),
        ),
        caption: format!(
            "Mean difference in the same rollouts. Thick bars are {} intervals, thin ones hold \
             for all pairs at once: where a thin one includes zero, the two cannot be told apart \
             (≈).",
            share(context.summary.confidence)
        ),
    };
    let height = HEAD + ROW * rows.len() as f64 + AXIS;
    Some(sheet(context, words, height, |canvas, top| {
        draw(canvas, context, ranked, (top, &rows));
    }))
}

type Rows<'r> = (f64, &'r [(usize, Difference)]);

fn draw(canvas: &Canvas<'_>, context: &ChartContext<'_>, ranked: &Ranked, (top, rows): Rows<'_>) {
    let theme = context.theme;
    let gutter = context.gutter(220.0);
    // columns right of the plot: the difference, and its interval
    let widest = |text: &dyn Fn(&Difference) -> String, bold| {
        rows.iter().map(|it| width_of(&text(&it.1), 12.0, bold)).fold(60.0, f64::max)
    };
    let interval = widest(&|it| interval(ranked, it), false) + 14.0;
    let column = (widest(&|it| value(ranked, it), true) + 26.0 + interval).min(330.0);
    let right = RIGHT - column - SHARES;
    let bottom = top + HEAD + ROW * rows.len() as f64;
    let frame = Frame { left: LEFT + gutter, right, top: top + HEAD, bottom };
    let ends = rows
        .iter()
        .flat_map(|(_, it)| [it.value, it.low, it.high, it.low_adjusted, it.high_adjusted]);
    let axis = Axis::linear(ends, (frame.left, frame.right));
    axis.draw(canvas, frame, Side::Below, |it| ranked.told(it));
    axis.title_below(canvas, frame, &ranked.difference);
    let zero = axis.at(0.0);
    canvas.line(&[(zero, frame.top - 4.0), (zero, frame.bottom)], theme.ink, 1.3);
    let head = Lettering::new(11.0, theme.mute);
    canvas.text((right + column, top + 10.0), "mean and interval for all", head.flush_right());
    let bar = (RIGHT - SHARES + 86.0, RIGHT - 56.0);
    let [less, more] = ranked.words;
    canvas.text((bar.0 - 6.0, top + 10.0), less, head.flush_right().bold());
    canvas.text((f64::midpoint(bar.0, bar.1), top + 10.0), "equal", head.centred());
    canvas.text((RIGHT, top + 10.0), more, head.flush_right().bold());
    for (index, (strategy, it)) in rows.iter().enumerate() {
        let y = frame.top + ROW * (index as f64 + 0.5);
        context.name(canvas, (LEFT, y), gutter, *strategy);
        let colour = context.colour(*strategy);
        canvas.across((axis.at(it.low_adjusted), axis.at(it.high_adjusted)), y, colour, 1.2);
        canvas.line(&[(axis.at(it.low), y), (axis.at(it.high), y)], colour, 4.2);
        context.mark(canvas, (axis.at(it.value), y), *strategy, 5.4);
        let small = Lettering::new(11.5, theme.mute).flush_right();
        canvas.text((right + column, y), &self::interval(ranked, it), small);
        let bold = Lettering::new(12.5, theme.ink).bold().flush_right();
        canvas.text((right + column - interval, y), &value(ranked, it), bold);
        shares(canvas, bar, y, it);
    }
}

/// The difference, and a sign where it is not decided.
fn value(ranked: &Ranked, it: &Difference) -> String {
    format!("{}{}", if it.decided { "" } else { "≈ " }, ranked.among(figures(it)))
}

/// The interval that holds for all pairs at once.
fn interval(ranked: &Ranked, it: &Difference) -> String {
    ranked.interval(figures(it))
}

/// The difference and the ends of that interval.
const fn figures(it: &Difference) -> [f64; 3] {
    [it.value, it.low_adjusted, it.high_adjusted]
}

/// In which share of the rollouts this strategy had less, as much, and more than the best one.
fn shares(canvas: &Canvas<'_>, (left, right): (f64, f64), y: f64, it: &Difference) {
    let theme = canvas.theme;
    let clean = |it: f64| if it.is_finite() { it.clamp(0.0, 1.0) } else { 0.0 };
    // the first of the pair is the best one: what it had more of, this one had less of
    let parts = [clean(it.more), clean(it.equal), clean(it.less)];
    let colours = [theme.good, theme.grid, theme.bad];
    let mut x = left;
    for (part, colour) in parts.into_iter().zip(colours) {
        let end = (x + part * (right - left)).min(right);
        canvas.fill(Frame { left: x, right: end, top: y - 7.0, bottom: y + 7.0 }, colour);
        x = end;
    }
    let style = Lettering::new(11.0, theme.ink);
    canvas.text((left - 6.0, y), &share(parts[0]), style.flush_right());
    canvas.text((right + 6.0, y), &share(parts[2]), style);
    let equal = share(parts[1]);
    let middle = left + (parts[0] + parts[1] / 2.0) * (right - left);
    if style.width_of(&equal) + 8.0 < parts[1] * (right - left) {
        canvas.text((middle, y), &equal, style.centred());
    }
}
