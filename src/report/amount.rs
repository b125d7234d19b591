//! Estimates of a summary as people read them.

use crate::{
    experiment::{Estimate, Stat, Summary},
    units::text::Unit,
};

/// The estimate in its unit.
pub(super) fn value_of(estimate: &Estimate, currency: &str) -> String {
    let Estimate { value, low, high, .. } = *estimate;
    Unit::named(&estimate.unit, currency).among(value, low, high)
}

/// The estimate's interval, `$10.9 to $13.8`.
pub(super) fn interval_of(estimate: &Estimate, currency: &str) -> String {
    let Estimate { value, low, high, .. } = *estimate;
    Unit::named(&estimate.unit, currency).interval(value, low, high)
}

/// Both: `$12.3 ($10.9 to $13.8)`.
pub(super) fn with_interval_of(estimate: &Estimate, currency: &str) -> String {
    let Estimate { value, low, high, .. } = *estimate;
    Unit::named(&estimate.unit, currency).with_interval(value, low, high)
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
