//! Rollouts that the end of the trial cuts off, and harm that is too rare to have been seen: neither is a success.

use std::{fs, path::PathBuf};

use serde_json::Value;

use super::BOT;
use crate::scratch::{folder, rollsim, text};

/// A folder with a file of the fixtures, with something appended.
fn with(fixture: &str, more: &str) -> PathBuf {
    let folder = folder(&format!("unfinished-{fixture}"));
    let path = format!("{}/tests/it/fixtures/{fixture}.yaml", env!("CARGO_MANIFEST_DIR"));
    let written = fs::read_to_string(path).unwrap() + more;
    fs::write(folder.join("bot.yaml"), written).unwrap();
    folder
}

fn estimate(strategy: &Value, quantity: &str, stat: &str) -> Value {
    let all = strategy["overall"].as_array().unwrap();
    let found = all.iter().find(|it| it["quantity"] == quantity && it["stat"] == stat);
    found.unwrap_or(&Value::Null).clone()
}

#[test]
fn a_strategy_whose_rollouts_are_cut_off_is_no_winner_and_passes_nothing() {
    let expect =
        "expect:\n  canary: {escaped: '< 20%', users_hurt_mean: '< 900', unfinished: '> 50%'}\n";
    let folder = with("skew", expect);
    let line = ["compare", "bot.yaml", "--trials", "120", "--format", "json", "--out", "out"];
    let output = rollsim(&folder, &line);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    let strategies = summary["strategies"].as_array().unwrap();
    let canary = strategies.iter().find(|it| it["name"] == "canary").unwrap();
    assert!(estimate(canary, "unfinished", "rate")["value"].as_f64().unwrap() > 0.7);
    // none of the bad releases was seen to escape, and a quarter of them was cut off
    let escaped = estimate(canary, "escaped", "rate");
    assert_eq!(escaped["value"], 0.0);
    assert!(escaped["high"].as_f64().unwrap() > 0.25, "{escaped}");
    for pair in summary["pairs"].as_array().unwrap().iter().filter(|it| it["first"] == 0) {
        assert_eq!(pair["differences"][0]["decided"], false);
    }
    let results: Vec<(&str, &str, bool)> = summary["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let of = |key: &str| it[key].as_str().unwrap();
            (of("estimate"), of("result"), it["unfinished"].is_number())
        })
        .collect();
    let open = "not_enough_trials";
    let wanted =
        [("users_hurt_mean", open, true), ("escaped", open, true), ("unfinished", "passed", false)];
    assert_eq!(results, wanted);
    let report = fs::read_to_string(folder.join("out/report.md")).unwrap();
    assert!(report.contains("cut off by the end of the trial") && report.contains("cut off |"));
    let advice = rollsim(&folder, &["advise", "bot.yaml", "--trials", "60"]);
    assert!(text(&advice.stdout).starts_with("Not decided: "), "{}", text(&advice.stdout));
}

#[test]
fn a_rollout_that_waits_for_a_person_until_the_end_is_unfinished() {
    let folder = folder("unfinished-paused");
    let waits = BOT
        .replace("{weight: 30%, hold: 40s}", "{weight: 30%, hold: 40s, approve: true}")
        .replace("analysis:\n", "operator: {approve: {constant: 5h}}\nanalysis:\n")
        .replace("false_rollback: '< 50%'", "completed: '>= 0%'");
    fs::write(folder.join("bot.yaml"), waits).unwrap();
    let output = rollsim(&folder, &["compare", "bot.yaml", "--trials", "60", "--format", "json"]);
    let summary: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    let strategies = summary["strategies"].as_array().unwrap();
    let canary = strategies.iter().find(|it| it["name"] == "canary").unwrap();
    let unfinished = estimate(canary, "unfinished", "rate")["value"].as_f64().unwrap();
    let back = estimate(canary, "rolled_back", "rate")["value"].as_f64().unwrap();
    assert!((unfinished + back - 1.0).abs() < 1e-9 && unfinished > 0.5, "{unfinished} {back}");
}

/// The truth is 47 ms: 27 of 5,000 rollouts had any downtime at all.
#[test]
fn harm_that_no_rollout_has_shown_is_not_zero() {
    let folder = with("rare-downtime", "");
    for trials in ["60", "300"] {
        let line = ["compare", "bot.yaml", "--trials", trials, "--format", "json"];
        let output = rollsim(&folder, &line);
        assert_eq!(output.status.code(), Some(3), "{trials}: {}", text(&output.stderr));
        let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
        let canary =
            summary["strategies"].as_array().unwrap().iter().find(|it| it["name"] == "canary");
        let downtime = estimate(canary.unwrap(), "downtime", "mean");
        assert!(downtime["rare"]["high"].as_f64().unwrap() > 0.005, "{downtime}");
        // of the finding, what the rollouts that were not seen may come to
        let high = summary["findings"][0]["high"].as_f64().unwrap();
        assert!(high > 0.047, "{high}");
        let unseen = summary["unseen"].as_f64().unwrap();
        assert!(unseen > 3.0 / trials.parse::<f64>().unwrap(), "{unseen}");
    }
    let words = text(&rollsim(&folder, &["compare", "bot.yaml", "--trials", "60"]).stdout);
    assert!(!words.contains("0 (0 to 0)"), "{words}");
    assert!(words.contains("Rollouts worse than any that was simulated: at most"), "{words}");
}
