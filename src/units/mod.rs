//! Quantities with units: instants and spans, rates, ratios, factors, bytes, hours of the week.
//!
//! Every quantity of a scenario is one of these. Each parses from text with its unit, prints in the
//! same form, and cannot hold a value outside its range, so that nothing further inside checks again.

mod formats;
mod limit;
mod parse;
#[cfg(test)]
pub mod pattern;
mod quantity;
mod spelling;
pub mod text;
mod time;

pub use formats::{Accepts, FORMATS};
pub use limit::{Limit, LimitKind};
pub use parse::Malformed;
pub use quantity::{Bytes, Factor, Rate, Ratio};
pub use spelling::{respelt, with_unit};
pub use time::{HourOfWeek, Instant, Span};

/// The nearest whole number; negative and not-a-number become 0, too large becomes the largest.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "Rust's float casts saturate, which is what is wanted"
)]
pub fn round_u64(value: f64) -> u64 {
    (value + 0.5) as u64
}

/// A count or an index of things in memory, of which there are never four billion.
#[inline]
pub fn narrow(count: usize) -> u32 {
    u32::try_from(count).expect("fewer than four billion things are in memory")
}
