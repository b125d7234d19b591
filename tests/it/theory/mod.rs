//! The simulator against theory: rows of closed forms and published simulations, reproduced from
//! scenario texts like a user's, each within four standard errors of a narrow interval.

mod availability;
mod clients;
mod drawn_once;
mod forks;
mod queues;
mod rollouts;
mod symptoms;

use crate::trials::{Claim, Row, objections, plan, rows, study};

/// Mean service time of the queues, in seconds: one unit of the tables' time.
const UNIT: f64 = 0.01;

/// Checks each row of a table: its scenario's text and what must come out.
#[track_caller]
fn check(table: &str, scenario: impl Fn(&Row) -> (String, Vec<Claim>)) {
    let mut objected = Vec::new();
    for row in rows(table) {
        let (text, claims) = scenario(&row);
        let estimates = study(&plan(&text), &claims);
        objected.extend(objections(&format!("{row:?}"), &claims, &estimates));
    }
    assert!(objected.is_empty(), "{}", objected.join("\n"));
}

/// A fleet that only queues: nothing fails, nobody is impatient, and the rollout begins when the
/// trial ends.
struct Queue {
    instances: u32,
    workers: u32,
    places: u32,
    service: String,
    balancer: &'static str,
    /// Arrivals in one mean service time.
    rate: f64,
    /// Mean service times that are simulated, and of these left uncounted.
    length: f64,
    warm_up: f64,
    client: String,
    /// Part of the length at whose end nobody sends any more, so that every request is seen to end.
    silence: f64,
}

impl Queue {
    /// One instance under exponential service and so many requests.
    fn of(workers: u32, rate: f64, requests: f64) -> Self {
        let length = requests / rate;
        Self {
            instances: 1,
            workers,
            places: 1_000_000,
            service: "{exponential: {mean: 10ms}}".to_owned(),
            balancer: "least_outstanding",
            rate,
            length: 1.1 * length,
            warm_up: 0.1 * length,
            client: String::new(),
            silence: 0.0,
        }
    }

    fn text(&self) -> String {
        let Self { instances, workers, places, service, balancer, client, .. } = self;
        let length = self.length.max(120.0) * UNIT;
        let (rate, warm_up) = (self.rate / UNIT, self.warm_up * UNIT);
        let silent = length * (1.0 - self.silence);
        format!(
            "title: a queue
length: {length:.6}s
warm_up: {warm_up:.6}s
rollout_at: {length:.6}s
fleet:
  instances: {instances}
  workers: {workers}
  queue: {places}
  service_time: {service}
  errors: 0%
  readiness: {{through: beside}}
  balancer: {balancer}
traffic:
  rate: {rate:.9}/s
  spikes: [{{at: {silent:.6}s, length: 1d, factor: 0x}}]
users: {{count: 10}}
client:
  deadline: 1d
{client}strategy: {{rolling: {{}}}}
"
        )
    }
}
