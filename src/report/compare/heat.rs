//! Harm by class of release and strategy, as a table of colours with the figures in it.

use super::{
    ChartFile,
    context::{ChartContext, sound},
    sheet::{LEFT, RIGHT, Words, sheet},
};
use crate::{
    experiment::{Estimate, Stat},
    report::{
        chart::{Canvas, Colour, Frame, Lettering, fitted, laid_out, log_ticks, width_of},
        words::harmless,
    },
    units::text::{NONE, Unit, number, share},
};

/// Room for the name of a class, its chance, and its trials.
const NAME: f64 = 172.0;
const CHANCE: f64 = 62.0;
const TRIALS: f64 = 56.0;
/// A cell at least so wide and high has its interval in it.
const WIDE: f64 = 74.0;
const TALL: f64 = 38.0;
const FLAT: f64 = 25.0;
/// Between the classes and the row of all releases.
const APART: f64 = 8.0;
const BAR: f64 = 62.0;

struct Table<'s> {
    context: &'s ChartContext<'s>,
    /// A row for each class, and one for all releases; an estimate for each strategy, where known.
    rows: Vec<Vec<Option<Estimate>>>,
    /// Smallest and largest mean above zero.
    ends: Option<(f64, f64)>,
    row: f64,
    cell: f64,
    head: f64,
}

pub(super) fn chart(context: &ChartContext<'_>) -> Option<ChartFile> {
    let table = Table::new(context)?;
    let words = Words {
        name: "harm-by-class",
        title: "Users hurt by class of release".to_owned(),
        caption: format!(
            "Mean users hurt by one rollout of a release of each class, with {} intervals where \
             they fit. The last row weights each class by its chance.",
            share(context.summary.confidence)
        ),
    };
    let height = table.head + table.row * table.rows.len() as f64 + APART + BAR;
    Some(sheet(context, words, height, |canvas, top| table.draw(canvas, top)))
}

impl<'s> Table<'s> {
    fn new(context: &'s ChartContext<'s>) -> Option<Self> {
        let (summary, strategies) = (context.summary, context.names.len());
        let of_class = |class| {
            let of = |it: usize| {
                let found = &summary.strategies[it];
                found.estimate_of(class, "users_hurt", Stat::Mean).and_then(sound)
            };
            (0..strategies).map(of).collect::<Vec<_>>()
        };
        let mut rows: Vec<_> = (0..summary.classes.len()).map(of_class).collect();
        rows.push(
            (0..strategies).map(|it| context.estimate(it, "users_hurt", Stat::Mean)).collect(),
        );
        let values = rows.iter().flatten().flatten().map(|it| it.value);
        values.clone().next()?;
        let ends = values.filter(|it| *it > 0.0).fold(None, |ends, it| match ends {
            None => Some((it, it)),
            Some((least, most)) => Some((f64::min(least, it), f64::max(most, it))),
        });
        let row = if rows.len() <= 14 { TALL } else { FLAT };
        let cell = (RIGHT - LEFT - NAME - CHANCE - TRIALS) / strategies as f64;
        let widths = context.names.iter().map(|it| width_of(it, 11.5, false));
        let lines = |it: &String| laid_out(it, (11.5, false), cell - 8.0, 3).len();
        let lines = context.names.iter().map(lines).max().unwrap_or(1);
        let head = if cell >= WIDE {
            21.0 + 15.0 * lines as f64
        } else {
            widths.fold(0.0, f64::max).min(150.0) + 30.0
        };
        Some(Self { context, rows, ends, row, cell, head })
    }

    fn left(&self) -> f64 {
        RIGHT - self.cell * self.context.names.len() as f64
    }

    /// Where a value lies between the ends, on a logarithmic scale.
    fn colour(&self, value: f64) -> Colour {
        let theme = self.context.theme;
        let Some((least, most)) = self.ends.filter(|_| value > 0.0) else { return theme.paper };
        let whole = libm::log10(most / least);
        let part = if whole > 1e-9 { libm::log10(value / least) / whole } else { 0.5 };
        theme.ramp_at(part)
    }

    fn draw(&self, canvas: &Canvas<'_>, top: f64) {
        self.columns(canvas, top);
        let classes = &self.context.summary.classes;
        for (index, cells) in self.rows.iter().enumerate() {
            let apart = if index == classes.len() { APART } else { 0.0 };
            let y = top + self.head + self.row * index as f64 + apart;
            self.class(canvas, y + self.row / 2.0, index);
            for (column, cell) in cells.iter().enumerate() {
                self.cell(canvas, (self.left() + self.cell * column as f64, y), cell.as_ref());
            }
        }
        let bottom = top + self.head + self.row * self.rows.len() as f64 + APART;
        self.bar(canvas, bottom + 22.0);
    }

