//! Stacked bars: where the harm comes from, and what the cost is made of.

use super::{
    ChartFile,
    context::ChartContext,
    sheet::{LEFT, RIGHT, Words, sheet},
};
use crate::{
    experiment::{Estimate, Stat},
    report::{
        chart::{Axis, Canvas, Colour, Frame, Lettering, Side, fitted, width_of},
        words::harmless,
    },
    units::text::{Unit, number, share},
};

const ROW: f64 = 36.0;
const BAR: f64 = 22.0;
const AXIS: f64 = 44.0;
const LEGEND_LINE: f64 = 20.0;
/// Column right of the bars for the sum; its largest part stands behind it, and has what room it needs.
const SUM: f64 = 92.0;
const LARGEST_MIN: f64 = 168.0;
const LARGEST_MAX: f64 = 260.0;
const LARGEST_GAP: f64 = 18.0;
/// Kinds of parts with a colour of their own; what is left is one more.
const KINDS_MAX: usize = 7;
const SIZE: f64 = 11.5;
const SMALL: f64 = 11.0;

/// A strategy with its parts in the order of the kinds, and the mean that they add up to.
struct Row {
    strategy: usize,
    parts: Vec<f64>,
    mean: Estimate,
}

/// A stack of bars for each strategy.
struct Stacks {
    words: Words,
    axis: String,
    kinds: Vec<(String, Colour)>,
    rows: Vec<Row>,
    told: Box<dyn Fn(f64) -> String>,
}

/// When users are hurt: quantity, its name, and how strong its colour is.
const ORIGINS: [(&str, &str, f64); 5] = [
    ("users_hurt_undetected", "never detected", 0.95),
    ("users_hurt_detecting", "before it was detected", 0.66),
    ("users_hurt_rolling_back", "while rolling back", 0.36),
    ("users_hurt_after_detection", "detected, no rollback", 0.2),
    ("users_hurt_unmet", "never met the release", 0.0),
];

pub(super) fn origins(context: &ChartContext<'_>) -> Option<ChartFile> {
    let theme = context.theme;
    let part = |strategy, quantity| context.estimate(strategy, quantity, Stat::Mean);
    let row = |(strategy, mean)| {
        let parts = ORIGINS.iter().map(|it| part(strategy, it.0));
        let parts: Vec<Option<f64>> = parts.map(|it| it.map(|it| it.value.max(0.0))).collect();
        let known = parts.iter().any(Option::is_some);
        let parts = parts.into_iter().map(Option::unwrap_or_default).collect();
        known.then_some(Row { strategy, parts, mean })
    };
    let mut rows: Vec<_> = context.ranking("users_hurt").into_iter().filter_map(row).collect();
    // what never occurs needs no key
    let occurs = |kind: &usize| rows.iter().any(|it: &Row| it.parts[*kind] > 0.0);
    let shown: Vec<usize> = (0..ORIGINS.len()).filter(occurs).collect();
    for row in &mut rows {
        row.parts = shown.iter().map(|it| row.parts[*it]).collect();
    }
    let colour = |strength: f64| {
        if strength > 0.0 { theme.ramp_at(strength) } else { theme.mute.over(theme.paper, 0.55) }
    };
    let kind = |it: &(&str, &str, f64)| (it.1.to_owned(), colour(it.2));
    let words = Words {
        name: "harm-origins",
        title: "When users are hurt".to_owned(),
        caption: format!(
            "Mean users hurt in a rollout, by when; users who never met the release were hurt by \
             its side effects. The line under a bar is the {} of the mean.",
            context.interval()
        ),
    };
    let kinds = shown.iter().map(|it| kind(&ORIGINS[*it])).collect();
    let axis = "mean users hurt in a rollout".to_owned();
    (!rows.is_empty())
        .then(|| Stacks { words, axis, kinds, rows, told: Box::new(number) }.drawn(context))
}

pub(super) fn costs(context: &ChartContext<'_>) -> Option<ChartFile> {
    let theme = context.theme;
    let strategies = &context.summary.strategies;
    let mut sums: Vec<(&str, f64)> = Vec::new();
    for part in strategies.iter().flat_map(|it| &it.cost_parts) {
        let cost = if part.cost.is_finite() { part.cost.max(0.0) } else { 0.0 };
        match sums.iter_mut().find(|it| it.0 == part.name) {
            Some(sum) => sum.1 += cost,
            None => sums.push((&part.name, cost)),
        }
    }
    sums.sort_by(|one, two| two.1.total_cmp(&one.1));
    let named = if sums.len() > KINDS_MAX + 1 { KINDS_MAX } else { sums.len() };
    let row = |(strategy, mean): (usize, Estimate)| {
        let mut parts = vec![0.0; named + usize::from(sums.len() > named)];
        for part in strategies[strategy].cost_parts.iter().filter(|it| it.cost > 0.0) {
            let index = sums.iter().position(|it| it.0 == part.name).unwrap_or(named);
            parts[index.min(named)] += part.cost;
        }
        Row { strategy, parts, mean }
    };
    let rows: Vec<_> = context.ranking("cost").into_iter().map(row).collect();
    let mut kinds: Vec<(String, Colour)> = sums[..named]
        .iter()
        .enumerate()
        .map(|(index, it)| {
            let strong = theme.series[index % theme.series.len()];
            (harmless(it.0).replace('_', " "), strong.over(theme.paper, 0.72))
        })
        .collect();
    if sums.len() > named {
        kinds.push(("others".to_owned(), theme.mute.over(theme.paper, 0.45)));
    }
    let currency = fitted(&harmless(&context.summary.currency), 12.0, false, 32.0);
    let words = Words {
        name: "cost-parts",
        title: "Parts of the cost".to_owned(),
        caption: format!(
            "Mean cost of a rollout by price, at the prices of the profile {}. The line under a \
             bar is the {} of the mean.",
            harmless(&context.summary.profile),
            context.interval()
        ),
    };
    let axis = format!("mean cost of a rollout ({currency})");
    let told = Box::new(move |it| Unit::Money(&currency).value(it));
    (!rows.is_empty() && !kinds.is_empty())
        .then(|| Stacks { words, axis, kinds, rows, told }.drawn(context))
}

