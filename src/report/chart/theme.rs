//! Every colour of every chart, a table for each paper.
//!
//! The colours of data are those of Okabe and Ito (Color Universal Design, 2008), which people of
//! every colour vision tell apart. For lines and marks they are darkened on white paper and
//! lightened on dark paper until they stand out from it at least 3 : 1 (WCAG 2.2, 1.4.11).

use plotters::style::RGBColor;

use crate::model::ReleaseId;

/// An opaque colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) struct Colour(u8, u8, u8);

impl Colour {
    /// Mixed with another: 1 is this one, 0 the other.
    pub(in crate::report) fn over(self, other: Self, part: f64) -> Self {
        let mix = |one: u8, two: u8| {
            let mixed = f64::from(one) * part + f64::from(two) * (1.0 - part);
            u8::try_from(crate::units::round_u64(mixed)).unwrap_or(u8::MAX)
        };
        Self(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }

    /// Relative luminance from 0 to 1 (WCAG 2.2).
    fn luminance(self) -> f64 {
        let linear = |it: u8| {
            let part = f64::from(it) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { libm::pow((part + 0.055) / 1.055, 2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// Black or white, whichever is read better on this colour.
    pub(in crate::report) fn ink_on(self) -> Self {
        const BLACK: Colour = Colour(0, 0, 0);
        const WHITE: Colour = Colour(255, 255, 255);
        if BLACK.contrast(self) >= WHITE.contrast(self) { BLACK } else { WHITE }
    }

    /// Contrast with another from 1 to 21 (WCAG 2.2).
    pub(in crate::report) fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
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
    /// Things of a kind, such as strategies, in this order.
    pub(in crate::report) series: [Colour; 8],
    /// From little to much.
    pub(in crate::report) ramp: [Colour; 6],
}

impl Theme {
    /// The colour of a release.
    pub(in crate::report) fn of_release(&self, release: ReleaseId) -> Colour {
        match release {
            ReleaseId::STABLE => self.stable,
            ReleaseId::CANDIDATE => self.candidate,
            further => self.series[further.index()],
        }
    }

    /// The colour at a part from 0 to 1 of the way from little to much.
    pub(in crate::report) fn ramp_at(&self, part: f64) -> Colour {
        let steps = self.ramp.len() - 1;
        let along = part.clamp(0.0, 1.0) * steps as f64;
        let index =
            usize::try_from(crate::units::round_u64(along.floor())).unwrap_or(0).min(steps - 1);
        self.ramp[index + 1].over(self.ramp[index], along - index as f64)
    }
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
    series: [
        Colour(0, 114, 178),
        Colour(213, 94, 0),
        Colour(0, 140, 102),
        Colour(184, 92, 143),
        Colour(160, 112, 0),
        Colour(60, 66, 82),
        Colour(42, 140, 196),
        Colour(122, 118, 16),
    ],
    ramp: [
        Colour(255, 247, 226),
        Colour(254, 217, 142),
        Colour(254, 166, 58),
        Colour(222, 107, 24),
        Colour(163, 58, 8),
        Colour(92, 24, 6),
    ],
};

pub(in crate::report) const DARK: Theme = Theme {
    paper: Colour(17, 21, 28),
    ink: Colour(229, 233, 240),
    mute: Colour(152, 161, 176),
    grid: Colour(42, 49, 60),
    stable: Colour(76, 163, 224),
    candidate: Colour(240, 173, 48),
    dark: Colour(140, 206, 245),
    good: Colour(38, 188, 143),
    bad: Colour(242, 116, 62),
    unsure: Colour(220, 148, 190),
    limit: Colour(222, 130, 186),
    series: [
        Colour(76, 163, 224),
        Colour(242, 116, 40),
        Colour(38, 188, 143),
        Colour(220, 148, 190),
        Colour(240, 173, 48),
        Colour(214, 220, 230),
        Colour(150, 210, 246),
        Colour(240, 228, 66),
    ],
    ramp: [
        Colour(36, 38, 46),
        Colour(84, 46, 30),
        Colour(143, 66, 22),
        Colour(206, 98, 24),
        Colour(248, 158, 62),
        Colour(255, 222, 150),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_drawn_stands_out_from_its_paper() {
        for theme in [&LIGHT, &DARK] {
            assert!(theme.ink.contrast(theme.paper) >= 7.0);
            assert!(theme.mute.contrast(theme.paper) >= 4.5);
            for colour in theme.series.into_iter().chain([theme.bad, theme.limit]) {
                assert!(colour.contrast(theme.paper) >= 3.0, "{colour:?}");
            }
        }
        assert!((Colour(0, 0, 0).contrast(Colour(255, 255, 255)) - 21.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_written_on_a_colour_can_be_read() {
        for theme in [&LIGHT, &DARK] {
            for part in 0..=20 {
                let ground = theme.ramp_at(f64::from(part) / 20.0);
                assert!(ground.ink_on().contrast(ground) >= 4.5, "{ground:?}");
            }
        }
    }

    #[test]
    fn a_ramp_begins_with_little_and_ends_with_much() {
        for theme in [&LIGHT, &DARK] {
            assert_eq!([theme.ramp_at(-1.0), theme.ramp_at(7.0)], [theme.ramp[0], theme.ramp[5]]);
        }
    }
}
