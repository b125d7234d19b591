//! Rates, ratios, factors and bytes: finite, at least zero, and never without their unit.

use std::{fmt, str::FromStr};

use super::{
    Span,
    parse::{Malformed, number_and_unit, shown, text_quantity},
    round_u64,
};

/// How often something happens, per second. Finite and at least zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Rate(f64);

/// A part of a whole, from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Ratio(f64);

/// How many times as much, a finite number of at least zero.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Factor(f64);

/// An amount of memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(u64);

const RATE_ALLOWED: &str = "a number per second, minute, hour or day, such as `40/s`, `600/m`, \
                            `5/h`, at most 10000000/s";
const RATIO_ALLOWED: &str = "a percentage from `0%` to `100%`, such as `2.5%`, or a number from 0 \
                             to 1 in quotes";
const FACTOR_ALLOWED: &str = "a number of times such as `1.5x`, from `0x` to `1000000x`";
const BYTES_ALLOWED: &str = "a number with `B`, `KiB`, `MiB`, `GiB`, `TiB`, `kB`, `MB`, `GB` or \
                             `TB`, such as `512MiB`, at most 1024TiB";

impl Rate {
    const PER_SECOND_MAX: f64 = 1e7;

    /// A rate per second; anything not finite or negative becomes zero.
    pub fn per_second(value: f64) -> Self {
        Self(if value.is_finite() { value.max(0.0) } else { 0.0 })
    }

    pub const fn as_per_second(self) -> f64 {
        self.0
    }

    /// Mean time between two occurrences; `Span::MAX` for a rate of zero.
    pub fn mean_gap(self) -> Span {
        if self.0 > 0.0 { Span::from_secs_f64(1.0 / self.0) } else { Span::MAX }
    }
}

impl Ratio {
    pub const ZERO: Self = Self(0.0);
    pub const ONE: Self = Self(1.0);

    /// Clamps into 0 to 1; not-a-number becomes zero.
    pub fn clamped(value: f64) -> Self {
        Self(if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) })
    }

    pub const fn get(self) -> f64 {
        self.0
    }

    #[must_use]
    pub fn complement(self) -> Self {
        Self(1.0 - self.0)
    }

    pub fn is_zero(self) -> bool {
        self.0 <= 0.0
    }

    pub fn is_one(self) -> bool {
        self.0 >= 1.0
    }
}

impl Factor {
    pub const ONE: Self = Self(1.0);
    const MAX: f64 = 1e6;

    /// Clamps into the range that a scenario may use; not-a-number becomes one.
    pub fn clamped(value: f64) -> Self {
        Self(if value.is_nan() { 1.0 } else { value.clamp(0.0, Self::MAX) })
    }

    pub const fn get(self) -> f64 {
        self.0
    }
}

impl Default for Factor {
    fn default() -> Self {
        Self::ONE
    }
}

impl Bytes {
    pub const ZERO: Self = Self(0);
    const MAX: f64 = (1024_u64 << 40) as f64;

    pub const fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    pub const fn from_mib(mebibytes: u64) -> Self {
        Self(mebibytes << 20)
    }

    pub const fn get(self) -> u64 {
        self.0
    }
}

impl FromStr for Rate {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = |problem: String| Malformed { problem, allowed: RATE_ALLOWED };
        let (value, unit) = number_and_unit(text, RATE_ALLOWED)?;
        let seconds = match unit {
            "/s" => 1.0,
            "/m" | "/min" => 60.0,
            "/h" => 3_600.0,
            "/d" => 86_400.0,
            "" => return Err(malformed(format!("`{}` has no unit", shown(text)))),
            other => return Err(malformed(format!("`{}` is not a unit of rate", shown(other)))),
        };
        let rate = value / seconds;
        if rate > Self::PER_SECOND_MAX {
            return Err(malformed(format!("`{}` is too large", shown(text))));
        }
        Ok(Self(rate))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/s", self.0))
    }
}

impl FromStr for Ratio {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = |problem: String| Malformed { problem, allowed: RATIO_ALLOWED };
        let (value, unit) = number_and_unit(text, RATIO_ALLOWED)?;
        let ratio = match unit {
            "%" => hundredth(text, value),
            "" => value,
            other => return Err(malformed(format!("`{}` is not a percentage", shown(other)))),
        };
        if ratio > 1.0 {
            return Err(malformed(format!("`{}` is more than the whole", shown(text))));
        }
        Ok(Self(ratio))
    }
}

/// The number before the sign as a part of a hundred, rounded once: `0.7%` is the float next to 0.007, as is 7 / 1000,
/// so that seven in a thousand are not above it.
fn hundredth(text: &str, value: f64) -> f64 {
    let number = text.trim().trim_end_matches('%').trim_end().replace('_', "");
    format!("{number}e-2").parse().unwrap_or(value / 100.0)
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // rounded to 1e-10 so that 7 % does not print as 7.000000000000001 %
        let percent = (self.0 * 1e12).round() / 1e10;
        f.pad(&format!("{percent}%"))
    }
}

