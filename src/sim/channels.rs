//! Channels at work: each operation comes on its own, with the deadline, the retries and the budget of that one.

use super::{
    Outcome,
    data::Failure,
    run,
    witness::{Booked, Fate, witnessed},
};
use crate::{
    kernel::Seed,
    model::Measure,
    scenario::{Plan, RateCurve, Scenario, load_text, plan_of},
};

/// So many instances that no request waits for another one.
const BOT: &str = "
format: 2
title: channels
length: 30m
strategy: none
fleet: {instances: 40, errors: 0%, service_time: {constant: 1s}}
traffic: {rate: 1/s}
users: {count: 50}
";

pub(super) const SECOND: u64 = 1_000_000_000;

/// The plan of a scenario, or what is wrong with it.
pub(super) fn checked(text: &str) -> Result<Plan, String> {
    let loaded = load_text::<Scenario>("channels.yaml", text).expect("it is well-formed");
    let (plan, problems) = plan_of("channels", loaded.value, ".".as_ref());
    plan.ok_or_else(|| format!("{problems:?}"))
}

fn plan(more: &str) -> Plan {
    checked(&format!("{BOT}{more}")).unwrap()
}

pub(super) fn played(plan: &Plan) -> (Outcome, Vec<Booked>) {
    witnessed(|| run(plan, Seed::DEFAULT))
}

/// Every request of an operation, by what became of it and how long that took.
pub(super) fn fates(plan: &Plan, booked: &[Booked], operation: &str) -> Vec<(Fate, u64)> {
    let number = plan.operation(operation).expect("it is there");
    let of_it = booked.iter().filter(|it| it.operation.index() == number);
    of_it.map(|it| (it.fate, it.ended - it.arrived)).collect()
}

#[test]
fn each_operation_has_the_deadline_of_its_channel() {
    let plan = plan(
        "
client: {deadline: 500ms}
channels: {brief: {http: {deadline: 200ms}}, patient: {http: {deadline: 2s}}}
operations:
  ask: {share: 40%}
  look: {share: 30%, channel: brief}
  buy: {share: 30%, channel: patient}
",
    );
    let (_, booked) = played(&plan);
    let timed_out = Fate::Failed(Failure::Timeout);
    for (operation, fate, after) in [
        ("ask", timed_out, SECOND / 2),
        ("look", timed_out, SECOND / 5),
        ("buy", Fate::Good, SECOND),
    ] {
        let fates = fates(&plan, &booked, operation);
        assert!(fates.len() > 400, "{operation}: {}", fates.len());
        assert!(fates.iter().all(|it| *it == (fate, after)), "{operation}");
    }
}

#[test]
fn retries_wait_as_the_list_says_and_from_its_end_on_as_its_last() {
    let retries = "{max: 4, waits: [0s, 1m, 5m]}";
    let mut plan = plan(&format!("client: {{retries: {retries}}}"));
    plan.scenario.fleet.errors = crate::units::Ratio::clamped(1.0);
    let (_, booked) = played(&plan);
    assert!(booked.len() > 500);
    for it in &booked {
        assert_eq!(it.fate, Fate::Failed(Failure::Error));
        assert_eq!(it.ended - it.arrived, (5 + 60 + 300 + 300) * SECOND);
    }
}

#[test]
fn without_max_there_are_as_many_retries_as_waits_and_never_more_than_max() {
    for (retries, takes) in [
        ("{}", 1),
        ("{waits: [1s, 5s]}", 3 + 6),
        ("{max: 1, waits: [1s, 5s]}", 2 + 1),
        ("{max: 0, waits: [1s, 5s]}", 1),
    ] {
        let mut plan = plan(&format!("client: {{retries: {retries}}}"));
        plan.scenario.fleet.errors = crate::units::Ratio::clamped(1.0);
        let (_, booked) = played(&plan);
        assert!(booked.iter().all(|it| it.ended - it.arrived == takes * SECOND), "{retries}");
    }
}

#[test]
fn a_request_has_as_many_attempts_as_its_channel_makes() {
    let bot = BOT.replace("instances: 40", "instances: 40, workers: 40");
    let client = "client: {retries: {max: 8191, backoff: {factor: 1x, jitter: none}}}";
    let mut plan = checked(&format!("{bot}{client}\n")).unwrap();
    plan.scenario.fleet.errors = crate::units::Ratio::clamped(1.0);
    plan.rates = RateCurve::constant(1e-3);
    plan.scenario.length = crate::units::Span::from_secs(6 * 3_600);
    let (_, booked) = played(&plan);
    assert!(!booked.is_empty());
    for it in &booked {
        assert_eq!(it.fate, Fate::Failed(Failure::Error));
        assert_eq!(it.ended - it.arrived, (8_192 + 8_191) * SECOND);
    }
}

