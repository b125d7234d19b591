//! Simulated time: whole nanoseconds since the start of the trial, never a float, never the wall clock.

use std::{
    fmt,
    ops::{Add, AddAssign, Sub},
    str::FromStr,
};

use super::{
    narrow,
    parse::{Malformed, number_and_unit, shown, text_quantity},
    round_u64,
};

const NANOS_PER_SECOND: u64 = 1_000_000_000;
/// Longest span a scenario may name: ten years. Keeps sums of a few spans far from overflow.
const SPAN_MAX_SECONDS: u64 = 3_653 * 86_400;

const SPAN_ALLOWED: &str = "a number with `ns`, `us`, `ms`, `s`, `m`, `h`, `d` or `w`, \
                            such as `250ms`, `90s`, `1h30m`, at most ten years";

/// A length of simulated time, in whole nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u64);

/// A moment of simulated time: nanoseconds since the start of the trial.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(u64);

impl Span {
    pub const ZERO: Self = Self(0);
    /// Longer than any trial: stands for "never".
    pub const MAX: Self = Self(u64::MAX);

    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    pub const fn from_millis(millis: u64) -> Self {
        Self(millis * 1_000_000)
    }

    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds * NANOS_PER_SECOND)
    }

    /// Rounds to whole nanoseconds; negative and not-a-number become zero, too large saturates.
    pub fn from_secs_f64(seconds: f64) -> Self {
        Self(round_u64(seconds * 1e9))
    }

    pub const fn nanos(self) -> u64 {
        self.0
    }

    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Scales by a factor of at least zero, rounded to whole nanoseconds.
    #[must_use]
    pub fn scale(self, factor: f64) -> Self {
        Self(round_u64(self.0 as f64 * factor))
    }

    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Instant {
    pub const ZERO: Self = Self(0);
    /// Later than anything that happens.
    pub const NEVER: Self = Self(u64::MAX);

    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    pub const fn nanos(self) -> u64 {
        self.0
    }

    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// Time since an earlier instant; zero when it is not earlier.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    #[must_use]
    pub const fn saturating_add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    #[must_use]
    pub const fn saturating_sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl Add<Span> for Instant {
    type Output = Self;

    fn add(self, span: Span) -> Self {
        Self(self.0 + span.0)
    }
}

impl AddAssign<Span> for Instant {
    fn add_assign(&mut self, span: Span) {
        self.0 += span.0;
    }
}

impl Sub for Instant {
    type Output = Span;

    fn sub(self, earlier: Self) -> Span {
        Span(self.0 - earlier.0)
    }
}

impl Add for Span {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

/// Largest unit first, the way spans are written and printed.
const SPAN_UNITS: &[(&str, u64)] = &[
    ("w", 7 * 86_400 * NANOS_PER_SECOND),
    ("d", 86_400 * NANOS_PER_SECOND),
    ("h", 3_600 * NANOS_PER_SECOND),
    ("m", 60 * NANOS_PER_SECOND),
    ("s", NANOS_PER_SECOND),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

impl Span {
    /// Whether this stands for a unit of time.
    pub(super) fn is_unit(text: &str) -> bool {
        SPAN_UNITS.iter().any(|(name, _)| *name == text)
    }
}

impl FromStr for Span {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = |problem: String| Malformed { problem, allowed: SPAN_ALLOWED };
        let mut rest = text.trim();
        let mut nanos = 0_u64;
        loop {
            let (value, tail) = number_and_unit(rest, SPAN_ALLOWED)?;
            let unit_end = tail.find(|c: char| !c.is_alphabetic()).unwrap_or(tail.len());
            let (unit, next) = tail.split_at(unit_end);
            if unit.is_empty() {
                return Err(malformed(format!("`{}` has no unit of time", shown(text))));
            }
            let known = SPAN_UNITS.iter().find(|(name, _)| *name == unit);
            let Some((_, factor)) = known else {
                return Err(malformed(format!("`{}` is not a unit of time", shown(unit))));
            };
            // each by itself: beyond 52 days floats have no room for half a nanosecond
            nanos = nanos.saturating_add(round_u64(value * *factor as f64));
            rest = next.trim();
            if rest.is_empty() {
                break;
            }
        }
        if nanos > SPAN_MAX_SECONDS * NANOS_PER_SECOND {
            return Err(malformed(format!("`{}` is longer than ten years", shown(text))));
        }
        Ok(Self(nanos))
    }
}

impl fmt::Display for Span {
    /// Writes the fewest units that say it exactly: `1h30m`, `250ms`, `0s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.pad("0s");
        }
        let mut parts = Vec::new();
        let mut rest = self.0;
        for &(name, size) in &SPAN_UNITS[1..] {
            if rest >= size {
                parts.push(format!("{}{name}", rest / size));
                rest %= size;
            }
        }
        f.pad(&parts.concat())
    }
}

impl fmt::Display for Instant {
    /// Time since the start of the trial to a tenth of a second, as `2d 03:04:05.6`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (self.0 + NANOS_PER_SECOND / 20) / (NANOS_PER_SECOND / 10);
        let (seconds, tenth) = (tenths / 10, tenths % 10);
        let (days, rest) = (seconds / 86_400, seconds % 86_400);
        let clock = format!("{:02}:{:02}:{:02}.{tenth}", rest / 3_600, rest / 60 % 60, rest % 60);
        if days == 0 { f.pad(&clock) } else { f.pad(&format!("{days}d {clock}")) }
    }
}

