//! From the text of a scenario, as a user would write it, to estimates with their standard errors.

use std::{collections::BTreeMap, path::Path};

use rollsim::{
    kernel::Seed,
    model::Measure,
    scenario::{Plan, Scenario, load_text, plan_of},
    sim,
};

/// The plan of a scenario that has no problems.
#[track_caller]
pub(crate) fn plan(text: &str) -> Plan {
    let loaded = load_text::<Scenario>("scenario.yaml", text);
    let scenario = loaded.unwrap_or_else(|it| panic!("{it:?}\n{text}")).value;
    let (plan, problems) = plan_of("scenario", scenario, Path::new("."));
    plan.unwrap_or_else(|| panic!("{problems:?}\n{text}"))
}

/// Figures of one trial; a measure that it does not have is not a number.
pub(crate) fn figures(plan: &Plan, seed: Seed, measures: &[Measure]) -> Vec<f64> {
    let outcome = sim::run(plan, seed);
    measures.iter().map(|&it| outcome.figure(it).unwrap_or(f64::NAN)).collect()
}

/// What a figure must be, and how narrow its interval has to be for that to say anything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    pub(crate) measure: Measure,
    pub(crate) exact: f64,
    /// Standard error of `exact`, where it is itself an estimate.
    pub(crate) exact_error: f64,
    /// Largest half-width of the 95 % interval.
    pub(crate) half_width: f64,
    /// Part of `exact` by which the figure's definition may miss it: buckets of a histogram.
    pub(crate) slack: f64,
}

impl Claim {
    /// A mean or a share: known to 2.5 %, or to 0.1 % of one `unit` where it is small.
    pub(crate) fn of(measure: Measure, exact: f64, unit: f64) -> Self {
        let exact = exact * unit;
        let half_width = (0.025 * exact).max(0.001 * unit);
        Self { measure, exact, exact_error: 0.0, half_width, slack: 0.0 }
    }

    /// A share of a whole.
    pub(crate) fn share(measure: Measure, exact: f64) -> Self {
        Self::of(measure, exact, 1.0)
    }

    /// A quantile from a histogram: known to 4 %.
    pub(crate) fn quantile(measure: Measure, exact: f64, unit: f64) -> Self {
        let claim = Self::of(measure, exact, unit);
        Self { half_width: (0.04 * claim.exact).max(0.001 * unit), slack: 0.005, ..claim }
    }
}

/// Mean and standard error over replications.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Estimate {
    pub(crate) mean: f64,
    pub(crate) error: f64,
}

impl Estimate {
    pub(crate) fn of(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|it| (it - mean) * (it - mean)).sum::<f64>() / (n - 1.0);
        Self { mean, error: (variance / n).sqrt() }
    }

    /// Why the estimate does not bear the claim out.
    pub(crate) fn objection(&self, claim: &Claim) -> Option<String> {
        let error = (self.error * self.error + claim.exact_error * claim.exact_error).sqrt();
        let miss = (self.mean - claim.exact).abs();
        // rounding alone: a figure that never varies must still be right
        let allowed = 4.0 * error + claim.slack * claim.exact + 1e-9;
        let agrees = miss <= allowed && 1.96 * self.error <= claim.half_width;
        (!agrees).then(|| {
            let (name, mean) = (claim.measure.name(), self.mean);
            format!("{name}: {mean} ± {error}, not {} (within {})", claim.exact, claim.half_width)
        })
    }
}

/// Fewest and most replications of a study: enough for four standard errors to be rare, and a bound.
const REPLICATIONS: (u64, u64) = (16, 128);

/// Replicates until every interval is as narrow as its claim asks for.
pub(crate) fn study(plan: &Plan, claims: &[Claim]) -> Vec<Estimate> {
    let measures: Vec<Measure> = claims.iter().map(|it| it.measure).collect();
    study_of(claims, |seed| figures(plan, seed, &measures))
}

/// As [`study`], for figures that are taken from the outcome in some other way.
pub(crate) fn study_of(claims: &[Claim], trial: impl Fn(Seed) -> Vec<f64>) -> Vec<Estimate> {
    let mut values: Vec<Vec<f64>> = vec![Vec::new(); claims.len()];
    for replication in 0..REPLICATIONS.1 {
        let figures = trial(Seed::DEFAULT.replication(replication));
        values.iter_mut().zip(figures).for_each(|(values, it)| values.push(it));
        let narrow = |(values, claim): (&Vec<f64>, &Claim)| {
            1.96 * Estimate::of(values).error <= claim.half_width
        };
        if replication + 1 >= REPLICATIONS.0 && values.iter().zip(claims).all(narrow) {
            break;
        }
    }
    values.iter().map(|it| Estimate::of(it)).collect()
}

/// Every objection to the claims, under the name of the row.
pub(crate) fn objections(row: &str, claims: &[Claim], estimates: &[Estimate]) -> Vec<String> {
    let pairs = estimates.iter().zip(claims);
    pairs.filter_map(|(it, claim)| it.objection(claim)).map(|it| format!("{row}: {it}")).collect()
}

/// A row of a table, by the names of its columns.
#[derive(Debug)]
pub(crate) struct Row(BTreeMap<String, String>);

impl Row {
    pub(crate) fn text(&self, column: &str) -> &str {
        &self.0[column]
    }

    pub(crate) fn number(&self, column: &str) -> f64 {
        self.0[column].parse().unwrap()
    }
}

/// Rows of a table in CSV.
pub(crate) fn rows(table: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let rows: Vec<Row> = reader.deserialize().map(|it| Row(it.unwrap())).collect();
    assert!(rows.len() >= 5, "a table of {} rows proves little", rows.len());
    rows
}
