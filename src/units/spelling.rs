//! Quantities in the spelling of other tools and of plain words, in ours: for hints on what was refused.

use super::FORMATS;

/// Units as others write them, each with ours. Those that others mean in two ways have both.
type Spellings = &'static [(&'static str, &'static [&'static str])];

const TIMES: Spellings = &[
    ("weeks", &["w"]),
    ("week", &["w"]),
    ("days", &["d"]),
    ("day", &["d"]),
    ("hours", &["h"]),
    ("hour", &["h"]),
    ("hrs", &["h"]),
    ("hr", &["h"]),
    ("minutes", &["m"]),
    ("minute", &["m"]),
    ("mins", &["m"]),
    ("min", &["m"]),
    ("seconds", &["s"]),
    ("second", &["s"]),
    ("secs", &["s"]),
    ("sec", &["s"]),
    ("milliseconds", &["ms"]),
    ("millisecond", &["ms"]),
    ("millis", &["ms"]),
    ("msec", &["ms"]),
    ("microseconds", &["us"]),
    ("µs", &["us"]),
    ("μs", &["us"]),
    ("nanoseconds", &["ns"]),
];
/// `M` counts in thousands to Kubernetes and in 1024 to others.
const MEMORY: Spellings = &[
    ("ti", &["TiB"]),
    ("gi", &["GiB"]),
    ("mi", &["MiB"]),
    ("ki", &["KiB"]),
    ("tib", &["TiB"]),
    ("gib", &["GiB"]),
    ("mib", &["MiB"]),
    ("kib", &["KiB"]),
    ("tb", &["TB"]),
    ("gb", &["GB"]),
    ("mb", &["MB"]),
    ("kb", &["kB"]),
    ("t", &["TiB", "TB"]),
    ("g", &["GiB", "GB"]),
    ("m", &["MiB", "MB"]),
    ("k", &["KiB", "kB"]),
    ("bytes", &["B"]),
    ("byte", &["B"]),
];
const RATES: Spellings = &[
    ("rps", &["/s"]),
    ("qps", &["/s"]),
    ("tps", &["/s"]),
    ("req/s", &["/s"]),
    ("r/s", &["/s"]),
    ("/sec", &["/s"]),
    ("/second", &["/s"]),
    ("per second", &["/s"]),
    ("rpm", &["/m"]),
    ("req/min", &["/m"]),
    ("/minute", &["/m"]),
    ("per minute", &["/m"]),
    ("/hour", &["/h"]),
    ("per hour", &["/h"]),
    ("/day", &["/d"]),
    ("per day", &["/d"]),
];
const SHARES: Spellings = &[("percent", &["%"]), ("per cent", &["%"]), ("pct", &["%"])];
const FACTORS: Spellings = &[("times", &["x"]), ("time", &["x"]), ("fold", &["x"])];

/// How a refused text of a format may be written instead: one way, or two that differ.
pub fn respelt(format: &str, text: &str) -> Vec<String> {
    let accepts = FORMATS.iter().find(|(name, _)| *name == format).map(|(_, accepts)| *accepts);
    let Some(accepts) = accepts.filter(|_| text.len() <= 40) else { return Vec::new() };
    let text = text.trim();
    let mut ways = match format {
        "span" => times(text),
        "bytes" => one_unit(text, &[MEMORY]),
        "rate" => one_unit(text, &[RATES]),
        "ratio" => share(text),
        "factor" => one_unit(text, &[FACTORS]),
        "hour-of-week" => weekday(text),
        "limit" => [times(text), one_unit(text, &[SHARES, FACTORS])].concat(),
        _ => Vec::new(),
    };
    ways.retain(|it| accepts(it).is_ok());
    ways
}

/// How a number without a unit may be written: where only one unit is likely.
pub fn with_unit(format: &str, number: &str) -> Vec<String> {
    let accepts = FORMATS.iter().find(|(name, _)| *name == format).map(|(_, accepts)| *accepts);
    let value: f64 = number.parse().unwrap_or(-1.0);
    let mut ways: Vec<String> = match format {
        "span" => vec![format!("{number}s")],
        "rate" => vec![format!("{number}/s")],
        "factor" => vec![format!("{number}x")],
        "ratio" if value > 1.0 => vec![format!("{number}%")],
        "ratio" if 0.0 < value && value < 1.0 => percent(value).into_iter().collect(),
        _ => Vec::new(),
    };
    ways.retain(|it| accepts.is_some_and(|accepts| accepts(it).is_ok()));
    ways
}

