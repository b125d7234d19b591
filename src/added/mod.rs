//! What an addition gets for its one line in a `catalog!`: a strategy, a judge, an effect and a channel that only
//! tests know go through every command, and nothing else was changed for them.

pub(crate) mod channel;
pub(crate) mod effect;
pub(crate) mod judge;
pub(crate) mod strategy;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::cli::tests::asked;

/// Small and quick, with a good release and one that the judge must stop.
const BOT: &str = "
format: 2
title: added
length: 6m
rollout_at: 1m
fleet: {instances: 2}
traffic: {rate: 1/s}
users: {count: 50}
channels: {post: {mailbox: {visibility: 5s}}}
operations: {ask: {share: 80%}, write: {share: 20%, channel: post}}
release: {from: 1.0.0, to: 1.1.0}
releases:
  classes:
    dud: {chance: 30%, defects: [{effect: {flaky: {rate: 80%}}}]}
alerts: [{name: errors, metric: error_rate, above: 20%, window: 1m}]
analysis:
  interval: 15s
  gates: [{name: oddity, consecutive_error_limit: 1000, judge: {odd: {window: 60s, above: 10%}}}]
strategy: {by_moon: {phases: [{lit: 20%, hold: 1m}, {lit: 60%, hold: 1m}]}}
strategies: {in one go: {all_at_once: {}}}
";

/// A folder with a scenario, for one test.
struct Desk(PathBuf);

