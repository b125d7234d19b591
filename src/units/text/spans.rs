//! Lengths of time, and what clocks show.

use std::ops::RangeInclusive;

use super::numbers::{own, signed};
use crate::units::{HourOfWeek, Span, round_u64};

/// Largest first; a span takes two neighbours.
const PARTS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];
/// So many days are reported without their hours.
const DAYS_ALONE: u64 = 1_000;
/// Rounds to a minute with three digits.
const MINUTE: f64 = 59.95;

/// A length of time: `12 µs`, `80 ms`, `1.5 s`, `37 s`, `40 min 16 s`, `14 min`, `3 h 55 min`, `2 d 4 h`.
pub fn span(it: Span) -> String {
    seconds(it.as_secs_f64())
}

/// The same of seconds.
pub fn seconds(value: f64) -> String {
    signed(value, |size| match size {
        it if it <= 0.0 => "0 s".to_owned(),
        it if it >= MINUTE => two_parts(round_u64(it)),
        it if it >= 0.999_5 => format!("{} s", own(it)),
        it if it >= 0.000_999_5 => format!("{} ms", own(it * 1e3)),
        it if it >= 0.000_000_999_5 => format!("{} µs", own(it * 1e6)),
        it => format!("{} ns", own(it * 1e9)),
    })
}

/// Whole seconds, rounded to the smaller of the two units.
fn two_parts(seconds: u64) -> String {
    let index = PARTS[..3].iter().position(|&(_, size)| seconds >= size).unwrap_or(2);
    let ((name, size), (minor_name, minor)) = (PARTS[index], PARTS[index + 1]);
    let rounded = (seconds + minor / 2) / minor * minor;
    if index > 0 && rounded >= PARTS[index - 1].1 {
        return two_parts(rounded);
    }
    let (major, rest) = (rounded / size, rounded % size / minor);
    if major >= DAYS_ALONE {
        return format!("{} {name}", own(major as f64));
    }
    if rest == 0 {
        format!("{major} {name}")
    } else {
        format!("{major} {name} {rest} {minor_name}")
    }
}

/// Whether a clock shows its seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seconds {
    Shown,
    Hidden,
}

/// A time of day by its seconds since midnight: `10:04`, `10:04:30`.
pub fn time_of_day(since_midnight: u64, show: Seconds) -> String {
    let (hour, minute) = (since_midnight / 3_600, since_midnight / 60 % 60);
    match show {
        Seconds::Shown => format!("{hour:02}:{minute:02}:{:02}", since_midnight % 60),
        Seconds::Hidden => format!("{hour:02}:{minute:02}"),
    }
}

/// A time of the week and the seconds beyond its minute: `Mon 10:04:30`.
pub fn clock(minute: HourOfWeek, seconds: u64) -> String {
    format!("{minute}:{:02}", seconds % 60)
}

/// Whole days since the rollout started: `T+3 d`.
pub fn elapsed_days(days: i64) -> String {
    let sign = if days < 0 { '−' } else { '+' };
    format!("T{sign}{} d", days.unsigned_abs())
}

/// Time since the rollout started, as clocks show it: `T+00:05:20`, `T−00:01`, `T+2 d 03:00:00`.
pub fn elapsed(seconds: i64, show: Seconds) -> String {
    let sign = if seconds < 0 { '−' } else { '+' };
    let (days, rest) = (seconds.unsigned_abs() / 86_400, seconds.unsigned_abs() % 86_400);
    let clock = time_of_day(rest, show);
    if days == 0 { format!("T{sign}{clock}") } else { format!("T{sign}{days} d {clock}") }
}

/// The seconds that `elapsed` shows so, a day or more included; the minus may be a hyphen, as keyboards have it. None for
/// any other text.
pub fn elapsed_of(text: &str) -> Option<i64> {
    let text = text.strip_prefix('T')?;
    let (sign, rest) = match text.strip_prefix('+') {
        Some(rest) => (1, rest),
        None => (-1, text.strip_prefix(['−', '-'])?),
    };
    let number = |text: &str, digits: RangeInclusive<usize>, below: i64| {
        let fits = digits.contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit());
        text.parse().ok().filter(|it: &i64| fits && *it < below)
    };
    let (days, clock) = rest.split_once(" d ").unwrap_or(("0", rest));
    let (hours, rest) = clock.split_once(':')?;
    let (minutes, seconds) = rest.split_once(':')?;
    let days = number(days, 1..=4, 10_000)?;
    let (hours, minutes) = (number(hours, 2..=2, 24)?, number(minutes, 2..=2, 60)?);
    let seconds = number(seconds, 2..=2, 60)?;
    Some(sign * (((days * 24 + hours) * 60 + minutes) * 60 + seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_one_way() {
        let cases = [
            (0.0, "0 s"),
            (1.2e-8, "12 ns"),
            (0.000_012, "12 µs"),
            (0.08, "80 ms"),
            (0.999_6, "1 s"),
            (1.4, "1.4 s"),
            (1.25, "1.25 s"),
            (12.5, "12.5 s"),
            (37.0, "37 s"),
            (59.97, "1 min"),
            (93.0, "1 min 33 s"),
            (840.0, "14 min"),
            (2_416.0, "40 min 16 s"),
            (3_599.6, "1 h"),
            (14_100.0, "3 h 55 min"),
            (21_600.0, "6 h"),
            (86_390.0, "1 d"),
            (187_200.0, "2 d 4 h"),
            (3e8, "3,472 d"),
            (1.3e12, "15 M d"),
            (-37.0, "−37 s"),
            (f64::INFINITY, "unknown"),
        ];
        for (value, told) in cases {
            assert_eq!(seconds(value), told);
        }
        assert_eq!(span("1s400ms".parse().unwrap()), "1.4 s");
    }

    #[test]
    fn clocks_show_hours_and_minutes_and_seconds_where_they_matter() {
        assert_eq!(time_of_day(36_270, Seconds::Hidden), "10:04");
        assert_eq!(time_of_day(36_270, Seconds::Shown), "10:04:30");
        assert_eq!(clock("Mon 09:05".parse().unwrap(), 80), "Mon 09:05:20");
        let told = [320, -60, 183_600].map(|it| elapsed(it, Seconds::Shown));
        assert_eq!(told, ["T+00:05:20", "T−00:01:00", "T+2 d 03:00:00"]);
        assert_eq!([3, -1].map(elapsed_days), ["T+3 d", "T−1 d"]);
        assert_eq!(elapsed(-300, Seconds::Hidden), "T−00:05");
    }

    #[test]
    fn a_time_since_the_rollout_is_read_as_it_is_shown() {
        for seconds in [0, 59, 320, -60, 86_399, 86_400, 183_600, -183_600, 7_948_799] {
            assert_eq!(elapsed_of(&elapsed(seconds, Seconds::Shown)), Some(seconds));
        }
        assert_eq!(elapsed_of("T-00:01:00"), Some(-60));
        for text in [
            "",
            "T",
            "T+",
            "T+00:05",
            "T+0:05:00",
            "T+00:60:00",
            "T+24:00:00",
            "T+3 d",
            "T+ 1 d 00:00:00",
            "T+99999 d 00:00:00",
            "00:05:20",
            "T+00:00:00:00",
            "T++0:00:00",
        ] {
            assert_eq!(elapsed_of(text), None, "{text}");
        }
    }
}