/// A share of 1 as a percentage, to a millionth of it.
fn percent(value: f64) -> Option<String> {
    let percent = (value * 1e8).round() / 1e6;
    (percent > 0.0).then(|| format!("{percent}%"))
}

/// A number with its unit again, by what one of the lists has for it.
fn one_unit(text: &str, lists: &[Spellings]) -> Vec<String> {
    let (number, unit) = split(text);
    let units = lists.iter().find_map(|list| ours(list, unit)).unwrap_or_default();
    units.iter().map(|unit| format!("{number}{unit}")).collect()
}

/// Several numbers with units of time behind one another.
fn times(text: &str) -> Vec<String> {
    let mut said = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (number, tail) = split(rest);
        let end = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, next) = tail.split_at(end);
        let unit = unit.trim_matches([' ', ',']).trim_end_matches(" and");
        let same = ["w", "d", "h", "m", "s", "ms", "us", "ns"];
        // `M` may be minutes or months
        let small = if unit == "M" { String::new() } else { unit.to_lowercase() };
        let known = same.iter().find(|it| **it == small).copied();
        let Some(unit) = known.or_else(|| ours(TIMES, unit).and_then(|it| it.first().copied()))
        else {
            return Vec::new();
        };
        said.push_str(number);
        said.push_str(unit);
        rest = next;
    }
    vec![said]
}

fn share(text: &str) -> Vec<String> {
    let ways = one_unit(text, &[SHARES]);
    if ways.is_empty() { with_unit("ratio", text) } else { ways }
}

/// A weekday by its whole name.
fn weekday(text: &str) -> Vec<String> {
    let Some((day, clock)) = text.split_once(' ') else { return Vec::new() };
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let day = days.into_iter().find(|it| *it == day.to_lowercase());
    let short = |day: &str| day[..1].to_uppercase() + &day[1..3];
    day.map(|day| format!("{} {clock}", short(day))).into_iter().collect()
}

fn ours(list: Spellings, unit: &str) -> Option<&'static [&'static str]> {
    let unit = unit.to_lowercase();
    list.iter().find(|(theirs, _)| *theirs == unit).map(|(_, ours)| *ours)
}

/// The digits at the start of a text, and what follows them.
fn split(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_'));
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    (number, unit.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_write_is_told_in_our_units() {
        let cases = [
            ("span", "3hours", "3h"),
            ("span", "10 minutes", "10m"),
            ("span", "1 hour 30 mins", "1h30m"),
            ("span", "5H", "5h"),
            ("span", "200 µs", "200us"),
            ("bytes", "512Mi", "512MiB"),
            ("bytes", "1.5Gi", "1.5GiB"),
            ("bytes", "2gb", "2GB"),
            ("rate", "40 rps", "40/s"),
            ("rate", "600 req/min", "600/m"),
            ("ratio", "5 percent", "5%"),
            ("ratio", "30", "30%"),
            ("factor", "3 times", "3x"),
            ("hour-of-week", "Tuesday 09:30", "Tue 09:30"),
            ("limit", "500 msec", "500ms"),
            ("limit", "2 percent", "2%"),
        ];
        for (format, theirs, ours) in cases {
            assert_eq!(respelt(format, theirs), [ours], "{format} {theirs}");
        }
        assert_eq!(respelt("bytes", "512M"), ["512MiB", "512MB"]);
    }

    #[test]
    fn what_means_nothing_here_is_not_guessed_at() {
        for (format, text) in [
            ("span", "soon"),
            ("span", "5M"),
            ("span", "3 apples"),
            ("span", "9999999999 hours"),
            ("bytes", "250millicores"),
            ("bytes", "512"),
            ("rate", "40"),
            ("ratio", "many"),
            ("ratio", "150"),
            ("limit", "banana"),
            ("no format", "3hours"),
        ] {
            assert_eq!(respelt(format, text), Vec::<String>::new(), "{format} {text}");
        }
        assert!(respelt("span", &"1 hour ".repeat(100)).is_empty());
    }

    #[test]
    fn a_bare_number_gets_the_unit_that_is_likely() {
        let cases = [
            ("span", "10", "10s"),
            ("rate", "40", "40/s"),
            ("factor", "3", "3x"),
            ("ratio", "20", "20%"),
            ("ratio", "0.95", "95%"),
            ("ratio", "0.07", "7%"),
        ];
        for (format, number, expected) in cases {
            assert_eq!(with_unit(format, number), [expected], "{format} {number}");
        }
        // one percent, or all of it
        assert!(with_unit("ratio", "1").is_empty());
        assert!(with_unit("bytes", "512").is_empty());
    }
}