impl Desk {
    fn with(name: &str, scenario: &str) -> Self {
        let folder = format!("rollsim-added-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("bot.yaml"), scenario).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    /// What a command says about the scenario.
    fn asked(&self, command: &str, options: &[&str]) -> String {
        let file = self.path("bot.yaml");
        asked(&[&[command, file.as_str()][..], options].concat()).unwrap()
    }

    fn json(&self, command: &str, options: &[&str]) -> Value {
        let told = self.asked(command, &[options, &["--format", "json"]].concat());
        serde_json::from_str(&told).unwrap()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn read(folder: &str, name: &str) -> String {
    fs::read_to_string(Path::new(folder).join(name)).unwrap()
}

/// The texts of a field, of each entry of a list.
fn all(list: &Value, field: &str) -> Vec<String> {
    let texts = list.as_array().unwrap().iter().map(|it| it[field].as_str().unwrap().to_owned());
    texts.collect()
}

#[test]
fn what_was_added_is_listed_and_explained() {
    for (kind, name, key, said) in [
        ("strategy", "by_moon", "by_moon.phases.lit", "Share of the moon"),
        ("judge", "odd", "odd.above", "a scrape is bad"),
        ("fault", "flaky", "flaky.rate", "in scope that fail"),
        ("channel", "mailbox", "mailbox.visibility", "must be answered"),
    ] {
        assert!(asked(&["list", kind]).unwrap().contains(&format!("\n  {name} ")), "{name}");
        let explained = asked(&["explain", name]).unwrap();
        assert!(explained.starts_with(&format!("{name} ({kind})")), "{explained}");
        assert!(asked(&["explain", key]).unwrap().contains(said), "{key}");
    }
}

#[test]
fn what_was_added_is_checked() {
    let desk = Desk::with("check", BOT);
    desk.asked("check", &[]);
    for (right, wrong) in [
        ("lit: 20%", "lit: blue"),
        ("{odd:", "{even:"),
        ("rate: 80%", "rote: 80%"),
        ("visibility: 5s", "visibility: 5%"),
        ("channel: post", "channel: past"),
        ("above: 10%", "above: 10ms"),
        ("window: 60s", "window: 1s"),
    ] {
        fs::write(desk.path("bot.yaml"), BOT.replace(right, wrong)).unwrap();
        assert!(asked(&["check", &desk.path("bot.yaml")]).is_err(), "{wrong}");
    }
}

#[test]
fn a_rollout_goes_the_way_that_was_added_and_is_stopped_by_the_judge_that_was_added() {
    let desk = Desk::with("run", BOT);
    let (set, out) = ("strategy.by_moon.phases[0].lit=40%", desk.path("out"));
    let told = desk.asked("run", &["--set", set, "--release", "good", "--out", &out]);
    assert!(told.contains("10 % of the traffic goes to 0.9.0 (previous)"), "{told}");
    // its third release has a bar, a colour, columns and books
    assert!(read(&out, "picture.svg").contains("0.9.0 (previous)"));
    assert!(read(&out, "instances.csv").contains(",previous,"));
    assert!(read(&out, "series.csv").lines().next().unwrap().contains(",attempts_previous,"));
    let outcome: Value = serde_json::from_str(&read(&out, "outcome.json")).unwrap();
    let previous = &outcome["further_releases"][0];
    assert!(previous["answered"].as_u64().unwrap() > 5, "{previous}");
    assert!(told.contains("a moon that is 40 % lit") && told.contains("is full"), "{told}");
    let dud = ["--set", set, "--release", "dud", "--out", &out, "--replace"];
    let told = desk.asked("run", &dud);
    assert!(told.contains("oddity") && told.contains("the moon has set"), "{told}");
    assert!(told.contains("flaky") && !told.contains("is full"), "{told}");
    assert!(read(&out, "picture.svg").contains("oddity"));
}

#[test]
fn a_comparison_of_what_was_added_is_reported_and_goes_on_after_an_interruption() {
    let desk = Desk::with("compare", BOT);
    let out = desk.path("out");
    let options = ["--trials", "6", "--out", out.as_str()];
    desk.asked("compare", &options);
    let (rows, page) = (read(&out, "trials.csv"), read(&out, "report.html"));
    assert!(page.contains("by_moon") && page.contains("in one go"));
    // as if it had been stopped within the third rollout
    let lines: Vec<&str> = rows.split_inclusive('\n').collect();
    let part = lines[..6].concat() + &lines[6][..9];
    fs::write(Path::new(&out).join("trials.csv.part"), part).unwrap();
    fs::remove_file(Path::new(&out).join("trials.csv")).unwrap();
    desk.asked("compare", &[options.as_slice(), &["--resume"]].concat());
    assert_eq!((read(&out, "trials.csv"), read(&out, "report.html")), (rows, page.clone()));
    fs::remove_file(Path::new(&out).join("report.html")).unwrap();
    asked(&["report", &out]).unwrap();
    assert_eq!(read(&out, "report.html"), page);
}

#[test]
fn the_plain_one_of_what_was_added_is_advised_on() {
    let others: Vec<&str> = BOT.lines().filter(|it| !it.starts_with("strategy:")).collect();
    let desk = Desk::with("advise", &(others.join("\n") + "\nstrategy: {rolling: {}}\n"));
    let out = desk.path("out");
    // with so few rollouts it may end undecided
    let told = asked(&["advise", &desk.path("bot.yaml"), "--trials", "8", "--out", &out]);
    assert!(told.as_ref().is_ok_and(|it| !it.is_empty()) || told.unwrap_err().ends_with("with 3"));
    let summary: Value = serde_json::from_str(&read(&out, "summary.json")).unwrap();
    assert!(all(&summary["strategies"], "kind").contains(&"by_moon".to_owned()));
    assert!(read(&out, "advice.json").contains("\"by_moon\""));
    assert!(read(&out, "report.html").contains("by_moon"));
}

#[test]
fn power_makes_the_effect_that_was_added_milder_and_worse() {
    let power = Desk::with("power", BOT).json("power", &["--trials", "2"]);
    assert_eq!(power["setting"]["strategy"], "by_moon");
    assert_eq!(power["setting"]["first_step"], 0.2);
    assert!(all(&power["kinds"], "name").contains(&"flakiness".to_owned()));
}

#[test]
fn judges_are_compared_with_the_one_that_was_added() {
    let judges = Desk::with("judges", BOT).json("judges", &["--trials", "1"]);
    assert_eq!(all(&judges["judges"], "judge"), ["odd"]);
}

#[test]
fn a_tuning_moves_the_ramp_and_the_limit_that_were_added() {
    let tuning = Desk::with("tune", BOT).json("tune", &["--trials", "200"]).to_string();
    for path in ["strategy.by_moon.phases", "analysis.gates[0].judge.odd.above", "\"lit\""] {
        assert!(tuning.contains(path), "{path}: {tuning}");
    }
}
