//! How a balancer hears of its endpoints, keeps a weight and shares requests out, by arithmetic.

use rollsim::{
    kernel::Seed,
    model::{Cohort, Measure},
    sim,
};

use crate::trials::{Estimate, figures, plan};

/// Means over seeds, with their standard errors.
fn estimate(text: &str, measure: Measure, seeds: u64) -> Estimate {
    let plan = plan(text);
    let value = |seed| figures(&plan, Seed::new(seed), &[measure])[0];
    Estimate::of(&(0..seeds).map(value).collect::<Vec<f64>>())
}

#[track_caller]
fn agrees(estimate: Estimate, exact: f64, within: f64) {
    let Estimate { mean, error } = estimate;
    assert!((mean - exact).abs() <= 4.0 * error, "{mean} ± {error}, not {exact}");
    assert!(error <= within, "± {error} is too much to say anything");
}

/// Ten instances, of which one crashes at 60 s and does not come back; 200 requests a second.
fn one_of_ten_crashes(propagation: &str) -> String {
    format!(
        "format: 2
title: one of ten crashes
length: 2m
rollout_at: 2m
fleet:
  instances: 10
  workers: 100
  errors: 0%
  service_time: {{constant: 1ms}}
  startup: {{constant: 1h}}
  {propagation}
traffic: {{rate: 200/s}}
incidents: [{{when: {{at: 60s}}, scope: {{instances: 1}}, effect: {{crash: {{}}}}}}]
strategy: {{rolling: {{}}}}
"
    )
}

#[test]
fn requests_are_refused_for_as_long_as_the_balancer_has_not_heard_of_a_crash() {
    // a tenth of 200 requests a second meets the dead endpoint; the law has a mean of 4 s
    for law in ["{exponential: {mean: 4s}}", "{gamma: {mean: 4s, shape: 9}}", "{constant: 4s}"] {
        let text = one_of_ten_crashes(&format!(
            "propagation: 0s\n  propagation_joining: {{constant: 50s}}\n  propagation_leaving: {law}"
        ));
        agrees(estimate(&text, Measure::failed, 200), 80.0, 8.0);
    }
    let all = one_of_ten_crashes("propagation: 4s");
    agrees(estimate(&all, Measure::failed, 100), 80.0, 2.0);
}

#[test]
fn an_endpoint_that_has_become_ready_gets_nothing_until_the_balancer_has_heard_of_it() {
    // the only instance is away for 10 s of start, up to its next probe, and until it has joined
    let text = |joining: &str| {
        format!(
            "format: 2
title: one restarts
length: 3m
rollout_at: 3m
fleet:
  instances: 1
  workers: 100
  errors: 0%
  service_time: {{constant: 1ms}}
  readiness: {{period: 1s}}
  startup: {{constant: 10s}}
  propagation: 0s
  propagation_joining: {joining}
traffic: {{rate: 100/s}}
incidents: [{{when: {{at: 60s}}, effect: {{crash: {{}}}}}}]
strategy: {{rolling: {{}}}}
"
        )
    };
    let failed = |joining: &str| {
        let plan = plan(&text(joining));
        let value = |seed| figures(&plan, Seed::new(seed), &[Measure::failed])[0];
        (0..100).map(value).collect::<Vec<f64>>()
    };
    let (at_once, later) = (failed("{constant: 0s}"), failed("{exponential: {mean: 7s}}"));
    let extra: Vec<f64> = later.iter().zip(&at_once).map(|(later, soon)| later - soon).collect();
    agrees(Estimate::of(&extra), 700.0, 100.0);
}

#[test]
fn news_of_one_endpoint_arrives_in_order_so_that_the_last_is_what_the_balancer_believes() {
    // joining takes longer than leaving and both vary: what was heard late would undo what came after
    let text = "format: 2
title: a restless fleet
length: 10m
rollout_at: 10m
fleet:
  instances: 6
  workers: 100
  errors: 0%
  service_time: {constant: 1ms}
  startup: {constant: 2s}
  readiness: {period: 1s}
  propagation_joining: {exponential: {mean: 6s}}
  propagation_leaving: {exponential: {mean: 6s}}
traffic: {rate: 50/s}
incidents: [{when: {at: 60s}, lasts: 1s, repeat: 15s, scope: {instances: 50%}, effect: {crash: {}}}]
strategy: {rolling: {}}
";
    let quiet = text.replace("repeat: 15s", "repeat: 1h");
    let plan = plan(&quiet);
    for seed in 0..40 {
        let outcome = sim::run(&plan, Seed::new(seed));
        // long after the one crash every instance is an endpoint and answers
        let late = outcome.series.points.iter().filter(|it| it.at.nanos() > 180 * 1_000_000_000);
        assert_eq!(late.map(|it| it.failed).sum::<u64>(), 0, "{seed}");
    }
    let plan = crate::trials::plan(text);
    let failed: f64 =
        (0..10).map(|it| figures(&plan, Seed::new(it), &[Measure::failed_share])[0]).sum();
    assert!(failed > 0.1, "crashes every 15 s must be felt: {failed}");
}

