//! What chance decided once is not decided again by a fork with random draws of its own: how severe the release's
//! defect is, at which age it begins, whom it strikes, and which users belong to the canary.

use std::collections::BTreeSet;

use rollsim::{
    kernel::Seed,
    model::Measure,
    scenario::Plan,
    sim::{LifeState, Outcome, Trial},
    units::Instant,
};

use crate::trials::plan;

/// Nothing in it but the draws in question and arrivals is left to chance.
fn bot(more: &str) -> Plan {
    plan(&format!(
        "format: 2\ntitle: drawn once\nlength: 20m\nwarm_up: 0s\nrollout_at: 1m\ntraffic: {{rate: 10/s}}\n\
         users: {{count: 60}}\nfleet: {{instances: 8, workers: 8, startup: {{constant: 2s}}, propagation: 1s, \
         service_time: {{constant: 20ms}}}}\nclient: {{retries: {{max: 0}}}}\n{more}"
    ))
}

/// What it comes to with the draws of each seed, having been forked just after the rollout began with the same
/// from every luck; different from seed to seed.
fn same_from_any_luck<T: PartialEq + std::fmt::Debug>(plan: &Plan, of: impl Fn(&Outcome) -> T) {
    let mut found = Vec::new();
    for seed in 0..8 {
        let trial = Trial::new(plan, Seed::new(seed));
        let whole = of(&trial.run());
        let mut running = trial.start();
        running.until(Instant::from_nanos(65_000_000_000));
        for luck in 1..4 {
            let fork = running.forked(luck).finish();
            assert_eq!(of(&fork), whole, "seed {seed}, luck {luck}");
        }
        found.push(whole);
    }
    // it is not the same whatever was drawn
    assert!(found.iter().any(|it| *it != found[0]), "{found:?}");
}

#[test]
fn a_defect_keeps_whom_it_strikes_and_from_which_age() {
    let plan = bot(
        "release: {defects: [{effect: {crash: {}}, when: {age_between: {from: 10s, to: 3m}}, scope: {instances: 50%}}]}\n\
         strategy: {all_at_once: {}}\n",
    );
    same_from_any_luck(&plan, |it| {
        let crashed = it
            .lives
            .iter()
            .filter(|it| it.stretches.iter().any(|it| it.state == LifeState::Crashed));
        let crashed: BTreeSet<String> = crashed.map(|it| it.pod.to_string()).collect();
        (crashed, it.struck[0].since)
    });
}

#[test]
fn a_defect_keeps_its_severity() {
    let plan = bot(
        "release: {defects: [{effect: {latency: {factor: 10x}}, severity: {uniform: {from: 10%, to: 100%}}}]}\n\
         strategy: {all_at_once: {}}\n",
    );
    same_from_any_luck(&plan, |it| it.figure(Measure::latency_p99_candidate));
}

#[test]
fn the_users_of_a_canary_stay_the_same() {
    let plan =
        bot("strategy: {canary: {by: users, analysis: none, steps: [{weight: 30%, hold: 1h}]}}\n");
    same_from_any_luck(&plan, |it| it.figure(Measure::users_met));
}
