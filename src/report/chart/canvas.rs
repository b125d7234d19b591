//! A canvas in pixels over plotters' SVG backend.

use plotters::{
    coord::Shift,
    element::{Circle, PathElement, Polygon, Rectangle, Text},
    prelude::{DrawingArea, IntoDrawingArea, SVGBackend},
    style::{
        Color, FontStyle, FontTransform, IntoFont, RGBColor, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{Colour, Theme};
use crate::report::words::harmless;

/// How much larger than shown everything is drawn.
const ENLARGED: f64 = 10.0;
/// plotters writes its font sizes divided by this.
const PLOTTERS_FONT: f64 = 1.24;
/// Why drawing does not go wrong.
const SOUND: &str = "drawing into a string cannot fail";
const FAMILY: &str = "Inter, 'Helvetica Neue', Arial, sans-serif";

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::report) struct Frame {
    pub(in crate::report) left: f64,
    pub(in crate::report) top: f64,
    pub(in crate::report) right: f64,
    pub(in crate::report) bottom: f64,
}

/// How a text is set.
#[derive(Clone, Copy)]
pub(in crate::report) struct Lettering {
    size: f64,
    colour: Colour,
    bold: bool,
    anchor: HPos,
}

impl Lettering {
    /// Left-aligned and regular, in pixels.
    pub(in crate::report) const fn new(size: f64, colour: Colour) -> Self {
        Self { size, colour, bold: false, anchor: HPos::Left }
    }

    pub(in crate::report) const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub(in crate::report) const fn centred(self) -> Self {
        Self { anchor: HPos::Center, ..self }
    }

    pub(in crate::report) const fn flush_right(self) -> Self {
        Self { anchor: HPos::Right, ..self }
    }

    pub(in crate::report) fn width_of(self, text: &str) -> f64 {
        super::width_of(text, self.size, self.bold)
    }
}

pub(in crate::report) struct Canvas<'s> {
    area: DrawingArea<SVGBackend<'s>, Shift>,
    pub(in crate::report) theme: &'static Theme,
}

/// An SVG of this size in pixels, with a title for those who cannot see it.
pub(in crate::report) fn drawn(
    (width, height): (u32, u32),
    title: &str,
    theme: &'static Theme,
    draw: impl FnOnce(&Canvas<'_>),
) -> String {
    let enlarged = (width * 10, height * 10);
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, enlarged).into_drawing_area();
        let canvas = Canvas { area, theme };
        let (right, bottom) = (f64::from(width), f64::from(height));
        canvas.fill(Frame { left: 0.0, top: 0.0, right, bottom }, theme.paper);
        draw(&canvas);
        canvas.area.present().expect(SOUND);
    }
    let large = format!("width=\"{}\" height=\"{}\"", enlarged.0, enlarged.1);
    let shown = format!(
        "width=\"{width}\" height=\"{height}\" role=\"img\" stroke-linejoin=\"round\" \
         stroke-linecap=\"butt\""
    );
    let svg =
        svg.replacen(&large, &shown, 1).replace("font-weight=\"bold\"", "font-weight=\"600\"");
    let head = svg.find('>').map_or(0, |it| it + 1);
    let (open, rest) = svg.split_at(head);
    format!("{open}\n<title>{}</title>{rest}", escaped(title))
}

fn escaped(text: &str) -> String {
    printable(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Without what XML does not allow, escaped or not.
fn printable(text: &str) -> String {
    harmless(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

impl Canvas<'_> {
    pub(in crate::report) fn fill(&self, frame: Frame, colour: Colour) {
        let corners = [at((frame.left, frame.top)), at((frame.right, frame.bottom))];
        self.area.draw(&Rectangle::new(corners, rgb(colour).filled())).expect(SOUND);
    }

    pub(in crate::report) fn polygon(&self, points: &[(f64, f64)], colour: Colour) {
        let points: Vec<_> = points.iter().copied().map(at).collect();
        self.area.draw(&Polygon::new(points, rgb(colour).filled())).expect(SOUND);
    }

    pub(in crate::report) fn line(&self, points: &[(f64, f64)], colour: Colour, width: f64) {
        let points: Vec<_> = points.iter().copied().map(at).collect();
        self.area
            .draw(&PathElement::new(
                points,
                rgb(colour).stroke_width(enlarged(width).unsigned_abs()),
            ))
            .expect(SOUND);
    }

    /// A dashed line; plotters knows no dashes, so each is a line.
    pub(in crate::report) fn dashed(&self, from: (f64, f64), to: (f64, f64), colour: Colour) {
        const DASH: f64 = 5.0;
        const PERIOD: f64 = 9.0;
        let length = libm::hypot(to.0 - from.0, to.1 - from.1);
        let along = |it: f64| {
            let part = (it / length).min(1.0);
            (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part)
        };
        let mut begin = 0.0;
        while begin < length {
            self.line(&[along(begin), along(begin + DASH)], colour, 1.2);
            begin += PERIOD;
        }
    }

    pub(in crate::report) fn dot(&self, centre: (f64, f64), radius: f64, colour: Colour) {
        self.area
            .draw(&Circle::new(at(centre), enlarged(radius), rgb(colour).filled()))
            .expect(SOUND);
    }

    /// Vertically centred on the height of the point.
    pub(in crate::report) fn text(&self, place: (f64, f64), text: &str, how: Lettering) {
        // centred on capitals and digits rather than on small letters
        let place = (place.0, place.1 + 0.08 * how.size);
        self.write(place, text, how, FontTransform::None);
    }

    /// From the point upwards, the letters turned to the left.
    pub(in crate::report) fn text_up(&self, place: (f64, f64), text: &str, how: Lettering) {
        let place = (place.0 + 0.08 * how.size, place.1);
        self.write(place, text, how, FontTransform::Rotate270);
    }

    fn write(&self, place: (f64, f64), text: &str, how: Lettering, turned: FontTransform) {
        let style = if how.bold { FontStyle::Bold } else { FontStyle::Normal };
        let size = how.size * ENLARGED * PLOTTERS_FONT;
        let font = (FAMILY, size, style).into_font().transform(turned);
        let colour = rgb(how.colour);
        let style = TextStyle::from(font).color(&colour);
        let style = style.pos(Pos::new(how.anchor, VPos::Center));
        self.area.draw(&Text::new(printable(text), at(place), style)).expect(SOUND);
    }
}

fn rgb(colour: Colour) -> RGBColor {
    colour.into()
}

fn at((x, y): (f64, f64)) -> (i32, i32) {
    (enlarged(x), enlarged(y))
}

/// Pixels as whole units of the enlarged canvas.
#[expect(
    clippy::cast_possible_truncation,
    reason = "float casts saturate; no canvas is that large"
)]
fn enlarged(pixels: f64) -> i32 {
    (pixels * ENLARGED).round() as i32
}
