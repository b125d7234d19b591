//! Numbers, shares, factors, memory and rates.

use crate::units::round_u64;

/// No value, in a sentence.
pub const UNKNOWN: &str = "unknown";

/// Names of powers of a thousand, from a million up.
const LARGE: [(f64, &str); 3] = [(1e12, "tn"), (1e9, "bn"), (1e6, "M")];
/// Rounds to a million or more with three digits.
const MILLION: f64 = 999_500.0;
/// From here on, and below [`TINY`], a number is reported with its power of ten.
const HUGE: f64 = 1e15;
const TINY: f64 = 9.5e-7;
/// Nearer to all than sums of parts are computed.
const ALL: f64 = 1.0 - 1e-9;

/// How many things there are, to the unit, the thousands apart: `107,945`.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// An estimate with about three digits: `0`, `0.034`, `3.45`, `34.5`, `345`, `3,450`, `3.45 M`.
pub fn number(value: f64) -> String {
    signed(value, own)
}

/// A guess, with two digits: `0.03`, `12`, `3,400`.
pub fn rough(value: f64) -> String {
    signed(value, |size| {
        let power = libm::exp10(libm::floor(libm::log10(size.max(f64::MIN_POSITIVE))) - 1.0);
        own((size / power).round() * power)
    })
}

/// A count that may be no whole number.
pub(super) fn whole_or_number(value: f64) -> String {
    let is_whole = (value - value.round()).abs() < 1e-9;
    if is_whole && (0.0..HUGE).contains(&value) { count(round_u64(value)) } else { number(value) }
}

/// A part of a whole: `0 %`, `0.06 %`, `12.5 %`, `100 %`; never all of what is only nearly all, and
/// never nothing of what is little.
pub fn share(value: f64) -> String {
    signed(value, |size| match 100.0 * size {
        it if it <= 0.0 => "0 %".to_owned(),
        _ if (ALL..=1.0).contains(&size) => "100 %".to_owned(),
        it if it >= 100.0 => format!("{} %", own(it)),
        it if it > 99.0 => format!("{} %", trimmed(&fixed(it.min(99.99), 2))),
        it if it < 0.000_1 => "< 0.0001 %".to_owned(),
        it => format!("{} %", own(it)),
    })
}

/// The same with so many decimals, where these do not make it all or nothing.
pub(super) fn share_at(size: f64, decimals: usize) -> String {
    let text = fixed(100.0 * size, decimals);
    let says_all = size < 1.0 && text.starts_with("100");
    let says_nothing = !text.contains(|it| ('1'..='9').contains(&it));
    if says_all || says_nothing || (ALL..=1.0).contains(&size) {
        share(size)
    } else {
        format!("{text} %")
    }
}

/// How many times as much: `1.5 ×`.
pub fn factor(value: f64) -> String {
    format!("{} ×", number(value))
}

/// Memory in its largest binary unit: `512 MiB`, `1.5 GiB`.
pub fn bytes(value: f64) -> String {
    const UNITS: [(&str, f64); 4] = [
        ("TiB", (1_u64 << 40) as f64),
        ("GiB", (1_u64 << 30) as f64),
        ("MiB", (1_u64 << 20) as f64),
        ("KiB", 1024.0),
    ];
    signed(value, |size| match UNITS.iter().find(|&&(_, unit)| size >= unit) {
        Some(&(name, unit)) => format!("{} {name}", own(size / unit)),
        None => format!("{} B", own(size)),
    })
}

/// Memory that is gained or lost an hour: `20 MiB/h`.
pub fn slope(bytes_an_hour: f64) -> String {
    format!("{}/h", bytes(bytes_an_hour))
}

/// How often something happens: `40/s`.
pub fn rate(per_second: f64) -> String {
    format!("{}/s", number(per_second))
}

/// A sign before the size; none before what is shown as nothing.
pub(super) fn signed(value: f64, told: impl FnOnce(f64) -> String) -> String {
    if !value.is_finite() {
        return UNKNOWN.to_owned();
    }
    let size = told(value.abs());
    let says_nothing = !size.chars().any(|it| ('1'..='9').contains(&it));
    if value < 0.0 && !says_nothing { format!("−{size}") } else { size }
}

/// With the digits that a size has by itself.
pub(super) fn own(size: f64) -> String {
    match size {
        it if it <= 0.0 => "0".to_owned(),
        it if !(TINY..HUGE).contains(&it) => format!("{it:.1e}").replace(".0e", "e"),
        it if it >= MILLION => {
            let large = LARGE.iter().find(|(unit, _)| it >= unit * 0.999_5).unwrap_or(&LARGE[2]);
            format!("{} {}", own(it / large.0), large.1)
        }
        it => trimmed(&fixed(it, decimals(it))),
    }
}

/// Whether a size is reported by the name of a power of a thousand, or of ten.
pub(super) fn is_large(size: f64) -> bool {
    size >= MILLION
}

