//! Pairing: a draw more of one purpose moves nothing, and other draws of one purpose move no other's.
//!
//! Simulated with a witness of every draw (see `kernel/witness.rs`) on the scenarios of the digests.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use super::Trial;
use crate::{
    kernel::{Draw, Meddling, PURPOSES, Purpose, Seed, witnessed},
    scenario::{Plan, Scenario, load_text, plan_of},
};

/// Purposes that a trial without forks does not draw; of two of them nothing does, and their numbers stay theirs.
const UNUSED: [Purpose; 3] = [Purpose::Scrape, Purpose::Repair, Purpose::Residual];
/// What belongs to a request before anything happens to it.
const OF_REQUESTS: [Purpose; 4] =
    [Purpose::Arrival, Purpose::User, Purpose::Operation, Purpose::Service];
/// Numbers of digest scenarios in which other draws change the outcome: for each purpose at least two.
const SCENARIOS: [usize; 13] = [23, 25, 31, 72, 95, 152, 174, 190, 223, 251, 259, 263, 269];

/// What no scenario of the list has: instances that wait for machines, a balancer that hears late.
const OTHERS: [&str; 3] = [
    "format: 2
title: a balancer that hears late
length: 10m
rollout_at: 1m
fleet:
  instances: 3
  propagation_joining: {exponential: {mean: 3s}}
  propagation_leaving: {exponential: {mean: 3s}}
traffic: {rate: 2/s}
strategy: {rolling: {}}
",
    "title: blue-green on new machines
length: 10m
rollout_at: 1m
fleet: {instances: 3, machines: {provision: {exponential: {mean: 30s}}}}
traffic: {rate: 2/s}
strategy: {blue_green: {bake: 1m, keep_old: 1m, analysis: false}}
",
    "title: a surge on new machines
length: 10m
rollout_at: 1m
fleet: {instances: 4, machines: {provision: {exponential: {mean: 20s}}, slower: 0.5x}}
traffic: {rate: 2/s}
strategy: {rolling: {max_surge: 2, max_unavailable: 0}}
",
];

/// Proxies that take time and check their endpoints, which none of them has either.
const PROXIES: [&str; 2] = [
    "title: far away, on a fixed list
length: 10m
rollout_at: 1m
fleet: {instances: 4, proxy: {overhead: {exponential: {mean: 30ms}}, health_checks: {only: true}}}
traffic: {rate: 5/s}
strategy: {rolling: {batch: 1, max_surge: 0}}
",
    "title: crashes that are found by checks
length: 10m
fleet:
  instances: 4
  propagation: 1m
  proxy: {overhead: {exponential: {mean: 5ms}}, health_checks: {interval: 5s}}
traffic: {rate: 5/s}
incidents: [{when: {random: 3m}, effect: {crash: {}}}]
strategy: {rolling: {}}
",
];

/// Draws in order, each with its number.
type Draws = Vec<(Draw, u64)>;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/digests")
}