/// Keys in lines that fit the room: where each begins, and how many lines there are.
fn legend(kinds: &[(String, Colour)]) -> (Vec<(f64, usize)>, usize) {
    let (mut x, mut line) = (LEFT, 0);
    let mut places = Vec::new();
    for (name, _) in kinds {
        let width = 20.0 + width_of(name, SIZE, false).min(RIGHT - LEFT - 20.0);
        if x > LEFT && x + width > RIGHT {
            (x, line) = (LEFT, line + 1);
        }
        places.push((x, line));
        x += width + 20.0;
    }
    (places, line + 1)
}

impl Stacks {
    fn drawn(mut self, context: &ChartContext<'_>) -> ChartFile {
        let words = Words { name: self.words.name, title: String::new(), caption: String::new() };
        let words = std::mem::replace(&mut self.words, words);
        let (_, lines) = legend(&self.kinds);
        let head = LEGEND_LINE * lines as f64 + 30.0;
        let height = head + ROW * self.rows.len() as f64 + AXIS;
        sheet(context, words, height, |canvas, top| self.draw(canvas, context, (top, head)))
    }

    fn draw(&self, canvas: &Canvas<'_>, context: &ChartContext<'_>, (top, head): (f64, f64)) {
        let theme = context.theme;
        for ((name, colour), (x, line)) in self.kinds.iter().zip(legend(&self.kinds).0) {
            let y = top + 6.0 + LEGEND_LINE * line as f64;
            canvas.fill(Frame { left: x, right: x + 13.0, top: y - 6.5, bottom: y + 6.5 }, *colour);
            let text = fitted(name, SIZE, false, RIGHT - x - 20.0);
            canvas.text((x + 20.0, y), &text, Lettering::new(SIZE, theme.ink));
        }
        let gutter = context.gutter(200.0);
        let largest: Vec<String> = self.rows.iter().map(|it| self.largest_of(it)).collect();
        let widest = largest.iter().map(|it| width_of(it, SMALL, false)).fold(0.0, f64::max);
        let room = (widest + LARGEST_GAP + 2.0).clamp(LARGEST_MIN, LARGEST_MAX);
        let right = RIGHT - SUM - room;
        let bottom = top + head + ROW * self.rows.len() as f64;
        let frame = Frame { left: LEFT + gutter, right, top: top + head, bottom };
        let sums = self.rows.iter().map(|it| it.parts.iter().sum::<f64>());
        let bounds = self.rows.iter().map(|it| it.mean.high);
        let axis = Axis::linear(sums.chain(bounds), (frame.left, frame.right));
        axis.draw(canvas, frame, Side::Below, &self.told);
        axis.title_below(canvas, frame, &self.axis);
        let small = Lettering::new(SMALL, theme.mute);
        canvas.text((right + SUM, frame.top - 10.0), "mean", small.flush_right());
        canvas.text((right + SUM + LARGEST_GAP, frame.top - 10.0), "largest part", small);
        for (index, (row, largest)) in self.rows.iter().zip(&largest).enumerate() {
            let (parts, mean) = (&row.parts, &row.mean);
            let y = frame.top + ROW * (index as f64 + 0.5) - 3.0;
            context.name(canvas, (LEFT, y), gutter, row.strategy);
            self.bar(canvas, parts, &axis, y);
            let ends = (axis.at(mean.low), axis.at(mean.high));
            canvas.across(ends, y + BAR / 2.0 + 4.5, theme.ink, 1.2);
            let style = Lettering::new(12.5, theme.ink).bold().flush_right();
            canvas.text((right + SUM, y), &(self.told)(mean.value), style);
            let text = fitted(largest, SMALL, false, room - LARGEST_GAP);
            canvas.text((right + SUM + LARGEST_GAP, y), &text, small);
        }
    }

    /// The largest part of a sum and its share; empty where there is nothing.
    fn largest_of(&self, row: &Row) -> String {
        let whole: f64 = row.parts.iter().sum();
        let largest = row.parts.iter().enumerate().max_by(|one, two| one.1.total_cmp(two.1));
        let part = largest.filter(|_| whole > 0.0);
        part.map_or_else(String::new, |(kind, part)| {
            format!("{} {}", share(part / whole), self.kinds[kind].0)
        })
    }

    /// The parts one after the other, with their figures where they fit.
    fn bar(&self, canvas: &Canvas<'_>, parts: &[f64], axis: &Axis, y: f64) {
        let mut before = 0.0;
        for (part, (_, colour)) in parts.iter().zip(&self.kinds) {
            let (left, right) = (axis.at(before), axis.at(before + part));
            before += part;
            let (top, bottom) = (y - BAR / 2.0, y + BAR / 2.0);
            // a gap separates neighbours where colours do not
            let gap = if right - left > 3.0 { 1.0 } else { 0.0 };
            canvas.fill(Frame { left, right: right - gap, top, bottom }, *colour);
            let text = (self.told)(*part);
            let style = Lettering::new(11.0, colour.ink_on()).centred();
            if style.width_of(&text) + 8.0 < right - left {
                canvas.text((f64::midpoint(left, right), y), &text, style);
            }
        }
    }
}
