//! Axes of values: which scale suits them, round ticks, lines and labels that never overlap.

use super::{
    Canvas, Frame, Lettering, Scale, fitted, linear_ticks, log_ticks, ticks_around, time_step,
};

/// Size of the labels at ticks.
const SIZE: f64 = 11.5;
/// More than this between the smallest and the largest value wants a logarithmic scale.
const QUOTIENT_MAX: f64 = 40.0;
/// Smallest that a logarithmic scale shows, as a part of the largest.
const DEPTH: f64 = 1e-9;

/// On which side of a frame labels stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Side {
    Below,
    Left,
}

/// A scale with its ticks.
#[derive(Clone, Debug)]
pub(in crate::report) struct Axis {
    pub(in crate::report) scale: Scale,
    pub(in crate::report) ticks: Vec<f64>,
    pub(in crate::report) logarithmic: bool,
}

/// The least and the largest of those that are numbers.
fn ends(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let finite = values.filter(|it| it.is_finite());
    finite.fold(None, |ends, it| match ends {
        None => Some((it, it)),
        Some((least, largest)) => Some((f64::min(least, it), f64::max(largest, it))),
    })
}

impl Axis {
    /// For values and the ends of their intervals: logarithmic where no value is zero or less and
    /// their quotients are large, otherwise linear from zero.
    pub(in crate::report) fn suiting(values: &[f64], bounds: &[f64], pixels: (f64, f64)) -> Self {
        let (least, largest) = ends(values.iter().copied()).unwrap_or((0.0, 0.0));
        if least > 0.0 && largest / least > QUOTIENT_MAX {
            let bounds = bounds.iter().copied().filter(|it| *it >= 0.2 * least);
            let all = values.iter().copied().chain(bounds);
            return Self::logarithmic(all, pixels);
        }
        Self::linear(values.iter().chain(bounds).copied(), pixels)
    }

    /// From zero, or from below it where there are such values.
    pub(in crate::report) fn linear(values: impl Iterator<Item = f64>, pixels: (f64, f64)) -> Self {
        let (least, largest) = ends(values).unwrap_or((0.0, 1.0));
        let ticks = if least < 0.0 {
            ticks_around((least, largest.max(0.0)), 6)
        } else {
            linear_ticks(if largest > 1e-300 { largest } else { 1.0 }, 6)
        };
        let scale = Scale::linear((ticks[0], ticks[ticks.len() - 1]), pixels);
        Self { scale, ticks, logarithmic: false }
    }

    /// Of the values above zero.
    pub(in crate::report) fn logarithmic(
        values: impl Iterator<Item = f64>,
        pixels: (f64, f64),
    ) -> Self {
        let (least, largest) = ends(values.filter(|it| *it > 0.0)).unwrap_or((1.0, 1.0));
        let least = least.max(DEPTH * largest);
        let apart = largest > 1.2 * least;
        let around = if apart { (least, largest) } else { (least / 1.5, largest * 1.5) };
        let ticks = log_ticks(around);
        let scale = Scale::logarithmic((ticks[0], ticks[ticks.len() - 1]), pixels);
        Self { scale, ticks, logarithmic: true }
    }

    /// Of lengths of time in seconds, with ticks that people count in.
    pub(in crate::report) fn times(values: impl Iterator<Item = f64>, pixels: (f64, f64)) -> Self {
        /// Seconds; shorter and longer ones follow by tens.
        const ROUND: [f64; 10] =
            [1.0, 10.0, 60.0, 600.0, 3_600.0, 21_600.0, 86_400.0, 604_800.0, 2_419_200.0, 3.15e7];
        let values: Vec<f64> = values.filter(|it| *it > 0.0).collect();
        let (least, largest) = ends(values.iter().copied()).unwrap_or((1.0, 1.0));
        let first = ROUND.iter().rposition(|it| *it <= least);
        let last = ROUND.iter().position(|it| *it >= largest);
        match (first, last) {
            (Some(first), Some(last)) if last > first + 1 => {
                let ticks = ROUND[first..=last].to_vec();
                let scale = Scale::logarithmic((ticks[0], ticks[ticks.len() - 1]), pixels);
                Self { scale, ticks, logarithmic: true }
            }
            _ => Self::logarithmic(values.into_iter(), pixels),
        }
    }

    /// Of lengths of time in seconds from zero, in equal steps that people count in.
    pub(in crate::report) fn time(longest: f64, pixels: (f64, f64)) -> Self {
        let mut axis = Self::clock((0.0, longest), pixels);
        let step = axis.ticks.get(1).copied().unwrap_or(longest);
        let last = axis.ticks[axis.ticks.len() - 1];
        if last < longest {
            axis.ticks.push(last + step);
        }
        axis.scale = Scale::linear((0.0, axis.ticks[axis.ticks.len() - 1]), pixels);
        axis
    }

    /// Of seconds since something, over a window that begins and ends anywhere.
    pub(in crate::report) fn clock((from, to): (f64, f64), pixels: (f64, f64)) -> Self {
        let length = if to > from && (to - from).is_finite() { to - from } else { 1.0 };
        let step = time_step(length, 9.0).max(length / 9.0);
        let first = libm::ceil(from / step);
        let ticks = (0..=9).map(|it| (first + f64::from(it)) * step);
        let ticks = ticks.take_while(|it| *it <= from + length).collect();
        Self { scale: Scale::linear((from, from + length), pixels), ticks, logarithmic: false }
    }

