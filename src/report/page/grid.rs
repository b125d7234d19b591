//! Tables of estimates on the page: a row a strategy or a class.

use crate::{
    experiment::{Stat, Summary},
    report::{
        compare::tables::{Column, cost_parts, harm as harm_table, of_strategies},
        table::{Cell, Head, Table},
    },
};

/// A table whose rows and columns the scripts know.
pub(super) struct Grid {
    /// `s` where rows are strategies, `c` where they are classes.
    pub(super) rows_are: char,
    table: Table,
}

impl Grid {
    fn of(rows_are: char, table: Table) -> Self {
        Self { rows_are, table }
    }

    /// What a row is.
    pub(super) fn corner(&self) -> &str {
        self.table.heads.first().map_or("", |it| &it.title)
    }

    pub(super) fn heads(&self) -> &[Head] {
        self.table.heads.get(1..).unwrap_or_default()
    }

    /// Whether a mean is shown as the share of rollouts that had any.
    pub(super) fn has_shares(&self) -> bool {
        self.rows().iter().any(|(_, cells)| cells.iter().any(|it| it.value.starts_with("in ")))
    }

    /// The name of each row, and its cells.
    pub(super) fn rows(&self) -> Vec<(&Cell, &[Cell])> {
        self.table.rows.iter().filter_map(|it| it.cells().split_first()).collect()
    }
}

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

/// The table of the strategies.
pub(super) fn ranking(summary: &Summary) -> Grid {
    Grid::of('s', of_strategies(summary, RANKING))
}

/// Mean users hurt by class and strategy.
pub(super) fn harm(summary: &Summary) -> Grid {
    Grid::of('c', harm_table(summary))
}

pub(super) fn behind(chart: &str, summary: &Summary) -> Option<Grid> {
    if chart.starts_with("cost-parts") {
        return cost_parts(summary).map(|it| Grid::of('s', it));
    }
    let (_, columns) = BEHIND.iter().find(|(name, _)| chart.starts_with(name))?;
    let table = of_strategies(summary, columns);
    (table.heads.len() > 1).then(|| Grid::of('s', table))
}
