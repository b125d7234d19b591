//! How long judges take: Wald's tests until they decide, burning budgets until somebody hears of it.

use rollsim::{
    judge::Verdict,
    kernel::{Purpose, Seed, Stream, Streams},
    units::Span,
};
use serde_json::{Value, json};

use super::{Counts, Drawn, Monitoring, check_chance, check_mean, judge, rows};

/// Looks and verdicts of tests until they decide: how many fail, of how many, after how many looks each.
struct Decided {
    failed: u32,
    runs: u32,
    looks: Vec<f64>,
}

/// So many looks in all are affordable, and so many tests enough.
const LOOKS: f64 = 150_000.0;

fn decided(spec: &Value, expected: f64, mut next: impl FnMut() -> Counts) -> Decided {
    let runs = rollsim::units::round_u64((LOOKS / expected).clamp(50.0, 2_000.0));
    let mut monitoring = Monitoring::new(Span::ZERO);
    let mut found = Decided { failed: 0, runs: 0, looks: Vec::new() };
    let spec = judge(spec);
    for _ in 0..runs {
        let (mut judge, subject) = (spec.build(), monitoring.subject());
        let mut looks = 0.0;
        let verdict = loop {
            looks += 1.0;
            monitoring.scrape(next());
            let verdict = monitoring.look(judge.as_mut(), subject).verdict;
            if verdict != Verdict::Pass {
                break verdict;
            }
        };
        assert!([Verdict::Fail, Verdict::Accept].contains(&verdict), "{verdict:?}");
        found.failed += u32::from(verdict == Verdict::Fail);
        found.runs += 1;
        found.looks.push(looks);
    }
    found
}

fn stream(purpose: u64, row: u64) -> Stream {
    Streams::new(Seed::DEFAULT).key(Purpose::Luck).child(purpose).stream(row)
}

#[test]
fn walds_test_of_attempts_decides_as_often_and_as_late_as_computed_exactly() {
    let table = rows(include_str!("../oracles/sprt_bernoulli_oc.csv"));
    let short = table.iter().filter(|it| it.number("ASN") < 1_500.0);
    let mut checked = 0;
    for (index, row) in (0..).zip(short) {
        let test = json!({"p0": row.text("p0"), "p1": row.text("p1")});
        let spec = json!({"sprt": {
            "test": {"bernoulli": test}, "alpha": row.text("alpha"), "beta": row.text("beta"),
        }});
        let (mut stream, chance) = (stream(1, index), row.number("true_p"));
        let attempt =
            || Counts { candidate: (u64::from(stream.chance(chance)), 1), stable: (0, 9) };
        let found = decided(&spec, row.number("ASN"), attempt);
        let label = spec.to_string();
        check_chance(&label, found.failed, found.runs, (row.number("P_reject_H0"), 0.0));
        check_mean(&label, &found.looks, row.number("ASN"));
        checked += 1;
    }
    assert!(checked >= 10, "{checked} rows");
}

#[test]
fn walds_test_of_two_arms_decides_as_often_and_as_late_as_computed_exactly() {
    let table = rows(include_str!("../oracles/sprt_two_arm_poisson_oc.csv"));
    let short = table.iter().filter(|it| it.number("ASN_total_error_events") < 1_500.0);
    let mut checked = 0;
    for (index, row) in (0..).zip(short) {
        let spec = json!({"sprt": {
            "test": {"two_arm": {"ratio": format!("{}x", row.text("design_rate_ratio"))}},
            "alpha": row.text("alpha"), "beta": row.text("beta"),
        }});
        let (mut stream, chance) = (stream(2, index), row.number("true_p"));
        let candidate = rollsim::units::round_u64(1e4 * row.number("canary_weight"));
        let event = || {
            let own = u64::from(stream.chance(chance));
            Counts { candidate: (own, candidate), stable: (1 - own, 10_000 - candidate) }
        };
        let expected = row.number("ASN_total_error_events");
        let found = decided(&spec, expected, event);
        let label = spec.to_string();
        check_chance(&label, found.failed, found.runs, (row.number("P_reject_H0"), 0.0));
        check_mean(&label, &found.looks, expected);
        checked += 1;
    }
    assert!(checked >= 10, "{checked} rows");
}

#[test]
fn walds_test_of_rates_decides_as_often_and_as_late_as_computed_exactly() {
    for (index, row) in (0..).zip(rows(include_str!("../oracles/sprt_poisson_oc.csv"))) {
        let rate = |name: &str| format!("{}/s", row.text(name));
        let test = json!({
            "rate0": rate("lambda0_per_interval"), "rate1": rate("lambda1_per_interval"),
        });
        let spec = json!({"sprt": {
            "test": {"poisson": test}, "alpha": row.text("alpha"), "beta": row.text("beta"),
        }});
        let (mut stream, events) = (stream(3, index), Drawn::poisson(row.number("true_lambda")));
        let interval =
            || Counts { candidate: (events.draw(stream.uniform()), 1_000), stable: (0, 0) };
        let found = decided(&spec, row.number("mean_intervals"), interval);
        let label = spec.to_string();
        check_chance(&label, found.failed, found.runs, (row.number("P_reject_H0"), 0.0));
        check_mean(&label, &found.looks, row.number("mean_intervals"));
    }
}

/// A service without a failure until then, and with a constant part of failures from then on.
#[test]
fn a_burning_budget_is_noticed_as_soon_as_both_windows_are_over_their_bound() {
    const ATTEMPTS: u64 = 1_000_000;
    for row in rows(include_str!("../oracles/burn_rate_detection.csv")) {
        let seconds = |name: &str| rollsim::units::round_u64(row.number(name));
        let (long, short) = (seconds("long_window_s"), seconds("short_window_s"));
        let pair = json!({
            "long": format!("{long}s"), "short": format!("{short}s"),
            "rate": format!("{}x", row.text("burn_rate")),
        });
        let slo = row.text("slo");
        let spec = json!({"burn_rate": {"slo": slo, "of": "service", "windows": [pair]}});
        let step = Span::from_nanos(short * 1_000_000_000 / 12);
        let mut monitoring = Monitoring::new(Span::from_secs(long)).every(step);
        let scrapes = 12 * long / short;
        let (mut judge, subject) = (judge(&spec).build(), monitoring.subject());
        for _ in 0..scrapes {
            monitoring.scrape(Counts { candidate: (0, 0), stable: (0, ATTEMPTS) });
        }
        let begins = monitoring.now();
        let failing =
            rollsim::units::round_u64(row.number("constant_error_ratio") * ATTEMPTS as f64);
        let noticed = (0..scrapes).find_map(|_| {
            monitoring.scrape(Counts { candidate: (0, 0), stable: (failing, ATTEMPTS) });
            let failed = monitoring.look(judge.as_mut(), subject).verdict == Verdict::Fail;
            failed.then(|| monitoring.now().since(begins).as_secs_f64())
        });
        let step = step.as_secs_f64();
        match (noticed, row.text("t_alert_s").parse::<f64>()) {
            (Some(found), Ok(exact)) => {
                // strictly above, at a scrape
                let late = found - exact;
                assert!((-1e-6..=step * 1.001).contains(&late), "{spec}: {found} s, not {exact} s");
            }
            (None, Err(_)) => {}
            (found, exact) => panic!("{spec}: {found:?}, not {exact:?}"),
        }
    }
}
