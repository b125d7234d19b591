//! Estimates as people read them: each in its unit, an interval no finer than it is sure.

use super::words::{count, percent, span};
use crate::{
    experiment::{Estimate, Stat, Summary},
    units::round_u64,
};

/// How figures of one quantity are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit<'u> {
    name: &'u str,
    currency: &'u str,
}

impl<'u> Unit<'u> {
    /// By the name of the unit in a summary.
    pub(super) const fn new(name: &'u str, currency: &'u str) -> Self {
        Self { name, currency }
    }

    pub(super) const fn currency(currency: &'u str) -> Self {
        Self::new("currency", currency)
    }

    /// A figure alone, with about three digits: `$12.3`, `1,234`, `14m 05s`, `0.50 %`.
    pub(super) fn value(self, value: f64) -> String {
        self.with_decimals(value, decimals(value))
    }

    /// A figure that has an interval: as many digits as the interval allows.
    pub(super) fn among(self, value: f64, low: f64, high: f64) -> String {
        self.with_decimals(value, decimals_of(value, low, high))
    }

    /// `10.9 to 13.8`, in the digits of [`Self::among`]. Money goes without its sign here.
    pub(super) fn interval(self, value: f64, low: f64, high: f64) -> String {
        let decimals = decimals_of(value, low, high);
        let bare = if self.name == "currency" { Self::new("count", "") } else { self };
        format!("{} to {}", bare.with_decimals(low, decimals), bare.with_decimals(high, decimals))
    }

    /// Half of the interval, in the same digits.
    pub(super) fn half(self, value: f64, low: f64, high: f64) -> String {
        self.with_decimals((high - low) / 2.0, decimals_of(value, low, high))
    }

    fn with_decimals(self, value: f64, decimals: usize) -> String {
        if !value.is_finite() {
            return "unknown".to_owned();
        }
        let size = match self.name {
            "seconds" => span(value.abs()),
            "ratio" => percent(value.abs()),
            "times" => format!("{} ×", fixed(value.abs(), decimals)),
            "currency" => self.money(&fixed(value.abs(), decimals)),
            _ => fixed(value.abs(), decimals),
        };
        let is_zero = !size.chars().any(|it| ('1'..='9').contains(&it));
        if value < 0.0 && !is_zero { format!("−{size}") } else { size }
    }

    /// A sign stands before the figure, a word after it.
    fn money(self, figure: &str) -> String {
        let sign = !self.currency.is_empty() && !self.currency.contains(char::is_alphanumeric);
        match self.currency {
            "" => figure.to_owned(),
            it if sign => format!("{it}{figure}"),
            it => format!("{figure} {it}"),
        }
    }
}

/// The estimate in its unit.
pub(super) fn value_of(estimate: &Estimate, currency: &str) -> String {
    let Estimate { value, low, high, .. } = *estimate;
    Unit::new(&estimate.unit, currency).among(value, low, high)
}

/// The estimate's interval, `10.9 to 13.8`.
pub(super) fn interval_of(estimate: &Estimate, currency: &str) -> String {
    let Estimate { value, low, high, .. } = *estimate;
    Unit::new(&estimate.unit, currency).interval(value, low, high)
}

/// Unit of an estimate by the name that expectations use: `users_hurt_p95`, `escaped`.
pub(super) fn unit_of<'s>(summary: &'s Summary, name: &str) -> &'s str {
    let named = |it: &&Estimate| {
        let full = match it.stat {
            Stat::Rate => it.quantity.clone(),
            Stat::Mean | Stat::P50 | Stat::P95 | Stat::P99 => {
                format!("{}_{}", it.quantity, it.stat.name())
            }
        };
        full == name || it.quantity == name
    };
    let all = summary.strategies.iter().flat_map(|it| &it.overall);
    all.into_iter().find(named).map_or("count", |it| it.unit.as_str())
}

/// Share of something, without decimals: `95 %`.
pub(super) fn whole_percent(part: f64) -> String {
    let rounded = (part * 1e4).round() / 1e2;
    if (rounded - rounded.round()).abs() < 1e-9 {
        format!("{rounded:.0} %")
    } else {
        format!("{rounded} %")
    }
}

/// Decimals that show three digits of a figure.
fn decimals(value: f64) -> usize {
    match value.abs() {
        it if it >= 99.95 || it == 0.0 => 0,
        it if it >= 9.995 => 1,
        it if it >= 0.0995 => 2,
        it if it >= 0.00995 => 3,
        _ => 4,
    }
}

/// Decimals that show three digits of a figure or of half its interval, whichever is larger.
fn decimals_of(value: f64, low: f64, high: f64) -> usize {
    decimals(value.abs().max((high - low) / 2.0))
}

/// With so many decimals, the thousands apart.
fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.split_once('.') {
        None => count(round_u64(value)),
        Some((integer, fraction)) => {
            let integer: u64 = integer.parse().unwrap_or(u64::MAX);
            format!("{}.{fraction}", count(integer))
        }
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
            ("count", 0.02, "0.020"),
            ("count", 0.0, "0"),
            ("count", -0.000_01, "0.0000"),
            ("seconds", 845.0, "14m 05s"),
            ("ratio", 0.25, "25.0 %"),
            ("times", 2.5, "2.50 ×"),
            ("count", f64::NAN, "unknown"),
        ];
        for (unit, value, said) in cases {
            assert_eq!(Unit::new(unit, "$").value(value), said);
        }
        assert_eq!(Unit::currency("EUR").value(7.0), "7.00 EUR");
        assert_eq!(Unit::currency("").value(7.0), "7.00");
    }

    #[test]
    fn an_interval_has_the_digits_of_its_estimate() {
        let unit = Unit::currency("$");
        assert_eq!(unit.interval(12.34, 10.9, 13.76), "10.9 to 13.8");
        assert_eq!(unit.interval(0.5, -40.0, 41.0), "−40.0 to 41.0");
        assert_eq!(unit.among(0.5, -40.0, 41.0), "$0.5");
        assert_eq!(Unit::new("ratio", "$").interval(0.02, 0.01, 0.043), "1.00 % to 4.30 %");
    }

    #[test]
    fn confidence_is_said_without_needless_decimals() {
        assert_eq!([0.95, 0.999, 0.9].map(whole_percent), ["95 %", "99.9 %", "90 %"]);
    }
}
