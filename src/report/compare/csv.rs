//! Every estimate of a comparison as CSV.

use crate::{
    experiment::{Estimate, Summary},
    report::csv::Rows,
};

/// A row an estimate: of all releases where it names no class. Where too few rollouts had any, the columns of
/// the share that had any are filled.
pub fn comparison_csv(summary: &Summary) -> String {
    let mut rows = Rows::titled(&[
        "strategy",
        "class",
        "quantity",
        "stat",
        "unit",
        "trials",
        "value",
        "low",
        "high",
        "share_with_any",
        "share_low",
        "share_high",
    ]);
    for strategy in &summary.strategies {
        let mut add = |class: &str, it: &Estimate| {
            let rare = it.rare;
            rows.add((
                (&strategy.name, class, &it.quantity, it.stat.name(), &it.unit),
                (it.n, it.value, it.low, it.high),
                (rare.map(|it| it.rate), rare.map(|it| it.low), rare.map(|it| it.high)),
            ));
        };
        strategy.overall.iter().for_each(|it| add("", it));
        for (class, estimates) in summary.classes.iter().zip(&strategy.by_class) {
            for it in estimates {
                add(&class.name, it);
            }
        }
    }
    rows.end()
}
