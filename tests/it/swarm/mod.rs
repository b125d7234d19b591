//! A swarm of random scenarios: none may make a trial panic, run away, or differ from itself.
//!
//! `ROLLSIM_SWARM=5000` tries more of them, `ROLLSIM_SWARM_FROM=70` begins at another seed.

mod channels;
mod forks;
pub(crate) mod generator;
mod judges;
mod misfits;
mod proxies;
mod scaling;

use std::{
    panic::{self, AssertUnwindSafe},
    path::Path,
};

use rollsim::{
    kernel::{Purpose, Seed, Streams},
    scenario::{Plan, Scenario, Schemas, load_text, plan_of},
    sim::Trial,
};

use generator::Generator;

const SCENARIOS: u64 = 150;
/// Most that a trial of twenty minutes may show: it keeps no more of it in any case.
const SIGHTS_MAX: u64 = 2_000_000;

fn text(schemas: &Schemas, seed: u64) -> String {
    let stream = Streams::new(Seed::new(seed)).key(Purpose::Cohort).stream(0);
    Generator::new(schemas, stream).text()
}

/// The plan, or why there is none.
fn planned(text: &str) -> Result<Plan, String> {
    let loaded = load_text::<Scenario>("swarm.yaml", text).map_err(|it| format!("{it:?}"))?;
    let (plan, problems) = plan_of("swarm", loaded.value, Path::new("."));
    plan.ok_or_else(|| format!("{problems:?}"))
}

/// The outcome's bytes. Panics where the trial does, or where it does not come to an end.
fn bytes(plan: &Plan, seed: Seed) -> Vec<u8> {
    let mut sights = 0_u64;
    let outcome = Trial::new(plan, seed).run_watched(&mut |_| {
        sights += 1;
        assert!(sights < SIGHTS_MAX, "the trial shows more and more");
    });
    serde_json::to_vec(&outcome).unwrap()
}

pub(crate) fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().map_or(otherwise, |it| it.parse().unwrap())
}

#[test]
fn random_scenarios_end_without_a_panic_and_leave_the_same_bytes_twice() {
    let schemas = generator::schemas();
    let from = setting("ROLLSIM_SWARM_FROM", 0);
    let count = setting("ROLLSIM_SWARM", SCENARIOS);
    let mut refused = Vec::new();
    let mut failures = Vec::new();
    for seed in from..from + count {
        let text = text(&schemas, seed);
        let tried = panic::catch_unwind(|| planned(&text)).map(|it| {
            it.map(|plan| {
                let both =
                    AssertUnwindSafe(|| (bytes(&plan, Seed::DEFAULT), bytes(&plan, Seed::DEFAULT)));
                panic::catch_unwind(both).map(|(one, two)| one == two)
            })
        });
        match tried {
            Ok(Ok(Ok(true))) => {}
            Ok(Err(why)) => refused.push(format!("seed {seed}: {why}")),
            Ok(Ok(Ok(false))) => failures.push(format!("seed {seed} differs from itself:\n{text}")),
            Err(_) | Ok(Ok(Err(_))) => failures.push(format!("seed {seed} panics:\n{text}")),
        }
    }
    assert!(failures.is_empty(), "{} of {count} fail:\n{}", failures.len(), failures.join("\n"));
    let share = refused.len() as f64 / count as f64;
    assert!(share < 0.2, "{} of {count} are refused:\n{}", refused.len(), refused.join("\n"));
}

/// Plays a scenario that once did harm.
#[track_caller]
fn harmless(text: &str) {
    assert!(!bytes(&planned(text).unwrap(), Seed::DEFAULT).is_empty());
}

#[test]
fn bursty_traffic_at_a_rate_of_zero_ends() {
    harmless(
        "title: silence
length: 10m
traffic:
  rate: 0/s
  pattern: {profile: {hours: [1x, 1x, 1x, 1x, 1x, 1x, 1x, 1x, 1x, 1x, 1x, 1x,
                              1x, 1x, 1x, 1x, 1x, 1x, 1x, 1x, 1x, 1x, 1x, 1x], burstiness: 2x}}
  bursts: {factor: 0x, every: 1s, length: 1s}
strategy: {all_at_once: {}}
",
    );
}

#[test]
fn an_instance_that_its_first_request_kills_does_not_serve_it() {
    harmless(
        "title: dead on arrival
length: 20m
fleet:
  instances: 2
  workers: 3
  startup: {constant: 1ms}
  service_time: {constant: 30s}
  memory: {base: 1MiB, limit: 201MiB, per_request: 10KiB}
  restart: {backoff: 1ms, backoff_max: 1s}
traffic: {rate: 3/s}
incidents:
  - {when: {requests: 1}, effect: {crash: {}}}
strategy: {all_at_once: {}}
",
    );
}
