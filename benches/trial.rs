//! Cost of a trial: nanoseconds for each simulated request, of the standard trial and of each story; and
//! trials a second where only figures are kept.
//!
//! `cargo bench --bench trial`. Compare by ratio within one run: machines are noisy. Instructions,
//! which are not, come from `valgrind --tool=callgrind target/release/rollsim run FILE`.

use std::{fs, hint::black_box, path::Path};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rollsim::{
    kernel::Seed,
    model::Measure,
    scenario::{self, Plan, Scenario},
    sim,
};

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
    group.throughput(Throughput::Elements(rollsim::units::whole(requests)));
    group.bench_function(&plan.name, |bencher| {
        bencher.iter(|| black_box(sim::run(black_box(&plan), seed)));
    });
    group.finish();
}

fn standard(criterion: &mut Criterion) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches");
    measure(criterion, "standard", &folder.join("standard.yaml"));
    measure(criterion, "standard", &folder.join("short-canary.yaml"));
}

/// What a comparison plays by the thousand: trials of which only the figures are kept. In trials a second.
fn figures(criterion: &mut Criterion) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches");
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
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
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

criterion_group!(benches, standard, figures, stories);
criterion_main!(benches);
