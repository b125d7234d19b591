//! Values as people read them: the one place in which a figure becomes text.
//!
//! A quantity's `Display` is the text of a scenario file: exact, and read back to the same value
//! (`1s400ms`, `2.5%`, `1.5x`). What stands in sentences, tables, charts and timelines comes from here
//! (`1.4 s`, `2.5 %`, `1.5 ×`): about three digits, a space before the unit, thousands apart, no zeros
//! at the end that give no information; only a limit is given to its last digit. An interval is `12.3 (10.9 to 13.8)`, a unit that is a sign on each of
//! its figures; figures that belong together have the same decimals, no finer than their interval.

mod harmless;
mod exact;
mod nouns;
mod numbers;
mod spans;
mod unit;

pub use exact::{beside, limit};
pub use harmless::{cell, escaped, harmless, is_harmful};
pub use nouns::{a, counted, estimated, plural, things};
pub use numbers::{
    UNKNOWN, bytes, count, factor, number, rate, rough, share, slope, thousands_apart,
};
pub use spans::{Seconds, clock, elapsed, elapsed_days, elapsed_of, seconds, span, time_of_day};
pub use unit::Unit;

use super::{Bytes, Limit, LimitKind, Rate};

/// No value, in a cell of a table or chart.
pub const NONE: &str = "—";

/// `10.9 to 13.8`, of two figures.
pub fn range(low: &str, high: &str) -> String {
    format!("{low} to {high}")
}

/// `12.3 (10.9 to 13.8)`, of three figures.
pub fn within(value: &str, low: &str, high: &str) -> String {
    format!("{value} ({})", range(low, high))
}

/// A figure in the unit of its kind. A count that is whole is reported in full.
pub fn figure(kind: LimitKind, value: f64) -> String {
    match kind {
        LimitKind::Ratio => share(value),
        LimitKind::Span => seconds(value),
        LimitKind::Factor => factor(value),
        LimitKind::Slope => slope(value),
        LimitKind::Count => numbers::whole_or_number(value),
    }
}

/// A quantity of a scenario file as people read it; any other text is given back as it is.
pub fn of_file(text: &str) -> String {
    if let Ok(it) = text.parse::<Limit>() {
        return figure(it.kind(), it.value());
    }
    if let Ok(it) = text.parse::<Bytes>() {
        return bytes(it.get() as f64);
    }
    text.parse::<Rate>().map_or_else(|_| text.to_owned(), |it| rate(it.as_per_second()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_take_the_unit_of_their_kind() {
        let told = [
            (LimitKind::Ratio, 0.318_18, "31.8 %"),
            (LimitKind::Span, 1.4, "1.4 s"),
            (LimitKind::Factor, 2.769, "2.77 ×"),
            (LimitKind::Slope, 20_971_520.0, "20 MiB/h"),
            (LimitKind::Count, 107_945.0, "107,945"),
            (LimitKind::Count, 0.69, "0.69"),
        ];
        for (kind, value, text) in told {
            assert_eq!(figure(kind, value), text);
        }
    }

    #[test]
    fn quantities_of_a_file_are_told_and_other_texts_are_left() {
        let told = [
            ("2.0833333333%", "2.08 %"),
            ("1s400ms", "1.4 s"),
            ("1h30m", "1 h 30 min"),
            ("1.5x", "1.5 ×"),
            ("2GiB", "2 GiB"),
            ("20MiB/h", "20 MiB/h"),
            ("40/s", "40/s"),
            ("3", "3"),
            ("Mon 09:05", "Mon 09:05"),
            ("eu-west", "eu-west"),
        ];
        for (text, said) in told {
            assert_eq!(of_file(text), said);
        }
    }

    #[test]
    fn an_interval_stands_in_brackets_behind_its_value() {
        assert_eq!(within("12.3", "10.9", "13.8"), "12.3 (10.9 to 13.8)");
    }
}
