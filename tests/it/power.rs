//! What a gate can see: against exact tables, the same bytes on any number of threads, and told so that
//! every trial can be played again.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rollsim::{
    experiment::power::{Fate, Power},
    kernel::Seed,
    model::Phase,
    scenario::{Scenario, load, plan_of},
    sim,
};

use crate::scratch::{folder, rollsim, shell, text};

/// A tiny bot with a gate that sometimes takes back what is good, one that never fails, and one that
/// only looks on.
const BOT: &str = "title: a tiny bot
length: 4m
rollout_at: 30s
fleet: {instances: 2, startup: {constant: 2s}, readiness: {period: 1s}, propagation: 1s, errors: 2%, memory: {base: 200MiB, limit: 800MiB}}
traffic: {rate: 4/s, pattern: {daily_wave: {peak: '12:00', swing: 50%}}}
users: {count: 60}
telemetry: {interval: 5s}
releases:
  classes:
    breaks: {chance: 20%, defects: [{effect: {errors: {rate: 60%}}, severity: {uniform: {from: 10%, to: 100%}}}]}
analysis:
  interval: 10s
  gates:
    - {name: errors, failure_limit: 1, consecutive_error_limit: 99, judge: {threshold: {metric: error_rate, fail_above: 6%, window: 50s}}}
    - {name: never, consecutive_error_limit: 99, judge: {threshold: {metric: error_rate, fail_above: 100%, window: 30s}}}
    - {name: on trial, dry_run: true, judge: {threshold: {metric: error_rate, fail_above: 1%, window: 30s}}}
strategy:
  canary: {steps: [{weight: 30%, hold: 40s}, {weight: 60%, hold: 20s}]}
";

/// Looks at whether any of the requests of the last 10 s failed, five times, and takes back what
/// fails twice.
const EXACT: &str = "title: a gate whose chances are known
length: 3m
rollout_at: 10s
fleet: {instances: 2, workers: 8, startup: {constant: 1s}, readiness: {period: 1s}, propagation: 0s, errors: 1%}
traffic: {rate: 6/s}
telemetry: {interval: 5s, delay: 0s}
analysis:
  interval: 10s
  initial_delay: 20s
  gates:
    - {name: errors, count: 5, failure_limit: 1, judge: {threshold: {metric: error_rate, fail_above: 1%, window: 10s}}}
strategy:
  canary: {steps: [{weight: 50%, hold: 90s}]}
";

fn bot(name: &str, scenario: &str) -> PathBuf {
    let folder = folder(&format!("power-{name}"));
    fs::write(folder.join("bot.yaml"), scenario).unwrap();
    folder
}

