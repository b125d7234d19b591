//! What `check` says of channels: at the key that is at fault, in the file that is, with a way to put it right.

use std::{fs, path::Path};

use rollsim::{
    channel::Backoff,
    scenario::{Loaded, Problem, Scenario, load, load_text, plan_of},
    units::Span,
};

use crate::{
    never::{check, told},
    scratch::folder,
};

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
    sound("client: {retries: {max: 200, backoff: {max: 1s}}}");
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

const OWN: &str = "channels: {own: {http: {deadline: 2s}}}\n";

#[test]
fn a_channel_that_nothing_comes_on_is_warned_of_with_the_reason() {
    let said = |operations: &str, part: &str| {
        warned(&format!("{OWN}{operations}"), "channels.own", part);
    };
    said("", "has no operations; `operations: {NAME: {share: 100%, channel: own}}` lets all");
    said("operations: {ask: {share: 100%}}", "comes on `own`; `operations.NAME.channel: own` lets");
    said(
        "operations: {ask: {share: 100%}, buy: {share: 0%, channel: own}}",
        "nothing comes on `own`: the share of `buy` is 0 %; a `share` for `buy`",
    );
    sound(&format!("{OWN}operations: {{ask: {{share: 100%, channel: own}}}}"));
}

#[test]
fn settings_of_a_client_that_nothing_comes_on_are_warned_of() {
    let client = |settings: &str, operations: &str| {
        format!("client: {settings}\n{OWN}operations: {operations}")
    };
    let all = "{ask: {share: 60%, channel: own}, buy: {share: 40%, channel: own}}";
    for settings in ["{deadline: 1s}", "{retries: {max: 3}}", "{quantile: 90%, slow_after: 2s}"] {
        warned(&client(settings, all), "client", "nothing comes on `client`: every operation has");
    }
    sound(&client("{quantile: 90%}", all));
    sound(&client("{deadline: 1s}", "{ask: {share: 60%}, buy: {share: 40%, channel: own}}"));
}

#[test]
fn a_misspelt_channel_is_one_problem() {
    let operations = |channel: &str| {
        format!("{OWN}operations: {{ask: {{share: 60%}}, buy: {{share: 40%, channel: {channel}}}}}")
    };
    let path = "operations.buy.channel";
    refused(&operations("onw"), path, "there is no channel `onw`; did you mean `own`?");
    refused(&operations("client"), path, "leave `channel` out: without it, requests come on");
    let all = "client: {deadline: 1s}\noperations: {buy: {share: 100%, channel: client}}";
    refused(all, path, "`client` is no name of `channels`");
}

#[test]
fn a_channel_has_a_name_of_its_own() {
    let channel = |name: &str| {
        format!(
            "channels: {{{name}: {{http: {{}}}}}}\noperations: {{ask: {{share: 100%, channel: {name}}}}}"
        )
    };
    refused(&channel("client"), "channels.client", "give this one another name");
    refused(&channel("''"), "channels[\"\"]", "1 to 40 printable characters");
    sound(&channel("'a.b [0]'"));
    let many: Vec<String> = (0..17).map(|it| format!("c{it}: {{http: {{}}}}")).collect();
    let text = format!("{BOT}channels: {{{}}}\n", many.join(", "));
    let problems = load_text::<Scenario>("channels", &text).unwrap_err();
    assert_eq!(problems.len(), 1);
    let problem = problems.iter().next().unwrap();
    assert_eq!(
        (problem.path.as_str(), problem.allowed.as_deref()),
        ("channels", Some("at most 16"))
    );
}

/// The deadlines that a proxy has to keep to are those of channels on which requests come.
#[test]
fn what_holds_for_all_requests_goes_by_the_channels_that_they_come_on() {
    let bot = |fleet: &str, more: &str| {
        BOT.replace("fleet: {", &format!("fleet: {{proxy: {{{fleet}}}, ")) + more
    };
    let used =
        "channels: {own: {http: {deadline: 3s}}}\noperations: {ask: {share: 100%, channel: own}}\n";
    let unused = "channels: {own: {http: {deadline: 10s}}}\noperations: {ask: {share: 100%}}\n";
    let wait = "fleet.proxy.retries.wait";
    let least = "less than `channels.own.http.deadline`, `3s`";
    check(&bot("retries: {max: 2, wait: 3s}", used), true, Some((wait, least)));
    check(&bot("retries: {max: 2, wait: 2s}", used), false, None);
    let paths: Vec<(String, bool)> = told(&bot("retries: {max: 2, wait: 6s}", unused))
        .into_iter()
        .map(|it| (it.0, it.1))
        .collect();
    assert_eq!(paths, [(wait.to_owned(), true), ("channels.own".to_owned(), false)]);
    let way = "overhead: {constant: 4s}";
    let late = "`channels.own.http.deadline` is `3s`; less than";
    check(&bot(way, used), false, Some(("fleet.proxy.overhead", late)));
}

