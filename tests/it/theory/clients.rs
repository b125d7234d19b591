//! Clients: retries that multiply the load, and the fixed point of an overload that they feed.

use rayon::prelude::*;
use rollsim::{kernel::Seed, model::Measure};

use super::{Queue, check};
use crate::trials::{Claim, Row, figures, plan};

/// Requests of one replication.
const REQUESTS: f64 = 50_000.0;
/// Retries that a client's budget has saved up at the start.
const SAVED: f64 = 100.0;

#[test]
fn retries_multiply_the_load_as_the_geometric_series_says() {
    check(include_str!("../oracles/retry_amplification.csv"), |row| {
        let lost = row.number("final_failure_prob");
        // so few fail that the variance between replications says little about theirs
        let exact_error = (lost * (1.0 - lost) / (16.0 * REQUESTS)).sqrt();
        let claims = vec![
            Claim::of(Measure::attempts_mean, row.number("expected_attempts"), 1.0),
            Claim { exact_error, ..Claim::share(Measure::failed_share, lost) },
        ];
        (failing(row, ""), claims)
    });
}

#[test]
fn a_retry_budget_caps_the_load() {
    for (budget, column) in [
        ("10%", "expected_attempts_with_10pct_budget_cap"),
        ("20%", "expected_attempts_with_20pct_budget_cap"),
    ] {
        check(include_str!("../oracles/retry_amplification.csv"), |row| {
            let (free, capped) = (row.number("expected_attempts"), row.number(column));
            let exact = free.min(capped + SAVED / REQUESTS);
            let claim = Claim::of(Measure::attempts_mean, exact, 1.0);
            // what the budget holds in the end was not spent
            let claim = Claim { slack: SAVED / REQUESTS, half_width: 0.01, ..claim };
            (failing(row, &format!("\n    budget: {budget}")), vec![claim])
        });
    }
}

/// Requests that fail by chance and are tried again a moment later.
fn failing(row: &Row, budget: &str) -> String {
    let retries = row.number("max_attempts") - 1.0;
    let errors = 100.0 * row.number("per_attempt_failure");
    let rate = 1_000.0;
    format!(
        "title: retries
length: {length}s
rollout_at: {length}s
fleet:
  instances: 1
  workers: 1000
  service_time: {{constant: 1ms}}
  errors: {errors}%
traffic: {{rate: {rate}/s}}
users: {{count: 10}}
client:
  retries:
    max: {retries}
    backoff: {{base: 1ms, factor: 1x, jitter: none}}{budget}
strategy: {{rolling: {{}}}}
",
        length = REQUESTS / rate,
    )
}

/// Twenty places make the queue never empty at these loads. The wait before a retry is long against
/// the memory of the queue, so that a retry finds it like any other arrival, and so many wait that
/// their number hardly fluctuates: the fixed point is that of an infinite population.
#[test]
fn an_overload_that_is_tried_again_settles_at_its_fixed_point() {
    check(include_str!("../oracles/retry_overload_fixed_point.csv"), |row| {
        let overload = row.number("offered_over_capacity");
        // the nearer to capacity, the more a fluctuation feeds itself
        let base = if overload < 1.5 { "3s" } else { "500ms" };
        let retries = row.number("max_attempts") - 1.0;
        let client =
            format!("  retries: {{max: {retries}, backoff: {{base: {base}, factor: 1x}}}}\n");
        let queue = Queue { places: 19, client, ..Queue::of(1, overload, REQUESTS) };
        let lost = 1.0 - row.number("goodput_fraction_of_requests");
        let claims = vec![
            Claim {
                slack: 0.003,
                ..Claim::share(Measure::rejected_share, row.number("per_attempt_failure"))
            },
            // the last requests of a trial have not made all their attempts when it ends
            Claim {
                slack: 0.006,
                ..Claim::of(Measure::attempts_mean, row.number("amplification"), 1.0)
            },
            Claim { slack: 0.003, ..Claim::share(Measure::failed_share, lost) },
        ];
        (queue.text(), claims)
    });
}

/// One worker of 100 ms, clients with 4 s of patience who try again at once, and a spike of 5 s. Whether it
/// ever recovers is a matter of luck: of a simulator of its own in another language, at 400 s.
#[test]
fn a_retry_storm_outlives_its_spike_as_often_as_elsewhere() {
    for (rate, retries, factor, stuck) in [(3.0, 3, 10.0, 0.805), (5.6, 1, 30.0 / 5.6, 0.89)] {
        let plan = plan(&format!(
            "title: a retry storm
length: 400.001s
rollout_at: 400.001s
fleet:
  instances: 1
  workers: 1
  queue: 100
  service_time: {{exponential: {{mean: 100ms}}}}
  errors: 0%
  readiness: {{through: beside}}
traffic:
  rate: {rate}/s
  spikes: [{{at: 120s, length: 5s, factor: {factor:.9}x}}]
users: {{count: 10}}
client:
  deadline: 4s
  retries: {{max: {retries}, on: [timeout], backoff: {{base: 0s, factor: 1x, jitter: none}}}}
strategy: {{rolling: {{}}}}
"
        ));
        let is_stuck = |seed| figures(&plan, Seed::new(seed), &[Measure::queue_end])[0] >= 50.0;
        let share = (0..400).into_par_iter().filter(|it| is_stuck(*it)).count() as f64 / 400.0;
        let error = (stuck * (1.0_f64 - stuck) / 400.0).sqrt();
        assert!((share - stuck).abs() < 4.0 * error, "{share} instead of {stuck} ± {error}");
    }
}
