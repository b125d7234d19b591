//! What `rollsim advise` says of the bots that come with it, and that it says so in words.

use std::process::{Command, Output};

use serde_json::Value;

fn advise(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollsim"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).arg("advise").args(arguments);
    command.env_remove("CLICOLOR_FORCE").output().unwrap()
}

/// The advice for a shipped bot after so many rollouts.
fn advice(bot: &str, trials: &str) -> Value {
    let file = format!("scenarios/{bot}.yaml");
    let output = advise(&[&file, "--trials", trials, "--seed", "1", "--format", "json"]);
    assert!(output.status.success(), "{bot}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The kinds of strategies that the advice leaves open: the one to ship by and those as good.
fn kinds(advice: &Value) -> Vec<&str> {
    let as_good = advice["as_good"].as_array().unwrap();
    let all = std::iter::once(&advice["ship_by"]).chain(as_good);
    all.map(|it| it["kind"].as_str().unwrap()).collect()
}

fn cheapest(advice: &Value) -> &str {
    advice["cheapest"]["kind"].as_str().unwrap()
}

#[test]
fn too_few_rollouts_are_no_ground_for_advice() {
    let output = advise(&["scenarios/simple-bot.yaml", "--trials", "2"]);
    let words = String::from_utf8(output.stdout).unwrap();
    assert!(words.starts_with("2 rollouts are too few for advice"), "{words}");
}

/// What a strategy costs more than the one to ship by, and whether that is decided.
fn more(advice: &Value, name: &str) -> (f64, bool) {
    let others = advice["others"].as_array().unwrap();
    let it = others.iter().find(|it| it["choice"]["name"] == name).unwrap();
    (it["more"].as_f64().unwrap(), it["decided"].as_bool().unwrap())
}

#[test]
fn a_simple_bot_is_told_to_just_deploy() {
    let advice = advice("simple-bot", "200");
    assert_eq!(advice["ship_by"]["kind"], "all_at_once");
    assert!(!kinds(&advice).contains(&"canary"), "{advice}");
}

#[test]
fn a_bot_that_people_depend_on_is_told_to_take_a_canary() {
    let advice = advice("critical-bot", "60");
    assert!(["canary", "canary_flag"].contains(&cheapest(&advice)), "{advice}");
    let (dearer, decided) = more(&advice, "all_at_once");
    assert!(dearer > 0.0 && decided, "{advice}");
    assert!(!kinds(&advice).contains(&"recreate"), "{advice}");
}

#[test]
fn five_instances_are_told_to_go_step_by_step() {
    let advice = advice("five-instances", "48");
    assert!(["rolling", "canary"].contains(&cheapest(&advice)), "{advice}");
    assert!(!kinds(&advice).contains(&"all_at_once"), "{advice}");
    assert!(!kinds(&advice).contains(&"recreate"), "{advice}");
}

#[test]
fn a_bot_whose_features_break_in_regions_is_told_to_use_flags() {
    let advice = advice("regions-bot", "60");
    assert!(["feature_flag", "canary_flag"].contains(&cheapest(&advice)), "{advice}");
    assert!(!kinds(&advice).contains(&"all_at_once"), "{advice}");
}

#[test]
fn advice_comes_in_words_with_its_evidence() {
    let output = advise(&["scenarios/simple-bot.yaml", "--trials", "200", "--seed", "1"]);
    assert!(output.status.success());
    let words = String::from_utf8(output.stdout).unwrap().replace('\n', " ");
    for part in [
        "hip it all at once: it costs $",
        "Blue-green: ",
        "200 simulated rollouts",
        "seed 1",
        "profile hobby",
        "Assumptions:",
        "if a hurt user costs|until a hurt user costs|rice of a hurt user|depends on the cost of a hurt user",
    ] {
        assert!(part.split('|').any(|it| words.contains(it)), "`{part}` is not in: {words}");
    }
}

#[test]
fn the_same_seed_gives_the_same_advice_on_any_number_of_threads() {
    let with = |threads: &str| {
        let fixed = ["scenarios/simple-bot.yaml", "--trials", "120", "--format", "json"];
        advise(&[&fixed[..], &["--threads", threads]].concat()).stdout
    };
    assert!(with("1") == with("3"));
}
