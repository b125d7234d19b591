//! What is said of rollouts that were cut off by the end of the trial.

use super::lists::{listed, quoted};
use crate::{
    experiment::{Difference, StrategySummary, Summary},
    units::text::share,
};

/// Why there is no cheapest strategy where rollouts were cut off.
pub(super) fn cut_off(
    summary: &Summary,
    cheapest: &StrategySummary,
    rivals: &[(usize, &Difference)],
) -> Option<String> {
    let turned = rivals.iter().any(|(_, it)| it.unfinished);
    turned.then(|| {
        let part = share(cheapest.unfinished());
        let all = if summary.strategies.len() == 2 { "the other" } else { "another" };
        format!(
            "{part} of its rollouts were cut off by the end of the trial, which could make {all} \
             cheaper: make `length` longer"
        )
    })
}

/// Under which strategies rollouts were cut off by the end of the trial.
pub(super) fn unfinished(summary: &Summary) -> Option<String> {
    let cut = summary.strategies.iter().filter(|it| it.unfinished() > 0.0);
    let each = cut.map(|it| format!("{} under {}", share(it.unfinished()), quoted(&it.name)));
    let each: Vec<String> = each.collect();
    (!each.is_empty()).then(|| {
        format!(
            "Rollouts that were cut off by the end of the trial, neither caught nor let through: {}.",
            listed(&each)
        )
    })
}
