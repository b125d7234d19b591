//! Estimates of a summary as people read them.

use crate::{
    experiment::{Estimate, Rare, Stat, StrategySummary, Summary},
    units::text::Unit,
};

/// The estimate in its unit; of what too few rollouts had any of, the share of those that had: `in 0.3 %`.
pub(super) fn value_of(estimate: &Estimate, currency: &str) -> String {
    if let Some(Rare { rate, low, high, .. }) = estimate.rare {
        return format!("in {}", Unit::Share.among(rate, low, high));
    }
    let Estimate { value, low, high, .. } = *estimate;
    Unit::named(&estimate.unit, currency).among(value, low, high)
}

/// The estimate's interval, `$10.9 to $13.8`.
pub(super) fn interval_of(estimate: &Estimate, currency: &str) -> String {
    if let Some(Rare { rate, low, high, .. }) = estimate.rare {
        return Unit::Share.interval(rate, low, high);
    }
    let Estimate { value, low, high, .. } = *estimate;
    Unit::named(&estimate.unit, currency).interval(value, low, high)
}

/// What `in 0.3 %` means, where a table of the strategies has it.
pub(super) const RARE: &str = "`in` before a share: fewer than 10 rollouts had any, too few for a mean; this is the share that had any.";

/// Whether a mean of the table of the strategies, or of that of users hurt by class, is shown as a share.
pub(super) fn any_rare(summary: &Summary) -> bool {
    let is_shown =
        |it: &&Estimate| ["cost", "users_hurt", "promotion_time"].contains(&it.quantity.as_str());
    summary.strategies.iter().any(|by: &StrategySummary| {
        let all = by.overall.iter().chain(by.by_class.iter().flatten());
        all.filter(is_shown).any(|it| it.rare.is_some())
    })
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
