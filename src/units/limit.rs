//! Limits: a quantity whose unit says what it limits.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize, de};

use super::{
    Bytes, Factor, Malformed, Ratio, Span,
    parse::{number_and_unit, shown},
    round_u64,
};

/// A limit with its unit, such as `2%`, `500ms`, `1.5x`, `20MiB/h` or a plain count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    kind: LimitKind,
    value: f64,
}

/// What a limit is a limit of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitKind {
    /// A part of a whole.
    Ratio,
    /// Seconds.
    Span,
    /// How many times.
    Factor,
    /// Bytes per hour.
    Slope,
    /// A count.
    Count,
}

impl LimitKind {
    /// What a limit of this kind looks like.
    pub const fn example(self) -> &'static str {
        match self {
            Self::Ratio => "a percentage, such as `2%`",
            Self::Span => "a span of time, such as `500ms`",
            Self::Factor => "a factor, such as `1.5x`",
            Self::Slope => "bytes per hour, such as `20MiB/h`",
            Self::Count => "a count, such as `3`",
        }
    }
}

const LIMIT_ALLOWED: &str = "a percentage `2%`, a span `500ms`, a factor `1.5x`, a slope \
                             `20MiB/h` or a count `3` of at most 12 digits, as the metric demands";

impl Limit {
    /// Largest count that can be a limit: twelve digits.
    pub const COUNT_MAX: u64 = 999_999_999_999;

    pub const fn new(kind: LimitKind, value: f64) -> Self {
        Self { kind, value }
    }

    /// Reads a limit, or a count with decimals: of what is counted the mean, and money, are no whole numbers.
    pub fn or_number(text: &str) -> Result<Self, Malformed> {
        match number_and_unit(text, LIMIT_ALLOWED)? {
            (number, "") if number <= Self::COUNT_MAX as f64 => {
                Ok(Self::new(LimitKind::Count, number))
            }
            (_, "") => {
                let problem = format!("`{}` is too large", shown(text));
                Err(Malformed { problem, allowed: LIMIT_ALLOWED })
            }
            _ => text.parse(),
        }
    }

    pub const fn kind(self) -> LimitKind {
        self.kind
    }

    /// To about three digits, for people.
    #[must_use]
    pub fn rounded(self) -> Self {
        let step = match self.kind {
            LimitKind::Ratio => 1e-4,
            LimitKind::Span => 1e-3,
            LimitKind::Factor => 1e-2,
            LimitKind::Slope => f64::from(1 << 20),
            LimitKind::Count => 1.0,
        };
        Self { value: (self.value / step).round() * step, ..self }
    }

    /// The value in the kind's own unit: 0 to 1, seconds, times, bytes per hour, or a count.
    pub const fn value(self) -> f64 {
        self.value
    }
}

impl FromStr for Limit {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let text = text.trim();
        let reword = |it: Malformed| Malformed { allowed: LIMIT_ALLOWED, ..it };
        if let Some(bytes) = text.strip_suffix("/h") {
            let bytes: Bytes = bytes.parse().map_err(reword)?;
            return Ok(Self::new(LimitKind::Slope, bytes.get() as f64));
        }
        if text.ends_with('%') {
            let ratio: Ratio = text.parse().map_err(reword)?;
            return Ok(Self::new(LimitKind::Ratio, ratio.get()));
        }
        if text.ends_with('x') || text.ends_with('×') {
            let factor: Factor = text.parse().map_err(reword)?;
            return Ok(Self::new(LimitKind::Factor, factor.get()));
        }
        if !text.is_empty() && text.len() <= 12 && text.bytes().all(|it| it.is_ascii_digit()) {
            let count: u64 = text.parse().unwrap_or(0);
            return Ok(Self::new(LimitKind::Count, count as f64));
        }
        let span = text.parse::<Span>().map_err(|it| match no_limit(text) {
            Some(problem) => Malformed { problem, allowed: LIMIT_ALLOWED },
            None => reword(it),
        })?;
        Ok(Self::new(LimitKind::Span, span.as_secs_f64()))
    }
}

/// What is wrong with a number that is no count, or that has a unit of nothing; none where it is meant as a
/// time.
fn no_limit(text: &str) -> Option<String> {
    let (_, unit) = number_and_unit(text, LIMIT_ALLOWED).ok()?;
    let first: String = unit.chars().take_while(|it| it.is_alphabetic()).collect();
    let what = if !unit.is_empty() {
        let known = Span::is_unit(&first);
        return (!known).then(|| format!("`{}` is not a unit of a limit", shown(unit)));
    } else if text.contains('.') {
        "has no unit, and a count is a whole number"
    } else if text.contains('_') {
        "is not a count, which has digits only"
    } else {
        "is too large for a count"
    };
    Some(format!("`{}` {what}", shown(text)))
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.kind {
            LimitKind::Ratio => Ratio::clamped(self.value).to_string(),
            LimitKind::Span => Span::from_secs_f64(self.value).to_string(),
            LimitKind::Factor => Factor::clamped(self.value).to_string(),
            LimitKind::Slope => format!("{}/h", Bytes::new(round_u64(self.value))),
            LimitKind::Count => format!("{}", self.value),
        };
        f.pad(&text)
    }
}

impl Serialize for Limit {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Limit;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(LIMIT_ALLOWED)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Limit, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, count: u64) -> Result<Limit, E> {
                count.to_string().parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Limit {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Limit".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": ["string", "integer"],
            "format": "limit",
            "description": "a limit with the unit of its metric; a count is a plain number",
            "examples": ["2%", "500ms", "1.5x", "20MiB/h", 3],
            "pattern": super::pattern::limit(),
            "patternErrorMessage": LIMIT_ALLOWED,
            "minimum": 0,
            "maximum": Self::COUNT_MAX,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_knows_its_kind_by_its_unit() {
        let kind = |text: &str| text.parse::<Limit>().unwrap().kind();
        assert_eq!(kind("2%"), LimitKind::Ratio);
        assert_eq!(kind("500ms"), LimitKind::Span);
        assert_eq!(kind("1.5x"), LimitKind::Factor);
        assert_eq!(kind("20MiB/h"), LimitKind::Slope);
        assert_eq!(kind("3"), LimitKind::Count);
    }

    #[test]
    fn a_number_that_is_no_limit_is_told_why() {
        let problem = |text: &str| text.parse::<Limit>().unwrap_err().problem;
        for (text, told) in [
            ("1e12", "`1e12` has a power of ten, which is written out here"),
            ("5E3", "`5E3` has a power of ten, which is written out here"),
            ("1.5", "`1.5` has no unit, and a count is a whole number"),
            ("1_000", "`1_000` is not a count, which has digits only"),
            ("1000000000000", "`1000000000000` is too large for a count"),
            ("3 apples", "`apples` is not a unit of a limit"),
            ("-1", "`-1` is negative"),
            // begun as a time
            ("1h30q", "`q` is not a unit of time"),
            ("many", "`many` does not begin with a number"),
        ] {
            assert_eq!(problem(text), told);
        }
    }

    #[test]
    fn limits_print_what_they_parse() {
        for text in ["2%", "500ms", "1.5x", "20MiB/h", "3"] {
            assert_eq!(text.parse::<Limit>().unwrap().to_string(), text);
        }
    }
}
