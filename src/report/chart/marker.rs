//! Marks that differ by their shape alone, whatever the colour.

use super::{Canvas, Colour};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Marker {
    Dot,
    Square,
    Triangle,
    Diamond,
    Ring,
    /// A square with a hole.
    Frame,
    /// A triangle on its tip.
    Wedge,
    Cross,
}

impl Marker {
    pub(in crate::report) const ALL: [Self; 8] = [
        Self::Dot,
        Self::Square,
        Self::Triangle,
        Self::Diamond,
        Self::Ring,
        Self::Frame,
        Self::Wedge,
        Self::Cross,
    ];
}

impl Canvas<'_> {
    /// An interval with its ends marked, from left to right.
    pub(in crate::report) fn across(&self, ends: (f64, f64), y: f64, colour: Colour, width: f64) {
        let cap = 1.6 * width;
        self.line(&[(ends.0, y), (ends.1, y)], colour, width);
        for x in [ends.0, ends.1] {
            self.line(&[(x, y - cap), (x, y + cap)], colour, 0.5 * width);
        }
    }

    /// An interval with its ends marked, from bottom to top.
    pub(in crate::report) fn upright(&self, x: f64, ends: (f64, f64), colour: Colour, width: f64) {
        let cap = 1.6 * width;
        self.line(&[(x, ends.0), (x, ends.1)], colour, width);
        for y in [ends.0, ends.1] {
            self.line(&[(x - cap, y), (x + cap, y)], colour, 0.5 * width);
        }
    }

    /// Draws a marker that looks as large as a dot of this radius.
    pub(in crate::report) fn marker(
        &self,
        (x, y): (f64, f64),
        marker: Marker,
        radius: f64,
        colour: Colour,
    ) {
        let paper = self.theme.paper;
        let square = |half: f64| super::Frame {
            left: x - half,
            right: x + half,
            top: y - half,
            bottom: y + half,
        };
        let triangle = |up: f64| {
            let side = 1.2 * radius;
            [(x - side, y + up * radius), (x + side, y + up * radius), (x, y - up * side)]
        };
        match marker {
            Marker::Dot => self.dot((x, y), radius, colour),
            Marker::Square => self.fill(square(0.88 * radius), colour),
            Marker::Triangle => self.polygon(&triangle(1.0), colour),
            Marker::Wedge => self.polygon(&triangle(-1.0), colour),
            Marker::Diamond => {
                let r = 1.3 * radius;
                self.polygon(&[(x, y - r), (x + r, y), (x, y + r), (x - r, y)], colour);
            }
            Marker::Ring => {
                self.dot((x, y), radius, colour);
                self.dot((x, y), 0.5 * radius, paper);
            }
            Marker::Frame => {
                self.fill(square(0.92 * radius), colour);
                self.fill(square(0.45 * radius), paper);
            }
            Marker::Cross => {
                let r = 0.9 * radius;
                let width = 0.55 * radius;
                self.line(&[(x - r, y - r), (x + r, y + r)], colour, width);
                self.line(&[(x - r, y + r), (x + r, y - r)], colour, width);
            }
        }
    }
}
