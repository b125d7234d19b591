//! Rollouts: waves of a rolling update, and who meets a canary.

use std::collections::BTreeSet;

use rollsim::{
    kernel::Seed,
    model::{Measure, Phase, ReleaseId},
    sim::{self, Life, LifeState, Outcome},
    units::Instant,
};

use super::check;
use crate::trials::{Claim, Row, plan, rows};

#[test]
fn a_rolling_update_takes_the_waves_that_kubernetes_takes() {
    for row in rows(include_str!("../oracles/rolling_update_waves.csv")) {
        let outcome = sim::run(&plan(&rolling(&row)), Seed::DEFAULT);
        assert_eq!(outcome.phase, Phase::Completed, "{row:?}");
        let candidates = || outcome.lives.iter().filter(|it| it.release == ReleaseId::CANDIDATE);
        let begun: BTreeSet<Instant> = candidates().map(|it| it.stretches[0].from).collect();
        assert_eq!(begun.len().to_string(), row.text("waves_ideal"), "waves: {row:?}");
        assert_eq!(candidates().count().to_string(), row.text("replicas"));
        // the table counts no instance that is being stopped
        let pods = |it| matches!(it, LifeState::Starting | LifeState::Up | LifeState::Ready);
        let most = at_any_moment(&outcome, pods).max().unwrap();
        assert_eq!(most.to_string(), row.text("max_total_pods"), "most: {row:?}");
        let fewest = at_any_moment(&outcome, |it| it == LifeState::Ready).min().unwrap();
        assert_eq!(fewest.to_string(), row.text("min_available"), "fewest: {row:?}");
        let ready = outcome.figure(Measure::instances_ready_min).unwrap();
        assert_eq!(ready.to_string(), row.text("min_available"), "ready: {row:?}");
    }
}

/// How many instances were in such a state, after everything that happened in a moment.
fn at_any_moment(
    outcome: &Outcome,
    holds: impl Fn(LifeState) -> bool,
) -> impl Iterator<Item = usize> {
    let lives = &outcome.lives;
    let moments: BTreeSet<Instant> =
        lives.iter().flat_map(|it| it.stretches.iter().map(|it| it.from)).collect();
    let state = |life: &Life, at: Instant| {
        life.stretches.iter().rfind(|it| it.from <= at).map(|it| it.state)
    };
    moments
        .into_iter()
        .map(move |at| lives.iter().filter(|it| state(it, at).is_some_and(&holds)).count())
}

fn rolling(row: &Row) -> String {
    format!(
        "title: waves
length: 40m
rollout_at: 1m
fleet:
  instances: {replicas}
  startup: {{constant: 10s}}
  propagation: 0s
  drain: {{pre_stop: 0s}}
traffic: {{rate: 0.001/s}}
users: {{count: 10}}
strategy:
  rolling: {{max_surge: {surge}, max_unavailable: {unavailable}}}
",
        replicas = row.text("replicas"),
        surge = row.text("maxSurge"),
        unavailable = row.text("maxUnavailable"),
    )
}

#[test]
fn a_canary_by_users_meets_and_harms_the_part_that_the_binomial_says() {
    check(include_str!("../oracles/sticky_vs_random_exposure.csv"), |row| {
        let met = row.number("frac_users_touching_canary_sticky");
        canary(row, "users", met, row.number("frac_users_harmed_sticky"))
    });
}

#[test]
fn a_canary_by_requests_meets_and_harms_the_part_that_the_binomial_says() {
    check(include_str!("../oracles/sticky_vs_random_exposure.csv"), |row| {
        let met = row.number("frac_users_touching_canary_per_request");
        canary(row, "requests", met, row.number("frac_users_harmed_per_request_routing"))
    });
}

/// Users send in turn, as many requests each as the table says: on the mean of the trials, and within
/// one of each other in each.
fn canary(row: &Row, by: &str, met: f64, harmed: f64) -> (String, Vec<Claim>) {
    let each = row.number("requests_per_user");
    let users = (100_000.0 / each).clamp(2_000.0, 20_000.0);
    let text = format!(
        "title: who meets a canary
length: {length}s
rollout_at: 0s
fleet:
  instances: 2
  workers: 1000
  service_time: {{constant: 1ms}}
  errors: 0%
  startup: {{constant: 0s}}
  propagation: 0s
traffic: {{rate: 1000/s}}
users: {{count: {users}, activity: in_turn}}
release:
  defects:
    - {{effect: {{errors: {{rate: {errors}%}}}}}}
strategy:
  canary:
    by: {by}
    analysis: none
    steps: [{{weight: {weight}%, hold: 7d}}]
",
        length = users * each / 1_000.0,
        errors = 100.0 * row.number("error_prob_on_canary"),
        weight = 100.0 * row.number("weight"),
    );
    let claim = |measure, part: f64| {
        let claim = Claim::of(measure, part * users, 1.0);
        Claim { half_width: claim.half_width.max(0.002 * users), ..claim }
    };
    (text, vec![claim(Measure::users_met, met), claim(Measure::users_hurt, harmed)])
}