/// Of 19 hours with an answer 5 have one that took five hours and two attempts: a point mass above the third quarter.
#[test]
fn a_wait_of_hours_is_in_the_quantiles_of_latency() {
    let mut plan = plan(
        "
client: {retries: {max: 1, waits: [5h]}}
incidents: [{when: {at: 1h}, lasts: 10h, effect: {errors: {rate: 100%}}}]
",
    );
    plan.scenario.length = crate::units::Span::from_secs(86_400);
    let outcome = run(&plan, Seed::DEFAULT);
    for (measure, expected) in [
        (Measure::latency_p50, 1.0),
        (Measure::latency_p90, 18_002.0),
        (Measure::latency_p99, 18_002.0),
    ] {
        let found = outcome.figure(measure).unwrap();
        // a bucket is 3.1 % wide at most
        assert!((found / expected - 1.0).abs() <= 0.031, "{measure:?}: {found}");
    }
}

#[test]
fn each_channel_has_a_budget_of_its_own() {
    let retries = "{max: 1, waits: [1s], budget: 10%}";
    let mut plan = plan(&format!(
        "
client: {{retries: {retries}}}
channels: {{free: {{http: {{retries: {{max: 1, waits: [1s]}}}}}}, twin: {{http: {{retries: {retries}}}}}}}
operations:
  ask: {{share: 30%}}
  buy: {{share: 30%, channel: free}}
  pay: {{share: 40%, channel: twin}}
"
    ));
    plan.scenario.fleet.errors = crate::units::Ratio::clamped(1.0);
    let (_, booked) = played(&plan);
    for (operation, budget) in [("ask", true), ("buy", false), ("pay", true)] {
        let fates = fates(&plan, &booked, operation);
        let retried = fates.iter().filter(|it| it.1 == 3 * SECOND).count();
        let requests = fates.len();
        // a hundred tokens at the start, and a tenth of one for each request
        let allowed = if budget { 100 + requests / 10 } else { requests };
        assert!(retried.abs_diff(allowed) <= 2, "{operation}: {retried} of {requests}");
    }
}

/// Requests that wait, are tried again, hang up and run out of budget come to the same whichever section says so.
#[test]
fn a_named_channel_with_the_settings_of_the_client_changes_nothing() {
    let settings = "{deadline: 2s, slow_after: 1500ms, patience: {exponential: {mean: 1s}},
        retries: {max: 3, backoff: {base: 100ms}, budget: 30%}}";
    let small =
        "fleet: {instances: 1, workers: 1, service_time: {exponential: {mean: 900ms}}, errors: 5%}";
    let outcome = |more: &str| {
        let text = format!("{BOT}{more}")
            .replace("fleet: {instances: 40, errors: 0%, service_time: {constant: 1s}}", small);
        run(&checked(&text).unwrap(), Seed::DEFAULT)
    };
    let of_client = outcome(&format!("client: {settings}\noperations: {{ask: {{share: 100%}}}}\n"));
    let named = outcome(&format!(
        "channels: {{own: {{http: {settings}}}}}\noperations: {{ask: {{share: 100%, channel: own}}}}\n"
    ));
    assert!(of_client.figures == named.figures);
    let other = outcome("operations: {ask: {share: 100%}}\n");
    assert!(of_client.figures != other.figures);
}

#[test]
fn what_a_channel_cannot_have_is_refused_at_its_place() {
    for (more, path) in [
        ("channels: {own: {http: {quantile: 90%}}}", "channels.own.http.quantile"),
        ("channels: {own: {http: {deadline: 0s}}}", "channels.own.http.deadline"),
        ("channels: {own: {mailbox: {fetches: 8193}}}", "channels.own.mailbox"),
        ("operations: {ask: {share: 100%, channel: own}}", "operations.ask.channel"),
    ] {
        let told = checked(&format!("{BOT}{more}\n")).expect_err(more);
        assert!(told.contains(&format!("\"{path}\"")), "{path}: {told}");
    }
}
