//! Estimates in their unit, and their intervals.

use super::{
    limit,
    numbers::{
        decimals, decimals_of_half, factor, fixed, is_large, number, own, share, share_at, signed,
        with_thousands,
    },
    range, seconds, within,
};
use crate::units::{Limit, LimitKind};

/// In what a quantity is measured, and so how its figures are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit<'c> {
    /// A mean number of things.
    Count,
    /// A part of a whole, from 0 to 1.
    Share,
    /// A difference of two shares, in percentage points and with its sign.
    Points,
    Seconds,
    /// How many times as much.
    Times,
    /// A sign such as `$` stands before the figure, a code such as `EUR` behind it.
    Money(&'c str),
}

/// Amounts of money from a tenth up to this have two decimals, but for whole ones; it rounds to ten.
const TEN: f64 = 9.995;

/// How many decimals a figure gets.
#[derive(Clone, Copy)]
enum Digits {
    /// Those that it has by itself.
    Own,
    Decimals(usize),
}

impl<'c> Unit<'c> {
    /// By the name of the unit in a summary.
    pub fn named(name: &str, currency: &'c str) -> Self {
        match name {
            "seconds" => Self::Seconds,
            "ratio" => Self::Share,
            "times" => Self::Times,
            "currency" => Self::Money(currency),
            _ => Self::Count,
        }
    }

    /// A figure alone: `$12.3`, `1,234`, `14 min 5 s`, `0.5 %`, `2.5 ×`.
    pub fn value(self, value: f64) -> String {
        self.written(value, Digits::Own)
    }

    /// A limit on such a quantity, to its last digit: of money, a count is an amount.
    pub fn limit(self, it: Limit) -> String {
        match (self, it.kind()) {
            (Self::Money(currency), LimitKind::Count) => {
                let figure = with_thousands(it.value());
                let one_decimal = figure.rfind('.').is_some_and(|at| at + 2 == figure.len());
                paid(&if one_decimal { figure + "0" } else { figure }, currency)
            }
            _ => limit(it),
        }
    }

    /// A figure that has an interval: no finer than the interval is.
    pub fn among(self, value: f64, low: f64, high: f64) -> String {
        self.written(value, self.digits([value, low, high]))
    }

    /// A difference with its sign, no finer than its interval is: `+$15`, `−2.5 %`.
    pub fn change(self, value: f64, low: f64, high: f64) -> String {
        let text = self.among(value, low, high);
        let plus = value > 0.0 && text.contains(|it| ('1'..='9').contains(&it));
        if plus && !text.starts_with('+') { format!("+{text}") } else { text }
    }

    /// The interval of a figure, `$10.9 to $13.8`, in the digits of [`Self::among`].
    pub fn interval(self, value: f64, low: f64, high: f64) -> String {
        let digits = self.digits([value, low, high]);
        range(&self.written(low, digits), &self.written(high, digits))
    }

    /// Both: `$12.3 ($10.9 to $13.8)`.
    pub fn with_interval(self, value: f64, low: f64, high: f64) -> String {
        let digits = self.digits([value, low, high]);
        let [value, low, high] = [value, low, high].map(|it| self.written(it, digits));
        within(&value, &low, &high)
    }

    /// Half of the interval has one or two digits, and no figure more than about three; what all have in zeros
    /// at the end is left out.
    fn digits(self, [value, low, high]: [f64; 3]) -> Digits {
        let scale = if matches!(self, Self::Share | Self::Points) { 100.0 } else { 1.0 };
        let sizes = [value, low, high].map(|it| scale * it.abs());
        let half = scale * (high - low) / 2.0;
        let largest = sizes[0].max(half);
        if sizes.iter().any(|it| !it.is_finite() || is_large(*it)) || largest <= 0.0 {
            return Digits::Own;
        }
        let own = decimals(largest);
        let mut shared = if half > 0.0 { own.min(decimals_of_half(half)) } else { own };
        // nothing and all are reported without decimals anyway
        let is_all = |size: f64| self == Self::Share && (size - 100.0).abs() < 1e-7;
        let told = |size: &&f64| **size > 0.0 && !is_all(**size);
        let idle =
            |it: usize| sizes.iter().filter(told).all(|size| fixed(*size, it).ends_with('0'));
        while shared > 0 && idle(shared) {
            shared -= 1;
        }
        let in_cents = matches!(self, Self::Money(_)) && shared == 1 && largest < TEN;
        Digits::Decimals(if in_cents { 2 } else { shared })
    }

    fn written(self, value: f64, digits: Digits) -> String {
        match (self, digits) {
            (Self::Seconds, _) => seconds(value),
            (Self::Points, _) if value > 0.0 => {
                let text = sized(100.0 * value, digits);
                if text.contains(|it| ('1'..='9').contains(&it)) {
                    format!("+{text}")
                } else {
                    text
                }
            }
            (Self::Points, _) => signed(100.0 * value, |it| sized(it, digits)),
            (Self::Share, Digits::Own) => share(value),
            (Self::Share, Digits::Decimals(it)) => signed(value, |size| share_at(size, it)),
            (Self::Times, Digits::Own) => factor(value),
            (Self::Times, _) => signed(value, |it| format!("{} ×", sized(it, digits))),
            (Self::Count, Digits::Own) => number(value),
            (Self::Count, _) => signed(value, |it| sized(it, digits)),
            (Self::Money(currency), Digits::Own) => signed(value, |it| {
                let in_cents = (0.099_5..TEN).contains(&it);
                let figure = if in_cents { fixed(it, 2) } else { own(it) };
                paid(figure.strip_suffix(".00").unwrap_or(&figure), currency)
            }),
            (Self::Money(currency), _) => signed(value, |it| paid(&sized(it, digits), currency)),
        }
    }
}

