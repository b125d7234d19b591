//! The formats of the published JSON Schema, one for each kind of quantity.

use std::str::FromStr;

use super::{Bytes, Factor, HourOfWeek, Limit, Malformed, Rate, Ratio, Span};

/// Whether a text is a quantity of some kind.
pub type Accepts = fn(&str) -> Result<(), Malformed>;

/// The `format` keywords of the published JSON Schema, each with the parser behind it.
pub const FORMATS: &[(&str, Accepts)] = &[
    ("span", accepts::<Span>),
    ("rate", accepts::<Rate>),
    ("ratio", accepts::<Ratio>),
    ("bytes", accepts::<Bytes>),
    ("factor", accepts::<Factor>),
    ("hour-of-week", accepts::<HourOfWeek>),
    ("limit", accepts::<Limit>),
];

fn accepts<T: FromStr<Err = Malformed>>(text: &str) -> Result<(), Malformed> {
    text.parse::<T>().map(drop)
}