fn plans() -> Vec<Plan> {
    let text = fs::read_to_string(folder().join("scenarios.jsonl")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let plan = |text: &str| {
        let loaded = load_text::<Scenario>("digest.yaml", text).unwrap();
        plan_of("digest", loaded.value, &folder()).0.unwrap()
    };
    let pinned = SCENARIOS.iter().map(|number| lines[number - 1]);
    pinned.chain(OTHERS).chain(PROXIES).map(plan).collect()
}

/// Everything that a trial leaves, and its draws.
fn play(plan: &Plan, meddling: Meddling, shared: bool) -> (Vec<u8>, Draws) {
    let trial = Trial::new(plan, Seed::new(plan.scenario.seed));
    witnessed(meddling, shared, || serde_json::to_vec(&trial.run()).unwrap())
}

fn of(draw: &Draw, purpose: Purpose) -> bool {
    draw.0 == purpose as u64
}

fn draws_for(draws: &Draws, purpose: Purpose) -> bool {
    draws.iter().any(|(draw, _)| of(draw, purpose))
}

/// Draws of other purposes that two trials have both made, but not with the same number.
fn moved(one: &Draws, other: &Draws, purpose: Purpose) -> usize {
    let others = one.iter().filter(|(draw, _)| !of(draw, purpose));
    let differs = |(draw, bits): &&(Draw, u64)| {
        let found = other.binary_search_by_key(draw, |it| it.0);
        found.is_ok_and(|at| other[at].1 != *bits)
    };
    others.filter(differs).count()
}

fn purposes() -> impl Iterator<Item = Purpose> {
    PURPOSES.iter().map(|it| it.0)
}

/// Purposes of which one draw more changes what a trial leaves or draws.
fn felt(plans: &[Plan], shared: bool) -> Vec<Purpose> {
    let plain: Vec<_> = plans.iter().map(|it| play(it, Meddling::Nothing, shared)).collect();
    let moves = |purpose: &Purpose| {
        let more = Meddling::OneMore(*purpose);
        let mut drawing = plans.iter().zip(&plain).filter(|(_, it)| draws_for(&it.1, *purpose));
        drawing.any(|(plan, plain)| play(plan, more, shared) != *plain)
    };
    purposes().filter(moves).collect()
}

#[test]
fn one_draw_more_of_any_purpose_moves_nothing() {
    assert_eq!(felt(&plans(), false), []);
}

/// The planted bug: one generator for everything. Each draw more shifts all that follow.
#[test]
fn one_draw_more_of_a_shared_sequence_is_felt() {
    let felt = felt(&plans(), true);
    let silent: Vec<Purpose> = purposes().filter(|it| !felt.contains(it)).collect();
    assert_eq!(silent, UNUSED);
}

#[test]
fn other_draws_of_a_purpose_move_outcomes_and_no_draw_of_another_purpose() {
    let plans = plans();
    let plain: Vec<_> = plans.iter().map(|it| play(it, Meddling::Nothing, false)).collect();
    let mut moving = BTreeSet::new();
    for purpose in purposes() {
        for (plan, (outcome, draws)) in plans.iter().zip(&plain) {
            if !draws_for(draws, purpose) {
                continue;
            }
            let (other, redrawn) = play(plan, Meddling::Redrawn(purpose), false);
            if other != *outcome {
                moving.insert(purpose as u64);
            }
            assert_eq!(moved(draws, &redrawn, purpose), 0, "{purpose:?}");
            same_requests(purpose, draws, &redrawn);
        }
    }
    let still: Vec<Purpose> = purposes().filter(|it| !moving.contains(&(*it as u64))).collect();
    assert_eq!(still, UNUSED, "other draws of these change no outcome: choose other scenarios");
}

/// Arrivals, users, operations and demands of all requests are the same, except those of the purpose
/// itself.
#[track_caller]
fn same_requests(redrawn: Purpose, one: &Draws, other: &Draws) {
    // how many arrive depends on the gaps and on the bursts; how often a sampler draws, on the operation
    if matches!(redrawn, Purpose::Arrival | Purpose::Burst | Purpose::Operation) {
        return;
    }
    for purpose in OF_REQUESTS.into_iter().filter(|it| *it != redrawn) {
        let of_it = |draws: &Draws| -> Draws {
            // a family of children belongs to further attempts, of which there may be more or fewer
            let first = |draw: &Draw| of(draw, purpose) && draw.1 == 0;
            draws.iter().filter(|it| first(&it.0)).copied().collect()
        };
        assert!(of_it(one) == of_it(other), "{redrawn:?} moves {purpose:?}");
    }
}

/// The planted bug once more: with one sequence, other draws of a purpose move those of others.
#[test]
fn with_a_shared_sequence_purposes_move_one_another() {
    let routing = Meddling::Redrawn(Purpose::Routing);
    let moves = |plan: &Plan| {
        let (_, plain) = play(plan, Meddling::Nothing, true);
        moved(&plain, &play(plan, routing, true).1, Purpose::Routing) > 0
    };
    assert!(plans().iter().any(moves));
}
