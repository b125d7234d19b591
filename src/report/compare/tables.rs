//! The tables of a comparison.

use crate::{
    experiment::{Difference, Estimate, Stat, StrategySummary, Summary},
    report::{
        amount::{RARE, any_rare, interval_of, value_of},
        junit::{figure, result_in_words, wanted},
        table::{Cell, Head, Table},
    },
    units::text::{self, NONE, Unit, counted, rough, share},
};

/// A quantity, its statistic, the head of its column and what that means.
pub(in crate::report) struct Column(
    pub(in crate::report) &'static str,
    pub(in crate::report) Stat,
    pub(in crate::report) &'static str,
    pub(in crate::report) &'static str,
);

/// What one wants to know of a strategy.
const RANKING: [Column; 7] = [
    Column("cost", Stat::Mean, "cost", ""),
    Column("users_hurt", Stat::Mean, "users hurt", ""),
    Column("users_hurt", Stat::P95, "p95", ""),
    Column("escaped", Stat::Rate, "escaped", ""),
    Column("false_rollback", Stat::Rate, "false rollbacks", ""),
    Column("promotion_time", Stat::Mean, "completed in", ""),
    Column("unfinished", Stat::Rate, "cut off", ""),
];

/// The ranking, users hurt by class of release, expectations, and differences in the same rollouts.
pub(in crate::report) fn tables(summary: &Summary) -> Vec<Table> {
    let mut ranking = of_strategies(summary, &RANKING);
    ranking.title =
        format!("Per rollout over all releases, with {} intervals", share(summary.confidence));
    if any_rare(summary) {
        ranking.notes.push(RARE.to_owned());
    }
    let mut harm = harm(summary).folded();
    harm.title =
        format!("Users hurt by class of release, mean and {} interval", share(summary.confidence));
    let harm = Some(harm).filter(|it| it.heads.len() > 1).and_then(Table::unless_empty);
    let further = [harm, expectations(summary).unless_empty(), differences(summary).unless_empty()];
    [ranking].into_iter().chain(further.into_iter().flatten()).collect()
}

/// Estimates over all releases, a row a strategy. Columns of which nothing is known are left out.
pub(in crate::report) fn of_strategies(summary: &Summary, columns: &[Column]) -> Table {
    let found = |it: &Column| -> Vec<&Estimate> {
        summary.strategies.iter().filter_map(|s| s.estimate(it.0, it.1)).collect()
    };
    // that there is no cost yet is said; seldom are rollouts cut off
    let known = |it: &&Column| {
        it.0 == "cost" || found(it).iter().any(|found| it.0 != "unfinished" || found.value > 0.0)
    };
    let columns: Vec<&Column> = columns.iter().filter(known).collect();
    let heads = columns.iter().map(|it| Head::figure(it.2).about(it.3));
    let heads = std::iter::once(Head::name("Strategy")).chain(heads);
    let mut table = Table::new("", heads.collect());
    for strategy in &summary.strategies {
        let cells = columns.iter().map(|it| cell(strategy.estimate(it.0, it.1), summary));
        table.row(std::iter::once(strategy.name.as_str().into()).chain(cells));
    }
    table
}

/// Mean users hurt: a row a class, a column a strategy, tinted by how many.
pub(in crate::report) fn harm(summary: &Summary) -> Table {
    let of = |class: usize| {
        summary.strategies.iter().map(move |it| it.estimate_of(class, "users_hurt", Stat::Mean))
    };
    let all = (0..summary.classes.len()).flat_map(of).flatten().map(|it| it.value);
    let most = all.fold(0.0, f64::max);
    let heads = summary.strategies.iter().map(|it| Head::figure(&it.name));
    let mut table = Table::new("", std::iter::once(Head::name("Release")).chain(heads).collect());
    for (index, class) in summary.classes.iter().enumerate() {
        let cells = of(index)
            .map(|it| Cell { tint: it.map_or(0, |it| tint(it.value, most)), ..cell(it, summary) });
        table.row(std::iter::once(class.name.as_str().into()).chain(cells));
    }
    table
}

/// Each step of the tint is about a third of the one below the most.
fn tint(value: f64, most: f64) -> u8 {
    let steps = [0.5, 0.17, 0.055, 0.018];
    if value <= 0.0 || most <= 0.0 {
        return 0;
    }
    let below = steps.iter().filter(|&&it| value < it * most).count();
    5 - u8::try_from(below).unwrap_or(4)
}

