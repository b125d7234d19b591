//! `strategy: none`: load and incidents without a rollout.

use std::{fs, path::Path};

use rollsim::{
    kernel::Seed,
    model::{Measure, Phase},
    report,
    scenario::{Scenario, lint, load_text, plan_of},
    sim::{self, Trial},
};

use crate::{
    scratch::{folder, rollsim, text},
    trials::plan,
};

const LOAD: &str = "title: an incident without a rollout
length: 20m
traffic: {rate: 20/s}
users: {count: 1000}
fleet: {instances: 3, errors: 0%, balancer: round_robin}
incidents: [{when: {at: 5m}, lasts: 5m, effect: {errors: {rate: 50%}}}]
alerts: [{name: errors, metric: error_rate, above: 5%, window: 1m}]
strategy: none
";

#[test]
fn an_incident_strikes_and_nothing_is_shipped() {
    let plan = plan(LOAD);
    let outcome = sim::run(&plan, Seed::DEFAULT);
    assert_eq!((outcome.phase, outcome.rollout_began), (Phase::Pending, None));
    assert!(outcome.phases.is_empty());
    // half of 20 requests a second, for 5 min
    let failed = outcome.figure(Measure::failed).unwrap();
    assert!((failed / 3_000.0 - 1.0).abs() < 0.06, "{failed}");
    // the first symptom needs no rollout: the alert follows within a window
    let detected = outcome.figure(Measure::detection_time).unwrap();
    assert!((0.0..=60.0).contains(&detected), "{detected}");
    let lives = &outcome.lives;
    assert_eq!(lives.len(), 3);
    let words: Vec<&str> = outcome.timeline.iter().map(|it| it.topic.name()).collect();
    assert!(!words.contains(&"rollout") && !words.contains(&"traffic"), "{words:?}");
}

/// The same world under a rollout that comes too late to matter: no request ends otherwise.
#[test]
fn the_world_is_that_before_a_rollout() {
    let late = LOAD.replace("strategy: none", "rollout_at: 20m\nstrategy: {rolling: {}}");
    let of = |text: &str| sim::run(&plan(text), Seed::DEFAULT);
    let (none, late) = (of(LOAD), of(&late));
    for measure in [Measure::requests, Measure::failed, Measure::users_hurt, Measure::latency_p99] {
        assert_eq!(none.figure(measure), late.figure(measure), "{measure:?}");
    }
}

#[test]
fn measures_of_a_rollout_are_absent_and_not_zero() {
    let plan = plan(LOAD);
    let outcome = sim::run(&plan, Seed::DEFAULT);
    let absent = [
        "users_met",
        "users_hurt_by_release",
        "users_hurt_unmet",
        "failed_share_stable",
        "failed_share_candidate",
        "latency_p99_candidate",
        "instances_ready_min",
        "rollout_time",
        "rollback_time",
    ];
    let trial = report::Trial { plan: &plan, outcome: &outcome, command: "rollsim run" };
    let json = serde_json::to_value(report::json(trial)).unwrap();
    let table = report::measures(trial);
    for name in absent {
        assert!(json["figures"].get(name).is_none(), "{name}");
        assert!(!table.contains(name), "{name}\n{table}");
    }
    for name in ["requests", "failed", "users_hurt", "downtime", "latency_p99"] {
        assert!(json["figures"].get(name).is_some(), "{name}");
    }
    let headline = report::headline(trial);
    assert!(headline.starts_with("nothing was shipped: "), "{headline}");
    let picture = report::picture(trial);
    assert!(!picture.contains("Traffic split") && !picture.contains("(new)"));
    assert!(picture.contains("nothing is shipped"));
}

