//! A number of instances, or a share of the fleet.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize, de};

use crate::units::{Malformed, Ratio};

/// A number of instances such as `2`, or a share of the fleet such as `25%`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// Instances, at most [`Amount::COUNT_MAX`].
    Count(u32),
    /// Share of the fleet.
    Part(Ratio),
}

const AMOUNT_ALLOWED: &str =
    "a number of instances such as `2`, at most 20,000, or a share of the fleet such as `25%`";

impl Amount {
    /// As many as a fleet may have.
    pub const COUNT_MAX: u32 = 20_000;

    /// Instances out of `fleet`, a part rounded up.
    pub fn rounded_up(self, fleet: u32) -> u32 {
        match self {
            Self::Count(count) => count,
            Self::Part(ratio) => saturating_u32(exact_product(ratio, fleet).ceil()),
        }
    }

    /// Instances out of `fleet`, a part rounded down.
    pub fn rounded_down(self, fleet: u32) -> u32 {
        match self {
            Self::Count(count) => count,
            Self::Part(ratio) => saturating_u32(exact_product(ratio, fleet).floor()),
        }
    }
}

/// Rounds to 1e-6 of an instance, so that 7 % of 100 is 7 and no more.
fn exact_product(ratio: Ratio, fleet: u32) -> f64 {
    (ratio.get() * f64::from(fleet) * 1e6).round() / 1e6
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a part of a u32, already rounded to a whole number"
)]
fn saturating_u32(value: f64) -> u32 {
    value as u32
}

impl FromStr for Amount {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let text = text.trim();
        // `0.25` is a share, as it is wherever a share is wanted
        if text.ends_with('%') || text.contains('.') {
            let ratio = text.parse().map_err(|it| Malformed { allowed: AMOUNT_ALLOWED, ..it })?;
            return Ok(Self::Part(ratio));
        }
        let short: String = text.chars().take(20).flat_map(char::escape_debug).collect();
        let malformed = |what: &str| Malformed {
            problem: format!("`{short}` is {what}"),
            allowed: AMOUNT_ALLOWED,
        };
        if text.is_empty() || !text.bytes().all(|it| it.is_ascii_digit()) {
            return Err(malformed("neither a whole number nor a percentage"));
        }
        match text.parse() {
            Ok(count) if count <= Self::COUNT_MAX => Ok(Self::Count(count)),
            Ok(_) | Err(_) => Err(malformed("too large")),
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => f.pad(&count.to_string()),
            Self::Part(ratio) => ratio.fmt(f),
        }
    }
}

impl Serialize for Amount {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(count) => serializer.serialize_u32(*count),
            Self::Part(ratio) => ratio.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Amount;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(AMOUNT_ALLOWED)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, count: u64) -> Result<Amount, E> {
                count.to_string().parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Amount {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": ["string", "integer"],
            "format": "amount",
            "description": "a number of instances, or a share of the fleet as a percentage",
            "examples": ["25%", 1],
            "pattern": crate::units::pattern::amount(Self::COUNT_MAX.into()),
            "patternErrorMessage": AMOUNT_ALLOWED,
            "minimum": 0,
            "maximum": Self::COUNT_MAX,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_rounded_up_or_down_and_a_count_is_itself() {
        let amount = |text: &str| text.parse::<Amount>().unwrap();
        for (text, fleet, up, down) in [
            ("25%", 10, 3, 2),
            ("25%", 4, 1, 1),
            ("25%", 3, 1, 0),
            ("7%", 100, 7, 7),
            ("100%", 5, 5, 5),
            ("0%", 5, 0, 0),
            ("1%", 5, 1, 0),
            ("2", 5, 2, 2),
        ] {
            assert_eq!(amount(text).rounded_up(fleet), up, "{text} of {fleet}");
            assert_eq!(amount(text).rounded_down(fleet), down, "{text} of {fleet}");
        }
    }

    #[test]
    fn amounts_are_read_and_written_as_integer_or_percentage() {
        for (json, shown) in [
            ("3", "3"),
            ("\"25%\"", "25%"),
            ("\"3\"", "3"),
            ("\"0.25\"", "25%"),
            ("\"1.0\"", "100%"),
        ] {
            let amount: Amount = serde_json::from_str(json).unwrap();
            assert_eq!(amount.to_string(), shown);
        }
        assert_eq!(serde_json::to_string(&Amount::Count(3)).unwrap(), "3");
        assert_eq!(serde_json::to_string(&Amount::Part(Ratio::clamped(0.25))).unwrap(), "\"25%\"");
    }

    #[test]
    fn what_is_neither_is_refused() {
        for text in ["", "-1", "1.5", "101%", "two", "20001", "99999999999999999999", ".", "1_0"] {
            assert!(text.parse::<Amount>().is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Amount>("1.5").is_err());
    }
}
