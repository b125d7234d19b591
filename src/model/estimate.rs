//! What a comparison estimates of a strategy, by name: a mean or quantile of a measure, or a rate.

use std::{fmt, str::FromStr};

use super::Measure;
use crate::units::{LimitKind, Malformed};

/// One estimate over many trials of a strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EstimateName {
    /// A statistic of one measure over all trials.
    Of(Measure, Statistic),
    /// A statistic of what a trial costs, in the currency of `cost`.
    Cost(Statistic),
    /// Share of the good releases that were rolled back.
    FalseRollback,
    /// Share of the bad releases that reached all users and stayed.
    Escaped,
    /// Share of all releases that were rolled back.
    RolledBack,
    /// Share of all releases that reached all users and stayed.
    Completed,
    /// Share of all rollouts that were cut off by the end of the trial.
    Unfinished,
}

/// How the figures of many trials become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Statistic {
    Mean,
    P50,
    P95,
    P99,
}

const ESTIMATE_ALLOWED: &str = "a measure with the suffix `_mean`, `_p50`, `_p95` or `_p99`, such \
                                as `users_hurt_p95`; `cost_mean`, `cost_p95`, `false_rollback`, \
                                `escaped`, `rolled_back`, `completed` or `unfinished`";

const RATES: [(&str, EstimateName); 5] = [
    ("false_rollback", EstimateName::FalseRollback),
    ("escaped", EstimateName::Escaped),
    ("rolled_back", EstimateName::RolledBack),
    ("completed", EstimateName::Completed),
    ("unfinished", EstimateName::Unfinished),
];

impl Statistic {
    pub const ALL: [Self; 4] = [Self::Mean, Self::P50, Self::P95, Self::P99];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::P50 => "p50",
            Self::P95 => "p95",
            Self::P99 => "p99",
        }
    }

    /// Which quantile it is, from 0 to 1; none for the mean.
    pub const fn quantile(self) -> Option<f64> {
        match self {
            Self::Mean => None,
            Self::P50 => Some(0.5),
            Self::P95 => Some(0.95),
            Self::P99 => Some(0.99),
        }
    }
}

impl EstimateName {
    /// Every name, rates first.
    pub fn all() -> impl Iterator<Item = Self> {
        let cost = Statistic::ALL.into_iter().map(Self::Cost);
        let of =
            |&measure: &Measure| Statistic::ALL.into_iter().map(move |it| Self::Of(measure, it));
        RATES.into_iter().map(|it| it.1).chain(cost).chain(Measure::ALL.iter().flat_map(of))
    }

    /// Name in scenario files, tables and data.
    pub fn name(self) -> String {
        self.to_string()
    }

    /// Its unit; that of a cost is a number of the currency.
    pub const fn kind(self) -> LimitKind {
        match self {
            Self::Of(measure, _) => measure.kind(),
            Self::Cost(_) => LimitKind::Count,
            Self::FalseRollback
            | Self::Escaped
            | Self::RolledBack
            | Self::Completed
            | Self::Unfinished => LimitKind::Ratio,
        }
    }
}

impl fmt::Display for EstimateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of(measure, statistic) => write!(f, "{}_{}", measure.name(), statistic.name()),
            Self::Cost(statistic) => write!(f, "cost_{}", statistic.name()),
            Self::FalseRollback => f.write_str("false_rollback"),
            Self::Escaped => f.write_str("escaped"),
            Self::RolledBack => f.write_str("rolled_back"),
            Self::Completed => f.write_str("completed"),
            Self::Unfinished => f.write_str("unfinished"),
        }
    }
}

impl FromStr for EstimateName {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        if let Some((_, rate)) = RATES.iter().find(|(name, _)| *name == text) {
            return Ok(*rate);
        }
        let of = |statistic: Statistic| {
            let measure = text.strip_suffix(statistic.name())?.strip_suffix('_')?;
            if measure == "cost" {
                return Some(Self::Cost(statistic));
            }
            let known = Measure::ALL.iter().find(|it| it.name() == measure)?;
            Some(Self::Of(*known, statistic))
        };
        Statistic::ALL.into_iter().find_map(of).ok_or_else(|| {
            let short: String = text.chars().take(40).flat_map(char::escape_debug).collect();
            let problem = format!("there is no estimate `{short}`");
            Malformed { problem, allowed: ESTIMATE_ALLOWED }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_estimate_is_read_from_its_name() {
        let names: Vec<EstimateName> = EstimateName::all().collect();
        assert_eq!(names.len(), 5 + 4 + 4 * Measure::ALL.len());
        for name in names {
            assert_eq!(name.name().parse::<EstimateName>().unwrap(), name);
        }
    }

    #[test]
    fn an_estimate_has_the_unit_of_what_it_estimates() {
        let check = |name: &str, kind: LimitKind| {
            assert_eq!(name.parse::<EstimateName>().unwrap().kind(), kind, "{name}");
        };
        check("users_hurt_p95", LimitKind::Count);
        check("latency_p99_p50", LimitKind::Span);
        check("error_budget_mean", LimitKind::Factor);
        check("cost_mean", LimitKind::Count);
        check("escaped", LimitKind::Ratio);
    }

    #[test]
    fn a_measure_without_a_statistic_is_no_estimate() {
        for name in ["users_hurt", "latency_p99", "cost", "users_hurt_p90", "_mean", ""] {
            assert!(name.parse::<EstimateName>().is_err(), "{name}");
        }
    }
}
