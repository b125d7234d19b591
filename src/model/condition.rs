//! A condition on a figure, as expectations state it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize, de};

use crate::units::{Limit, Malformed};

/// A condition on a measure: `< 500`, `<= 5m`, `> 1%`, `>= 3`, a range `450..550`, or one value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Condition {
    Below(Limit),
    AtMost(Limit),
    Above(Limit),
    AtLeast(Limit),
    /// Both ends count.
    Within(Limit, Limit),
    Is(Limit),
}

const CONDITION_ALLOWED: &str = "`< 500`, `<= 5m`, `> 1%`, `>= 0.5`, a range `450..550`, or one value, in the \
                                 measure's unit";

impl Condition {
    /// Whether a value in the measure's own unit meets it.
    pub fn holds(self, value: f64) -> bool {
        match self {
            Self::Below(limit) => value < limit.value(),
            Self::AtMost(limit) => value <= limit.value(),
            Self::Above(limit) => value > limit.value(),
            Self::AtLeast(limit) => value >= limit.value(),
            Self::Within(low, high) => (low.value()..=high.value()).contains(&value),
            Self::Is(limit) => (value - limit.value()).abs() <= 1e-9 * limit.value().abs(),
        }
    }

    /// Whether every value from `low` to `high` meets it, or none does; none where some do.
    pub fn holds_within(self, low: f64, high: f64) -> Option<bool> {
        let ends = (self.holds(low), self.holds(high));
        match (self, ends) {
            (_, (true, true)) => Some(true),
            (Self::Within(least, largest), (false, false)) => {
                let beside = high < least.value() || low > largest.value();
                beside.then_some(false)
            }
            (Self::Is(limit), (false, false)) => {
                let beside = high < limit.value() || low > limit.value();
                beside.then_some(false)
            }
            (_, (false, false)) => Some(false),
            (_, (true, false) | (false, true)) => None,
        }
    }

    /// The limits in it.
    pub fn limits(self) -> (Limit, Option<Limit>) {
        match self {
            Self::Below(it)
            | Self::AtMost(it)
            | Self::Above(it)
            | Self::AtLeast(it)
            | Self::Is(it) => (it, None),
            Self::Within(low, high) => (low, Some(high)),
        }
    }
}

/// Makes a condition of the limit after its operator.
type Bounded = fn(Limit) -> Condition;

impl FromStr for Condition {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let limit = |text: &str| {
            let reword = |it: Malformed| Malformed { allowed: CONDITION_ALLOWED, ..it };
            Limit::or_number(text).map_err(reword)
        };
        let text = text.trim();
        let operators: [(&str, Bounded); 4] =
            [("<=", Self::AtMost), (">=", Self::AtLeast), ("<", Self::Below), (">", Self::Above)];
        for (operator, condition) in operators {
            if let Some(rest) = text.strip_prefix(operator) {
                return limit(rest).map(condition);
            }
        }
        let Some((low, high)) = text.split_once("..") else { return limit(text).map(Self::Is) };
        let (low, high) = (limit(low)?, limit(high)?);
        if low.kind() != high.kind() || low.value() > high.value() {
            let problem = format!("`{low}..{high}` is not a range");
            return Err(Malformed { problem, allowed: CONDITION_ALLOWED });
        }
        Ok(Self::Within(low, high))
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Below(it) => write!(f, "< {it}"),
            Self::AtMost(it) => write!(f, "<= {it}"),
            Self::Above(it) => write!(f, "> {it}"),
            Self::AtLeast(it) => write!(f, ">= {it}"),
            Self::Within(low, high) => write!(f, "{low}..{high}"),
            Self::Is(it) => write!(f, "{it}"),
        }
    }
}

impl Serialize for Condition {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Condition;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(CONDITION_ALLOWED)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Condition, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, count: u64) -> Result<Condition, E> {
                count.to_string().parse().map_err(E::custom)
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Condition, E> {
                // without the sign of a zero
                (number + 0.0).to_string().parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Condition {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Condition".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": ["string", "number"],
            "format": "condition",
            "description": "a condition: `< 500`, `<= 5m`, `> 1%`, `>= 0.5`, `450..550`, or one value",
            "examples": ["< 500", "30s..45s", 0],
            "pattern": crate::units::pattern::condition(),
            "patternErrorMessage": CONDITION_ALLOWED,
            "minimum": 0,
            "maximum": Limit::COUNT_MAX,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(condition: &str, value: f64) -> bool {
        condition.parse::<Condition>().unwrap().holds(value)
    }

    #[test]
    fn conditions_hold_at_their_edges_as_written() {
        assert!(!holds("< 500", 500.0) && holds("<= 500", 500.0));
        assert!(!holds("> 1%", 0.01) && holds(">= 1%", 0.01));
        assert!(holds("30s..45s", 45.0) && !holds("30s..45s", 45.1));
        assert!(holds("0", 0.0) && !holds("0", 1.0));
    }

    #[test]
    fn counts_and_money_are_compared_with_decimals() {
        assert!(holds("< 1.2", 1.199) && !holds("< 1.2", 1.2));
        assert!(holds("0.5..1.5", 1.0) && !holds("0.5..1.5", 1.6));
        assert!(holds("0.25", 0.25) && holds(">= 1_000.5", 1_000.5));
        for text in ["< 1.2", "<= 0.001", "0.5..1.5", "999999999999"] {
            assert_eq!(text.parse::<Condition>().unwrap().to_string(), text);
        }
        let number: Condition = serde_json::from_str("0.5").unwrap();
        assert_eq!(number, "0.5".parse().unwrap());
        for text in ["< 1.2.3", "< -0.5", "< 1e3", "< 1_000_000_000_000"] {
            assert!(text.parse::<Condition>().is_err(), "{text}");
        }
    }

    #[test]
    fn ranges_backwards_or_of_mixed_units_are_refused() {
        for text in ["5..4", "1s..5", "<", "about 5", ".."] {
            assert!(text.parse::<Condition>().is_err(), "{text}");
        }
    }
}
