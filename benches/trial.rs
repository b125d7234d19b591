//! Cost of a trial: nanoseconds for each simulated request, of the standard trial and of each story; and
//! trials a second where only figures are kept; and what a look of each judge costs.
//!
//! `cargo bench -p rollsim-benches`. Compare by ratio within one run: machines are noisy. Instructions,
//! which are not, come from `valgrind --tool=callgrind target/release/rollsim run FILE`.

use std::{fs, hint::black_box, path::Path};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rollsim::{
    judge::{JudgeSpec, Subject},
    kernel::Seed,
    model::{Cohort, Counters, Gauges, GroupId, Measure, Population, Scrape, Telemetry},
    scenario::{self, Plan, Scenario},
    sim,
    units::{Bytes, Instant, Span},
};
use serde_json::json;

fn plan_of(file: &Path) -> Plan {
    let loaded = scenario::load::<Scenario>(file).expect("a shipped scenario loads");
    let folder = file.parent().expect("a file is in a folder");
    let name = file.file_stem().expect("a file has a name").to_string_lossy();
    let (plan, problems) = scenario::plan_of(&name, loaded.value, folder);
    plan.unwrap_or_else(|| panic!("{name}: {problems:?}"))
}

fn measure(criterion: &mut Criterion, group: &str, file: &Path) {
    let plan = plan_of(file);
    let seed = Seed::new(plan.scenario.seed);
    let requests = sim::run(&plan, seed).figure(Measure::requests).expect("requests are counted");
    let mut group = criterion.benchmark_group(group);
    group.sample_size(10);
    // a trial counts its requests in whole numbers
    group.throughput(Throughput::Elements(rollsim::units::round_u64(requests)));
    group.bench_function(&plan.name, |bencher| {
        bencher.iter(|| black_box(sim::run(black_box(&plan), seed)));
    });
    group.finish();
}

fn standard(criterion: &mut Criterion) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    measure(criterion, "standard", &folder.join("standard.yaml"));
    measure(criterion, "standard", &folder.join("short-canary.yaml"));
}

/// What a fork in the middle of a trial costs: one that goes on as the trial does, and one with fresh draws.
fn fork(criterion: &mut Criterion) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut group = criterion.benchmark_group("fork");
    for file in ["standard.yaml", "short-canary.yaml", "long-canary.yaml"] {
        let plan = plan_of(&folder.join(file));
        let mut running = sim::Trial::new(&plan, Seed::DEFAULT).figures_only().start();
        running.until(Instant::from_nanos(plan.scenario.length.nanos() / 2));
        group.bench_function(&plan.name, |bencher| {
            bencher.iter(|| black_box(black_box(&running).clone()));
        });
        group.bench_function(format!("{} with fresh draws", plan.name), |bencher| {
            bencher.iter(|| black_box(black_box(&running).forked(7)));
        });
    }
    group.finish();
}

/// What a comparison plays by the thousand: trials of which only the figures are kept. In trials a second.
fn figures(criterion: &mut Criterion) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut group = criterion.benchmark_group("figures");
    group.throughput(Throughput::Elements(1));
    for file in ["short-canary.yaml", "long-canary.yaml"] {
        let plan = plan_of(&folder.join(file));
        let mut replication = 0;
        group.bench_function(&plan.name, |bencher| {
            bencher.iter(|| {
                replication += 1;
                let seed = Seed::DEFAULT.replication(replication);
                black_box(sim::Trial::new(black_box(&plan), seed).figures_only().run())
            });
        });
    }
    group.finish();
}

fn stories(criterion: &mut Criterion) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the scenarios are shipped")
        .map(|it| it.expect("the folder can be read").path())
        .filter(|it| it.extension().is_some_and(|it| it == "yaml"))
        .collect();
    files.sort();
    for file in files {
        measure(criterion, "story", &file);
    }
}

/// Half an hour of scrapes with some failures and slow requests on both sides.
fn watched() -> Telemetry {
    let hour = Span::from_secs(3_600);
    let mut telemetry = Telemetry::new(Span::ZERO, hour);
    for scrape in 1..=120_u64 {
        let mut counters = <[Counters; Cohort::COUNT]>::default();
        for (cohort, attempts) in [(Cohort::EXPOSED, 150), (Cohort::STABLE, 1_350)] {
            let counters = &mut counters[cohort.index()];
            (counters.attempts, counters.failures) = (attempts, attempts * (scrape % 3) / 300);
            for request in 0..attempts - counters.failures {
                counters.latency.record(20_000_000 + request * request * 100_000);
            }
        }
        let at = Instant::ZERO + Span::from_secs(15 * scrape);
        let memory = Bytes::from_mib(256 + scrape % 7);
        let memory_limit = Bytes::from_mib(1_024);
        let group = GroupId::CANDIDATE;
        let gauges = vec![Gauges { group, memory, memory_limit, ..Gauges::default() }];
        telemetry.push(Scrape { at, counters, gauges, ..Scrape::default() });
    }
    telemetry
}

/// One look of each judge at all of half an hour, as the first look of a late gate has it: the judge is
/// made and has 120 scrapes to read.
fn judges(criterion: &mut Criterion) {
    let telemetry = watched();
    let subject = Subject {
        candidate: Population::CANDIDATE,
        baseline: Population::STABLE,
        since: Instant::ZERO,
    };
    let observed = telemetry.observed(Instant::ZERO + Span::from_secs(1_800));
    let mut group = criterion.benchmark_group("judges");
    for spec in [
        json!({"bayes": {}}),
        json!({"betting": {"metric": "error_rate", "against": "difference"}}),
        json!({"burn_rate": {}}),
        json!({"count_test": {}}),
        json!({"cusum": {"metric": "error_rate"}}),
        json!({"drift": {"warm_up": "0s", "step": "15s"}}),
        json!({"e_process": {}}),
        json!({"e_process": {"slower_than": ["50ms", "200ms"]}}),
        json!({"ewma": {"metric": "error_rate"}}),
        json!({"fisher": {}}),
        json!({"group_sequential": {"looks": 30}}),
        json!({"kayenta": {"metrics": [{"metric": "error_rate"}, {"metric": {"latency": "95%"}}]}}),
        json!({"kill": {}}),
        json!({"mixture_sprt": {}}),
        json!({"quantile_sequence": {}}),
        json!({"sprt": {"test": {"two_arm": {"ratio": "2x"}}}}),
        json!({"two_proportion": {}}),
        json!({"welch": {"metric": "error_rate"}}),
    ] {
        let name = spec.to_string();
        let spec: JudgeSpec = serde_json::from_value(spec).expect("a judge");
        group.bench_function(name, |bencher| {
            bencher.iter(|| black_box(spec.build().assess(black_box(&observed), subject)));
        });
    }
    group.finish();
}

criterion_group!(benches, standard, figures, fork, stories, judges);
criterion_main!(benches);