#[test]
fn what_has_no_effect_without_a_rollout_is_told_and_what_compares_is_refused() {
    let told = |text: &str| {
        let scenario = load_text::<Scenario>("none.yaml", text).unwrap().value;
        let (plan, problems) = plan_of("none", scenario, Path::new("."));
        let lints = plan.iter().flat_map(lint);
        let paths: Vec<String> = problems.iter().cloned().chain(lints).map(|it| it.path).collect();
        (plan.is_some(), paths)
    };
    assert_eq!(told(LOAD), (true, Vec::new()));
    let defect = format!("{LOAD}release: {{defects: [{{effect: {{errors: {{rate: 1%}}}}}}]}}\n");
    assert_eq!(told(&defect), (true, vec!["release.defects".to_owned()]));
    let beside = format!("{LOAD}strategies: {{other: {{rolling: {{}}}}}}\n");
    assert_eq!(told(&beside), (false, vec!["strategies".to_owned()]));
    let among =
        LOAD.replace("strategy: none", "strategy: {rolling: {}}\nstrategies: {quiet: none}");
    assert_eq!(told(&among), (false, vec!["strategies.quiet".to_owned()]));
    // its time means nothing, however short the trial
    assert!(told(&LOAD.replace("length: 20m", "length: 2m")).0);
}

#[test]
fn commands_take_it_or_say_why_they_do_not() {
    let folder = folder("operator-none");
    fs::write(folder.join("load.yaml"), LOAD).unwrap();
    let tried = |arguments: &[&str]| {
        let output = rollsim(&folder, arguments);
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    assert_eq!(tried(&["check", "load.yaml"]).0, Some(0));
    let (code, said, _) = tried(&["run", "load.yaml"]);
    assert!(code == Some(0) && said.contains("nothing was shipped"), "{said}");
    for (command, why) in [
        (&["advise", "load.yaml"][..], "nothing is shipped"),
        (&["judges", "load.yaml", "--trials", "2"], "nothing is shipped"),
        (&["power", "load.yaml"], "nothing is shipped"),
        (&["tune", "load.yaml"], "there is nothing to tune"),
    ] {
        let (code, _, told) = tried(command);
        assert!(code == Some(2) && told.contains(why), "{command:?} {code:?}: {told}");
    }
    let (_, said, _) = tried(&["list", "strategies"]);
    assert!(said.contains("\n  none "), "{said}");
    let (code, said, _) = tried(&["explain", "none"]);
    assert!(code == Some(0) && said.contains("Nothing is shipped"), "{said}");
}

#[test]
fn a_comparison_estimates_it_alone_without_what_becomes_of_rollouts() {
    let folder = folder("operator-none-compared");
    fs::write(folder.join("load.yaml"), LOAD).unwrap();
    let output = rollsim(&folder, &["compare", "load.yaml", "--trials", "4", "--out", "out"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}{}", text(&output.stderr));
    assert!(!said.contains("rolls back") && !said.contains("through"), "{said}");
    let trials = fs::read_to_string(folder.join("out/trials.csv")).unwrap();
    let mut rows = trials.lines().filter(|it| !it.starts_with('#'));
    let names: Vec<&str> = rows.next().unwrap().split(',').collect();
    let at = |name: &str| names.iter().position(|it| *it == name).unwrap();
    let cells: Vec<&str> = rows.next().unwrap().split(',').collect();
    assert_eq!((cells[at("users_met")], cells[at("rollout_time")]), ("", ""));
    assert_ne!(cells[at("failed")], "");
    let summary: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("out/summary.json")).unwrap()).unwrap();
    let estimates = summary["strategies"][0]["overall"].as_array().unwrap();
    let known = |name: &str| estimates.iter().any(|it| it["quantity"] == name);
    assert!(known("failed") && known("cost"));
    for name in ["users_met", "completed", "rolled_back", "false_rollback", "escaped"] {
        assert!(!known(name), "{name}");
    }
}

#[test]
fn figures_alone_are_those_of_the_whole_trial() {
    let plan = plan(LOAD);
    let trial = Trial::new(&plan, Seed::DEFAULT);
    assert_eq!(trial.run().figures, trial.figures_only().run().figures);
}
