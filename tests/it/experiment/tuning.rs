//! Tuning as a user meets it: the same bytes for any number of threads and however often it was stopped,
//! and a patch that makes the recommendation of the file.

use std::{fs, path::Path};

use rollsim::{
    experiment::tune::Tuning,
    scenario::{self, Scenario},
};

use crate::scratch::{folder, rollsim, text};

/// A canary that lets much through, and stops nothing for nothing.
pub(super) const BOT: &str = "title: a tiny bot
length: 6m
rollout_at: 30s
fleet: {instances: 3, startup: {constant: 3s}, propagation: 1s, errors: 0%}
traffic: {rate: 2/s}
users: {count: 100}
telemetry: {interval: 5s}
releases:
  classes:
    breaks: {chance: 30%, defects: [{effect: {errors: {rate: 60%}}}]}
analysis:
  interval: 10s
  gates:
    - {name: errors, failure_limit: 5, judge: {threshold: {metric: error_rate, fail_above: 40%, window: 30s, min_samples: 5}}}
strategy:
  canary: {steps: [{weight: 80%, hold: 40s}]}
tune:
  objective: users_hurt_mean
  constraints: {all: {false_rollback: '<= 4%'}, good: {rollout_time_p95: '<= 3m'}}
  parameters:
    strategy.canary.steps[0].weight: {from: 10%, to: 80%}
    analysis.gates[0].failure_limit: {from: 0, to: 5}
";

const COMMAND: [&str; 4] = ["tune", "bot.yaml", "--out", "out"];
const FEW: [&str; 2] = ["--trials", "1500"];

fn played(name: &str, more: &[&str]) -> (std::path::PathBuf, String) {
    let folder = folder(name);
    fs::write(folder.join("bot.yaml"), BOT).unwrap();
    let output = rollsim(&folder, &[&COMMAND[..], more].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    (folder, text(&output.stdout))
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for name in ["trials.csv", "tune.json", "report.md", "candidates.csv"] {
        found.push((name.to_owned(), fs::read(folder.join("out").join(name)).unwrap()));
    }
    let chart = fs::read(folder.join("out/charts/front-objective.svg")).unwrap();
    found.push(("chart".to_owned(), chart));
    found
}

#[test]
fn a_tuning_is_the_same_for_any_threads_and_when_it_was_stopped_half_way() {
    let (one, told) = played("tune-one", &[&FEW[..], &["--threads", "1"]].concat());
    assert!(told.contains("takes at least 408 good releases"), "{told}");
    let (two, _) = played("tune-two", &[&FEW[..], &["--threads", "3"]].concat());
    let made = files(&one);
    assert!(made == files(&two), "threads change bytes");

    // as if the process had died in the middle of a row
    let trials = fs::read(one.join("out/trials.csv")).unwrap();
    let half = &trials[..trials.len() / 2];
    fs::remove_dir_all(one.join("out/charts")).unwrap();
    fs::remove_file(one.join("out/trials.csv")).unwrap();
    fs::write(one.join("out/trials.csv.part"), half).unwrap();
    let again = rollsim(&one, &[&COMMAND[..], &FEW].concat());
    assert_eq!(again.status.code(), Some(2), "what was played is not replaced unasked");
    let resumed = rollsim(&one, &[&COMMAND[..], &FEW, &["--resume"]].concat());
    assert_eq!(resumed.status.code(), Some(0), "{}", text(&resumed.stderr));
    assert!(made == files(&one), "a resumed tuning has other bytes");

    let other = ["tune", "bot.yaml", "--trials", "1600", "--out", "out", "--resume"];
    assert_eq!(rollsim(&one, &other).status.code(), Some(2), "another tuning");
}

#[test]
fn the_patch_makes_what_is_recommended_of_the_file() {
    // enough good releases to show that none stays unfinished
    let (folder, told) = played("tune-patch", &["--trials", "8000"]);
    assert!(told.starts_with("Change the settings: "), "{told}");
    let json = fs::read(folder.join("out/tune.json")).unwrap();
    let tuning: Tuning = serde_json::from_slice(&json).unwrap();
    fs::copy(folder.join("out/tuned.yaml"), folder.join("tuned.yaml")).unwrap();
    let load = |name: &str| scenario::load::<Scenario>(&folder.join(name)).unwrap().value;
    let (bot, tuned) = (load("bot.yaml"), load("tuned.yaml"));
    let best = &tuning.contestants[tuning.verdict.recommended];
    let settings: Vec<_> =
        best.settings.iter().map(|it| (it.path.clone(), it.value.clone())).collect();
    let mut plain = bot.clone();
    plain.tune = None;
    let wanted = scenario::vary(&plain, "bot", &folder, &settings).unwrap().scenario;
    assert_eq!((&tuned.strategy, &tuned.analysis), (&wanted.strategy, &wanted.analysis));
    assert_ne!(tuned.strategy, bot.strategy);
    let rest = |it: &Scenario| Scenario {
        strategy: bot.strategy.clone(),
        analysis: bot.analysis.clone(),
        ..it.clone()
    };
    assert_eq!(rest(&tuned), rest(&bot));
    // on fresh seeds it is sure that fewer are hurt than now
    let versus = best.versus_present.unwrap();
    assert!(versus.high < 0.0, "{versus:?}");
}

#[test]
fn what_cannot_be_tuned_is_told() {
    let folder = folder("tune-nothing");
    let plain = BOT.split("analysis:").next().unwrap();
    fs::write(folder.join("bot.yaml"), format!("{plain}strategy: {{all_at_once: {{}}}}\n"))
        .unwrap();
    let output = rollsim(&folder, &["tune", "bot.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("there is nothing to tune"), "{}", text(&output.stderr));
    fs::write(folder.join("bot.yaml"), BOT.replace("to: 80%", "to: 180%")).unwrap();
    let output = rollsim(&folder, &["check", "bot.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    let told = text(&output.stderr);
    assert!(told.contains("bot.yaml:") && told.contains("two numbers"), "{told}");
}

/// `check` and `tune` ask the same of a strategy: whatever it waits for, and not only what is called a hold.
#[test]
fn no_candidate_takes_longer_than_the_trial() {
    let folder = folder("tune-fits");
    let bot = BOT
        .replace(
            "canary: {steps: [{weight: 80%, hold: 40s}]}",
            "blue_green: {bake: 1m, keep_old: 30s}",
        )
        .replace(
            "strategy.canary.steps[0].weight: {from: 10%, to: 80%}",
            "strategy.blue_green.bake: {from: 1m, to: 2h}",
        )
        .replace("'<= 3m'", "'<= 3h'");
    fs::write(folder.join("bot.yaml"), &bot).unwrap();
    let output = rollsim(&folder, &[&COMMAND[..], &["--trials", "300"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let tuning = fs::read(folder.join("out/tune.json")).unwrap();
    let tuning: Tuning = serde_json::from_slice(&tuning).unwrap();
    let bakes: Vec<String> = tuning
        .candidates
        .iter()
        .flat_map(|it| &it.settings)
        .filter(|it| it.path == "strategy.blue_green.bake")
        .map(|it| it.value.as_str().unwrap().to_owned())
        .collect();
    assert!(bakes.len() > 5, "{bakes:?}");
    for bake in bakes {
        fs::write(folder.join("baked.yaml"), bot.replace("bake: 1m,", &format!("bake: {bake},")))
            .unwrap();
        let told = text(&rollsim(&folder, &["check", "baked.yaml"]).stderr);
        assert!(!told.contains("no rollout of"), "{bake}: {told}");
    }
}
