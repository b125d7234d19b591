//! Small panels of curves side by side: values with their intervals over severities, weights or hours.

use crate::{
    report::{
        chart::{Axis, Canvas, Colour, Frame, Key, Lettering, Marker, Side, header},
        compare::sheet::{LEFT, RIGHT},
    },
    units::text::{seconds, share},
};

/// Room for the labels of a panel's upright axis.
const GUTTER: f64 = 54.0;
const BETWEEN: f64 = 22.0;
const HEAD: f64 = 34.0;
const PLOT: f64 = 190.0;
const AXIS: f64 = 48.0;
const ACROSS: usize = 2;

/// A value with its interval at a place along the axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct CurveMark {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

/// A curve.
pub(super) struct Line {
    pub(super) points: Vec<CurveMark>,
    pub(super) colour: Colour,
    pub(super) marker: Marker,
}

/// How values are written, and on which scale they stand.
#[derive(Clone, Copy)]
pub(super) enum Upright {
    /// From nothing to all.
    Share,
    /// Of other values, from zero.
    Value(fn(f64) -> String),
    /// Of seconds, from zero.
    Time,
}

/// One drawing among others.
pub(super) struct Panel<'p> {
    pub(super) title: String,
    /// What is below, and how its values are written.
    pub(super) along: String,
    pub(super) tick: Box<dyn Fn(f64) -> String + 'p>,
    /// Values at which the axis below has its labels.
    pub(super) ticks: Vec<f64>,
    pub(super) logarithmic: bool,
    pub(super) upright: Upright,
    /// A dashed line at this value, such as nine in ten.
    pub(super) level: Option<f64>,
    /// A value that holds along the whole axis, as a band.
    pub(super) band: Option<(CurveMark, Colour)>,
    /// Upright line at a place that is special, with its name.
    pub(super) own: Option<f64>,
    pub(super) lines: Vec<Line>,
}

/// Height of so many panels.
pub(super) fn height(panels: usize) -> f64 {
    panels.div_ceil(ACROSS) as f64 * (HEAD + PLOT + AXIS) + 24.0
}

/// Draws the panels below `top`, and the legend of all of them above.
pub(super) fn draw(canvas: &Canvas<'_>, top: f64, note: &str, keys: &[Key], panels: &[Panel<'_>]) {
    header(canvas, (LEFT, RIGHT), top + 8.0, ("", note), keys);
    let wide = (RIGHT - LEFT - BETWEEN) / ACROSS as f64;
    for (index, panel) in panels.iter().enumerate() {
        let (row, column) = (index / ACROSS, index % ACROSS);
        let left = LEFT + column as f64 * (wide + BETWEEN);
        let above = top + 24.0 + row as f64 * (HEAD + PLOT + AXIS);
        let frame = Frame {
            left: left + GUTTER,
            right: left + wide,
            top: above + HEAD,
            bottom: above + HEAD + PLOT,
        };
        panel.draw(canvas, frame);
    }
}

impl Panel<'_> {
    fn draw(&self, canvas: &Canvas<'_>, frame: Frame) {
        let theme = canvas.theme;
        let title = Lettering::new(12.5, theme.ink).bold();
        canvas.text((frame.left - GUTTER + 4.0, frame.top - 18.0), &self.title, title);
        let (below, beside) = (self.below(frame), self.beside(frame));
        if let Some((band, colour)) = &self.band {
            let pale = colour.over(theme.paper, 0.22);
            let (top, bottom) = (beside.at(band.high), beside.at(band.low));
            let bottom = bottom.max(top + 1.5);
            canvas.fill(Frame { top, bottom, ..frame }, pale);
        }
        below.draw(canvas, frame, Side::Below, |it| (self.tick)(it));
        below.title_below(canvas, frame, &self.along);
        beside.draw(canvas, frame, Side::Left, |it| self.upright.label(it));
        if let Some((band, colour)) = &self.band {
            let y = beside.at(band.y);
            canvas.line(&[(frame.left, y), (frame.right, y)], *colour, 1.6);
        }
        if let Some(level) = self.level {
            let y = beside.at(level);
            canvas.dashed((frame.left, y), (frame.right, y), theme.mute);
        }
        if let Some(own) = self.own {
            let x = below.at(own);
            canvas.dashed((x, frame.top), (x, frame.bottom), theme.mute);
        }
        for line in &self.lines {
            line.draw(canvas, (&below, &beside));
        }
    }

    fn below(&self, frame: Frame) -> Axis {
        let pixels = (frame.left + 14.0, frame.right - 22.0);
        let lines = self.lines.iter().flat_map(|it| &it.points);
        let xs = || lines.clone().map(|it| it.x).chain(self.ticks.iter().copied());
        let mut axis = if self.logarithmic {
            Axis::logarithmic(xs(), pixels)
        } else {
            Axis::linear(xs(), pixels)
        };
        if !self.ticks.is_empty() {
            axis.ticks.clone_from(&self.ticks);
        }
        axis.fit(xs(), pixels);
        axis
    }

    fn beside(&self, frame: Frame) -> Axis {
        let pixels = (frame.bottom, frame.top);
        let of_lines = self.lines.iter().flat_map(|it| &it.points);
        let highs = of_lines.flat_map(|it| [it.y, it.high]);
        match self.upright {
            Upright::Share => Axis::linear([0.0, 1.0].into_iter(), pixels),
            Upright::Value(_) => Axis::linear(highs, pixels),
            Upright::Time => Axis::time(highs.fold(0.0, f64::max), pixels),
        }
    }
}

impl Upright {
    fn label(self, value: f64) -> String {
        match self {
            Self::Share => share(value),
            Self::Value(told) => told(value),
            Self::Time => seconds(value),
        }
    }
}

impl Line {
    fn draw(&self, canvas: &Canvas<'_>, (below, beside): (&Axis, &Axis)) {
        let at = |x: f64, y: f64| (below.at(x), beside.at(y));
        let line: Vec<(f64, f64)> = self.points.iter().map(|it| at(it.x, it.y)).collect();
        canvas.line(&line, self.colour.over(canvas.theme.paper, 0.75), 1.8);
        for point in &self.points {
            let x = below.at(point.x);
            let ends = (beside.at(point.low), beside.at(point.high));
            canvas.upright(x, ends, self.colour, 1.6);
            canvas.marker(at(point.x, point.y), self.marker, 4.2, self.colour);
        }
    }
}
