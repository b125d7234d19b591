//! Every colour of every chart, in one table, so that a dark theme is a second table.
//!
//! The colours of data are those of Okabe and Ito (Color Universal Design, 2008), which people of
//! every colour vision tell apart.

use plotters::style::RGBColor;

/// An opaque colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) struct Colour(u8, u8, u8);

impl Colour {
    /// Mixed with another: 1 is this one, 0 the other.
    pub(in crate::report) fn over(self, other: Self, part: f64) -> Self {
        let mix = |one: u8, two: u8| {
            let mixed = f64::from(one) * part + f64::from(two) * (1.0 - part);
            u8::try_from(crate::units::whole(mixed)).unwrap_or(u8::MAX)
        };
        Self(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }
}

impl From<Colour> for RGBColor {
    fn from(colour: Colour) -> Self {
        Self(colour.0, colour.1, colour.2)
    }
}

#[derive(Debug)]
pub(in crate::report) struct Theme {
    pub(in crate::report) paper: Colour,
    /// Text, and what must be seen first.
    pub(in crate::report) ink: Colour,
    /// Secondary text.
    pub(in crate::report) mute: Colour,
    pub(in crate::report) grid: Colour,
    pub(in crate::report) stable: Colour,
    pub(in crate::report) candidate: Colour,
    /// The candidate with its feature off.
    pub(in crate::report) dark: Colour,
    pub(in crate::report) good: Colour,
    pub(in crate::report) bad: Colour,
    pub(in crate::report) unsure: Colour,
    pub(in crate::report) limit: Colour,
}

pub(in crate::report) const LIGHT: Theme = Theme {
    paper: Colour(255, 255, 255),
    ink: Colour(31, 41, 55),
    mute: Colour(96, 104, 117),
    grid: Colour(229, 231, 235),
    stable: Colour(0, 114, 178),
    candidate: Colour(230, 159, 0),
    dark: Colour(86, 180, 233),
    good: Colour(0, 158, 115),
    bad: Colour(194, 65, 12),
    unsure: Colour(204, 121, 167),
    limit: Colour(150, 50, 110),
};