/// An estimate with its interval, its trials, and what it is sorted by.
fn cell(estimate: Option<&Estimate>, summary: &Summary) -> Cell {
    let Some(it) = estimate else { return NONE.into() };
    let (value, interval) = (value_of(it, &summary.currency), interval_of(it, &summary.currency));
    Cell {
        sort: it.value.to_string(),
        trials: counted(it.n, "trial"),
        ..Cell::figure(&value, &interval)
    }
}

fn expectations(summary: &Summary) -> Table {
    let heads = vec![
        Head::name("strategy"),
        Head::words("expectation"),
        Head::figure("wanted"),
        Head::figure("found"),
        Head::words("result"),
    ];
    let mut table = Table::new("What the scenario expects", heads);
    for it in &summary.findings {
        table.row([
            it.strategy.as_str().into(),
            it.estimate.as_str().into(),
            wanted(summary, it).into(),
            figure(summary, it).into(),
            result_in_words(it).into(),
        ]);
    }
    table
}

fn differences(summary: &Summary) -> Table {
    let heads = vec![
        Head::name("first"),
        Head::name("second"),
        Head::figure("cost"),
        Head::words("cost is"),
        Head::figure("users hurt"),
        Head::figure("first costs less"),
        Head::figure("equal"),
        Head::figure("more"),
    ];
    let title = format!(
        "How much more the second costs and hurts in the same rollouts, {} for all pairs at once",
        share(summary.confidence)
    );
    let mut table = Table::new(title, heads).folded();
    // those of the cheapest come first
    table.brief = Some(summary.strategies.len().saturating_sub(1));
    let name = |index: usize| summary.strategies.get(index).map_or("", |it| it.name.as_str());
    let cell = |it: Option<&Difference>, unit: Unit<'_>| {
        it.map_or_else(Cell::default, |it| {
            let (value, low, high) = (it.value, it.low_adjusted, it.high_adjusted);
            Cell::figure(&unit.change(value, low, high), &unit.interval(value, low, high))
        })
    };
    for pair in &summary.pairs {
        let of = |quantity: &str| pair.differences.iter().find(|it| it.quantity == quantity);
        let cost = of("cost");
        let parts =
            cost.map_or_else(Default::default, |it| [it.less, it.equal, it.more].map(share));
        let cells = [
            name(pair.first).into(),
            name(pair.second).into(),
            cell(cost, Unit::Money(&summary.currency)),
            cost.map_or_else(String::new, verdict).into(),
            cell(of("users_hurt"), Unit::Count),
        ];
        table.row(cells.into_iter().chain(parts.map(Cell::from)));
    }
    table
}

/// `240 to 1,700`.
pub(in crate::report) fn between(from: u64, to: u64) -> String {
    let (from, to) = (rough(from as f64), rough(to as f64));
    if from == to { from } else { text::range(&from, &to) }
}

/// Whether a difference is decided, and what would decide it.
pub(in crate::report) fn verdict(it: &Difference) -> String {
    match it.more_trials_range {
        _ if it.decided => "decided".to_owned(),
        _ if it.unfinished => "open, cut off".to_owned(),
        _ if it.alike => "alike".to_owned(),
        Some((from, to)) => format!("open, {} more", between(from, to)),
        None => "open".to_owned(),
    }
}

/// What each price adds to the mean cost of each strategy; none where nothing has a price.
pub(in crate::report) fn cost_parts(summary: &Summary) -> Option<Table> {
    let mut prices: Vec<&str> = Vec::new();
    for part in summary.strategies.iter().flat_map(|it| &it.cost_parts) {
        if !prices.contains(&part.name.as_str()) {
            prices.push(&part.name);
        }
    }
    let heads = prices.iter().map(|it| Head::figure(&crate::report::lists::spaced(it)));
    let heads = std::iter::once(Head::name("Strategy")).chain(heads);
    let mut table = Table::new("", heads.collect());
    let unit = Unit::Money(&summary.currency);
    for strategy in &summary.strategies {
        let cells = prices.iter().map(|price| {
            let cost = cost_of(strategy, price);
            Cell { sort: cost.to_string(), ..unit.value(cost).into() }
        });
        table.row(std::iter::once(strategy.name.as_str().into()).chain(cells));
    }
    (!prices.is_empty()).then_some(table)
}

fn cost_of(strategy: &StrategySummary, price: &str) -> f64 {
    strategy.cost_parts.iter().find(|it| it.name == price).map_or(0.0, |it| it.cost)
}
