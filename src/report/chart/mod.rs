//! The house style of every chart: theme, canvas, scales, and the way from SVG to PNG.
//!
//! Charts are drawn with plotters on a canvas ten times too large, since its coordinates are whole
//! pixels; only the shown size shrinks. All layout is ours: plotters would only estimate text.

mod axis;
mod canvas;
mod font;
mod labels;
mod legend;
mod marker;
#[cfg(feature = "png")]
mod png;
mod scale;
mod theme;

pub(super) use axis::{Axis, Side};
pub(super) use canvas::{Canvas, Frame, Lettering, drawn};
pub(super) use font::{fitted, laid_out, width_of};
pub(super) use labels::placed;
pub(super) use legend::{Key, Mark, header};
pub(super) use marker::Marker;
pub(super) use scale::{Scale, byte_ticks, linear_ticks, log_ticks, ticks_around, time_step};
pub(super) use theme::{Colour, DARK, LIGHT, Theme};

#[cfg(feature = "png")]
pub use png::{Unpaintable, png};
