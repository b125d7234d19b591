//! A panel with an axis of values: header, ticks, lines and areas over time.

use super::context::{AXIS, HEADER, MARGIN, PictureContext, Section};
use crate::report::chart::{Canvas, Colour, Frame, Key, Lettering, Mark, Scale, header, log_ticks};

/// A line over time; gaps where there is no value.
pub(super) struct Curve {
    /// Pixel of time and value.
    pub(super) points: Vec<(f64, Option<f64>)>,
    pub(super) colour: Colour,
    pub(super) width: f64,
}

/// A limit that is worth a dashed line.
pub(super) struct Threshold {
    pub(super) value: f64,
    pub(super) words: String,
}

/// What a panel shows.
pub(super) struct Panel {
    pub(super) name: &'static str,
    pub(super) note: String,
    pub(super) height: f64,
    pub(super) keys: Vec<Key>,
    /// Areas from the back to the front, each from zero up.
    pub(super) areas: Vec<Curve>,
    pub(super) curves: Vec<Curve>,
    pub(super) limits: Vec<Threshold>,
    /// The axis reaches at least up to this, if no limit and no value is higher.
    pub(super) least_top: f64,
    pub(super) label: fn(f64) -> String,
    /// Values written at a point of time and value.
    pub(super) notes: Vec<(f64, f64)>,
    /// Memory has steps of its own.
    pub(super) ticks: fn(f64, u32) -> Vec<f64>,
    /// Values differ so much that their quotients say more than their differences.
    pub(super) logarithmic: bool,
}

impl Panel {
    pub(super) fn into_section<'p>(mut self, context: &'p PictureContext<'p>) -> Section<'p> {
        let dashes =
            |it: &Threshold| Key::new(Mark::Dashes, context.theme.limit, it.words.as_str());
        self.keys.extend(self.limits.first().map(dashes));
        Section::new(HEADER + self.height, move |canvas, top| self.draw(canvas, context, top))
    }

    fn values(&self) -> impl Iterator<Item = f64> {
        let curves = self.areas.iter().chain(&self.curves);
        let values = curves.flat_map(|it| it.points.iter().filter_map(|(_, value)| *value));
        values.chain(self.limits.iter().map(|it| it.value))
    }

    fn scale(&self, (top, bottom): (f64, f64)) -> (Scale, Vec<f64>) {
        let largest = self.values().fold(self.least_top, f64::max);
        if self.logarithmic {
            let least = self.values().filter(|it| *it > 0.0).fold(largest / 10.0, f64::min);
            let ticks = log_ticks((least, largest));
            let ends = (ticks[0], ticks[ticks.len() - 1]);
            return (Scale::logarithmic(ends, (bottom, top)), ticks);
        }
        let ticks = (self.ticks)(largest, 4);
        (Scale::linear((0.0, ticks[ticks.len() - 1]), (bottom, top)), ticks)
    }

    fn draw(&self, canvas: &Canvas<'_>, context: &PictureContext<'_>, top: f64) {
        let theme = context.theme;
        header(canvas, (MARGIN, AXIS.1), top + 9.0, (self.name, &self.note), &self.keys);
        let frame = Frame {
            left: AXIS.0,
            right: AXIS.1,
            top: top + HEADER,
            bottom: top + HEADER + self.height,
        };
        let (scale, ticks) = self.scale((frame.top, frame.bottom));
        for area in &self.areas {
            fill_below(canvas, area, scale);
        }
        let mut label_above = f64::INFINITY;
        for &tick in &ticks {
            let y = scale.at(tick);
            canvas.line(&[(frame.left, y), (frame.right, y)], theme.grid, 1.0);
            if label_above - y >= 13.0 {
                let style = Lettering::new(11.5, theme.mute).flush_right();
                canvas.text((AXIS.0 - 12.0, y), &(self.label)(tick), style);
                label_above = y;
            }
        }
        for limit in &self.limits {
            let y = scale.at(limit.value);
            canvas.dashed((frame.left, y), (frame.right, y), theme.limit);
        }
        for curve in &self.curves {
            stroke(canvas, curve, scale);
        }
        for &(x, value) in &self.notes {
            let line = scale.at(value);
            let y = if line - 9.0 < frame.top + 4.0 { line + 10.0 } else { line - 9.0 };
            canvas.text((x + 4.0, y), &(self.label)(value), Lettering::new(11.0, theme.ink).bold());
        }
    }
}

/// The stretches of a curve without a gap.
fn stretches(curve: &Curve, scale: Scale) -> Vec<Vec<(f64, f64)>> {
    let mut all = vec![Vec::new()];
    for &(x, value) in &curve.points {
        match (value, all.last_mut()) {
            (Some(value), Some(stretch)) => stretch.push((x, scale.at(value))),
            _ => all.push(Vec::new()),
        }
    }
    all.retain(|it| !it.is_empty());
    all
}

fn stroke(canvas: &Canvas<'_>, curve: &Curve, scale: Scale) {
    for stretch in stretches(curve, scale) {
        match stretch.as_slice() {
            [point] => canvas.dot(*point, 1.5 * curve.width, curve.colour),
            points => canvas.line(points, curve.colour, curve.width),
        }
    }
}

fn fill_below(canvas: &Canvas<'_>, curve: &Curve, scale: Scale) {
    let floor = scale.at(0.0);
    for mut stretch in stretches(curve, scale) {
        let (first, last) = (stretch[0].0, stretch[stretch.len() - 1].0);
        stretch.extend([(last, floor), (first, floor)]);
        canvas.polygon(&stretch, curve.colour);
    }
}
