//! Values as the charts write them: three digits, whatever their size.

use crate::report::words::count;
use crate::units::round_u64;

/// Names of powers of a thousand.
const LARGE: [(f64, &str); 3] = [(1e12, " tn"), (1e9, " bn"), (1e6, " M")];

/// `0`, `0.034`, `3.45`, `34.5`, `345`, `3,450`, `3.45 M`; without zeros at the end.
pub(in crate::report) fn amount(value: f64) -> String {
    if value < 0.0 {
        return format!("−{}", amount(-value));
    }
    match value {
        it if it >= 1e15 || !it.is_finite() => format!("{it:.1e}"),
        it if it >= 999_950.0 => {
            let large = LARGE.iter().find(|(size, _)| it >= size * 0.999_95).unwrap_or(&LARGE[2]);
            format!("{}{}", amount(it / large.0), large.1)
        }
        it if it >= 99.95 => count(round_u64(it)),
        it if it >= 9.995 => trimmed(format!("{it:.1}")),
        it if it >= 0.099_95 => trimmed(format!("{it:.2}")),
        it if it >= 0.009_995 => trimmed(format!("{it:.3}")),
        it if it >= 0.000_999_5 => trimmed(format!("{it:.4}")),
        it if it > 0.0 => format!("{it:.1e}"),
        _ => "0".to_owned(),
    }
}

fn trimmed(text: String) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A part as per cent: `0 %`, `0.06 %`, `7.5 %`, `93 %`, and never `100 %` of what is only nearly all.
pub(in crate::report) fn share(value: f64) -> String {
    let percent = 100.0 * value;
    match percent {
        it if it >= 100.0 => "100 %".to_owned(),
        it if it > 99.0 => format!("{} %", trimmed(format!("{:.2}", it.min(99.99)))),
        it if it >= 0.995 => format!("{} %", trimmed(format!("{it:.1}"))),
        it if it > 0.0 => format!("{} %", amount(it)),
        _ => "0 %".to_owned(),
    }
}

/// Units of time, longest first, with how many seconds they have.
const TIMES: [(f64, &str); 4] = [(86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s")];

/// A length of time in the unit that suits it: `45 s`, `2.5 min`, `1.4 h`, `3 d`.
pub(in crate::report) fn duration(seconds: f64) -> String {
    let unit = TIMES.iter().find(|(size, _)| seconds >= size * 0.999_5);
    match unit {
        Some((size, name)) => {
            let value = seconds / size;
            let digits = if value >= 9.95 { format!("{value:.0}") } else { format!("{value:.1}") };
            let digits = if value >= 1e5 { amount(value) } else { trimmed(digits) };
            format!("{digits} {name}")
        }
        None if seconds >= 0.000_999_5 => format!("{} ms", amount(seconds * 1e3)),
        None if seconds > 0.0 => format!("{} s", amount(seconds)),
        None => "0 s".to_owned(),
    }
}

/// An amount of money: signs such as `$` before it, codes such as `EUR` after it.
pub(in crate::report) fn money(value: f64, currency: &str) -> String {
    let sign = currency.chars().count() == 1;
    match (sign, value < 0.0) {
        (true, true) => format!("−{currency}{}", amount(-value)),
        (true, false) => format!("{currency}{}", amount(value)),
        (false, _) => format!("{} {currency}", amount(value)).trim_end().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_three_digits() {
        let cases = [
            (0.0, "0"),
            (0.000_04, "4.0e-5"),
            (0.034, "0.034"),
            (0.5, "0.5"),
            (3.456, "3.46"),
            (34.0, "34"),
            (34.56, "34.6"),
            (99.97, "100"),
            (3_450.4, "3,450"),
            (999_960.0, "1 M"),
            (3.45e6, "3.45 M"),
            (1e12, "1 tn"),
            (1e15, "1.0e15"),
            (-7.0, "−7"),
        ];
        for (value, told) in cases {
            assert_eq!(amount(value), told);
        }
    }

    #[test]
    fn shares_never_round_to_everything_or_nothing() {
        let cases = [
            (0.0, "0 %"),
            (0.000_6, "0.06 %"),
            (0.075, "7.5 %"),
            (0.9, "90 %"),
            (0.333_3, "33.3 %"),
            (0.999_999, "99.99 %"),
            (1.0, "100 %"),
        ];
        for (value, told) in cases {
            assert_eq!(share(value), told);
        }
    }

    #[test]
    fn times_and_money_read_as_people_write_them() {
        let told = [0.0, 0.25, 45.0, 150.0, 600.0, 5_040.0, 259_200.0].map(duration);
        assert_eq!(told, ["0 s", "250 ms", "45 s", "2.5 min", "10 min", "1.4 h", "3 d"]);
        assert_eq!([money(-3.0, "$"), money(1_234.5, "EUR")], ["−$3", "1,235 EUR"]);
    }
}