    /// From the least of the values to the largest, wherever the ticks are, with some room beside both.
    pub(in crate::report) fn fit(
        &mut self,
        values: impl Iterator<Item = f64>,
        (from, to): (f64, f64),
    ) {
        let Some((least, largest)) = ends(values).filter(|it| it.1 > it.0) else { return };
        self.scale = if self.logarithmic && least > 0.0 {
            Scale::logarithmic((least, largest), (from, to))
        } else {
            Scale::linear((least, largest), (from, to))
        };
    }

    /// Where it begins and ends.
    pub(in crate::report) fn pixels(&self) -> (f64, f64) {
        self.scale.pixels()
    }

    pub(in crate::report) fn at(&self, value: f64) -> f64 {
        self.scale.at(value)
    }

    /// Faint lines at the ticks, and their labels below the frame or left of it.
    pub(in crate::report) fn draw(
        &self,
        canvas: &Canvas<'_>,
        frame: Frame,
        side: Side,
        label: impl Fn(f64) -> String,
    ) {
        let mut labels: Vec<String> = self.ticks.iter().map(|it| label(*it)).collect();
        if !self.logarithmic {
            align(&mut labels);
        }
        let mut taken = f64::NEG_INFINITY;
        for (&tick, text) in self.ticks.iter().zip(labels) {
            let at = self.at(tick);
            taken = match side {
                Side::Below => tick_below(canvas, frame, (at, taken), &text),
                Side::Left => tick_left(canvas, frame, (at, taken), &text),
            };
        }
    }

    /// What the axis below a frame measures, in words.
    pub(in crate::report) fn title_below(&self, canvas: &Canvas<'_>, frame: Frame, words: &str) {
        let words =
            if self.logarithmic { format!("{words}, logarithmic") } else { words.to_owned() };
        let text = fitted(&words, SIZE, false, frame.right - frame.left);
        let place = (f64::midpoint(frame.left, frame.right), frame.bottom + 32.0);
        canvas.text(place, &text, Lettering::new(SIZE, canvas.theme.ink).centred());
    }
}

/// Gives all figures but zero the decimals of the one that has most: `$0.50`, `$1.00`, `$1.50`.
fn align(labels: &mut [String]) {
    let decimals = |it: &str| {
        let end = it.rfind(|it: char| it.is_ascii_digit())? + 1;
        let digits = it[..end].rsplit(|it: char| !it.is_ascii_digit()).next()?;
        let whole = end - digits.len();
        // one figure with a sign or a unit; a time such as `1 min 30 s` has two
        let begins = it.find(|it: char| it.is_ascii_digit())?;
        let one = it[begins..end].chars().all(|it| it.is_ascii_digit() || ",.".contains(it));
        one.then(|| (end, if it[..whole].ends_with('.') { digits.len() } else { 0 }))
    };
    let most = labels.iter().filter_map(|it| decimals(it)).map(|it| it.1).max().unwrap_or(0);
    for label in labels {
        let Some((end, has)) = decimals(label).filter(|it| it.1 < most) else { continue };
        if label.contains(|it| ('1'..='9').contains(&it)) {
            let point = if has == 0 { "." } else { "" };
            label.insert_str(end, &format!("{point}{}", "0".repeat(most - has)));
        }
    }
}

/// A line, and its label unless another takes its place; how far to the right labels reach now.
fn tick_below(canvas: &Canvas<'_>, frame: Frame, (x, taken): (f64, f64), text: &str) -> f64 {
    let style = Lettering::new(SIZE, canvas.theme.mute);
    canvas.line(&[(x, frame.top), (x, frame.bottom)], canvas.theme.grid, 1.0);
    let half = style.width_of(text) / 2.0;
    if x - half <= taken + 8.0 {
        return taken;
    }
    canvas.text((x, frame.bottom + 14.0), text, style.centred());
    x + half
}

/// The same left of the frame, from the bottom up.
fn tick_left(canvas: &Canvas<'_>, frame: Frame, (y, taken): (f64, f64), text: &str) -> f64 {
    canvas.line(&[(frame.left, y), (frame.right, y)], canvas.theme.grid, 1.0);
    if -y <= taken + 13.0 {
        return taken;
    }
    let style = Lettering::new(SIZE, canvas.theme.mute).flush_right();
    canvas.text((frame.left - 8.0, y), text, style);
    -y
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_of_an_axis_have_the_same_decimals() {
        let aligned = |labels: &[&str]| {
            let mut labels: Vec<String> = labels.iter().map(|it| (*it).to_owned()).collect();
            align(&mut labels);
            labels
        };
        assert_eq!(aligned(&["$0", "$0.50", "$1", "$1.50"]), ["$0", "$0.50", "$1.00", "$1.50"]);
        assert_eq!(aligned(&["−2 %", "−1.5 %", "0 %"]), ["−2.0 %", "−1.5 %", "0 %"]);
        assert_eq!(aligned(&["1,000", "1,500"]), ["1,000", "1,500"]);
        assert_eq!(aligned(&["0.5 s", "1 s", "1 min 30 s"]), ["0.5 s", "1.0 s", "1 min 30 s"]);
    }
}
