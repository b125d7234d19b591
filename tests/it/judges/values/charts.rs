//! Control charts against exact mean run lengths.

use rollsim::{
    judge::JudgeSpec,
    kernel::{Purpose, Seed, Stream, Streams},
    stats::Cusum,
};
use serde::Deserialize;

use super::{Fed, gauss, poisson, rows};

/// Mean run length to the first alarm: within four standard errors of the exact one.
#[track_caller]
fn check(label: &str, runs: u32, exact: f64, mut run: impl FnMut() -> f64) {
    let (mut sum, mut squares) = (0.0, 0.0);
    for _ in 0..runs {
        let length = run();
        sum += length;
        squares += length * length;
    }
    let mean = sum / f64::from(runs);
    let error = ((squares / f64::from(runs) - mean * mean) / f64::from(runs)).sqrt();
    assert!((mean - exact).abs() <= 4.0 * error + 1e-9, "{label}: {mean}, not {exact}");
}

/// So many runs that a table's rows cost about as much, whatever their lengths.
fn runs(exact: f64) -> u32 {
    rollsim::units::narrow(usize::try_from(rollsim::units::round_u64(25_000.0 / exact)).unwrap())
        .clamp(40, 1_500)
}

/// Steps until a judge fails on values that lie `shift` standard deviations above what is usual.
fn until_failure(spec: &JudgeSpec, shift: f64, stream: &mut Stream) -> f64 {
    let mut fed = Fed::new(spec);
    for step in 1..=1_000_000_u32 {
        if fed.fails_at(0.5 + 0.001 * (gauss(stream) + shift)) {
            return f64::from(step);
        }
    }
    panic!("a chart that never alarms");
}

fn spec(json: &str) -> JudgeSpec {
    serde_json::from_str(json).unwrap()
}

#[derive(Deserialize)]
struct Normal {
    k: f64,
    h: f64,
    mean_shift_sigma: f64,
    #[serde(rename = "ARL_zero_state")]
    exact: f64,
}

#[test]
fn a_cumulative_sum_of_normal_values_alarms_after_the_exact_mean_time() {
    let table = rows::<Normal>(include_str!("../../oracles/cusum_arl_normal_one_sided.csv"));
    // the longest runs cost most and show least
    for (row, index) in table.iter().zip(0..).filter(|(it, _)| it.exact < 2_000.0) {
        let judge = spec(&format!(
            r#"{{"cusum": {{"metric": "saturation", "find": {{"shift": {}}}, "limit": {},
            "reference": {{"given": {{"mean": "50%", "deviation": "0.1%"}}}}}}}}"#,
            2.0 * row.k,
            row.h
        ));
        let key = Streams::new(Seed::DEFAULT).key(Purpose::Luck).child(index);
        let stream = &mut key.stream(0);
        let label = format!("k {} h {} shift {}", row.k, row.h, row.mean_shift_sigma);
        check(&label, runs(row.exact), row.exact, || {
            until_failure(&judge, row.mean_shift_sigma, stream)
        });
    }
}

#[derive(Deserialize)]
struct Average {
    lambda: f64,
    #[serde(rename = "L")]
    width: f64,
    mean_shift_sigma: f64,
    #[serde(rename = "ARL_zero_state_asymptotic_limits")]
    exact: f64,
}

#[test]
fn a_moving_average_alarms_after_the_exact_mean_time() {
    let table = rows::<Average>(include_str!("../../oracles/ewma_arl_normal_two_sided.csv"));
    for (row, index) in table.iter().zip(0..).filter(|(it, _)| it.exact < 2_000.0) {
        let judge = spec(&format!(
            r#"{{"ewma": {{"metric": "saturation", "lambda": {}, "width": {}, "two_sided": true,
            "reference": {{"given": {{"mean": "50%", "deviation": "0.1%"}}}}}}}}"#,
            row.lambda, row.width
        ));
        let key = Streams::new(Seed::DEFAULT).key(Purpose::Luck).child(1_000 + index);
        let stream = &mut key.stream(0);
        let label = format!("l {} L {} shift {}", row.lambda, row.width, row.mean_shift_sigma);
        check(&label, runs(row.exact), row.exact, || {
            until_failure(&judge, row.mean_shift_sigma, stream)
        });
    }
}

#[derive(Deserialize)]
struct Counts {
    lambda0: f64,
    lambda1: f64,
    k_used: f64,
    h: f64,
    #[serde(rename = "ARL_at_lambda0")]
    usual: f64,
    #[serde(rename = "ARL_at_lambda1")]
    worse: f64,
    #[serde(rename = "ARL_at_2lambda1")]
    much_worse: f64,
}

/// The table's reference value is rounded to a lattice, which a judge's is not: the chart itself.
#[test]
fn a_cumulative_sum_of_counts_alarms_after_the_exact_mean_time() {
    for (row, index) in
        rows::<Counts>(include_str!("../../oracles/cusum_arl_poisson.csv")).iter().zip(0..)
    {
        let key = Streams::new(Seed::DEFAULT).key(Purpose::Luck).child(2_000 + index);
        let means = [row.lambda0, row.lambda1, 2.0 * row.lambda1];
        let cells = means.into_iter().zip([row.usual, row.worse, row.much_worse]);
        for (mean, exact) in cells.filter(|(_, exact)| *exact < 2_000.0) {
            let stream = &mut key.stream(rollsim::units::round_u64(1_000.0 * mean));
            let label = format!("{} {} h {} at {mean}", row.lambda0, row.lambda1, row.h);
            check(&label, 4 * runs(exact), exact, || counted(row, mean, stream));
        }
    }
}

/// Steps until the table's chart alarms on Poisson counts of this mean.
fn counted(row: &Counts, mean: f64, stream: &mut Stream) -> f64 {
    // the rounding of twentieths must not miss the limit
    let mut chart = Cusum::new(row.h - 1e-9);
    let mut steps = 0.0;
    while !chart.alarms() {
        chart.add(poisson(mean, stream) - row.k_used);
        steps += 1.0;
    }
    steps
}

/// With the reference value that is exact for 2 against 3 events a step, 2.466, the judge lies between
/// charts at 2.45 and 2.5, and not far from the first.
#[test]
fn the_judge_counts_failed_attempts_as_the_chart_does() {
    let judge = spec(
        r#"{"cusum": {"metric": "error_rate", "find": {"ratio": 1.5}, "limit": 4,
        "reference": {"given": {"mean": "2%", "deviation": "1%"}}}}"#,
    );
    let stream = &mut Streams::new(Seed::DEFAULT).key(Purpose::Luck).child(3_000).stream(0);
    let runs = 1_000;
    let mut sum = 0.0;
    for _ in 0..runs {
        let mut fed = Fed::new(&judge);
        sum += 1.0;
        while !fed.fails_with_failures(rollsim::units::round_u64(poisson(2.0, stream)), 100) {
            sum += 1.0;
        }
    }
    // exact at 2.45: 35.7; each run's deviation is about its mean
    let mean = sum / f64::from(runs);
    assert!((35.0..41.0).contains(&mean), "{mean}");
}
