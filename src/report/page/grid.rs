//! Tables of estimates: a row a strategy or a class.

use crate::{
    experiment::{Estimate, Stat, Summary},
    report::{
        amount::{interval_of, value_of},
        lists::spaced,
        words::harmless,
    },
    units::text::{NONE, Unit, counted},
};

pub(super) struct Grid {
    /// What a row is.
    pub(super) corner: &'static str,
    /// `s` where rows are strategies, `c` where they are classes.
    pub(super) rows_are: char,
    pub(super) heads: Vec<Head>,
    pub(super) rows: Vec<Row>,
}

pub(super) struct Head {
    pub(super) title: String,
    pub(super) about: &'static str,
}

pub(super) struct Row {
    pub(super) name: String,
    pub(super) cells: Vec<Cell>,
}

#[derive(Default)]
pub(super) struct Cell {
    pub(super) value: String,
    pub(super) interval: String,
    /// What the column is sorted by; empty where there is nothing.
    pub(super) sort: String,
    pub(super) trials: String,
    /// How deep it is tinted, 0 to 5.
    pub(super) tint: u8,
}

struct Column(&'static str, Stat, &'static str, &'static str);

const RANKING: &[Column] = &[
    Column("cost", Stat::Mean, "Cost", "mean of a rollout, at the prices below"),
    Column("users_hurt", Stat::Mean, "Users hurt", "mean of a rollout"),
    Column("users_hurt", Stat::P95, "Users hurt, p95", "exceeded in one rollout in twenty"),
    Column("downtime", Stat::Mean, "Downtime", "mean of a rollout"),
    Column("escaped", Stat::Rate, "Escaped", "share of the bad releases that were promoted"),
    Column("false_rollback", Stat::Rate, "False rollbacks", "share of the good releases"),
    Column("detection_time", Stat::Mean, "Detected in", "from the first symptom"),
    Column("rollback_time", Stat::Mean, "Rolled back in", "from the decision"),
    Column("promotion_time", Stat::Mean, "Completed in", "until all users are on the new release"),
    Column("pages", Stat::Mean, "Pages", "mean of a rollout"),
    Column("unfinished", Stat::Rate, "Cut off", "share of all rollouts, by the end of the trial"),
    Column("instances_peak", Stat::Mean, "Instances", "most at once, mean"),
];

/// The figures behind a chart, by the start of its name.
const BEHIND: &[(&str, &[Column])] = &[
    (
        "ranking",
        &[
            Column("cost", Stat::Mean, "Cost, mean", ""),
            Column("users_hurt", Stat::Mean, "Users hurt, mean", ""),
        ],
    ),
    (
        "harm-tail",
        &[
            Column("users_hurt", Stat::Mean, "Users hurt, mean", ""),
            Column("users_hurt", Stat::P50, "p50", ""),
            Column("users_hurt", Stat::P95, "p95", ""),
            Column("users_hurt", Stat::P99, "p99", ""),
        ],
    ),
    (
        "speed",
        &[
            Column("cost", Stat::Mean, "Cost, mean", ""),
            Column("promotion_time", Stat::Mean, "Completed in, mean", ""),
        ],
    ),
    (
        "times",
        &[
            Column("detection_time", Stat::Mean, "Detected in, mean", ""),
            Column("detection_time", Stat::P95, "p95", ""),
            Column("rollback_time", Stat::Mean, "Rolled back in, mean", ""),
            Column("rollback_time", Stat::P95, "p95", ""),
        ],
    ),
    (
        "harm-origins",
        &[
            Column("users_hurt_undetected", Stat::Mean, "Hurt undetected", ""),
            Column("users_hurt_detecting", Stat::Mean, "While detecting", ""),
            Column("users_hurt_rolling_back", Stat::Mean, "While rolling back", ""),
            Column("users_hurt_after_detection", Stat::Mean, "Detected, no rollback", ""),
            Column("users_hurt_unmet", Stat::Mean, "Without meeting it", ""),
        ],
    ),
];

/// The table of the strategies. Columns of which nothing is known are left out.
pub(super) fn ranking(summary: &Summary) -> Grid {
    of_strategies(summary, RANKING)
}

pub(super) fn behind(chart: &str, summary: &Summary) -> Option<Grid> {
    if chart.starts_with("cost-parts") {
        return cost_parts(summary);
    }
    let (_, columns) = BEHIND.iter().find(|(name, _)| chart.starts_with(name))?;
    let grid = of_strategies(summary, columns);
    (!grid.heads.is_empty()).then_some(grid)
}

/// What each price adds to the mean cost of each strategy.
fn cost_parts(summary: &Summary) -> Option<Grid> {
    let mut prices: Vec<&str> = Vec::new();
    for part in summary.strategies.iter().flat_map(|it| &it.cost_parts) {
        if !prices.contains(&part.name.as_str()) {
            prices.push(&part.name);
        }
    }
    let unit = Unit::Money(&summary.currency);
    let cell = |cost: f64| Cell {
        value: harmless(&unit.value(cost)),
        sort: cost.to_string(),
        ..Cell::default()
    };
    let rows = summary.strategies.iter().map(|strategy| Row {
        name: harmless(&strategy.name),
        cells: prices
            .iter()
            .map(|price| {
                let part = strategy.cost_parts.iter().find(|it| it.name == *price);
                cell(part.map_or(0.0, |it| it.cost))
            })
            .collect(),
    });
    let rows = rows.collect();
    let heads: Vec<Head> = prices.iter().map(|it| Head { title: spaced(it), about: "" }).collect();
    (!heads.is_empty()).then_some(Grid { corner: "Strategy", rows_are: 's', heads, rows })
}

fn of_strategies(summary: &Summary, columns: &[Column]) -> Grid {
    let found =
        |it: &Column| summary.strategies.iter().filter_map(|s| s.estimate(it.0, it.1)).collect();
    let known = |it: &&Column| {
        let found: Vec<&Estimate> = found(it);
        // seldom are rollouts cut off
        found.iter().any(|found| it.0 != "unfinished" || found.value > 0.0)
    };
    let columns: Vec<&Column> = columns.iter().filter(known).collect();
    let heads = columns.iter().map(|it| Head { title: it.2.to_owned(), about: it.3 }).collect();
    let rows = summary.strategies.iter().map(|strategy| Row {
        name: harmless(&strategy.name),
        cells: columns.iter().map(|it| cell(strategy.estimate(it.0, it.1), summary)).collect(),
    });
    Grid { corner: "Strategy", rows_are: 's', heads, rows: rows.collect() }
}

/// Mean users hurt: a row a class, a column a strategy, tinted by how many.
pub(super) fn harm(summary: &Summary) -> Grid {
    let of = |class: usize| {
        summary.strategies.iter().map(move |it| it.estimate_of(class, "users_hurt", Stat::Mean))
    };
    let all = (0..summary.classes.len()).flat_map(of).flatten().map(|it| it.value);
    let most = all.fold(0.0, f64::max);
    let heads = summary.strategies.iter().map(|it| Head { title: harmless(&it.name), about: "" });
    let rows = summary.classes.iter().enumerate().map(|(index, class)| Row {
        name: harmless(&class.name),
        cells: of(index)
            .map(|it| Cell { tint: it.map_or(0, |it| tint(it.value, most)), ..cell(it, summary) })
            .collect(),
    });
    let rows = rows.collect();
    Grid { corner: "Release", rows_are: 'c', heads: heads.collect(), rows }
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

fn cell(estimate: Option<&Estimate>, summary: &Summary) -> Cell {
    let Some(it) = estimate else { return Cell { value: NONE.to_owned(), ..Cell::default() } };
    Cell {
        value: harmless(&value_of(it, &summary.currency)),
        interval: harmless(&interval_of(it, &summary.currency)),
        sort: it.value.to_string(),
        trials: counted(it.n, "trial"),
        tint: 0,
    }
}
