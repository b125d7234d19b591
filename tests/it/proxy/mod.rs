//! The proxy before the instances: each of its keys against a formula, and the rows of a real fleet behind
//! HAProxy that they make possible.

mod checks;
mod connections;
mod language;
mod outliers;
mod real_fleet;
mod retries;
mod swarm;

use rollsim::{
    kernel::Seed,
    model::Measure,
    scenario::Plan,
    sim::{self, Outcome},
};

use crate::trials::plan;

/// Four instances with room for everything, a request a millisecond long, and no chance but that of the arrivals.
fn fleet(keys: &str, more: &str) -> Plan {
    plan(&format!(
        "title: behind a proxy
length: 10m
rollout_at: 10m
fleet:
  instances: 4
  workers: 50
  errors: 0%
  service_time: {{constant: 1ms}}
  balancer: round_robin
  propagation: 1h
  startup: {{constant: 1h}}
{keys}
traffic: {{rate: 80/s}}
users: {{count: 1000, activity: in_turn}}
strategy: {{rolling: {{}}}}
{more}
"
    ))
}

/// One of the four crashes after a minute and does not come back.
const CRASH: &str = "incidents: [{when: {at: 1m}, scope: {instances: 1}, effect: {crash: {}}}]";

fn outcome(plan: &Plan, trial: u64) -> Outcome {
    let outcome = sim::run(plan, Seed::DEFAULT.replication(trial));
    let figure = |it| outcome.figure(it).unwrap();
    let kinds = [
        Measure::failed_errors,
        Measure::failed_timeouts,
        Measure::failed_refused,
        Measure::failed_abandoned,
    ];
    let failed = figure(Measure::failed);
    assert!((kinds.map(figure).iter().sum::<f64>() - failed).abs() < 0.5, "failed for one reason");
    outcome
}

fn figure(plan: &Plan, measure: Measure) -> f64 {
    outcome(plan, 0).figure(measure).unwrap()
}

/// Mean over trials.
fn mean(plan: &Plan, measure: Measure, trials: u64) -> f64 {
    let sum: f64 = (0..trials).map(|it| outcome(plan, it).figure(measure).unwrap()).sum();
    sum / trials as f64
}

#[track_caller]
fn near(value: f64, exact: f64, within: f64) {
    assert!((value - exact).abs() <= within, "{value} is not {exact} within {within}");
}
