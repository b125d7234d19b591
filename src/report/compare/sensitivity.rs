//! How the ranking moves when a price is halved or doubled.

use super::{
    ChartFile,
    context::ChartContext,
    sheet::{LEFT, RIGHT, Words, sheet},
};
use crate::{
    experiment::Sensitivity,
    report::{
        chart::{Axis, Canvas, Frame, Lettering, Side, fitted, width_of},
        words::harmless,
    },
    units::text::factor,
};

const ROW: f64 = 24.0;
/// Between two prices.
const APART: f64 = 6.0;
const HEAD: f64 = 26.0;
const AXIS: f64 = 44.0;
const LEGEND_LINE: f64 = 20.0;
const NAME: f64 = 170.0;
/// Widest place of a rank.
const PLACE: f64 = 26.0;
const WINNER: f64 = 160.0;

/// The ranking at one set of prices.
struct Row<'s> {
    words: String,
    costs: &'s [f64],
    order: &'s [usize],
    /// It begins with a new price.
    first: bool,
}

struct Table<'s> {
    context: &'s ChartContext<'s>,
    /// Mean costs and order at the prices as they are.
    plain: (Vec<f64>, Vec<usize>),
    changed: Vec<&'s Sensitivity>,
}

pub(super) fn chart(context: &ChartContext<'_>) -> Option<ChartFile> {
    let ranking = context.ranking("cost");
    let strategies = context.names.len();
    let whole = |it: &&Sensitivity| {
        let ranked = (0..strategies).all(|strategy| it.order.contains(&strategy));
        let numbers = it.costs.len() == strategies && it.costs.iter().all(|it| it.is_finite());
        ranked && it.order.len() == strategies && numbers
    };
    let changed: Vec<&Sensitivity> = context.summary.sensitivity.iter().filter(whole).collect();
    if changed.is_empty() || ranking.len() != strategies || strategies < 2 {
        return None;
    }
    let mut costs = vec![0.0; strategies];
    for (strategy, estimate) in &ranking {
        costs[*strategy] = estimate.value;
    }
    let order: Vec<usize> = ranking.iter().map(|it| it.0).collect();
    let best = order[0];
    let moved = changed.iter().filter(|it| it.order[0] != best).count();
    let finding = match moved {
        0 => format!("{} stays cheapest at all of these prices.", context.names[best]),
        _ => format!(
            "{} does not stay cheapest at {moved} of {} changed prices (marked).",
            context.names[best],
            changed.len()
        ),
    };
    let words = Words {
        name: "sensitivity",
        title: "Ranking at other prices".to_owned(),
        caption: format!(
            "{finding} Mean cost and ranking with one price halved or doubled and the others \
             unchanged; boxed ranks differ from the first row."
        ),
    };
    let table = Table { context, plain: (costs, order), changed };
    let (_, lines) = table.legend();
    let (rows, parts) = (table.rows(), LEGEND_LINE * lines as f64 + HEAD);
    let apart = APART * rows.iter().filter(|it| it.first).count() as f64;
    let height = parts + ROW * rows.len() as f64 + apart + AXIS;
    Some(sheet(context, words, height, |canvas, top| table.draw(canvas, top)))
}