/// A canary that stays at 5 %, behind a balancer that keeps the weight in some way.
fn canary(weighting: &str) -> String {
    format!(
        "format: 2
title: a weight is kept
length: 12m
rollout_at: 10s
fleet:
  instances: 8
  workers: 50
  errors: 0%
  service_time: {{constant: 1ms}}
  startup: {{constant: 1s}}
  readiness: {{period: 1s}}
  propagation: 0s
  weighting: {weighting}
traffic: {{rate: 50/s}}
users: {{count: 4000}}
strategy: {{canary: {{steps: [{{weight: 5%, hold: 1h}}]}}}}
"
    )
}

/// Attempts that the candidate had in each minute from the second on, and all.
fn minutes(text: &str, seed: u64) -> Vec<(u64, u64)> {
    let outcome = sim::run(&plan(text), Seed::new(seed));
    let mut minutes = vec![(0, 0); 10];
    for point in &outcome.series.points {
        let minute = usize::try_from((point.at.nanos() - 1) / 60_000_000_000).unwrap();
        if let Some(it) = minute.checked_sub(1).and_then(|it| minutes.get_mut(it)) {
            it.0 += point.attempts[Cohort::EXPOSED.met()];
            it.1 += point.attempts.iter().sum::<u64>();
        }
    }
    minutes
}

#[test]
fn a_weight_is_kept_to_the_request_by_smooth_round_robin_and_by_chance_otherwise() {
    for (candidate, all) in minutes(&canary("smooth_round_robin"), 1) {
        let exact = all as f64 * 0.05;
        assert!((candidate as f64 - exact).abs() <= 1.0, "{candidate} of {all}");
    }
    // drawn: the counts of 100 minutes have the variance of a binomial distribution
    let mut squares = Vec::new();
    for seed in 0..10 {
        for (candidate, all) in minutes(&canary("random"), seed) {
            let deviation = candidate as f64 - all as f64 * 0.05;
            squares.push(deviation * deviation / (all as f64 * 0.05 * 0.95));
        }
    }
    let variance = squares.iter().sum::<f64>() / squares.len() as f64;
    // its own standard error is the root of 2 / 100
    assert!((variance - 1.0).abs() < 4.0 * 0.1415, "{variance}");
}

#[test]
fn a_weight_by_hash_keeps_users_where_they_are() {
    let met = |weighting: &str| {
        let plan = plan(&canary(weighting));
        figures(&plan, Seed::DEFAULT, &[Measure::users_met])[0]
    };
    // 35,000 requests of 4,000 users: by request nearly each meets it (1 in e^0.44 not), by hash 5 %
    let (by_request, by_hash) = (met("random"), met("user_hash"));
    assert!((by_request - 4_000.0 * (1.0 - libm::exp(-0.4375))).abs() < 130.0, "{by_request}");
    assert!((by_hash - 200.0).abs() < 4.0 * 13.8, "{by_hash}");
}

#[test]
fn unequal_shares_make_the_busiest_instances_wait_longer() {
    let text = |spread: &str| {
        format!(
            "format: 2
title: unequal shares
length: 12m
warm_up: 2m
rollout_at: 12m
fleet:
  instances: 40
  workers: 1
  queue: 100000
  errors: 0%
  service_time: {{exponential: {{mean: 100ms}}}}
  readiness: {{through: beside}}
  share_spread: {spread}
client: {{deadline: 1h}}
traffic: {{rate: 200/s}}
strategy: {{rolling: {{}}}}
"
        )
    };
    // half busy: each instance is a queue of its own, whose mean wait is its load / (1 - load) services
    agrees(estimate(&text("0%"), Measure::wait_mean, 20), 0.1, 0.002);
    // shares with a spread of 20 %: the mean over requests of the same, integrated over the lognormal law
    let (mut sum, mut norm, steps) = (0.0, 0.0, 2_000);
    for step in 0..steps {
        let z = -4.0 + 8.0 * (f64::from(step) + 0.5) / f64::from(steps);
        let share = libm::exp(0.2 * z - 0.02);
        let load = 0.5 * share;
        let weight = libm::exp(-z * z / 2.0);
        norm += weight;
        sum += weight * share * load / (1.0 - load).max(0.01);
    }
    let expected = 0.1 * sum / norm;
    assert!(expected > 0.112, "{expected}");
    let found = estimate(&text("20%"), Measure::wait_mean, 40);
    assert!((found.mean - expected).abs() < 4.0 * found.error + 0.002, "{found:?} {expected}");
}
