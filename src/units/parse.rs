//! The text form of quantities: a number and its unit, and what to say when it is neither.

use std::fmt;

/// Why a text is not the quantity it should be: what is wrong, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    pub problem: String,
    pub allowed: &'static str,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; allowed: {}", self.problem, self.allowed)
    }
}

impl std::error::Error for Malformed {}

/// Splits `1.5GiB` into the number and what follows it. The number is finite and at least zero; its digits
/// may have `_` between and after them.
pub(super) fn number_and_unit<'t>(
    text: &'t str,
    allowed: &'static str,
) -> Result<(f64, &'t str), Malformed> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Malformed { problem: "a number is missing".to_owned(), allowed });
    }
    let end = text
        .char_indices()
        .find(|&(i, c)| !(c.is_ascii_digit() || c == '.' || c == '_' || (i == 0 && c == '-')))
        .map_or(text.len(), |(i, _)| i);
    let (number, unit) = text.split_at(end);
    let digits: String = number.chars().filter(|&c| c != '_').collect();
    let malformed = |problem: String| Malformed { problem, allowed };
    let parsed = if number.starts_with('_') || number.starts_with("._") {
        None
    } else {
        digits.parse().ok()
    };
    let none = || malformed(format!("`{}` does not begin with a number", shown(text)));
    let value: f64 = parsed.ok_or_else(none)?;
    if value < 0.0 || (value == 0.0 && digits.starts_with('-')) {
        return Err(malformed(format!("`{}` is negative", shown(text))));
    }
    let power = unit.strip_prefix(['e', 'E']);
    if power.is_some_and(|it| it.starts_with(|it: char| it.is_ascii_digit() || "+-".contains(it))) {
        let problem = format!("`{}` has a power of ten, which is written out here", shown(text));
        return Err(malformed(problem));
    }
    if !value.is_finite() {
        return Err(malformed(format!("`{}` is too large", shown(text))));
    }
    Ok((value, unit.trim()))
}

/// A text from a file, cut so that a hostile one does not fill the screen.
pub(super) fn shown(text: &str) -> String {
    const CHARS_MAX: usize = 40;
    let mut short: String = text.chars().take(CHARS_MAX).flat_map(char::escape_debug).collect();
    if text.chars().nth(CHARS_MAX).is_some() {
        short.push('…');
    }
    short
}

/// Reads and writes a quantity as its text; gives it its `format` and its pattern in the JSON Schema.
macro_rules! text_quantity {
    ($kind:ident, $format:literal, $title:literal, $examples:expr, $pattern:expr, $allowed:expr) => {
        impl serde::Serialize for $kind {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $kind {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        #[cfg(test)]
        impl schemars::JsonSchema for $kind {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($kind).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "format": $format,
                    "description": $title,
                    "examples": $examples,
                    "pattern": $pattern,
                    "patternErrorMessage": $allowed,
                })
            }
        }
    };
}
pub(super) use text_quantity;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_split_from_its_unit() {
        assert_eq!(number_and_unit("1_000.5 GiB", "x").unwrap(), (1000.5, "GiB"));
    }

    #[test]
    fn a_missing_number_and_a_power_of_ten_are_refused_by_what_they_are() {
        let told = |text| number_and_unit(text, "x").unwrap_err().problem;
        assert_eq!(told(" "), "a number is missing");
        assert_eq!(told("1e9%"), "`1e9%` has a power of ten, which is written out here");
        assert_eq!(told("2E-3s"), "`2E-3s` has a power of ten, which is written out here");
    }

    #[test]
    fn negative_and_endless_numbers_are_refused() {
        for text in ["-1s", "-0s", "nan", ".inf", "", "s", "1..2s"] {
            assert!(number_and_unit(text, "x").is_err(), "{text}");
        }
        let long = "9".repeat(400);
        assert!(number_and_unit(&long, "x").unwrap_err().problem.contains("too large"));
    }
}
