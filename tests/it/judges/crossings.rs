//! How soon sequential evidence reaches its bound: exactly, by following every number of events of the
//! candidate, and by the judges themselves.

use rollsim::{
    judge::Verdict,
    kernel::{Purpose, Seed, Streams, math},
    stats::{RatioEvidence, count_evidence, count_evidence_above},
};
use serde_json::{Value, json};

use super::{Counts, Monitoring, Row, check_chance, judge, rows};
use rollsim::units::Span;

const EVENTS: [usize; 8] = [10, 20, 50, 100, 200, 500, 1_000, 2_000];

/// Probability that evidence has reached its bound by so many events, each the candidate's with this
/// chance. Evidence grows with the distance from the expected number on either side.
fn crossed(chance: f64, bound: f64, log_e: impl Fn(u64, u64) -> f64) -> Vec<f64> {
    let crosses = |own: usize, all: usize| log_e(own as u64, all as u64) >= bound;
    let (mut going, mut gone) = (vec![1.0], 0.0);
    // the fewest that cross above, and how many cross below
    let (mut upper, mut lower) = (1, 0);
    let mut by = Vec::new();
    for all in 1..=*EVENTS.last().unwrap() {
        going.push(0.0);
        for own in (1..=all).rev() {
            going[own] = going[own] * (1.0 - chance) + going[own - 1] * chance;
        }
        going[0] *= 1.0 - chance;
        while upper <= all && !crosses(upper, all) {
            upper += 1;
        }
        while lower < upper && crosses(lower, all) {
            lower += 1;
        }
        let ends = going[..lower.min(all + 1)].iter().chain(&going[upper.min(all + 1)..]);
        gone += ends.sum::<f64>();
        going[..lower.min(all + 1)].fill(0.0);
        going[upper.min(all + 1)..].fill(0.0);
        if EVENTS.contains(&all) {
            by.push(gone);
        }
    }
    by
}

fn check(row: &Row, label: &str, found: &[f64]) {
    for (events, found) in EVENTS.iter().zip(found) {
        let expected = row.number(&format!("P_cross_by_{events}"));
        assert!((found - expected).abs() < 1e-9, "{label} by {events}: {found}, not {expected}");
    }
}

#[test]
fn evidence_of_a_ratio_reaches_its_bound_as_often_as_computed_exactly() {
    for row in rows(include_str!("../oracles/grid_eprocess_exact.csv")) {
        let (share, tolerated) = (row.number("canary_weight"), row.number("tolerated_ratio_r0"));
        let (ratio, alpha) = (row.number("true_rate_ratio"), row.number("alpha"));
        let chance = share * ratio / (1.0 - share + share * ratio);
        let none = RatioEvidence::new(tolerated, row.number("sigma"));
        let log_e = |own, all| {
            let mut evidence = none.clone();
            evidence.add(share, own, all);
            evidence.log_e(1.0)
        };
        let label = format!("{share} {tolerated} {alpha} {ratio}");
        check(&row, &label, &crossed(chance, -math::ln(alpha), log_e));
    }
}

#[test]
fn evidence_of_counts_reaches_its_bound_as_often_as_computed_exactly() {
    for row in rows(include_str!("../oracles/lindon_malek_two_arm_exact.csv")) {
        let (share, alpha) = (row.number("canary_weight"), row.number("alpha"));
        let concentration = row.number("dirichlet_concentration");
        let one = row.text("side") == "one";
        let log_e = |own, all| {
            let weigh = if one { count_evidence_above } else { count_evidence };
            weigh(share, concentration, own, all).unwrap()
        };
        let label = format!("{share} {concentration} {alpha} {}", row.text("side"));
        check(&row, &label, &crossed(row.number("true_p"), -math::ln(alpha), log_e));
    }
}

/// The judge itself, shown one event at a time: how often it has failed by 200 events.
fn failed_by_200(spec: &Value, share: f64, chance: f64, entity: u64) -> (u32, u32) {
    const RUNS: u32 = 400;
    let mut stream = Streams::new(Seed::DEFAULT).key(Purpose::Luck).stream(entity);
    let mut monitoring = Monitoring::new(Span::ZERO);
    let candidate = rollsim::units::round_u64(1e4 * share);
    let (mut failed, spec) = (0, judge(spec));
    for _ in 0..RUNS {
        let (mut judge, subject) = (spec.build(), monitoring.subject());
        for _ in 0..200 {
            let own = u64::from(stream.chance(chance));
            let (candidate, stable) = ((own, candidate), (1 - own, 10_000 - candidate));
            monitoring.scrape(Counts { candidate, stable });
            let verdict = monitoring.look(judge.as_mut(), subject).verdict;
            if verdict == Verdict::Fail {
                failed += 1;
                break;
            }
            assert_eq!(verdict, Verdict::Pass);
        }
    }
    (failed, RUNS)
}

#[test]
fn the_judges_reach_their_bounds_as_often_as_computed_exactly() {
    let table = rows(include_str!("../oracles/grid_eprocess_exact.csv"));
    let decisive = |row: &&Row| (0.1..0.99).contains(&row.number("P_cross_by_200"));
    for (entity, row) in (0..).zip(table.iter().filter(decisive).take(5)) {
        let (share, tolerated) = (row.number("canary_weight"), row.text("tolerated_ratio_r0"));
        let spec = json!({"e_process": {
            "tolerated": format!("{tolerated}x"), "level": row.text("alpha"),
            "sigma": row.number("sigma"), "min_events": 0, "kill": false,
        }});
        let ratio = row.number("true_rate_ratio");
        let chance = share * ratio / (1.0 - share + share * ratio);
        let (failed, runs) = failed_by_200(&spec, share, chance, entity);
        check_chance(&spec.to_string(), failed, runs, (row.number("P_cross_by_200"), 0.0));
    }
    let table = rows(include_str!("../oracles/lindon_malek_two_arm_exact.csv"));
    let above = |row: &&Row| row.text("side") == "one" && decisive(row);
    for (entity, row) in (100..).zip(table.iter().filter(above).take(5)) {
        let spec = json!({"count_test": {
            "level": row.text("alpha"), "sides": row.text("side"),
            "concentration": row.number("dirichlet_concentration"),
        }});
        let share = row.number("canary_weight");
        let (failed, runs) = failed_by_200(&spec, share, row.number("true_p"), entity);
        check_chance(&spec.to_string(), failed, runs, (row.number("P_cross_by_200"), 0.0));
    }
}
