//! Scenarios in which the simulator and the naive engine must agree to the bit.

use rollsim::kernel::Seed;

use super::{Naive, figures::differences, rules::Rules};
use crate::trials::plan;

/// A fleet without a rollout until the last moment; the parts are those of its sections.
fn text(fleet: &str, rate: u32, client: &str, rest: &str) -> String {
    format!(
        "title: agreement
length: 50s
rollout_at: 50s
fleet:
  readiness: {{through: beside}}
{fleet}
traffic: {{rate: {rate}/s}}
client:
{client}
{rest}
strategy: {{all_at_once: {{}}}}
"
    )
}

const FLEET: &str = "  instances: 5\n  workers: 2\n  queue: 10\n  errors: 2%
  service_time: {lognormal: {median: 20ms, p99: 200ms}}";
const CLIENT: &str = "  deadline: 300ms\n  slow_after: 100ms
  retries: {max: 3, backoff: {base: 50ms}}";
const USERS: &str = "users: {count: 500}";

#[track_caller]
fn check(text: &str) {
    let plan = plan(text);
    let differences = differences(&plan, &plan, Seed::DEFAULT, Rules::TODAY);
    assert!(differences.is_empty(), "{text}\n{}", differences.join("\n"));
}

#[test]
fn every_balancer_sends_each_attempt_where_the_naive_engine_does() {
    for balancer in ["least_outstanding", "round_robin", "random", "power_of_two", "sticky"] {
        // 77 % busy at a mean of 33 ms, and an overload with everything that comes with it
        for rate in [230, 400] {
            let fleet = format!("{FLEET}\n  balancer: {balancer}");
            check(&text(&fleet, rate, CLIENT, USERS));
        }
    }
}

#[test]
fn an_overload_loses_requests_and_serves_others_twice() {
    let plan = plan(&text(FLEET, 400, CLIENT, USERS));
    let count = Naive::new(&plan, Seed::DEFAULT, Rules::TODAY).run();
    assert!(count.lost > 100 && count.lost < count.failed, "{} of {}", count.lost, count.failed);
    assert!(count.served_well.values().filter(|it| **it > 1).count() > 100);
}

#[test]
fn patience_ends_as_in_the_naive_engine() {
    for balancer in ["least_outstanding", "power_of_two"] {
        let fleet = format!("{FLEET}\n  balancer: {balancer}");
        let client = format!("{CLIENT}\n  patience: {{exponential: {{mean: 50ms}}}}");
        check(&text(&fleet, 400, &client, USERS));
    }
}

#[test]
fn budgets_jitters_and_back_offs_are_those_of_the_naive_engine() {
    for backoff in [
        "{base: 20ms, jitter: none}",
        "{base: 20ms, factor: 3x, max: 100ms, jitter: equal}",
        "{base: 0s}",
    ] {
        for budget in ["", ", budget: 10%"] {
            let retries =
                format!("{{max: 15, backoff: {backoff}, on: [timeout, refused]{budget}}}");
            check(&text(FLEET, 400, &format!("  deadline: 100ms\n  retries: {retries}"), USERS));
        }
    }
}

#[test]
fn attempts_beyond_the_sixteenth_are_those_of_the_naive_engine() {
    let fleet = FLEET.replace("errors: 2%", "errors: 90%");
    let client = "  retries: {max: 300, backoff: {base: 1ms, max: 40ms}}";
    let text = text(&fleet, 10, client, USERS);
    let count = Naive::new(&plan(&text), Seed::DEFAULT, Rules::TODAY).run();
    // of each request ten attempts on average, and of one in five more than sixteen
    assert!(count.attempts > 4_000, "{}", count.attempts);
    check(&text);
}

#[test]
fn users_and_operations_are_drawn_as_in_the_naive_engine() {
    let operations = "operations:
  ask: {share: 70%, service_time: {exponential: {mean: 10ms}}}
  learn: {share: 29%, service_time: {gamma: {mean: 40ms, shape: 0.5}}}
  dream: {share: 1%, service_time: {pareto: {minimum: 100ms, alpha: 1.5}}}";
    for activity in ["equal", "in_turn", "{zipf: 1.1}"] {
        let users = format!("users: {{count: 500, activity: {activity}}}\n{operations}");
        check(&text(FLEET, 400, CLIENT, &users));
    }
}

#[test]
fn the_comparison_notices_another_balancer_and_a_deadline_of_a_millisecond_more() {
    let seed = Seed::DEFAULT;
    let ours = plan(&text(FLEET, 400, CLIENT, USERS));
    let balancer = format!("{FLEET}\n  balancer: round_robin");
    let other = plan(&text(&balancer, 400, CLIENT, USERS));
    assert!(!differences(&ours, &other, seed, Rules::TODAY).is_empty());
    let client = CLIENT.replace("300ms", "301ms");
    let other = plan(&text(FLEET, 400, &client, USERS));
    assert!(!differences(&ours, &other, seed, Rules::TODAY).is_empty());
}
