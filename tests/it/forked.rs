//! `rollsim run --fork`: how it is given, what stays, how an output names it, and that it is made again.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use rollsim::{
    kernel::Seed,
    sim::{Fork, Outcome, Sight, Trial},
    units::Instant,
};
use serde_json::{Value, json};

use crate::{
    scratch::{folder, rollsim, shell, text},
    trials::plan,
};

const BOT: &str = "
format: 2
title: a bot that is forked
length: 8m
rollout_at: 2m
seed: 3
traffic: {rate: 5/s}
users: {count: 200}
fleet: {instances: 4, errors: 2%, startup: {exponential: {mean: 20s}}}
incidents: [{name: spike, when: {random: 2m}, lasts: 20s, effect: {errors: {rate: 40%}}}]
release: {defects: [{name: bad, when: {random: 1m}, lasts: 30s, effect: {errors: {rate: 60%}}}]}
strategy: {rolling: {batch: 1}}
";

fn fork(nanos: u64, luck: u64) -> Fork {
    Fork { at: Instant::from_nanos(nanos), luck }
}

/// Two at one instant, and one at an instant that is no whole second.
fn forks() -> [Fork; 3] {
    [fork(150_000_000_000, 7), fork(150_000_000_000, 1), fork(300_123_456_789, 7)]
}

fn bytes(outcome: &Outcome) -> String {
    serde_json::to_string(outcome).unwrap()
}

#[test]
fn a_trial_with_forks_is_one_that_is_forked_at_their_instants() {
    let plan = plan(BOT);
    let forks = forks();
    let trial = Trial::new(&plan, Seed::DEFAULT);
    let mut running = trial.start();
    for it in forks {
        running.until(it.at);
        running = running.forked(it.luck);
    }
    let by_hand = running.finish();
    assert_eq!(by_hand.forks, forks);
    let forked = trial.forked(&forks);
    assert_eq!(bytes(&forked.run()), bytes(&by_hand));
    assert_eq!(bytes(&forked.start().finish()), bytes(&by_hand));
    let mut running = trial.forked(&forks[..2]).start();
    running.until(forks[2].at);
    assert_eq!(bytes(&running.forked(forks[2].luck).finish()), bytes(&by_hand));
    assert_eq!(forked.figures_only().run().figures, by_hand.figures);
    // each fork matters
    for fewer in [&forks[..0], &forks[..1], &forks[..2], &forks[1..]] {
        assert_ne!(trial.forked(fewer).run().figures, by_hand.figures, "{fewer:?}");
    }
}

#[test]
fn a_trial_that_is_settled_before_its_fork_is_over() {
    let plan = plan(BOT);
    let trial = Trial::new(&plan, Seed::DEFAULT).until_settled();
    let late = [fork(480_000_000_000, 7)];
    assert_eq!(bytes(&trial.forked(&late).run()), bytes(&trial.run()));
}

#[test]
fn an_observer_of_a_forked_trial_sees_everything_once() {
    let plan = plan(BOT);
    let forks = forks();
    let trial = Trial::new(&plan, Seed::DEFAULT);
    let seen = |trial: Trial<'_>| {
        let (mut entries, mut progress) = (Vec::new(), Vec::new());
        let outcome = trial.run_watched(&mut |sight| match sight {
            Sight::Entry(entry) => entries.push(entry.clone()),
            Sight::Progress(at) => progress.push(at),
        });
        assert_eq!(bytes(&outcome), bytes(&trial.run()));
        assert_eq!(entries, outcome.timeline);
        assert!(progress.is_sorted_by(|one, next| one < next));
        (entries, progress)
    };
    let (plain, scrapes) = seen(trial);
    let (forked, scrapes_of_fork) = seen(trial.forked(&forks));
    assert_eq!(scrapes, scrapes_of_fork);
    let before = plain.iter().take_while(|it| it.at < forks[0].at).count();
    assert!(before > 3 && plain[..before] == forked[..before]);
    assert_ne!(plain[before..], forked[before..]);
}

