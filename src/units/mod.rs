//! Quantities with units: instants and spans, rates, ratios, factors, bytes, hours of the week.
//!
//! Every quantity of a scenario is one of these. Each parses from text with its unit, prints in the
//! same form, and cannot hold a value outside its range, so that nothing further inside checks again.

mod limit;
mod parse;
mod quantity;
mod time;

pub use limit::{Limit, LimitKind};
pub use parse::{FORMATS, Malformed};
pub use quantity::{Bytes, Factor, Rate, Ratio};
pub use time::{HourOfWeek, Instant, Span};