    /// The heads of the columns: across where they are wide, upwards where not.
    fn columns(&self, canvas: &Canvas<'_>, top: f64) {
        let theme = self.context.theme;
        let small = Lettering::new(11.0, theme.mute).flush_right();
        let y = top + self.head - 12.0;
        canvas.text((LEFT, y), "class of release", Lettering::new(11.0, theme.mute));
        canvas.text((self.left() - TRIALS - 8.0, y), "chance", small);
        canvas.text((self.left() - 12.0, y), "trials", small);
        let style = Lettering::new(11.5, theme.ink);
        for (index, name) in self.context.names.iter().enumerate() {
            let x = self.left() + self.cell * (index as f64 + 0.5);
            if self.cell < WIDE {
                let text = fitted(name, 11.5, false, self.head - 30.0);
                canvas.text_up((x, y - 10.0), &text, style);
                self.context.mark(canvas, (x, y), index, 4.0);
                continue;
            }
            let lines = laid_out(name, (11.5, false), self.cell - 8.0, 3);
            for (line, text) in lines.iter().rev().enumerate() {
                canvas.text((x, y - 15.0 * (line as f64 + 1.0)), text, style.centred());
            }
            self.context.mark(canvas, (x, y), index, 4.0);
        }
    }

    /// Name, chance and trials of a row.
    fn class(&self, canvas: &Canvas<'_>, y: f64, index: usize) {
        let theme = self.context.theme;
        let summary = self.context.summary;
        let (name, chance, trials, bold) = match summary.classes.get(index) {
            Some(it) => (harmless(&it.name), it.chance, it.trials, false),
            None => ("all, weighted by chance".to_owned(), 1.0, summary.trials, true),
        };
        let style = Lettering::new(12.0, theme.ink);
        let style = if bold { style.bold() } else { style };
        let room = self.left() - TRIALS - CHANCE - LEFT - 4.0;
        canvas.text((LEFT, y), &fitted(&name, 12.0, bold, room), style);
        let small = Lettering::new(11.0, theme.mute).flush_right();
        canvas.text((self.left() - TRIALS - 8.0, y), &share(chance), small);
        canvas.text((self.left() - 12.0, y), &number(trials as f64), small);
    }

    fn cell(&self, canvas: &Canvas<'_>, (left, top): (f64, f64), cell: Option<&Estimate>) {
        let theme = self.context.theme;
        let middle = (left + self.cell / 2.0, top + self.row / 2.0);
        let Some(it) = cell else {
            canvas.text(middle, NONE, Lettering::new(12.0, theme.mute).centred());
            return;
        };
        let ground = self.colour(it.value);
        let (right, bottom) = (left + self.cell - 1.5, top + self.row - 1.5);
        canvas.fill(Frame { left, top, right, bottom }, ground);
        let ink = if it.value > 0.0 { ground.ink_on() } else { theme.mute };
        let size = if self.cell < 42.0 { 10.0 } else { 12.5 };
        let style = Lettering::new(size, ink).centred();
        let text =
            fitted(&Unit::Count.among(it.value, it.low, it.high), size, false, self.cell - 3.0);
        let interval = Unit::Count.interval(it.value, it.low, it.high);
        let small = Lettering::new(10.0, ink).centred();
        if self.row < TALL || it.high <= 0.0 || small.width_of(&interval) > self.cell - 6.0 {
            canvas.text(middle, &text, style);
        } else {
            canvas.text((middle.0, middle.1 - 7.0), &text, style);
            canvas.text((middle.0, middle.1 + 9.0), &interval, small);
        }
    }

    /// The bar of colours, with its ticks.
    fn bar(&self, canvas: &Canvas<'_>, top: f64) {
        const STEPS: u32 = 64;
        let theme = self.context.theme;
        let words = "mean users hurt, logarithmic";
        canvas.text((LEFT, top + 5.0), words, Lettering::new(11.0, theme.ink));
        let (left, right) = (self.left(), (self.left() + 360.0).min(RIGHT));
        let Some((least, most)) = self.ends else {
            canvas.text((left, top + 5.0), "no user was hurt", Lettering::new(11.0, theme.mute));
            return;
        };
        let step = (right - left) / f64::from(STEPS);
        for index in 0..STEPS {
            let part = (f64::from(index) + 0.5) / f64::from(STEPS);
            let from = left + step * f64::from(index);
            let frame = Frame { left: from, right: from + step + 0.2, top, bottom: top + 10.0 };
            canvas.fill(frame, theme.ramp_at(part));
        }
        let whole = libm::log10(most / least);
        let mut ticks = if whole > 0.3 { log_ticks((least, most)) } else { vec![] };
        ticks.retain(|it| (least..=most).contains(it));
        if ticks.len() < 2 {
            ticks = vec![least, most];
        }
        let style = Lettering::new(11.0, theme.mute).centred();
        let mut taken = f64::NEG_INFINITY;
        for tick in ticks {
            let part = if whole > 1e-9 { libm::log10(tick / least) / whole } else { 0.5 };
            let x = left + part.clamp(0.0, 1.0) * (right - left);
            let half = style.width_of(&number(tick)) / 2.0;
            if x - half > taken + 6.0 {
                canvas.line(&[(x, top + 10.0), (x, top + 14.0)], theme.mute, 1.0);
                canvas.text((x, top + 23.0), &number(tick), style);
                taken = x + half;
            }
        }
    }
}
