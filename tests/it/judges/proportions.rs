//! Tests of two proportions in one look: size and power by adding up the probabilities of all outcomes.

use rollsim::{judge::Verdict, units::Span};
use serde_json::{Value, json};

use super::{Counts, Monitoring, Row, judge, rows};

/// Probabilities of a binomial number, but for a part of 1e-12 on either side: the first and the rest.
fn binomial(n: u64, p: f64) -> (u64, Vec<f64>) {
    let tries = n as f64;
    let log_none = tries * libm::log1p(-p);
    let log_choose =
        |k: f64| libm::lgamma(tries + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(tries - k + 1.0);
    let odds = libm::log(p) - libm::log1p(-p);
    let chance = |k: u64| libm::exp(log_choose(k as f64) + k as f64 * odds + log_none);
    let (middle, spread) = (tries * p, 9.0 * (tries * p * (1.0 - p)).sqrt() + 20.0);
    let low = rollsim::units::round_u64(middle - spread);
    let high = rollsim::units::round_u64(middle + spread).min(n);
    (low, (low..=high).map(chance).collect())
}

/// Probability that a judge fails the candidate, looking once. For so many failures of the candidate it
/// fails up to some number of the baseline's.
fn failing(spec: &Value, row: &Row) -> f64 {
    let count = |name: &str| row.text(name).parse::<u64>().unwrap();
    let (own, other) = (count("n_canary"), count("n_baseline"));
    let (own_low, own_chances) = binomial(own, row.number("p_canary"));
    let (other_low, other_chances) = binomial(other, row.number("p_baseline"));
    let mut monitoring = Monitoring::new(Span::ZERO);
    let spec = judge(spec);
    let mut fails = |candidate: u64, stable: u64| {
        let (mut judge, subject) = (spec.build(), monitoring.subject());
        monitoring.scrape(Counts { candidate: (candidate, own), stable: (stable, other) });
        monitoring.look(judge.as_mut(), subject).verdict == Verdict::Fail
    };
    let (mut total, mut below, mut reach) = (0.0, 0.0, 0);
    for (failures, chance) in (own_low..).zip(own_chances) {
        while reach < other_chances.len() && fails(failures, other_low + reach as u64) {
            below += other_chances[reach];
            reach += 1;
        }
        total += chance * below;
    }
    total
}

#[test]
fn tests_of_proportions_have_the_size_and_power_of_all_outcomes_added_up() {
    for row in rows(include_str!("../oracles/two_proportions_exact.csv")) {
        for (spec, column) in [
            (json!({"two_proportion": {"level": "5%"}}), "P_ztest_pooled_1sided_0.05"),
            (json!({"two_proportion": {}}), "P_ztest_pooled_1sided_0.01"),
            (json!({"fisher": {}}), "P_fisher_1sided_0.01"),
        ] {
            let (found, exact) = (failing(&spec, &row), row.number(column));
            let label = format!("{} against {}", row.text("n_canary"), row.text("n_baseline"));
            assert!((found - exact).abs() < 1e-9, "{spec} {label}: {found}, not {exact}");
        }
    }
}
