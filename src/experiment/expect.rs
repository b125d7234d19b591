//! What the scenario expects of estimates, held against their intervals.

use super::{Estimate, Finding, FindingResult, Protocol, Stat, StrategySummary, Summary};
use crate::model::{Condition, EstimateName, Statistic};

/// Every expectation of the study: passed when the whole interval is as expected, failed when no part
/// of it is.
pub(super) fn findings(protocol: &Protocol, summary: &Summary) -> Vec<Finding> {
    let mut found = Vec::new();
    for expected in &protocol.expected {
        let strategy = summary.strategies.iter().find(|it| it.name == expected.strategy);
        let estimate = strategy.and_then(|it| estimate(it, expected.estimate.parse().ok()?));
        let result =
            estimate.map_or(FindingResult::NotEnoughTrials, |it| judged(expected.condition, it));
        found.push(Finding {
            strategy: expected.strategy.clone(),
            estimate: expected.estimate.clone(),
            wanted: expected.condition.to_string(),
            value: estimate.map(|it| it.value),
            low: estimate.map(|it| it.low),
            high: estimate.map(|it| it.high),
            result,
        });
    }
    found
}

fn judged(condition: Condition, estimate: &Estimate) -> FindingResult {
    match condition.holds_within(estimate.low, estimate.high) {
        Some(true) => FindingResult::Passed,
        Some(false) => FindingResult::Failed,
        None => FindingResult::NotEnoughTrials,
    }
}

fn estimate(strategy: &StrategySummary, name: EstimateName) -> Option<&Estimate> {
    let stat = |it: Statistic| match it {
        Statistic::Mean => Stat::Mean,
        Statistic::P50 => Stat::P50,
        Statistic::P95 => Stat::P95,
        Statistic::P99 => Stat::P99,
    };
    match name {
        EstimateName::Of(measure, it) => strategy.estimate(measure.name(), stat(it)),
        EstimateName::Cost(it) => strategy.estimate("cost", stat(it)),
        EstimateName::FalseRollback
        | EstimateName::Escaped
        | EstimateName::RolledBack
        | EstimateName::Completed => strategy.estimate(&name.name(), Stat::Rate),
    }
}
