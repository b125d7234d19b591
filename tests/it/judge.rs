//! Gates against theory: how often a threshold with a failure limit ends a run, and after how many
//! looks.

use rollsim::{
    judge::{AnalysisRun, AnalysisSpec, GateSpec, JudgeSpec, Subject, Threshold},
    kernel::{Purpose, Seed, Stream, Streams, math},
    model::{Against, AnalysisState, Cohort, MetricSpec, Population, Scrape, Telemetry},
    units::{Instant, Span},
};
use serde::Deserialize;

/// One row of exact operating characteristics: a look fails if more than `1 - success_threshold` of
/// its requests failed, a run with more than `failure_limit_k` of its `count_m` looks. Closed forms
/// for a fixed number of requests in each look and for a Poisson number.
#[derive(Deserialize)]
struct Row {
    interval_s: u64,
    n_requests: u64,
    success_threshold: String,
    error_prob: f64,
    count_m: u32,
    failure_limit_k: u32,
    #[serde(rename = "P_run_fails_fixed_n")]
    fails_fixed: f64,
    #[serde(rename = "E_measurements_fixed_n")]
    looks_fixed: f64,
    #[serde(rename = "P_run_fails_poisson_n")]
    fails_poisson: f64,
    #[serde(rename = "E_measurements_poisson_n")]
    looks_poisson: f64,
}

const RUNS: u32 = 20_000;

#[test]
fn a_threshold_with_a_failure_limit_ends_runs_as_often_and_as_late_as_the_binomial_says() {
    let table = include_str!("oracles/argo_threshold_rule.csv");
    let rows: Vec<Row> =
        csv::Reader::from_reader(table.as_bytes()).deserialize().map(Result::unwrap).collect();
    assert!(rows.len() >= 20);
    for (index, row) in (0..).zip(&rows) {
        let key = Streams::new(Seed::DEFAULT).key(Purpose::Luck).child(index);
        let fixed = Requests::fixed(row.n_requests, row.error_prob);
        check(row, &fixed, &mut key.stream(0), (row.fails_fixed, row.looks_fixed));
        let poisson = Requests::poisson(row.n_requests as f64, row.error_prob);
        check(row, &poisson, &mut key.stream(1), (row.fails_poisson, row.looks_poisson));
    }
}

/// Both estimates within four standard errors of the exact (P(run fails), E\[looks\]).
fn check(row: &Row, requests: &Requests, stream: &mut Stream, exact: (f64, f64)) {
    let mut telemetry = Telemetry::new(Span::ZERO, Span::ZERO);
    let (mut scrape, mut now) = (Scrape::default(), Instant::ZERO);
    let (mut failed, mut sum, mut squares) = (0_u32, 0.0, 0.0);
    let analysis = analysis(row);
    let mut measurements = Vec::new();
    for _ in 0..RUNS {
        now += analysis.interval;
        let subject =
            Subject { candidate: Population::CANDIDATE, baseline: Population::STABLE, since: now };
        let mut run = AnalysisRun::start(&analysis, &[], subject, now);
        measurements.clear();
        while run.state() == AnalysisState::Running {
            now = run.due();
            scrape.at = now;
            let counters = &mut scrape.counters[Cohort::EXPOSED.index()];
            (counters.failures, counters.attempts) = requests.draw(stream);
            scrape = telemetry.push(scrape).unwrap_or_default();
            run.tick(&telemetry.observed(now), &mut measurements);
        }
        failed += u32::from(run.state() == AnalysisState::Failed);
        let looks = measurements.len() as f64;
        sum += looks;
        squares += looks * looks;
    }
    let runs = f64::from(RUNS);
    let label = format!("{} requests, {}", row.n_requests, row.success_threshold);
    let (chance, mean) = (f64::from(failed) / runs, sum / runs);
    let error = (exact.0 * (1.0 - exact.0) / runs).sqrt();
    assert!((chance - exact.0).abs() <= 4.0 * error, "{label}: fails {chance}, not {}", exact.0);
    let error = ((squares / runs - mean * mean) / runs).sqrt();
    assert!((mean - exact.1).abs() <= 4.0 * error, "{label}: {mean} looks, not {}", exact.1);
}

fn analysis(row: &Row) -> AnalysisSpec {
    let fail_above = match row.success_threshold.as_str() {
        "0.95" => "5%",
        "0.99" => "1%",
        "0.995" => "0.5%",
        "0.999" => "0.1%",
        other => panic!("{other} has no limit here"),
    };
    let interval = Span::from_secs(row.interval_s);
    let judge = Threshold {
        metric: MetricSpec::ErrorRate,
        against: Against::Absolute,
        fail_above: Some(fail_above.parse().unwrap()),
        pass_below: None,
        window: interval,
        min_samples: 0,
        min_failures: 0,
    };
    let gate = GateSpec {
        name: "errors".to_owned(),
        judge: JudgeSpec::from(judge),
        count: Some(row.count_m),
        failure_limit: row.failure_limit_k,
        inconclusive_limit: 0,
        consecutive_error_limit: 4,
        no_data: None,
        dry_run: false,
    };
    AnalysisSpec { interval, initial_delay: Span::ZERO, gates: vec![gate] }
}

/// How many requests of a look fail and how many there are.
enum Requests {
    /// A number of them, with the distribution of the failures.
    Fixed(u64, Vec<f64>),
    /// A Poisson number. Split by luck, failures and successes are Poisson and independent.
    Poisson { failures: Vec<f64>, successes: Vec<f64> },
}

impl Requests {
    /// Binomial probabilities by their recursion from the chance of no failure.
    fn fixed(n: u64, p: f64) -> Self {
        let none = (0..n).fold(1.0, |product, _| product * (1.0 - p));
        let odds = p / (1.0 - p);
        let next = |k: u64| if k < n { (n - k) as f64 / (k + 1) as f64 * odds } else { 0.0 };
        Self::Fixed(n, cumulated(none, next))
    }

    fn poisson(mean: f64, p: f64) -> Self {
        let split = |mean: f64| cumulated(math::exp(-mean), |k| mean / (k + 1) as f64);
        Self::Poisson { failures: split(mean * p), successes: split(mean * (1.0 - p)) }
    }

    fn draw(&self, stream: &mut Stream) -> (u64, u64) {
        match self {
            Self::Fixed(n, failures) => (inverted(failures, stream.uniform()), *n),
            Self::Poisson { failures, successes } => {
                let failed = inverted(failures, stream.uniform());
                (failed, failed + inverted(successes, stream.uniform()))
            }
        }
    }
}

/// Distribution function from the chance of 0 and the quotients of neighbours, until nothing is left.
fn cumulated(zero: f64, quotient: impl Fn(u64) -> f64) -> Vec<f64> {
    let (mut chance, mut sum) = (zero, zero);
    let mut cumulative = vec![sum];
    for k in 0..1_000 {
        chance *= quotient(k);
        sum += chance;
        cumulative.push(sum);
    }
    cumulative
}

fn inverted(cumulative: &[f64], u: f64) -> u64 {
    cumulative.partition_point(|&below| below < u) as u64
}
