//! What `check` says of channels: at the key that is at fault, in the file that is, with a way to put it right.

use std::{fs, path::Path};

use rollsim::{
    channel::Backoff,
    scenario::{Loaded, Problem, Scenario, load, plan_of},
    units::Span,
};

use crate::{never::check, scratch::folder};

/// A bot of which nothing is to be said.
const BOT: &str = "
format: 2
title: channels
length: 30m
strategy: none
fleet: {instances: 40, errors: 0%, service_time: {constant: 100ms}}
traffic: {rate: 1/s}
users: {count: 50}
";

#[track_caller]
fn refused(more: &str, path: &str, part: &str) {
    check(&format!("{BOT}{more}\n"), true, Some((path, part)));
}

#[track_caller]
fn warned(more: &str, path: &str, part: &str) {
    check(&format!("{BOT}{more}\n"), false, Some((path, part)));
}

#[track_caller]
fn sound(more: &str) {
    check(&format!("{BOT}{more}\n"), false, None);
}

/// Two files, the second of which extends the first.
fn extended(name: &str, parent: &str, child: &str) -> Loaded<Scenario> {
    let folder = folder(&format!("channels-{name}"));
    fs::write(folder.join("parent.yaml"), format!("{BOT}{parent}\n")).unwrap();
    fs::write(folder.join("child.yaml"), format!("format: 2\nextends: parent.yaml\n{child}\n"))
        .unwrap();
    load(&folder.join("child.yaml")).unwrap_or_else(|it| panic!("{it}"))
}

/// The only problem of what has been loaded, at its place.
fn problem(loaded: &Loaded<Scenario>) -> Problem {
    let (_, problems) = plan_of("channels", loaded.value.clone(), Path::new("."));
    let [problem] = &problems[..] else { panic!("{problems:?}") };
    loaded.placed(problem.clone())
}

fn spans(seconds: &[u64]) -> Vec<Span> {
    seconds.iter().copied().map(Span::from_secs).collect()
}

#[test]
fn settings_of_retries_that_contradict_each_other_are_refused_with_a_way_out() {
    refused(
        "client: {retries: {max: 1, on: []}}",
        "client.retries.on",
        "without `on`, all of them",
    );
    refused(
        "client: {retries: {max: 1, waits: [1s], backoff: {base: 2s}}}",
        "client.retries.waits",
        "leave one of them out",
    );
    sound("client: {retries: {waits: [1s, 5s]}}");
    sound("client: {retries: {max: 15, waits: [1s, 5s]}}");
    sound("client: {retries: {max: 8191}}");
}

#[test]
fn waits_beyond_max_are_warned_of_at_max() {
    warned(
        "client: {retries: {max: 2, waits: [1s, 1s, 1s]}}",
        "client.retries.max",
        "`max: 2` allows fewer retries than the 3 waits of `waits`; without `max`",
    );
}

#[test]
fn what_a_file_says_of_waits_ends_what_it_inherits_of_the_back_off() {
    let law = "client: {retries: {max: 2, backoff: {base: 2s}}}";
    let list = "client: {retries: {waits: [1s, 2s, 3s]}}";
    let retries = |name: &str, parent: &str, child: &str| {
        extended(name, parent, &format!("client: {{retries: {child}}}")).value.client.retries
    };
    let found = retries("waits", law, "{waits: [9s]}");
    assert_eq!((found.waits, found.backoff), (Some(spans(&[9])), Backoff::default()));
    assert_eq!(found.max, Some(2));
    let found = retries("backoff", list, "{max: 3, backoff: {factor: 1x}}");
    assert_eq!((found.waits, found.backoff.factor.get()), (None, 1.0));
    // what says nothing of the one leaves the other
    let found = retries("empty", law, "{waits: null}");
    assert_eq!((found.waits, found.backoff.base), (None, Span::from_secs(2)));
    let found = retries("other", list, "{max: 1}");
    assert_eq!(found.waits, Some(spans(&[1, 2, 3])));
}

#[test]
fn a_name_that_is_also_a_key_of_retries_is_inherited_like_any_other() {
    let parent = "operations: {backoff: {share: 100%}}";
    let child = "operations: {backoff: {share: 50%}, waits: {share: 50%}}";
    assert_eq!(extended("names", parent, child).value.operations.len(), 2);
    let child = "operations: {waits: {share: 0%}}";
    assert_eq!(extended("names", parent, child).value.operations.len(), 2);
}

#[test]
fn a_problem_of_two_keys_is_shown_in_the_file_that_comes_later() {
    let retries = |settings: &str| format!("client: {{retries: {settings}}}");
    for (parent, child, path, file) in [
        ("{max: 3, waits: [1s, 2s, 3s]}", "{max: 2}", "client.retries.max", 0),
        ("{max: 1}", "{waits: [1s, 2s]}", "client.retries.waits", 0),
        ("{max: 1, waits: [1s, 2s]}", "{budget: 10%}", "client.retries.max", 1),
        ("{max: 0, on: []}", "{max: 2}", "client.retries.max", 0),
        ("{max: 2}", "{on: []}", "client.retries.on", 0),
    ] {
        let problem = problem(&extended("fault", &retries(parent), &retries(child)));
        let found = (problem.path.as_str(), problem.location.unwrap().file);
        assert_eq!(found, (path, file), "{parent} {child}");
    }
}
