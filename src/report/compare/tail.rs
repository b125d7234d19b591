//! The distribution of harm: in which share of the rollouts at least so many users are hurt.

use super::{
    ChartFile,
    context::ChartContext,
    sheet::{LEFT, RIGHT, Words, sheet},
};
use crate::{
    report::chart::{Axis, Canvas, Frame, Lettering, Scale, Side, fitted},
    units::text::{number, share},
};

/// Room left of the plot for the shares, and right of it for the names.
const SHARES: f64 = 62.0;
const NAMES: f64 = 270.0;
const HEAD: f64 = 24.0;
const AXIS: f64 = 44.0;
const ENTRY: f64 = 36.0;
const LOWEST: f64 = 330.0;
/// Shares below this are not shown.
const RAREST: f64 = 1e-7;

/// How the harm of one strategy is distributed.
struct Tail {
    strategy: usize,
    /// Users hurt above zero in rising order, each with the share of the rollouts that hurt so many
    /// or more.
    steps: Vec<(f64, f64)>,
    /// Share of the rollouts that hurt no one.
    unhurt: f64,
}

fn tail(context: &ChartContext<'_>, strategy: usize) -> Option<Tail> {
    let known = context.summary.strategies[strategy].distribution("users_hurt")?;
    let sound = |it: &&(f64, f64)| it.0.is_finite() && it.1.is_finite() && it.1 > 0.0;
    let mut points: Vec<(f64, f64)> = known.points.iter().filter(sound).copied().collect();
    points.sort_by(|one, two| two.0.total_cmp(&one.0));
    let all: f64 = points.iter().map(|it| it.1).sum();
    // added up by itself, since what is left of 1 is never quite nothing
    let unhurt: f64 = points.iter().filter(|it| it.0 <= 0.0).map(|it| it.1).sum();
    let mut steps = Vec::new();
    let mut reached = 0.0;
    for (value, part) in points {
        if value > 0.0 {
            reached += part / all;
            steps.push((value, reached));
        }
    }
    steps.reverse();
    Some(Tail { strategy, steps, unhurt: unhurt / all })
}

pub(super) fn chart(context: &ChartContext<'_>) -> Option<ChartFile> {
    let tails: Vec<Tail> = (0..context.names.len()).filter_map(|it| tail(context, it)).collect();
    if tails.is_empty() {
        return None;
    }
    let words = Words {
        name: "harm-tail",
        title: "Distribution of users hurt".to_owned(),
        caption: "Share of the rollouts that hurt at least this many users, over all releases. \
                  Lower and further left is better; a curve ends at the worst rollout seen. Marks \
                  are at 1 in 10, 1 in 100, and so on."
            .to_owned(),
    };
    let hurt = tails.iter().any(|it| !it.steps.is_empty());
    let lowest = if hurt { LOWEST } else { 2.0 * ENTRY };
    let plot = lowest.max(ENTRY * tails.len() as f64);
    let height = HEAD + plot + AXIS;
    Some(sheet(context, words, height, |canvas, top| draw(canvas, context, (top, plot), &tails)))
}

fn draw(canvas: &Canvas<'_>, context: &ChartContext<'_>, (top, plot): (f64, f64), tails: &[Tail]) {
    let theme = context.theme;
    let (left, right) = (LEFT + SHARES, RIGHT - NAMES);
    let frame = Frame { left, right, top: top + HEAD, bottom: top + HEAD + plot };
    let steps = || tails.iter().flat_map(|it| &it.steps);
    let users = Axis::logarithmic(steps().map(|it| it.0), (frame.left, frame.right));
    let parts = steps().map(|it| it.1.max(RAREST)).chain([1.0]);
    let shares = Axis::logarithmic(parts, (frame.bottom, frame.top));
    if steps().next().is_none() {
        let middle = (f64::midpoint(left, right), f64::midpoint(frame.top, frame.bottom));
        let style = Lettering::new(14.0, theme.mute).centred();
        canvas.text(middle, "no rollout hurt any user", style);
    } else {
        let style = Lettering::new(11.5, theme.ink);
        canvas.text((LEFT, top + 6.0), "share of the rollouts, logarithmic", style);
        users.draw(canvas, frame, Side::Below, number);
        shares.draw(canvas, frame, Side::Left, share);
        users.title_below(canvas, frame, "users hurt in one rollout, at least");
    }
    for it in tails.iter().rev() {
        curve(canvas, context, it, (users.scale, &shares), frame);
    }
    for (index, it) in tails.iter().enumerate() {
        entry(canvas, context, it, (frame.right + 22.0, frame.top + ENTRY * index as f64 + 8.0));
    }
}

fn curve(
    canvas: &Canvas<'_>,
    context: &ChartContext<'_>,
    tail: &Tail,
    (users, shares): (Scale, &Axis),
    frame: Frame,
) {
    let Some(&(worst, rarest)) = tail.steps.last() else { return };
    let mut line = vec![(frame.left, shares.at(tail.steps[0].1))];
    for &(value, part) in &tail.steps {
        let (x, y) = (users.at(value), shares.at(part));
        let before = line[line.len() - 1];
        if (x - before.0).abs() + (y - before.1).abs() > 0.4 {
            line.extend([(before.0, y), (x, y)]);
        }
    }
    let colour = context.colour(tail.strategy);
    canvas.line(&line, colour, 1.8);
    for &tick in &shares.ticks {
        let reached = tail.steps.iter().rev().find(|it| it.1 >= tick);
        let passed = rarest < tick && tick < tail.steps[0].1;
        let Some(&(value, _)) = reached.filter(|_| passed) else { continue };
        context.mark(canvas, (users.at(value), shares.at(tick)), tail.strategy, 4.2);
    }
    let end = (users.at(worst), shares.at(rarest));
    context.mark(canvas, end, tail.strategy, 4.2);
}

/// Who it is, how often no one was hurt, and how many at the worst.
fn entry(canvas: &Canvas<'_>, context: &ChartContext<'_>, tail: &Tail, (left, y): (f64, f64)) {
    context.name(canvas, (left, y), RIGHT - left, tail.strategy);
    let worst = tail.steps.last().map_or(0.0, |it| it.0);
    let told = match worst {
        it if it > 0.0 => {
            format!("no users hurt in {}, at worst {}", share(tail.unhurt), number(it))
        }
        _ => "no users hurt in any rollout".to_owned(),
    };
    let text = fitted(&told, 11.0, false, RIGHT - left - 18.0);
    canvas.text((left + 18.0, y + 15.0), &text, Lettering::new(11.0, context.theme.mute));
}
