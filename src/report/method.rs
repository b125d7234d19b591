//! How a comparison was made, in sentences.

use super::lists::{listed, quoted};
use crate::{
    experiment::Summary,
    units::text::{counted, number, range, share},
};

/// Pairing, strata, intervals, adjustment and stopping.
pub(super) fn method(summary: &Summary) -> Vec<String> {
    let confidence = share(summary.confidence);
    let left_out = summary.left_out();
    let until = if left_out.is_empty() { "" } else { " that was still in the comparison" };
    let mut said = vec![format!(
        "{} {} simulated, each under every strategy{until}: trial i has the same arrivals, users, \
             service demands, defect and incidents under every strategy, so that a difference comes \
             from the strategies and not from the draws.",
        counted(summary.trials, "rollout"),
        if summary.trials == 1 { "was" } else { "were" }
    )];
    if !left_out.is_empty() {
        let each = left_out.iter().map(|(it, trials)| {
            format!("{} after {}", quoted(&it.name), counted(*trials, "rollout"))
        });
        said.push(format!(
            "A strategy that costs more than each of those that may be the best is out, and what that saves goes to \
             the others: {}.",
            listed(&each.collect::<Vec<_>>())
        ));
    }
    // of a single class none is rare
    if summary.classes.len() > 1 {
        said.push(
            "Rare classes of releases are simulated more often than they occur, to have enough \
             trials of each, and every figure over all releases weights them by their chance."
                .to_owned(),
        );
    }
    said.push(format!(
        "Intervals are {confidence} intervals. Where pairs of strategies are compared, they \
             are widened so that they hold for all pairs at once; a winner is named only where \
             such an interval excludes zero."
    ));
    said.push(if summary.looks > 1 {
        format!(
            "The number of trials was not fixed beforehand: the results could be looked at {} times, \
             and every interval is widened so that all looks together keep the {confidence}.",
            summary.looks
        )
    } else {
        "The number of trials was fixed beforehand.".to_owned()
    });
    said.extend(narrowed(summary));
    said
}

/// What pairing was worth, over the pairs where that can be said.
fn narrowed(summary: &Summary) -> Option<String> {
    let costs = summary.pairs.iter().flat_map(|it| &it.differences);
    let mut factors: Vec<f64> =
        costs.filter(|it| it.quantity == "cost").filter_map(|it| it.narrowed).collect();
    factors.sort_by(f64::total_cmp);
    let (least, most) = (factors.first()?, factors.last()?);
    Some(format!(
        "Without pairing, the intervals of the differences in cost would be {} times as wide.",
        range(&number(*least), &number(*most))
    ))
}
