//! The ranking: a dot with its interval for each strategy, best first, and which neighbours cannot be
//! told apart.

use super::{
    ChartFile,
    context::{ChartContext, Ranked},
    sheet::{LEFT, RIGHT, Words, sheet},
};
use crate::{
    experiment::Estimate,
    report::chart::{Axis, Canvas, Frame, Lettering, Side, width_of},
};

const ROW: f64 = 32.0;
/// Columns right of the dots are as wide as their texts, and at least so wide.
const MEAN: f64 = 72.0;
const INTERVAL: f64 = 112.0;
const TIED: f64 = 138.0;
const HEAD: f64 = 22.0;
/// Axis and its title.
const AXIS: f64 = 44.0;

pub(super) fn chart(context: &ChartContext<'_>, ranked: &Ranked) -> Option<ChartFile> {
    let rows = context.ranking(ranked.quantity);
    let ties = ties(context, ranked, &rows);
    let best = &context.names[rows.first()?.0];
    let first_tied = ties.first().is_some_and(Option::is_some);
    let finding = match (rows.len(), first_tied) {
        (1, _) => format!("Only {best} was simulated."),
        (_, true) => format!("Lowest so far: {best}, not yet certain."),
        (_, false) => format!("Lowest: {best}."),
    };
    let words = Words {
        name: ranked.either("ranking-cost", "ranking-harm"),
        title: ranked.either("Cost of a rollout", "Users hurt by a rollout").to_owned(),
        caption: format!(
            "{finding} Marks are means over all releases, bars their intervals. Brackets join \
             neighbours that cannot be told apart yet."
        ),
    };
    let height = HEAD + ROW * rows.len() as f64 + AXIS;
    Some(sheet(context, words, height, |canvas, top| {
        draw(canvas, context, ranked, (top, &rows, &ties));
    }))
}

/// For each row but the last: none where its difference from the next is decided, otherwise a
/// label.
fn ties(
    context: &ChartContext<'_>,
    ranked: &Ranked,
    rows: &[(usize, Estimate)],
) -> Vec<Option<String>> {
    let tie = |pair: &[(usize, Estimate)]| {
        let difference = context.difference((pair[0].0, pair[1].0), ranked.quantity)?;
        (!difference.decided)
            .then(|| if difference.alike { "alike" } else { "not told apart" }.to_owned())
    };
    rows.windows(2).map(tie).collect()
}

/// The mean and the ends of its interval.
const fn figures(it: &Estimate) -> [f64; 3] {
    [it.value, it.low, it.high]
}

type Rows<'r> = (f64, &'r [(usize, Estimate)], &'r [Option<String>]);

fn draw(
    canvas: &Canvas<'_>,
    context: &ChartContext<'_>,
    ranked: &Ranked,
    (top, rows, ties): Rows<'_>,
) {
    let theme = context.theme;
    let gutter = context.gutter(230.0);
    let tied = if ties.iter().any(Option::is_some) { TIED } else { 0.0 };
    let widest = |text: &dyn Fn(&Estimate) -> String, bold| {
        rows.iter().map(|it| width_of(&text(&it.1), 12.5, bold)).fold(0.0, f64::max)
    };
    let mean = MEAN.max(widest(&|it| ranked.among(figures(it)), true) + 26.0);
    let between = widest(&|it| ranked.interval(figures(it)), false) + 10.0;
    let right = RIGHT - mean - INTERVAL.max(between) - tied;
    let ends = (right + mean, RIGHT - tied);
    let bottom = top + HEAD + ROW * rows.len() as f64;
    let frame = Frame { left: LEFT + gutter, right, top: top + HEAD, bottom };
    let values: Vec<f64> = rows.iter().map(|it| it.1.value).collect();
    let bounds: Vec<f64> = rows.iter().flat_map(|it| [it.1.low, it.1.high]).collect();
    let axis = Axis::suiting(&values, &bounds, (frame.left, frame.right));
    axis.draw(canvas, frame, Side::Below, |it| ranked.told(it));
    axis.title_below(canvas, frame, &ranked.axis);
    let head = Lettering::new(11.0, theme.mute);
    canvas.text((ends.0, top + 10.0), "mean", head.flush_right());
    let interval = context.interval();
    canvas.text((ends.1, top + 10.0), &interval, head.flush_right());
    if tied > 0.0 {
        canvas.text((ends.1 + 12.0, top + 10.0), "to tell them apart", head);
    }
    for (index, (strategy, estimate)) in rows.iter().enumerate() {
        let y = frame.top + ROW * (index as f64 + 0.5);
        context.name(canvas, (LEFT, y), gutter, *strategy);
        let (low, high) = (axis.at(estimate.low), axis.at(estimate.high));
        canvas.across((low, high), y, context.colour(*strategy), 2.4);
        context.mark(canvas, (axis.at(estimate.value), y), *strategy, 5.2);
        let value = ranked.among(figures(estimate));
        let bold = Lettering::new(12.5, theme.ink).bold().flush_right();
        canvas.text((ends.0, y), &value, bold);
        let interval = ranked.interval(figures(estimate));
        let regular = Lettering::new(11.5, theme.mute).flush_right();
        canvas.text((ends.1, y), &interval, regular);
    }
    for (index, tie) in ties.iter().enumerate() {
        let Some(words) = tie else { continue };
        let x = ends.1 + 12.0;
        let y = frame.top + ROW * (index as f64 + 1.0);
        let (above, below) = (y - ROW / 2.0 + 3.0, y + ROW / 2.0 - 3.0);
        canvas.line(&[(x, above), (x + 5.0, above), (x + 5.0, below), (x, below)], theme.ink, 1.2);
        canvas.text((x + 12.0, y), words, Lettering::new(11.0, theme.ink));
    }
}
