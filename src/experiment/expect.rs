//! What the scenario expects of estimates, held against their intervals.

use super::{
    ComparisonRun, Estimate, Expected, Finding, FindingResult, Protocol, Stat, StrategySummary,
    Summary, UNFINISHED_MAX, fold::Quantity,
};
use crate::{
    model::{Condition, EstimateName, Statistic},
    stats::{Moments, highest_mean, stratified::Stratum},
};

/// Every expectation of the study: passed when the whole interval is as expected, failed when no part
/// of it is. The interval of a rate holds whatever would have become of the rollouts that were cut off by the end of
/// the trial; no other figure passes where they are more than 1 %. The interval of a mean reaches from the lower end
/// of what was seen to the highest mean that the rollouts that were not seen allow.
pub(super) fn findings(
    protocol: &Protocol,
    run: &ComparisonRun<'_>,
    summary: &Summary,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for expected in &protocol.expected {
        let strategy = summary.strategies.iter().find(|it| it.name == expected.strategy);
        let name: Option<EstimateName> = expected.estimate.parse().ok();
        let known = strategy.zip(name);
        let known = known.and_then(|(it, name)| {
            let seen = estimate(it, name)?;
            let high =
                highest(protocol, run, (expected, name)).map_or(seen.high, |it| it.max(seen.high));
            Some((it, name, Estimate { high, ..seen.clone() }))
        });
        let mut finding = Finding {
            strategy: expected.strategy.clone(),
            estimate: expected.estimate.clone(),
            wanted: expected.condition.to_string(),
            value: known.as_ref().map(|it| it.2.value),
            low: known.as_ref().map(|it| it.2.low),
            high: known.as_ref().map(|it| it.2.high),
            result: FindingResult::NotEnoughTrials,
            unfinished: None,
        };
        if let Some((strategy, name, estimate)) = known {
            finding.result = judged(expected.condition, &estimate);
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

/// The highest mean that the trials leave possible, where it is a mean that is expected and its values are bounded.
fn highest(
    protocol: &Protocol,
    run: &ComparisonRun<'_>,
    (expected, name): (&Expected, EstimateName),
) -> Option<f64> {
    let quantity = if let EstimateName::Of(measure, Statistic::Mean) = name {
        Quantity::Of(measure)
    } else if name == EstimateName::Cost(Statistic::Mean) {
        Quantity::Cost
    } else {
        return None;
    };
    let strategy = protocol.contestants.iter().position(|it| it.name == expected.strategy)?;
    let of = |it: Stratum<Moments>| Stratum {
        weight: it.weight,
        trials: it.trials,
        values: (it.values.count(), it.values.mean()),
    };
    let strata: Vec<_> = run.fold.moments(strategy, quantity).into_iter().map(of).collect();
    let alpha = 0.5 * (1.0 - run.confidence().of_a_look());
    Some(highest_mean(&strata, expected.most?, alpha))
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