impl FromStr for Factor {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = |problem: String| Malformed { problem, allowed: FACTOR_ALLOWED };
        let (value, unit) = number_and_unit(text, FACTOR_ALLOWED)?;
        match unit {
            "x" | "×" if value <= Self::MAX => Ok(Self(value)),
            "x" | "×" => Err(malformed(format!("`{}` is too large", shown(text)))),
            "" => Err(malformed(format!("`{}` has no `x` behind it", shown(text)))),
            other => Err(malformed(format!("`{}` is not `x`", shown(other)))),
        }
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}x", self.0))
    }
}

const BYTE_UNITS: &[(&str, u64)] = &[
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("B", 1),
];

impl FromStr for Bytes {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = |problem: String| Malformed { problem, allowed: BYTES_ALLOWED };
        let (value, unit) = number_and_unit(text, BYTES_ALLOWED)?;
        if unit.is_empty() {
            return Err(malformed(format!("`{}` has no unit", shown(text))));
        }
        let known = BYTE_UNITS.iter().find(|(name, _)| *name == unit);
        let Some((_, size)) = known else {
            return Err(malformed(format!("`{}` is not a unit of memory", shown(unit))));
        };
        let bytes = value * *size as f64;
        if bytes > Self::MAX {
            return Err(malformed(format!("`{}` is too large", shown(text))));
        }
        Ok(Self(round_u64(bytes)))
    }
}

impl fmt::Display for Bytes {
    /// The largest binary unit that divides it, so that it parses back to the same value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, size) = BYTE_UNITS[..4]
            .iter()
            .find(|(_, size)| self.0 >= *size && self.0.is_multiple_of(*size))
            .unwrap_or(&("B", 1));
        f.pad(&format!("{}{name}", self.0 / size))
    }
}

text_quantity!(
    Rate,
    "rate",
    "a rate, per second, minute, hour or day",
    ["40/s", "600/m", "5/h"],
    super::pattern::rate(),
    RATE_ALLOWED
);
text_quantity!(
    Ratio,
    "ratio",
    "a percentage from 0 to 100",
    ["2.5%", "100%"],
    super::pattern::ratio(),
    RATIO_ALLOWED
);
text_quantity!(
    Factor,
    "factor",
    "how many times as much",
    ["1.5x", "3x"],
    super::pattern::factor(),
    FACTOR_ALLOWED
);
text_quantity!(
    Bytes,
    "bytes",
    "an amount of memory",
    ["512MiB", "2GB"],
    super::pattern::bytes(),
    BYTES_ALLOWED
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_print_what_they_parse() {
        assert_eq!("600/m".parse::<Rate>().unwrap().to_string(), "10/s");
        assert_eq!("7%".parse::<Ratio>().unwrap().to_string(), "7%");
        assert_eq!("0.3%".parse::<Ratio>().unwrap().to_string(), "0.3%");
        assert_eq!("1.5x".parse::<Factor>().unwrap().to_string(), "1.5x");
        assert_eq!("1536MiB".parse::<Bytes>().unwrap().to_string(), "1536MiB");
        assert_eq!("2GB".parse::<Bytes>().unwrap(), Bytes::new(2_000_000_000));
    }

    #[test]
    fn a_share_that_equals_its_limit_is_the_same_number() {
        for hundredths in 0..=10_000_u32 {
            let text = format!("{}.{:02}%", hundredths / 100, hundredths % 100);
            let limit: Ratio = text.parse().unwrap();
            for scale in [1_u32, 3, 7, 64] {
                let share = f64::from(hundredths * scale) / f64::from(10_000 * scale);
                assert!(share.total_cmp(&limit.get()).is_eq(), "{text}: {share} {}", limit.get());
            }
        }
        // without a point, and with a space
        for (text, share) in [("7%", 0.07), ("7 %", 0.07), ("  1.4 % ", 0.014)] {
            let limit = text.parse::<Ratio>().map(Ratio::get);
            assert!(limit.is_ok_and(|it| it.total_cmp(&share).is_eq()), "{text}");
        }
    }

    #[test]
    fn quantities_out_of_range_are_refused() {
        for text in ["101%", "-1%", "1.5", "5 percent", ".nan", "nan%", "inf"] {
            assert!(text.parse::<Ratio>().is_err(), "{text}");
        }
        for text in ["40", "40 rps", "-1/s", "1e30/s", "100000001/s"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
        for text in ["12", "5 bytes", "9999999TiB"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
        assert!("3".parse::<Factor>().is_err());
    }
}
