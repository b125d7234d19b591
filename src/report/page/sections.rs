//! The plainer tables of the page, as texts.

use crate::{
    experiment::{Difference, FindingResult, Summary},
    report::{
        compare::tables::verdict,
        junit::{figure, result_in_words, wanted},
        lists::spaced,
        verdict::times,
        words::harmless,
    },
    units::text::{Unit, count, share},
};

pub(super) struct PairRow {
    pub(super) first: usize,
    pub(super) second: usize,
    pub(super) names: (String, String),
    pub(super) cost: Option<Gap>,
    pub(super) users_hurt: Option<Gap>,
}

/// A difference in words and figures.
pub(super) struct Gap {
    pub(super) value: String,
    pub(super) interval: String,
    pub(super) sort: f64,
    pub(super) decided: bool,
    pub(super) verdict: String,
    /// Share of the rollouts in which the first had less, as much, and more.
    pub(super) parts: [String; 3],
}

pub(super) fn pairs(summary: &Summary) -> Vec<PairRow> {
    let name = |index: usize| {
        summary.strategies.get(index).map_or_else(String::new, |it| harmless(&it.name))
    };
    let rows = summary.pairs.iter().map(|pair| {
        let of = |quantity: &str, unit: Unit<'_>| {
            pair.differences.iter().find(|it| it.quantity == quantity).map(|it| gap(it, unit))
        };
        PairRow {
            first: pair.first,
            second: pair.second,
            names: (name(pair.first), name(pair.second)),
            cost: of("cost", Unit::Money(&summary.currency)),
            users_hurt: of("users_hurt", Unit::Count),
        }
    });
    rows.collect()
}

fn gap(it: &Difference, unit: Unit<'_>) -> Gap {
    let (low, high) = (it.low_adjusted, it.high_adjusted);
    Gap {
        value: harmless(&unit.change(it.value, low, high)),
        interval: harmless(&unit.interval(it.value, low, high)),
        sort: it.value,
        decided: it.decided,
        verdict: verdict(it),
        parts: [it.less, it.equal, it.more].map(share),
    }
}

pub(super) struct FindingRow {
    pub(super) strategy: String,
    pub(super) estimate: String,
    pub(super) wanted: String,
    pub(super) found: String,
    pub(super) result: &'static str,
    /// Name of its style.
    pub(super) look: &'static str,
}

pub(super) fn findings(summary: &Summary) -> Vec<FindingRow> {
    let rows = summary.findings.iter().map(|it| FindingRow {
        strategy: harmless(&it.strategy),
        estimate: harmless(&it.estimate),
        wanted: harmless(&wanted(summary, it)),
        found: harmless(&figure(summary, it)),
        result: result_in_words(it),
        look: match it.result {
            FindingResult::Passed => "good",
            FindingResult::Failed => "bad",
            FindingResult::NotEnoughTrials => "unsure",
        },
    });
    rows.collect()
}

pub(super) struct SensitivityRow {
    pub(super) price: String,
    pub(super) times: String,
    /// Cost of each strategy, and whether it is the least.
    pub(super) costs: Vec<(String, bool)>,
    pub(super) changes: bool,
}

pub(super) fn sensitivity(summary: &Summary) -> Vec<SensitivityRow> {
    let unit = Unit::Money(&summary.currency);
    let rows = summary.sensitivity.iter().map(|it| {
        let first = it.order.first().copied();
        let costs = it.costs.iter().enumerate();
        SensitivityRow {
            price: spaced(&it.price),
            times: times(it.factor),
            costs: costs
                .map(|(index, &cost)| (harmless(&unit.value(cost)), first == Some(index)))
                .collect(),
            changes: first != Some(0),
        }
    });
    rows.collect()
}

pub(super) struct PriceRow {
    pub(super) name: String,
    pub(super) price: String,
    pub(super) per: String,
}

pub(super) fn prices(summary: &Summary) -> Vec<PriceRow> {
    let unit = Unit::Money(&summary.currency);
    let rows = summary.prices.iter().map(|it| PriceRow {
        name: spaced(&it.name),
        price: harmless(&unit.value(it.price)),
        per: harmless(&it.per),
    });
    rows.collect()
}

pub(super) struct ClassRow {
    pub(super) name: String,
    pub(super) chance: String,
    pub(super) trials: String,
    pub(super) about: String,
}

pub(super) fn classes(summary: &Summary) -> Vec<ClassRow> {
    let rows = summary.classes.iter().map(|it| ClassRow {
        name: harmless(&it.name),
        chance: share(it.chance),
        trials: count(it.trials),
        about: match it.about.as_str() {
            "" if it.good => "no defect".to_owned(),
            about => harmless(about),
        },
    });
    rows.collect()
}