#[test]
fn retries_of_a_channel_that_nothing_comes_on_are_not_to_be_expected() {
    let more = "channels: {own: {http: {retries: {max: 9}}}}\noperations: {ask: {share: 100%}}\n\
                expect: {attempts_mean: '< 8x'}\n";
    let told = told(&format!("{BOT}{more}"));
    let of_it = told.iter().find(|it| it.0 == "expect.attempts_mean").unwrap();
    assert!(of_it.2.contains("holds for any `attempts_mean`"), "{told:?}");
}

/// The hint of the only problem of a text that cannot be read.
#[track_caller]
fn hinted(more: &str, path: &str, hint: &str) {
    let problems = load_text::<Scenario>("channels", &format!("{BOT}{more}\n")).unwrap_err();
    let found: Vec<&Problem> = problems.iter().collect();
    let [problem] = &found[..] else { panic!("{found:?}") };
    assert_eq!((problem.path.as_str(), problem.hint.as_deref()), (path, Some(hint)));
}

#[test]
fn settings_that_stand_too_high_are_shown_their_place() {
    hinted(
        "channels: {own: {deadline: 2s}}",
        "channels.own",
        "`deadline` stands under `http`: `channels.own.http.deadline`",
    );
    hinted(
        "channels: {own: {deadline: 2s, retries: {max: 2}}}",
        "channels.own",
        "`deadline` stands under `http`: `channels.own.http.deadline`",
    );
    hinted(
        "client: {waits: [1s, 5s]}",
        "client.waits",
        "`waits` stands under `retries`: `client.retries.waits`",
    );
    hinted(
        "client: {retries: [1s, 5s]}",
        "client.retries",
        "a list stands under `waits`: `client.retries.waits`",
    );
    hinted(
        "client: {retries: [timeout]}",
        "client.retries",
        "a list stands under `on`: `client.retries.on`",
    );
}

#[test]
fn what_silently_has_no_effect_is_warned_of() {
    for (client, path, part) in [
        ("{retries: {budget: 10%}}", "client.retries.budget", "there are no retries; `max`, or"),
        ("{retries: {backoff: {base: 3s}}}", "client.retries.backoff", "there are no retries"),
        ("{retries: {max: 0, budget: 10%}}", "client.retries.budget", "there are no retries"),
        ("{retries: {max: 1, on: [error, error]}}", "client.retries.on", "listed twice; each once"),
        ("{retries: {max: 2, waits: []}}", "client.retries.waits", "an empty list has no effect"),
        (
            "{deadline: 1s, slow_after: 1100ms}",
            "client.slow_after",
            "no answer is slow: none takes `1s100ms`; less than `deadline`, `1s`",
        ),
        (
            "{patience: {uniform: {low: 5s, high: 6s}}}",
            "client.patience",
            "no client hangs up: by `5s` its attempt has timed out; less than `client.deadline`, by default",
        ),
    ] {
        warned(&format!("client: {client}"), path, part);
    }
    for client in [
        "{deadline: 500ms}",
        "{deadline: 1s, slow_after: 2s, retries: {max: 1}}",
        "{patience: {uniform: {low: 4s, high: 6s}}}",
        "{patience: {exponential: {mean: 1h}}}",
        "{retries: {waits: [1s], budget: 10%}}",
    ] {
        sound(&format!("client: {client}"));
    }
}

/// Three attempts of 5 s, a minute and an hour between them; the trial has half an hour, ten minutes before the rollout.
#[test]
fn requests_that_may_still_wait_at_the_end_are_warned_of() {
    let client = "client: {retries: {waits: [1m, 1h]}}";
    let part = "over only after 1 h 1 min, and the trial has 30 min: what";
    warned(client, "client", part);
    let shipped = BOT.replace("strategy: none", "rollout_at: 10m\nstrategy: {recreate: {}}");
    let waits = |second: &str| format!("{shipped}client: {{retries: {{waits: [1m, {second}]}}}}\n");
    let part = "over only after 21 min 15 s, and the trial has 20 min after the rollout: what";
    check(&waits("20m"), false, Some(("client", part)));
    check(&waits("20m"), false, Some(("client", "at least `length: 31m15s`")));
    check(&waits("18m"), false, None);
    let endless = "client: {deadline: 3650d}";
    warned(endless, "client", "no figure; fewer attempts, shorter waits or a shorter deadline");
    // by the law of the waits: 1 s, 2 s, ..., 30 s, 30 s
    let law = "client: {retries: {max: 100, backoff: {jitter: none}}}";
    warned(law, "client", "over only after 56 min 26 s");
}