fn sized(size: f64, digits: Digits) -> String {
    match digits {
        Digits::Decimals(it) if size > 0.0 => fixed(size, it),
        Digits::Decimals(_) | Digits::Own => own(size),
    }
}

/// A sign stands before the figure, a word behind it.
fn paid(figure: &str, currency: &str) -> String {
    match currency {
        "" => figure.to_owned(),
        word if word.contains(char::is_alphanumeric) => format!("{figure} {word}"),
        sign => format!("{sign}{figure}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits_and_their_unit() {
        let cases = [
            ("currency", 12.34, "$12.3"),
            ("currency", -1234.4, "−$1,234"),
            ("currency", 99.97, "$100"),
            ("currency", 7.0, "$7"),
            ("currency", 0.5, "$0.50"),
            ("currency", 0.02, "$0.02"),
            ("currency", 0.004, "$0.004"),
            ("currency", 9.999, "$10"),
            ("count", 0.02, "0.02"),
            ("count", 0.0, "0"),
            ("count", 5.0, "5"),
            ("seconds", 845.0, "14 min 5 s"),
            ("ratio", 0.25, "25 %"),
            ("times", 2.5, "2.5 ×"),
            ("count", f64::NAN, "unknown"),
        ];
        for (unit, value, said) in cases {
            assert_eq!(Unit::named(unit, "$").value(value), said);
        }
        let prices = [1.0, 10.0, 0.001, 0.25, 1_000.0].map(|it| Unit::Money("EUR").value(it));
        assert_eq!(prices, ["1 EUR", "10 EUR", "0.001 EUR", "0.25 EUR", "1,000 EUR"]);
        assert_eq!(Unit::Money("").value(7.5), "7.50");
        let ticks = [0.0, 0.5, 1.0, 1.5, 15.0].map(|it| Unit::Money("$").value(it));
        assert_eq!(ticks, ["$0", "$0.50", "$1", "$1.50", "$15"]);
        let limits = ["1.5", "0.001", "2000", "5%"].map(|it| Limit::or_number(it).unwrap());
        let told = limits.map(|it| Unit::Money("$").limit(it));
        assert_eq!(told, ["$1.50", "$0.001", "$2,000", "5 %"]);
        assert_eq!([0.083, -0.042, 0.0].map(|it| Unit::Points.value(it)), ["+8.3", "−4.2", "0"]);
    }

    #[test]
    fn an_interval_is_no_finer_than_it_is_sure_and_has_its_unit_on_each_figure() {
        let cases = [
            (Unit::Money("$"), [12.34, 10.9, 13.76], "$12.3 ($10.9 to $13.8)"),
            (Unit::Money("$"), [0.6, -40.0, 41.0], "$1 (−$40 to $41)"),
            (Unit::Money("$"), [2.0, 1.5, 2.5], "$2.00 ($1.50 to $2.50)"),
            (Unit::Money("EUR"), [30.0, 26.44, 33.6], "30.0 EUR (26.4 EUR to 33.6 EUR)"),
            (Unit::Count, [42.0, 37.0, 47.0], "42 (37 to 47)"),
            (Unit::Count, [0.0, 0.0, 0.0], "0 (0 to 0)"),
            (Unit::Count, [882.4, 617.0, 1_147.0], "882 (617 to 1,147)"),
            (Unit::Count, [1.2e6, 9e5, 1.5e6], "1.2 M (900,000 to 1.5 M)"),
            (Unit::Share, [0.25, 0.2134, 0.2911], "25.0 % (21.3 % to 29.1 %)"),
            (Unit::Share, [0.083_3, 0.023, 0.26], "8 % (2 % to 26 %)"),
            (Unit::Share, [0.0, 0.0, 0.003_66], "0 % (0 % to 0.37 %)"),
            (Unit::Share, [1.0, 0.8616, 1.0], "100 % (86 % to 100 %)"),
            (Unit::Share, [0.958, 0.798, 0.996], "96 % (80 % to 99.6 %)"),
            (Unit::Times, [2.5, 2.1, 3.0], "2.5 × (2.1 × to 3.0 ×)"),
            (Unit::Points, [0.083, -0.11, 0.26], "+8 (−11 to +26)"),
            (Unit::Seconds, [7_200.0, 6_360.0, 8_040.0], "2 h (1 h 46 min to 2 h 14 min)"),
        ];
        for (unit, [value, low, high], said) in cases {
            assert_eq!(unit.with_interval(value, low, high), said);
        }
        assert_eq!(Unit::Money("$").change(15.0, -0.8, 30.8), "+$15");
    }
}
