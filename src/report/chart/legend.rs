//! The line above a panel: its name, what it shows, and its legend in words.

use super::{Canvas, Colour, Lettering, fitted, width_of};

/// How something looks in a panel.
#[derive(Clone, Copy, Debug)]
pub(in crate::report) enum Mark {
    /// A box of full height.
    Box,
    /// A box of a third of the height.
    Slim,
    Line,
    /// A thin line.
    Hairline,
    Dashes,
    Dot,
    Cross,
    Diamond,
}

/// An entry of a legend.
#[derive(Clone, Debug)]
pub(in crate::report) struct Key {
    pub(in crate::report) mark: Mark,
    pub(in crate::report) colour: Colour,
    pub(in crate::report) words: String,
}

impl Key {
    pub(in crate::report) fn new(mark: Mark, colour: Colour, words: impl Into<String>) -> Self {
        Self { mark, colour, words: words.into() }
    }

    fn width(&self) -> f64 {
        MARK + 6.0 + width_of(&self.words, SIZE, false)
    }
}

const SIZE: f64 = 11.5;
const MARK: f64 = 16.0;
const GAP: f64 = 18.0;

fn legend_width(keys: &[Key]) -> f64 {
    let gaps = GAP * keys.len().saturating_sub(1) as f64;
    keys.iter().map(Key::width).sum::<f64>() + gaps
}

/// Draws name and note from `left` on and the legend flush right at `right`, all centred on `y`.
pub(in crate::report) fn header(
    canvas: &Canvas<'_>,
    (left, right): (f64, f64),
    y: f64,
    (name, note): (&str, &str),
    keys: &[Key],
) {
    let theme = canvas.theme;
    let bold = Lettering::new(13.0, theme.ink).bold();
    canvas.text((left, y), name, bold);
    let beside = left + bold.width_of(name) + 10.0;
    let mut x = right - legend_width(keys);
    let note = fitted(note, SIZE, false, (x - GAP - beside).max(0.0));
    if note.chars().count() > 1 {
        canvas.text((beside, y), &note, Lettering::new(SIZE, theme.mute));
    }
    for key in keys {
        canvas.mark((x + MARK / 2.0, y), key.mark, key.colour);
        canvas.text((x + MARK + 6.0, y), &key.words, Lettering::new(SIZE, theme.ink));
        x += key.width() + GAP;
    }
}

impl Canvas<'_> {
    /// Draws the mark of a legend, or of a verdict, around a point.
    pub(in crate::report) fn mark(&self, (x, y): (f64, f64), mark: Mark, colour: Colour) {
        let half = MARK / 2.0;
        let frame = |height: f64| super::Frame {
            left: x - half + 2.0,
            right: x + half - 2.0,
            top: y - height,
            bottom: y + height,
        };
        let across = [(x - half, y), (x + half, y)];
        match mark {
            Mark::Box => self.fill(frame(5.0), colour),
            Mark::Slim => self.fill(frame(1.6), colour),
            Mark::Line => self.line(&across, colour, 2.4),
            Mark::Hairline => self.line(&across, colour, 1.1),
            Mark::Dashes => self.dashed(across[0], across[1], colour),
            Mark::Dot => self.dot((x, y), 3.6, colour),
            Mark::Cross => {
                self.line(&[(x - 4.0, y - 4.0), (x + 4.0, y + 4.0)], colour, 2.4);
                self.line(&[(x - 4.0, y + 4.0), (x + 4.0, y - 4.0)], colour, 2.4);
            }
            Mark::Diamond => {
                let points = [(x, y - 5.0), (x + 5.0, y), (x, y + 5.0), (x - 5.0, y)];
                self.polygon(&points, colour);
            }
        }
    }
}
