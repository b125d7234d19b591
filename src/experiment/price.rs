//! What a trial costs.

use serde::{Deserialize, Serialize};

use super::{Bill, Played, end::Happening};
use crate::{
    model::{CostProfile, CostSpec, EstimateName, Measure, Price, Quantities, Statistic},
    scenario::{Plan, highest},
};

/// The prices of a comparison.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Prices {
    profile: CostProfile,
    currency: String,
    /// What one unit costs, in the order of [`Price::ALL`].
    each: Vec<f64>,
    /// Those that the scenario sets itself.
    own: Vec<String>,
}

impl Prices {
    pub fn of(spec: &CostSpec) -> Self {
        let prices = spec.prices();
        Self {
            profile: spec.profile,
            currency: spec.currency.clone(),
            each: Price::ALL.iter().map(|it| prices.get(*it)).collect(),
            own: spec.own().into_iter().map(|it| it.name().to_owned()).collect(),
        }
    }

    /// What no prices are.
    pub(super) fn problem(&self) -> Option<String> {
        let sound =
            self.each.len() == Price::ALL.len() && self.each.iter().all(|it| it.is_finite());
        (!sound).then(|| format!("`prices` are not {} finite numbers", Price::ALL.len()))
    }

    pub const fn profile(&self) -> CostProfile {
        self.profile
    }

    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// Names of those that the scenario sets itself.
    pub fn own(&self) -> &[String] {
        &self.own
    }

    /// Each price with what one unit costs.
    pub fn each(&self) -> impl Iterator<Item = (Price, f64)> {
        Price::ALL.iter().copied().zip(self.each.iter().copied())
    }

    /// The most that a trial under this plan can cost, whatever happens.
    pub(super) fn most(&self, plan: &Plan) -> f64 {
        let of = |it: Measure| highest(plan, EstimateName::Of(it, Statistic::Mean));
        let mut quantities = Quantities::of(|it| Some(of(it)));
        quantities.page = of(Measure::pages);
        quantities.page_at_night = of(Measure::pages);
        (quantities.false_rollback, quantities.escaped_defect) = (1.0, 1.0);
        quantities.upkeep_minute = plan.scenario.strategy.kind().upkeep_minutes();
        let cost = |(price, each): (&Price, &f64)| match *each {
            each if each > 0.0 => quantities.get(*price) * each,
            _ => 0.0,
        };
        Price::ALL.iter().zip(&self.each).map(cost).sum()
    }

    /// What one trial of a good or bad release costs under a strategy with so many minutes of upkeep.
    pub fn bill(&self, played: &Played, good: bool, upkeep: f64) -> Bill {
        let mut quantities = Quantities::of(|it| played.figure(it));
        let pages = played.figure(Measure::pages).unwrap_or(0.0);
        let night = f64::from(played.pages_at_night);
        quantities.page = pages - night;
        quantities.page_at_night = night;
        let happened = |it: Happening| if it.happened(played, good) { 1.0 } else { 0.0 };
        quantities.false_rollback = happened(Happening::FalseRollback);
        quantities.escaped_defect = happened(Happening::Escaped);
        quantities.upkeep_minute = upkeep;
        let units: Vec<f64> = Price::ALL.iter().map(|it| quantities.get(*it)).collect();
        let cost = units.iter().zip(&self.each).map(|(units, price)| units * price).sum();
        Bill { units, cost }
    }
}
