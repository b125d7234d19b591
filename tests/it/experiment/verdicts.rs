//! What `compare` tells of a scenario, and how it ends.

use std::fs;

use crate::scratch::{folder, path, rollsim, shell, text};

/// A release that errors in three answers of ten, under two strategies.
const BOT: &str = "title: a bot with a bad release
length: 5m
rollout_at: 1m
fleet: {instances: 4, startup: {constant: 3s}, propagation: 1s}
traffic: {rate: 5/s}
users: {count: 200}
telemetry: {interval: 5s}
release: {defects: [{effect: {errors: {rate: 30%}}}]}
analysis:
  interval: 10s
  gates:
    - {name: errors, judge: {threshold: {metric: error_rate, fail_above: 10%, window: 30s, min_samples: 5}}}
strategy:
  canary: {steps: [{weight: 25%, hold: 2m}]}
strategies:
  at once: {all_at_once: {}}
";

fn compared(name: &str, expect: &str, more: &[&str]) -> (Option<i32>, String, String) {
    let folder = folder(&format!("verdicts-{name}"));
    fs::write(folder.join("bot.yaml"), format!("{BOT}{expect}")).unwrap();
    let arguments = [&["compare", "bot.yaml", "--trials", "30"], more].concat();
    let output = rollsim(&folder, &arguments);
    let junit = fs::read_to_string(folder.join("junit.xml")).unwrap_or_default();
    (output.status.code(), text(&output.stdout), junit)
}

#[test]
fn expectations_on_estimates_decide_how_it_ends() {
    let (code, _, _) = compared("held", "expect: {canary: {escaped: '< 20%'}}\n", &[]);
    assert_eq!(code, Some(0));
    let (code, _, _) = compared("failed", "expect: {at once: {escaped: '< 20%'}}\n", &[]);
    assert_eq!(code, Some(1));
    // 30 of 30 are taken back: anything from 89 % to 100 %
    let (code, _, _) = compared("unsure", "expect: {canary: {rolled_back: '>= 99%'}}\n", &[]);
    assert_eq!(code, Some(3));
}

#[test]
fn junit_says_what_failed_and_what_could_not_be_told() {
    let expect = "expect:
  canary: {escaped: '< 20%', rolled_back: '>= 99%'}
  at once: {escaped: '< 20%'}
";
    let (code, _, junit) = compared("junit", expect, &["--junit", "junit.xml"]);
    assert_eq!(code, Some(1));
    for part in ["tests=\"3\"", "failures=\"1\"", "errors=\"1\"", "<failure ", "<error "] {
        assert!(junit.contains(part), "{part}: {junit}");
    }
}

#[test]
fn the_same_defect_costs_less_behind_a_canary() {
    let (code, out, _) = compared("words", "", &[]);
    assert_eq!(code, Some(0));
    assert!(out.starts_with("`canary` costs least: "), "{out}");
    assert!(out.lines().all(|line| line.chars().count() <= 100), "{out}");
}

#[test]
fn any_trial_can_be_played_by_itself() {
    let (_, out, _) = compared("replay", "", &["--format", "json", "--out", "out"]);
    let summary: serde_json::Value = serde_json::from_str(&out).unwrap();
    let folder = path("verdicts-replay");
    let written = fs::read_to_string(folder.join("out/summary.json")).unwrap();
    assert_eq!(out, written, "what is printed is what is written");
    let examples = summary["examples"].as_array().unwrap();
    assert_eq!(examples.len(), 6);
    for example in examples {
        let command = example["command"].as_str().unwrap();
        let output = shell(&folder, &format!("{command} --format json"));
        let played: serde_json::Value = serde_json::from_str(&text(&output.stdout)).unwrap();
        assert_eq!(played["figures"]["users_hurt"]["value"], example["users_hurt"], "{command}");
    }
}

#[test]
fn releases_that_differ_cannot_be_paired() {
    let folder = folder("verdicts-unpaired");
    fs::write(folder.join("one.yaml"), BOT).unwrap();
    fs::write(folder.join("two.yaml"), BOT.replace("30%}}}]", "31%}}}]")).unwrap();
    let output = rollsim(&folder, &["compare", "one.yaml", "two.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("ship different releases"), "{}", text(&output.stderr));
}

#[test]
fn options_that_make_no_sense_are_refused_with_what_is_allowed() {
    let folder = folder("verdicts-options");
    fs::write(folder.join("bot.yaml"), BOT).unwrap();
    for (options, said) in [
        (&["--shard", "5/4", "--trials", "9", "--out", "o"][..], "allowed: `1/4` to `4/4`"),
        (&["--precision", "often"], "`--precision often` is not a share"),
        (&["--releases", "perfect"], "there is no preset `perfect`"),
    ] {
        let output = rollsim(&folder, &[&["compare", "bot.yaml"], options].concat());
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(said), "{}", text(&output.stderr));
    }
}
