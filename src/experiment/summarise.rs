//! From a run to its summary.

use super::{
    Class, ComparisonRun, CostPart, Distribution, Estimate, Example, FORMAT, Fold, Pair,
    Price as PriceLine, Protocol, Sensitivity, Stat, StrategySummary, Summary,
    estimate::{DISTRIBUTED, differences, of_class, overall},
    expect::findings,
};
use crate::{model::Price, stats::stratified};

/// Factors by which each price is tried.
const FACTORS: [f64; 2] = [0.5, 2.0];

/// What was found so far.
pub fn summarise(protocol: &Protocol, run: &ComparisonRun<'_>, examples: Vec<Example>) -> Summary {
    let fold = &run.fold;
    let order = fold.order();
    let confidence = run.confidence();
    let strategies: Vec<StrategySummary> =
        order.iter().map(|it| strategy(protocol, run, *it)).collect();
    let mut summary = Summary {
        format: FORMAT,
        rollsim: protocol.rollsim.clone(),
        name: protocol.name.clone(),
        title: protocol.title.clone(),
        seed: protocol.seed,
        command: protocol.command.clone(),
        trials: run.played(),
        complete: run.is_complete(),
        confidence: confidence.level,
        looks: confidence.looks,
        tolerance: protocol.goal.tolerance(),
        unseen: fold.unseen(confidence.of_a_look()),
        assumptions: protocol.assumptions.clone(),
        currency: protocol.prices.currency().to_owned(),
        profile: protocol.prices.profile().name().to_owned(),
        prices: protocol.prices.each().map(price_line).collect(),
        classes: classes(protocol, fold),
        strategies,
        pairs: pairs(run, &order),
        sensitivity: sensitivity(protocol, fold, &order),
        findings: Vec::new(),
        examples,
    };
    summary.findings = findings(protocol, run, &summary);
    summary
}

fn price_line((price, each): (Price, f64)) -> PriceLine {
    PriceLine { name: price.name().to_owned(), price: each, per: price.unit().to_owned() }
}

fn classes(protocol: &Protocol, fold: &Fold) -> Vec<Class> {
    let class = |(of, &trials): (&super::ReleaseClass, &u64)| Class {
        name: of.name.clone(),
        chance: of.chance,
        good: of.good,
        trials,
        about: of.about.clone(),
    };
    protocol.classes.iter().zip(fold.trials()).map(class).collect()
}

fn strategy(protocol: &Protocol, run: &ComparisonRun<'_>, index: usize) -> StrategySummary {
    let fold = &run.fold;
    let level = run.confidence().of_a_look();
    let contestant = &protocol.contestants[index];
    let parts = protocol.prices.each().enumerate().map(|(at, (price, each))| {
        let units = fold.mean_units(index, at);
        CostPart { name: price.name().to_owned(), units, cost: units * each }
    });
    let mut cost_parts: Vec<CostPart> = parts.filter(|it| it.cost > 0.0).collect();
    cost_parts.sort_by(|a, b| b.cost.total_cmp(&a.cost));
    let distributions = DISTRIBUTED.into_iter().map(|quantity| Distribution {
        quantity: quantity.name().to_owned(),
        points: stratified::pooled_distribution(&fold.sketches(index, quantity)),
    });
    let [defects, incidents] = fold.struck(index);
    // nothing becomes of a rollout that there is not
    let ships = contestant.strategy().is_none_or(|it| it.kind().ships());
    let known = |mut found: Vec<Estimate>| {
        found.retain(|it| ships || it.stat != Stat::Rate);
        found
    };
    let of_class = |it: usize| known(of_class(fold, index, it, level));
    StrategySummary {
        name: contestant.name.clone(),
        kind: contestant.kind.clone(),
        overall: known(overall(fold, index, level)),
        by_class: (0..protocol.classes.len()).map(of_class).collect(),
        cost_parts,
        distributions: distributions.collect(),
        trials_with_defects: defects.trials,
        trials_never_struck: defects.never,
        trials_with_incidents: incidents.trials,
        trials_incident_never_struck: incidents.never,
    }
}

/// Every pair, the cheaper one first.
fn pairs(run: &ComparisonRun<'_>, order: &[usize]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (first, &one) in order.iter().enumerate() {
        for (second, &two) in order.iter().enumerate().skip(first + 1) {
            let found = differences(&run.fold, (one, two), run.demands());
            pairs.extend(found.map(|differences| Pair { first, second, differences }));
        }
    }
    pairs
}

/// The mean cost is linear in the prices, so that another price needs no other trial.
fn sensitivity(protocol: &Protocol, fold: &Fold, order: &[usize]) -> Vec<Sensitivity> {
    let mut found = Vec::new();
    for (at, (price, each)) in protocol.prices.each().enumerate() {
        let units: Vec<f64> = order.iter().map(|it| fold.mean_units(*it, at)).collect();
        if each <= 0.0 || units.iter().all(|it| *it <= 0.0) {
            continue;
        }
        for factor in FACTORS {
            let cost = |(strategy, units): (&usize, &f64)| {
                fold.mean_cost(*strategy) + units * each * (factor - 1.0)
            };
            let costs: Vec<f64> = order.iter().zip(&units).map(cost).collect();
            let mut ranked: Vec<usize> = (0..order.len()).collect();
            ranked.sort_by(|a, b| costs[*a].total_cmp(&costs[*b]));
            let price = price.name().to_owned();
            found.push(Sensitivity { price, factor, costs, order: ranked });
        }
    }
    found
}
