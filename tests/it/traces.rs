//! Recorded traffic: a trace is replayed through the CSV reader, scaled, cut and stretched.

use std::{fs, path::Path};

use rollsim::{
    kernel::Seed,
    model::Measure,
    scenario::{self, Plan, Scenario},
    sim,
};

fn plan(text: &str, folder: &Path) -> Plan {
    let loaded = scenario::load_text::<Scenario>("trace.yaml", text).unwrap();
    let (plan, problems) = scenario::plan_of("trace", loaded.value, folder);
    plan.unwrap_or_else(|| panic!("{problems:?}"))
}

fn requests(text: &str, folder: &Path) -> f64 {
    let outcome = sim::run(&plan(text, folder), Seed::DEFAULT);
    outcome.figure(Measure::requests).unwrap()
}

fn scenario(trace: &str) -> String {
    format!(
        "title: a recorded day\nlength: 1d\nrollout_at: 1h\ntraffic:\n  pattern:\n    trace: \
         {{file: trace.csv, time: at, count: n{trace}}}\nstrategy: {{all_at_once: {{}}}}\n"
    )
}

#[test]
fn a_trace_brings_as_many_requests_as_it_counts() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("traces");
    fs::create_dir_all(&folder).unwrap();
    // 24 hours of 1,000 requests each; Poisson: a standard deviation of 155
    let rows: Vec<String> = (0..24).map(|hour| format!("{},1000", hour * 3_600)).collect();
    fs::write(folder.join("trace.csv"), format!("at,n\n{}\n", rows.join("\n"))).unwrap();
    let whole = requests(&scenario(""), &folder);
    assert!((whole - 24_000.0).abs() < 4.0 * 155.0, "{whole}");
    let tripled = requests(&scenario(", scale: 3x"), &folder);
    assert!((tripled - 72_000.0).abs() < 4.0 * 269.0, "{tripled}");
    // at twice the length, the day holds half of it
    let stretched = requests(&scenario(", stretch: 2x"), &folder);
    assert!((stretched - 12_000.0).abs() < 4.0 * 110.0, "{stretched}");
    // without its first 18 hours it is over after six
    let cut = requests(&scenario(", skip: 18h"), &folder);
    assert!((cut - 6_000.0).abs() < 4.0 * 78.0, "{cut}");
    let again = requests(&scenario(", skip: 18h, repeat: true"), &folder);
    assert!((again - 24_000.0).abs() < 4.0 * 155.0, "{again}");
}

/// The trace that the figures of `scenarios/real-traffic.yaml` were taken from.
#[test]
#[expect(clippy::print_stderr, reason = "a test that cannot run here says so")]
fn the_real_trace_replays_with_its_own_count_and_bursts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/nab_realworld");
    if !folder.exists() {
        eprintln!("skipped: no ../shared");
        return;
    }
    let text = "title: two real weeks\nlength: 14d\nwarm_up: 0s\nrollout_at: 1h\ntraffic:\n  \
                pattern:\n    trace: {file: elb_request_count_8c0756.csv, time: timestamp, count: \
                value}\ntelemetry: {interval: 5m}\nstrategy: {all_at_once: {}}\n";
    let plan = plan(text, &folder);
    let outcome = sim::run(&plan, Seed::DEFAULT);
    // the file counts 249,105 requests in its first two weeks (a column's sum, taken with another
    // program); Poisson noise has a standard deviation of 500
    let replayed = outcome.figure(Measure::requests).unwrap();
    assert!((replayed - 249_105.0).abs() < 4.0 * 500.0, "{replayed}");
    // the file's busiest five minutes have 656 requests, ten times its mean
    let step = outcome.series.step.as_secs_f64();
    let busiest = outcome.series.points.iter().map(|it| it.good + it.failed).max().unwrap();
    let mean = replayed / outcome.series.points.len() as f64;
    assert!(busiest as f64 > 2.0 * mean, "{busiest} in {step} s, mean {mean}");
}