fn measured(folder: &Path, more: &[&str]) -> Power {
    let output = rollsim(folder, &[&["power", "bot.yaml", "--format", "json"], more].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The published table of Argo's rule (`argo_threshold_rule_exact.csv`): 30 requests a look of
/// which 1 % fail, success at least 99 %, five looks, failure limit 1, Poisson arrivals.
#[test]
fn false_rollbacks_are_as_likely_as_the_exact_table_says() {
    const EXACTLY: f64 = 0.386_549_581_033;
    // every look at the instant of a scrape, which it finds
    let on_scrapes = EXACT.replace("readiness: {period: 1s}, ", "");
    let power = measured(&bot("exact-on-scrapes", &on_scrapes), &["--trials", "200"]);
    let found = power.good.rolled_back.unwrap();
    assert!(found.low <= EXACTLY && EXACTLY <= found.high, "on scrapes: {found:?}");
    let power = measured(&bot("exact", EXACT), &["--trials", "200"]);
    let found = power.good.rolled_back.unwrap();
    assert!(found.low <= EXACTLY && EXACTLY <= found.high, "{found:?}");
    assert_eq!((found.n, power.good.trials, power.good.planned), (200, 200, 200));
    assert_eq!(power.good.by_gates, power.good.rolled_back);
    assert_eq!(power.gates[0].good, power.good.rolled_back);
    // twice the errors, 1.99 % of the requests since one may fail for both reasons: a look fails with
    // q = 1 - exp(-0.597), and a rollout with 1 - (1-q)^5 - 5 q (1-q)^4
    let errors = power.kinds.iter().find(|it| it.name == "errors").unwrap();
    let double = errors.points.iter().find(|it| (it.severity - 0.01).abs() < 1e-9).unwrap();
    let found = double.found.rolled_back.unwrap();
    assert!(found.low <= 0.743_1 && 0.743_1 <= found.high, "{found:?}");
}

#[test]
fn threads_and_interruptions_change_no_byte() {
    let folder = bot("bytes", BOT);
    let play = |out: &str, more: &[&str]| {
        let all = ["power", "bot.yaml", "--trials", "3", "--out", out];
        let output = rollsim(&folder, &[&all, more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        output.stdout
    };
    let whole = play("one", &["--threads", "1"]);
    assert_eq!(text(&play("three", &["--threads", "3"])), text(&whole));
    let read = |of: &str, name: &str| fs::read(folder.join(of).join(name)).unwrap();
    let trials = read("one", "trials.csv");
    // cut off in the middle of a row of the second stage
    fs::create_dir(folder.join("cut")).unwrap();
    fs::copy(folder.join("one/study.json"), folder.join("cut/study.json")).unwrap();
    fs::write(folder.join("cut/trials.csv.part"), &trials[..trials.len() * 2 / 3]).unwrap();
    assert_eq!(text(&play("cut", &["--resume"])), text(&whole));
    for name in ["trials.csv", "power.json", "power.csv", "report.md", "charts/catch.svg"] {
        assert!(read("three", name) == read("one", name), "{name} differs on three threads");
        assert!(read("cut", name) == read("one", name), "{name} differs when resumed");
    }
    let replaced = ["power", "bot.yaml", "--trials", "4", "--out", "cut", "--resume"];
    assert_eq!(rollsim(&folder, &replaced).status.code(), Some(2));
}

#[test]
fn words_and_tables_tell_what_was_found() {
    let folder = bot("told", BOT);
    let told = rollsim(&folder, &["power", "bot.yaml", "--trials", "24", "--threads", "2"]);
    let told = text(&told.stdout);
    assert!(told.lines().all(|it| it.chars().count() <= 100), "{told}");
    // a gate that never fires and one that decides nothing are reported as such
    assert!(told.contains("Gate `never` never failed in any rollout"), "{told}");
    assert!(told.contains("dry run"), "{told}");
    insta::with_settings!({snapshot_path => "golden", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("power", told);
    });
}

#[test]
fn every_example_can_be_played_again_by_its_command() {
    let folder = bot("examples", BOT);
    let power = measured(&folder, &["--trials", "24"]);
    assert_eq!(power.examples.len(), 4, "{:?}", power.examples);
    for example in &power.examples {
        let output = shell(&folder, &format!("{} --format json", example.command));
        let outcome: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let phase = match example.fate {
            Fate::FalseRollback | Fate::Catch => "rolled_back",
            Fate::Miss | Fate::Promotion => "completed",
        };
        assert_eq!(outcome["phase"], phase, "{}", example.command);
    }
}

#[test]
fn contamination_is_told_for_what_applies_and_paired() {
    let power = measured(&bot("worlds", BOT), &["--trials", "24"]);
    let played: Vec<&str> =
        power.worlds.iter().filter(|it| it.good.is_some()).map(|it| it.name.as_str()).collect();
    assert_eq!(played, ["windows within steps", "flat traffic", "sticky users", "all together"]);
    for world in power.worlds.iter().filter(|it| it.good.is_some()) {
        let pair = world.good.unwrap();
        assert_eq!(pair.n, 24);
        assert!((pair.there - pair.as_is - pair.difference).abs() < 1e-12);
        assert!(pair.low <= pair.difference && pair.difference <= pair.high);
    }
    assert!(power.worlds.iter().all(|it| it.good.is_some() == it.why_not.is_empty()));
}

#[test]
fn a_limit_on_false_rollbacks_decides_how_it_ends() {
    let folder = bot("limit", EXACT);
    let ends = |limit: &str| {
        let all = ["power", "bot.yaml", "--trials", "40", "--max-false-rollback", limit];
        rollsim(&folder, &all).status.code()
    };
    assert_eq!((ends("1%"), ends("99%"), ends("40%")), (Some(1), Some(0), Some(3)));
}

#[test]
fn the_schema_of_what_is_found_names_every_part_of_it() {
    let folder = bot("schema", EXACT);
    let schema: serde_json::Value =
        serde_json::from_slice(&rollsim(&folder, &["schema", "power"]).stdout).unwrap();
    let power = rollsim(&folder, &["power", "bot.yaml", "--trials", "2", "--format", "json"]);
    let power: serde_json::Value = serde_json::from_slice(&power.stdout).unwrap();
    let described: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    let written: Vec<&String> = power.as_object().unwrap().keys().collect();
    assert_eq!(described, written);
    let csv = rollsim(&folder, &["power", "bot.yaml", "--trials", "2", "--format", "csv"]);
    let mut rows = csv::Reader::from_reader(csv.stdout.as_slice());
    assert!(rows.records().map(Result::unwrap).count() > 20);
    let refused = rollsim(&folder, &["run", "bot.yaml", "--format", "csv"]);
    assert_eq!(refused.status.code(), Some(2));
}

/// A trial that ends when its rollout is over has had the same rollout.
#[test]
fn a_trial_until_the_rollout_is_settled_is_the_first_part_of_the_whole() {
    let folder = bot("settled", BOT);
    let scenario = load::<Scenario>(&folder.join("bot.yaml")).unwrap().value;
    let plan = plan_of("bot", scenario, &folder).0.unwrap();
    let mut ends = Vec::new();
    for seed in 0..40 {
        let trial = sim::Trial::new(&plan, Seed::new(seed)).figures_only();
        let (whole, part) = (trial.run(), trial.until_settled().run());
        assert_eq!((whole.phase, whole.rested), (part.phase, part.rested), "seed {seed}");
        assert_eq!(whole.rollback_began, part.rollback_began);
        assert_eq!(whole.gates, part.gates);
        let requests = |it: &sim::Outcome| it.figure(rollsim::model::Measure::requests);
        assert!(requests(&part) < requests(&whole), "seed {seed}");
        ends.push(part.phase);
    }
    assert!(ends.contains(&Phase::RolledBack) && ends.contains(&Phase::Completed), "{ends:?}");
}
