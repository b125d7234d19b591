//! Limits to their last digit, and figures beside them: what was asked for is never rounded, and a figure that
//! would read like its limit gets the digits that tell them apart.

use super::{
    figure,
    numbers::{signed, with_thousands},
};
use crate::units::{Bytes, Limit, LimitKind, Span, round_u64};

const NANOS: u64 = 1_000_000_000;
/// Whole seconds of the units before the last, largest first.
const PARTS: [(&str, u64); 3] = [("d", 86_400), ("h", 3_600), ("min", 60)];
/// Below a second, largest first.
const SMALL: [(&str, u64); 3] = [("ms", 1_000_000), ("µs", 1_000), ("ns", 1)];
/// Digits that tell any two numbers apart.
const DIGITS_MAX: i32 = 17;

/// `5 %`, `500 ms`, `3 h 32 min 10 s`, `1.5 ×`, `20 MiB/h`, `1,000.5`.
pub fn limit(it: Limit) -> String {
    signed(it.value(), |size| match it.kind() {
        // rounded to 1e-10 so that 7 % is not 7.000000000000001 %
        LimitKind::Ratio => format!("{} %", with_thousands((size * 1e12).round() / 1e10)),
        LimitKind::Span => span(Span::from_secs_f64(size).nanos()),
        LimitKind::Factor => format!("{} ×", with_thousands(size)),
        LimitKind::Slope => slope(Bytes::new(round_u64(size))),
        LimitKind::Count => with_thousands(size),
    })
}

fn span(nanos: u64) -> String {
    if nanos == 0 {
        return "0 s".to_owned();
    }
    let below = SMALL.iter().find(|(_, size)| nanos < NANOS && nanos >= *size);
    if let Some((name, size)) = below {
        return format!("{} {name}", nanos as f64 / *size as f64);
    }
    let mut parts = Vec::new();
    let mut rest = nanos;
    for (name, seconds) in PARTS {
        let size = seconds * NANOS;
        if rest >= size {
            parts.push(format!("{} {name}", with_thousands((rest / size) as f64)));
            rest %= size;
        }
    }
    if rest > 0 {
        parts.push(format!("{} s", rest as f64 / NANOS as f64));
    }
    parts.join(" ")
}

fn slope(bytes: Bytes) -> String {
    let text = bytes.to_string();
    let (number, unit) = text.split_at(text.find(char::is_alphabetic).unwrap_or(text.len()));
    format!("{} {unit}/h", with_thousands(number.parse().unwrap_or(0.0)))
}

/// A figure in the unit of its kind, beside the limits that it was held against: on the right side of each.
pub fn beside(kind: LimitKind, value: f64, limits: &[Limit]) -> String {
    let told = figure(kind, value);
    let differs = |it: &&Limit| it.value().total_cmp(&value).is_ne();
    let others: Vec<f64> = limits.iter().filter(differs).map(|it| it.value()).collect();
    if others.iter().all(|it| figure(kind, *it) != told) {
        return told;
    }
    let sides = |from: f64| others.iter().map(move |it| from.total_cmp(it));
    let mut finer = steps(kind, value).map(|step| (value / step).round() * step);
    let apart = finer.find(|it| sides(*it).eq(sides(value)) && told_apart(kind, *it, &others));
    apart.map_or(told, |it| limit(Limit::new(kind, it)))
}

fn told_apart(kind: LimitKind, value: f64, others: &[f64]) -> bool {
    let told = limit(Limit::new(kind, value));
    others.iter().all(|it| limit(Limit::new(kind, *it)) != told)
}

/// To what a value may be rounded, ever finer.
fn steps(kind: LimitKind, value: f64) -> impl Iterator<Item = f64> {
    let first = libm::floor(libm::log10(value.abs().max(f64::MIN_POSITIVE)));
    let step = move |digits: i32| libm::exp10(first + 1.0 - f64::from(digits));
    // of times there are whole seconds first, however many digits these have
    let seconds = (kind == LimitKind::Span && value.abs() >= 1.0).then_some(1.0);
    let finest = seconds.unwrap_or(f64::INFINITY);
    seconds.into_iter().chain((4..=DIGITS_MAX).map(step).filter(move |it| *it < finest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Limit {
        Limit::or_number(text).unwrap()
    }

    #[test]
    fn limits_are_told_to_their_last_digit() {
        let told = [
            ("5%", "5 %"),
            ("2.0833333333%", "2.0833333333 %"),
            ("90s", "1 min 30 s"),
            ("3h32m10s", "3 h 32 min 10 s"),
            ("2w", "14 d"),
            ("1s400ms", "1.4 s"),
            ("250ms", "250 ms"),
            ("0s", "0 s"),
            ("1.2345x", "1.2345 ×"),
            ("20MiB/h", "20 MiB/h"),
            ("12345", "12,345"),
            ("1000.25", "1,000.25"),
        ];
        for (text, said) in told {
            assert_eq!(limit(read(text)), said);
        }
    }

    #[test]
    fn a_figure_is_told_with_the_digits_that_tell_it_from_its_limits() {
        let cases = [
            ("3h32m", 12_730.4, "3 h 32 min 10 s"),
            ("3h32m10s", 12_730.4, "3 h 32 min 10.4 s"),
            ("3h32m", 12_720.0, "3 h 32 min"),
            ("3h32m", 14_100.0, "3 h 55 min"),
            ("5%", 0.050_02, "5.002 %"),
            ("5%", 0.049_999_8, "4.99998 %"),
            ("5%", 0.31, "31 %"),
            ("1.5x", 1.500_04, "1.50004 ×"),
            ("2", 2.000_3, "2.0003"),
            ("500", 499.8, "499.8"),
            ("250ms", 0.250_04, "250.04 ms"),
        ];
        for (text, value, said) in cases {
            let limit = read(text);
            assert_eq!(beside(limit.kind(), value, &[limit]), said, "{value} and {text}");
        }
        let range = [read("30s"), read("45s")];
        assert_eq!(beside(LimitKind::Span, 45.001, &range), "45.001 s");
    }
}
