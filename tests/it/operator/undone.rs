//! An action that was possible and was never carried out says so at the end, and why.

use rollsim::sim::Topic;

use super::{outcome, story};

const ROLLING: &str = "{rolling: {}}";
/// Two of three requests to the new release fail, from its first instance on.
const BAD: &str = "release: {defects: [{name: bad, effect: {errors: {rate: 66%}}}]}\n";

/// What is said of actions that were never done, with the reason.
fn undone(strategy: &str, actions: &str, more: &str) -> Vec<String> {
    let outcome = outcome(&story(strategy, actions, more));
    let of = outcome.timeline.iter().filter(|it| it.topic == Topic::Operator);
    let never = of.filter(|it| it.text.ends_with("was never done"));
    never.map(|it| format!("{}: {}", it.text, it.cause)).collect()
}

#[test]
fn an_action_that_never_came_says_why_at_the_end() {
    let one = |actions: &str, why: &str| {
        assert_eq!(undone(ROLLING, actions, BAD), [why.to_owned()], "{actions}");
    };
    one(
        "[{do: {restart: {}}, after: {constant: 30d}}]",
        "`restart` was never done: the trial ended while it was being prepared",
    );
    one(
        "[{do: undo, when: {rollout: [paused]}}]",
        "`undo` was never done: the rollout was not paused while the operator was at work",
    );
    one(
        "[{do: undo}, {do: {restart: {}}, when: {still_firing: 30m}}]",
        "`restart` was never done: no alert fired 30 min after the `undo` before it",
    );
    one(
        "[{do: {scale: {to: 3}}}, {do: undo}]",
        "`scale` was never done: the fleet had that size already",
    );
    // the rollout is over when the time of the freeze has come
    let canary = "{canary: {analysis: none, steps: [{weight: 50%, hold: 50m}]}}";
    let lapsed = undone(canary, "[{do: undo}, {do: {freeze: {}}, after: {constant: 20m}}]", BAD);
    let why = "`freeze` was never done: when its time came, its conditions no longer held";
    assert_eq!(lapsed, [why]);
    let waits = undone(
        ROLLING,
        "[{do: undo, when: {rollout: [paused]}}, {do: {restart: {}}, when: {still_firing: 1m}}]",
        BAD,
    );
    assert_eq!(waits.len(), 2);
    assert_eq!(waits[1], "`restart` was never done: the `undo` before it was not done");
    // with another alert that stays silent
    let silent = BAD.to_owned() + "telemetry: {interval: 15s}\n";
    let two = story(ROLLING, "[{do: {restart: {}}, when: {alert: slow}}]", &silent)
        .replace("alerts: [", "alerts: [{name: slow, metric: {latency: 99%}, above: 1h}, ");
    let told = outcome(&two);
    let last = told.timeline.iter().rfind(|it| it.topic == Topic::Operator).unwrap();
    assert_eq!(last.cause, "the alert `slow` did not fire while the operator was at work");
}

#[test]
fn a_page_that_no_one_acknowledged_and_a_failure_without_a_page_are_told_as_such() {
    let late = story(ROLLING, "[{do: undo}]", BAD).replace("{constant: 1m}", "{constant: 2h}");
    let told = outcome(&late);
    let last = told.timeline.iter().rfind(|it| it.topic == Topic::Operator).unwrap();
    assert_eq!(last.cause, "the trial ended before the page was acknowledged");
    let fails = "release: {defects: [{name: bad, effect: {startup_failure: {rate: 100%}}}]}\n";
    let strategy = "{rolling: {max_surge: 1, max_unavailable: 0, progress_deadline: 5m}}";
    let why = "`undo` was never done: no alert paged the operator";
    assert_eq!(undone(strategy, "[{do: undo}]", fails), [why]);
}

#[test]
fn what_was_done_and_what_no_one_needed_is_not_told() {
    assert_eq!(undone(ROLLING, "[{do: undo}]", BAD), Vec::<String>::new());
    // no alert, no failure: nothing was called for
    assert_eq!(undone(ROLLING, "[{do: undo}]", ""), Vec::<String>::new());
}