impl serde::Serialize for Instant {
    /// Seconds since the start of the trial.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_secs_f64())
    }
}

text_quantity!(
    Span,
    "span",
    "a span of time: a number with `ns`, `us`, `ms`, `s`, `m`, `h`, `d` or `w`",
    ["250ms", "90s", "1h30m", "2w"],
    super::pattern::span(),
    SPAN_ALLOWED
);

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const HOUR_ALLOWED: &str = "an hour such as `09:30`, or with a day, `Mon` to `Sun`: `Fri 17:00`";

/// A wall-clock time of the week, to the minute: what the clock on the wall shows at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct HourOfWeek {
    minutes: u32,
}

impl HourOfWeek {
    pub const MINUTES_PER_DAY: u32 = 24 * 60;
    pub const MINUTES_PER_WEEK: u32 = 7 * Self::MINUTES_PER_DAY;

    /// Minutes since Monday 00:00, taken modulo a week.
    pub const fn from_minutes(minutes: u32) -> Self {
        Self { minutes: minutes % Self::MINUTES_PER_WEEK }
    }

    pub const fn minutes(self) -> u32 {
        self.minutes
    }

    pub const fn minute_of_day(self) -> u32 {
        self.minutes % Self::MINUTES_PER_DAY
    }

    /// Nanoseconds since Monday 00:00.
    pub const fn since_monday(self) -> Span {
        Span(self.minutes as u64 * 60 * NANOS_PER_SECOND)
    }

    /// What the clock shows `elapsed` after this.
    #[must_use]
    pub fn after(self, elapsed: Span) -> Self {
        let minutes = elapsed.nanos() / (60 * NANOS_PER_SECOND) % u64::from(Self::MINUTES_PER_WEEK);
        Self::from_minutes(self.minutes + minutes as u32)
    }
}

impl FromStr for HourOfWeek {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = || Malformed {
            problem: format!("`{}` is not a time of day", shown(text)),
            allowed: HOUR_ALLOWED,
        };
        let (day, clock) = match text.trim().split_once(' ') {
            Some((name, clock)) => {
                let day = DAYS.iter().position(|it| it.eq_ignore_ascii_case(name));
                (narrow(day.ok_or_else(malformed)?), clock.trim())
            }
            None => (0, text.trim()),
        };
        let (hour, minute) = clock.split_once(':').ok_or_else(malformed)?;
        let two_digits = |part: &str| {
            let fits = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            if fits { part.parse::<u32>().map_err(|_| malformed()) } else { Err(malformed()) }
        };
        let (hour, minute) = (two_digits(hour)?, two_digits(minute)?);
        if hour > 23 || minute > 59 {
            return Err(malformed());
        }
        Ok(Self::from_minutes(day * Self::MINUTES_PER_DAY + hour * 60 + minute))
    }
}

impl fmt::Display for HourOfWeek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = DAYS[(self.minutes / Self::MINUTES_PER_DAY) as usize];
        let minute = self.minute_of_day();
        f.pad(&format!("{day} {:02}:{:02}", minute / 60, minute % 60))
    }
}

text_quantity!(
    HourOfWeek,
    "hour-of-week",
    "a time of day, with a weekday where it matters",
    ["09:30", "Fri 17:00"],
    super::pattern::hour_of_week(),
    HOUR_ALLOWED
);

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str) -> u64 {
        text.parse::<Span>().unwrap().nanos()
    }

    #[test]
    fn spans_add_their_parts() {
        assert_eq!(span("1h30m"), 5_400_000_000_000);
        assert_eq!(span("1.5 h"), 5_400_000_000_000);
        assert_eq!(span("250ms"), 250_000_000);
        assert_eq!(span("2w"), 1_209_600_000_000_000);
        assert_eq!(span("3us"), 3_000);
    }

    #[test]
    fn spans_without_a_unit_or_beyond_ten_years_are_refused() {
        for text in ["30", "10M", "1mo", "-5s", "1e30s", "10000000000s", "", "s", "1h x"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    #[test]
    fn spans_print_what_they_parse() {
        for text in ["1h30m", "250ms", "14d", "1m0.5s", "0s", "7ns", "91d23h59m59s999ms999us999ns"]
        {
            let parsed: Span = text.parse().unwrap();
            assert_eq!(parsed.to_string().parse::<Span>().unwrap(), parsed, "{text}");
        }
        assert_eq!("90m".parse::<Span>().unwrap().to_string(), "1h30m");
        assert_eq!(span("91d23h59m59s999ms999us999ns"), 7_948_799_999_999_999);
    }

    #[test]
    fn the_clock_goes_round_the_week() {
        let sunday: HourOfWeek = "Sun 23:30".parse().unwrap();
        assert_eq!(sunday.after(Span::from_secs(3_600)).to_string(), "Mon 00:30");
        assert!("25:00".parse::<HourOfWeek>().is_err());
        assert!("Mon 9".parse::<HourOfWeek>().is_err());
    }

    #[test]
    fn instants_print_as_a_clock() {
        assert_eq!(Instant::from_nanos(90_061_250_000_000).to_string(), "1d 01:01:01.3");
        assert_eq!(Instant::ZERO.to_string(), "00:00:00.0");
    }
}