/// Decimals with which a size has three digits; two where it is below one.
pub(super) fn decimals(size: f64) -> usize {
    const LEAST: [f64; 7] = [99.95, 9.995, 0.099_5, 0.009_95, 9.95e-4, 9.95e-5, 9.95e-6];
    LEAST.iter().position(|least| size >= *least).unwrap_or(LEAST.len())
}

/// Decimals with which half of an interval has one digit from 5 up, two below.
pub(super) fn decimals_of_half(half: f64) -> usize {
    const LEAST: [f64; 6] = [4.95, 0.495, 0.049_5, 0.004_95, 4.95e-4, 4.95e-5];
    LEAST.iter().position(|least| half >= *least).unwrap_or(LEAST.len())
}

/// With so many decimals, the thousands apart.
pub(super) fn fixed(size: f64, decimals: usize) -> String {
    thousands_apart(&format!("{size:.decimals$}"))
}

/// With all its digits, the thousands apart.
pub(super) fn with_thousands(size: f64) -> String {
    thousands_apart(&size.to_string())
}

/// Digits, perhaps with a sign and a fraction, the thousands apart: `-1,234.5`.
pub fn thousands_apart(text: &str) -> String {
    if let Some(size) = text.strip_prefix('-') {
        return format!("-{}", thousands_apart(size));
    }
    let (integer, fraction) = text.split_once('.').map_or((text, None), |it| (it.0, Some(it.1)));
    let integer = count(integer.parse().unwrap_or(u64::MAX));
    fraction.map_or(integer.clone(), |it| format!("{integer}.{it}"))
}

/// Without zeros at the end of a fraction.
pub(super) fn trimmed(text: &str) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_whole_and_have_their_thousands_apart() {
        assert_eq!([7, 1_000, 1_234_567].map(count), ["7", "1,000", "1,234,567"]);
        let told = ["20000", "-1000", "1234.5678"].map(thousands_apart);
        assert_eq!(told, ["20,000", "-1,000", "1,234.5678"]);
    }

    #[test]
    fn estimates_keep_three_digits_and_no_idle_zeros() {
        let cases = [
            (0.0, "0"),
            (4e-12, "4e-12"),
            (0.000_04, "0.00004"),
            (0.034, "0.034"),
            (0.5, "0.5"),
            (0.999_7, "1"),
            (3.456, "3.46"),
            (5.0, "5"),
            (34.56, "34.6"),
            (99.97, "100"),
            (3_450.4, "3,450"),
            (999_600.0, "1 M"),
            (3.45e6, "3.45 M"),
            (1e12, "1 tn"),
            (1e15, "1e15"),
            (-7.0, "−7"),
            (-0.0, "0"),
            (f64::NAN, "unknown"),
        ];
        for (value, told) in cases {
            assert_eq!(number(value), told);
        }
    }

    #[test]
    fn guesses_have_two_digits() {
        let told = [0.0, 0.030_4, 0.95, 1.0, 12.34, 998.0, 3_449.0].map(rough);
        assert_eq!(told, ["0", "0.03", "0.95", "1", "12", "1,000", "3,400"]);
    }

    #[test]
    fn shares_have_three_digits_and_never_round_to_all_or_nothing() {
        let cases = [
            (0.0, "0 %"),
            (1e-9, "< 0.0001 %"),
            (0.000_012, "0.0012 %"),
            (0.000_6, "0.06 %"),
            (0.005, "0.5 %"),
            (0.020_833_333_333, "2.08 %"),
            (0.07, "7 %"),
            (0.125, "12.5 %"),
            (0.333_3, "33.3 %"),
            (0.999, "99.9 %"),
            (0.999_999, "99.99 %"),
            (0.999_999_999_999, "100 %"),
            (1.0, "100 %"),
            (1.03, "103 %"),
            (-0.02, "−2 %"),
        ];
        for (value, told) in cases {
            assert_eq!(share(value), told);
        }
        let told = [(0.996, 0), (0.999_6, 1), (1.0, 1), (0.004, 0), (0.25, 1)];
        let told = told.map(|(it, decimals)| share_at(it, decimals));
        assert_eq!(told, ["99.6 %", "99.96 %", "100 %", "0.4 %", "25.0 %"]);
    }

    #[test]
    fn memory_factors_and_rates_have_their_units() {
        let told = [536_870_912.0, 1.6e9, 12.0, 0.0, -1_572_864.0].map(bytes);
        assert_eq!(told, ["512 MiB", "1.49 GiB", "12 B", "0 B", "−1.5 MiB"]);
        assert_eq!(
            [factor(2.5), factor(1.0), rate(40.0), rate(0.05)],
            ["2.5 ×", "1 ×", "40/s", "0.05/s"]
        );
        assert_eq!(slope(21_000_000.0), "20 MiB/h");
    }
}