/// A folder with the bot.
fn desk(name: &str) -> PathBuf {
    let folder = folder(&format!("forked-{name}"));
    fs::write(folder.join("bot.yaml"), BOT).unwrap();
    folder
}

fn run(folder: &Path, options: &[&str]) -> Output {
    let output = rollsim(folder, &[&["run", "bot.yaml"], options].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    output
}

#[test]
fn a_run_names_its_forks_and_its_command_makes_them_again() {
    let folder = desk("named");
    let plain = run(&folder, &["--format", "json"]);
    let plain: Value = serde_json::from_slice(&plain.stdout).unwrap();
    assert_eq!(plain.get("forks"), None);
    assert_eq!(plain["command"], "rollsim run bot.yaml --seed 3 --out DIR");

    // the second as the timeline has it
    let asked = ["--fork", "at=2.5m,luck=7", "--fork", "at=T+00:03:00,luck=0"];
    let json = run(&folder, &[&asked[..], &["--format", "json", "--out", "one"]].concat());
    let forked: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(forked["forks"], json!(["at=2m30s,luck=7", "at=5m,luck=0"]));
    let named = "seed 3 --fork at=2m30s,luck=7 --fork at=5m,luck=0";
    let command = forked["command"].as_str().unwrap();
    assert_eq!(command, format!("rollsim run bot.yaml --{named} --out DIR"));
    assert_ne!(forked["figures"], plain["figures"]);

    let again = shell(&folder, &format!("{} --format json", command.replace("DIR", "two")));
    assert_eq!(text(&again.stdout), text(&json.stdout));
    for entry in fs::read_dir(folder.join("one")).unwrap() {
        let name = entry.unwrap().file_name();
        let read = |of: &str| fs::read(folder.join(of).join(&name)).unwrap();
        assert!(read("one") == read("two"), "{}", name.display());
    }
    let picture = fs::read_to_string(folder.join("one/picture.svg")).unwrap();
    assert!(picture.contains(command), "the picture names them");
    let told = text(&run(&folder, &asked).stdout);
    assert!(told.starts_with(&format!("bot, {named}: a bot that is forked\n")), "{told}");
}

#[test]
fn following_a_forked_run_prints_each_event_once() {
    let folder = desk("followed");
    let forks = ["--fork", "at=2m30s,luck=7", "--fork", "at=5m,luck=0", "--format", "json"];
    let quiet = run(&folder, &forks);
    let followed = run(&folder, &[&forks[..], &["--follow"]].concat());
    assert_eq!(text(&quiet.stdout), text(&followed.stdout));
    let record: Value = serde_json::from_slice(&quiet.stdout).unwrap();
    // entries begin with the day, what is wrapped does not
    let told = text(&followed.stderr);
    let lines = told.lines().filter(|it| it.starts_with("Mon ")).count();
    assert_eq!(lines, record["timeline"].as_array().unwrap().len(), "{told}");
}

#[test]
fn a_fork_that_cannot_be_is_refused_with_what_is_allowed() {
    let folder = desk("refused");
    let mut told = String::new();
    for forks in [
        &["at=5m"][..],
        &["at=5,luck=1"],
        &["at=T+35m,luck=1"],
        &["at=T−00:02:01,luck=1"],
        &["at=5m,luck=one"],
        &["at=8m1ns,luck=1"],
        &["at=5m,luck=1", "at=4m59s,luck=2", "soon"],
    ] {
        let options: Vec<&str> = forks.iter().flat_map(|it| ["--fork", it]).collect();
        let output = rollsim(&folder, &[&["run", "bot.yaml"], &options[..]].concat());
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()));
        let said = text(&output.stderr);
        told.extend(["$ rollsim run bot.yaml ", &options.join(" "), "\n", &said]);
    }
    insta::with_settings!({snapshot_path => "golden", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("fork_refused", told);
    });
    // the end itself is no later than the end
    run(&folder, &["--fork", "at=8m,luck=1", "--fork", "at=8m,luck=2"]);
}