impl Table<'_> {
    fn rows(&self) -> Vec<Row<'_>> {
        let (costs, order) = (&self.plain.0, &self.plain.1);
        let mut rows = vec![Row { words: "present prices".to_owned(), costs, order, first: false }];
        let mut before = None;
        for it in &self.changed {
            let name = harmless(&it.price).replace('_', " ");
            let words = format!("{} {name}", factor(it.factor));
            let first = before != Some(&it.price);
            before = Some(&it.price);
            rows.push(Row { words, costs: &it.costs, order: &it.order, first });
        }
        rows
    }

    fn legend(&self) -> (Vec<(f64, usize)>, usize) {
        let (mut x, mut line) = (LEFT, 0);
        let mut places = Vec::new();
        for name in &self.context.names {
            let width = 20.0 + width_of(name, 12.5, false).min(220.0);
            if x > LEFT && x + width > RIGHT {
                (x, line) = (LEFT, line + 1);
            }
            places.push((x, line));
            x += width + 18.0;
        }
        (places, line + 1)
    }

    fn draw(&self, canvas: &Canvas<'_>, top: f64) {
        let theme = self.context.theme;
        let (places, lines) = self.legend();
        for (strategy, (x, line)) in places.into_iter().enumerate() {
            let y = top + 6.0 + LEGEND_LINE * line as f64;
            self.context.name(canvas, (x, y), 250.0, strategy);
        }
        let rows = self.rows();
        let apart = APART * rows.iter().filter(|it| it.first).count() as f64;
        let strategies = self.context.names.len() as f64;
        let place = PLACE.min(240.0 / strategies);
        let ranks = RIGHT - WINNER - place * strategies;
        let head = top + LEGEND_LINE * lines as f64 + HEAD;
        let frame = Frame {
            left: LEFT + NAME,
            right: ranks - 26.0,
            top: head,
            bottom: head + ROW * rows.len() as f64 + apart,
        };
        let costs: Vec<f64> = rows.iter().flat_map(|it| it.costs).copied().collect();
        let axis = Axis::suiting(&costs, &[], (frame.left, frame.right));
        let told = |it| self.context.measures()[0].told(it);
        axis.draw(canvas, frame, Side::Below, told);
        axis.title_below(canvas, frame, &self.context.measures()[0].axis);
        let small = Lettering::new(11.0, theme.mute);
        let whole = "cheapest to most expensive";
        let fits = width_of(whole, 11.0, false) <= place * strategies;
        let ranking = if fits { whole } else { "ranking" };
        canvas.text((ranks, head - 9.0), ranking, small);
        canvas.text((RIGHT - WINNER + 12.0, head - 9.0), "cheapest", small);
        let mut y = head;
        for row in &rows {
            y += if row.first { APART } else { 0.0 };
            self.row(canvas, row, (&axis, y + ROW / 2.0), (ranks, place));
            y += ROW;
        }
    }

    fn row(
        &self,
        canvas: &Canvas<'_>,
        row: &Row<'_>,
        (axis, y): (&Axis, f64),
        (ranks, place): (f64, f64),
    ) {
        let (context, theme) = (self.context, self.context.theme);
        let plain = &self.plain.1;
        let upset = row.order[0] != plain[0];
        if upset {
            let ground = theme.candidate.over(theme.paper, 0.16);
            let (top, bottom) = (y - ROW / 2.0 + 1.0, y + ROW / 2.0 - 1.0);
            canvas.fill(Frame { left: LEFT - 6.0, right: LEFT + NAME - 8.0, top, bottom }, ground);
            canvas.fill(Frame { left: ranks - 6.0, right: RIGHT + 6.0, top, bottom }, ground);
        }
        let text = fitted(&row.words, 12.0, false, NAME - 16.0);
        canvas.text((LEFT, y), &text, Lettering::new(12.0, theme.ink));
        let ends = row
            .costs
            .iter()
            .fold((f64::MAX, f64::MIN), |ends, it| (f64::min(ends.0, *it), f64::max(ends.1, *it)));
        canvas.line(&[(axis.at(ends.0), y), (axis.at(ends.1), y)], theme.grid, 1.2);
        for &strategy in row.order.iter().rev() {
            context.mark(canvas, (axis.at(row.costs[strategy]), y), strategy, 4.4);
        }
        for (rank, &strategy) in row.order.iter().enumerate() {
            let x = ranks + place * (rank as f64 + 0.5);
            let half = (place / 2.0 - 1.0).min(9.0);
            if plain.get(rank) != Some(&strategy) {
                let (left, right, top, bottom) = (x - half, x + half, y - half, y + half);
                let corners =
                    [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
                canvas.line(&corners, theme.mute, 1.0);
            }
            context.mark(canvas, (x, y), strategy, (place / 2.0 - 3.0).min(4.4));
        }
        let winner = Lettering::new(12.0, if upset { theme.ink } else { theme.mute });
        let winner = if upset { winner.bold() } else { winner };
        let text = fitted(&context.names[row.order[0]], 12.0, upset, WINNER - 14.0);
        canvas.text((RIGHT - WINNER + 12.0, y), &text, winner);
    }
}
