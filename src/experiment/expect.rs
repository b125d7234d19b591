//! What the scenario expects of estimates, held against their intervals.

use super::{
    Estimate, Finding, FindingResult, Protocol, Stat, StrategySummary, Summary, UNFINISHED_MAX,
};
use crate::model::{Condition, EstimateName, Statistic};

/// Every expectation of the study: passed when the whole interval is as expected, failed when no part
/// of it is. The interval of a rate holds whatever would have become of the rollouts that were cut off by the end of
/// the trial; no other figure passes where they are more than 1 %.
pub(super) fn findings(protocol: &Protocol, summary: &Summary) -> Vec<Finding> {
    let mut found = Vec::new();
    for expected in &protocol.expected {
        let strategy = summary.strategies.iter().find(|it| it.name == expected.strategy);
        let name: Option<EstimateName> = expected.estimate.parse().ok();
        let known = strategy.zip(name);
        let known = known.and_then(|(it, name)| Some((it, name, estimate(it, name)?)));
        let mut finding = Finding {
            strategy: expected.strategy.clone(),
            estimate: expected.estimate.clone(),
            wanted: expected.condition.to_string(),
            value: known.map(|it| it.2.value),
            low: known.map(|it| it.2.low),
            high: known.map(|it| it.2.high),
            result: FindingResult::NotEnoughTrials,
            unfinished: None,
        };
        if let Some((strategy, name, estimate)) = known {
            finding.result = judged(expected.condition, estimate);
            let unfinished = strategy.unfinished();
            let grows = matches!(name, EstimateName::Of(..) | EstimateName::Cost(_));
            // what is too much already stays so
            if grows && finding.result == FindingResult::Passed && unfinished > UNFINISHED_MAX {
                finding.result = FindingResult::NotEnoughTrials;
            }
            let open = finding.result == FindingResult::NotEnoughTrials;
            finding.unfinished = (open && unfinished > UNFINISHED_MAX).then_some(unfinished);
        }
        found.push(finding);
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
        | EstimateName::Completed
        | EstimateName::Unfinished => strategy.estimate(&name.name(), Stat::Rate),
    }
}
