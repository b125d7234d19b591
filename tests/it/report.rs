//! What `rollsim run` shows, prints and writes.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use crate::scratch::{folder, rollsim, text};

const SMALL: &str = "\
format: 2
title: two instances and a new release with a bug
length: 20m
seed: 7
fleet:
  instances: 2
traffic:
  rate: 5/s
users:
  count: 200
release:
  defects:
    - effect:
        errors: { rate: 40% }
strategy:
  canary:
    by: users
    steps:
      - { weight: 10%, hold: 5m }
      - { weight: 50%, hold: 5m }
analysis:
  interval: 30s
  gates:
    - name: errors
      judge:
        threshold: { metric: error_rate, fail_above: 5%, window: 2m, min_samples: 5 }
expect:
  phase: rolled_back
  users_hurt: 1..40
";

/// Runs a scenario in a folder of its own.
fn run(name: &str, scenario: &str, arguments: &[&str]) -> (PathBuf, Output) {
    let folder = folder(&format!("report-{name}"));
    fs::write(folder.join("small.yaml"), scenario).unwrap();
    let output = rollsim(&folder, &[&["run", "small.yaml"], arguments].concat());
    (folder, output)
}

#[test]
fn a_run_tells_scenario_and_seed_the_headline_the_timeline_and_the_table() {
    let (_, output) = run("told", SMALL, &[]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
    let told = text(&output.stdout);
    let widest = told.lines().map(|it| it.chars().count()).max();
    assert!(widest <= Some(100), "{told}");
    insta::with_settings!({snapshot_path => "golden", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("run", told);
    });
}

#[test]
fn an_expectation_that_fails_is_told_and_decides_the_exit_code() {
    let wrong = SMALL.replace("users_hurt: 1..40", "users_hurt: 0");
    let (_, output) = run("failed", &wrong, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("\nFAILED  users_hurt "));
    insta::with_settings!({snapshot_path => "golden", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("run_failed", text(&output.stderr));
    });
    let (_, output) = run("bad", &SMALL.replace("40%", "40"), &[]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()));
}

#[test]
fn following_changes_neither_the_output_nor_the_files() {
    let (quiet, first) = run("quiet", SMALL, &["--out", "results"]);
    let (followed, second) = run("followed", SMALL, &["--out", "results", "--follow"]);
    assert_eq!(text(&first.stdout), text(&second.stdout));
    assert!(text(&second.stderr).contains("rolling back"));
    let names = |folder: &Path| {
        let entries = fs::read_dir(folder.join("results")).unwrap();
        let mut names: Vec<_> = entries.map(|it| it.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let expected = [
        "instances.csv",
        "outcome.json",
        #[cfg(feature = "png")]
        "picture.png",
        "picture.svg",
        "series.csv",
        "timeline.csv",
        "verdicts.csv",
    ];
    assert_eq!(names(&quiet), expected);
    assert_eq!(names(&followed), expected);
    #[cfg(feature = "png")]
    assert!(fs::read(quiet.join("results/picture.png")).unwrap().starts_with(b"\x89PNG\r\n"));
    for name in expected {
        let read = |folder: &Path| fs::read(folder.join("results").join(name)).unwrap();
        assert!(read(&quiet) == read(&followed), "{name}");
    }
}

#[test]
fn the_columns_of_the_data_are_a_promise() {
    let (folder, _) = run("columns", SMALL, &["--out", "results"]);
    let header = |name: &str| {
        let data = fs::read_to_string(folder.join("results").join(name)).unwrap();
        assert!(data.lines().count() > 1, "{name}");
        data.lines().next().unwrap().to_owned()
    };
    let series = "at,clock,good,failed,slow,wrong,attempts_stable,attempts_dark,attempts_exposed,\
                  failures_stable,failures_dark,failures_exposed,latency_p50_stable,\
                  latency_p50_dark,latency_p50_exposed,latency_p99_stable,latency_p99_dark,\
                  latency_p99_exposed,memory_stable,memory_candidate,saturation,ready_stable,\
                  ready_candidate,weight,queue";
    assert_eq!(header("series.csv"), series);
    assert_eq!(header("timeline.csv"), "at,clock,topic,text,cause");
    let verdicts =
        "at,clock,gate,metric,verdict,value,baseline,samples,limit,statistic,statistic_value,bound";
    assert_eq!(header("verdicts.csv"), verdicts);
    assert_eq!(header("instances.csv"), "instance,release,zone,from,to,state");
}

#[test]
fn json_on_the_standard_output_is_the_file_of_the_folder() {
    let (folder, output) = run("json", SMALL, &["--format", "json", "--out", "results"]);
    let record: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(fs::read(folder.join("results/outcome.json")).unwrap(), output.stdout);
    assert_eq!(record["seed"], 7);
    assert_eq!(record["phase"], "rolled_back");
    assert_eq!(record["command"], "rollsim run small.yaml --seed 7 --out DIR");
    assert_eq!(record["figures"]["users_hurt"]["unit"], "count");
    assert_eq!(record["expectations"][0]["held"], true);
}

#[test]
fn a_folder_that_cannot_be_written_is_told_before_anything_is_played() {
    let folder = folder("report-unwritable");
    fs::write(folder.join("small.yaml"), SMALL).unwrap();
    fs::write(folder.join("taken"), "a file").unwrap();
    let output = rollsim(&folder, &["run", "small.yaml", "--out", "taken", "--follow"]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()));
    let told = text(&output.stderr);
    assert!(told.starts_with("error: `taken` is a file, not a folder"), "{told}");
}

#[test]
fn nothing_from_a_scenario_breaks_the_picture_or_steers_the_terminal() {
    let long = "long ".repeat(99);
    let titles = [
        "<script>alert(1)</script> & ]]> \\\" ' -->",
        "red \\u001b[31m, bell \\u0007, null \\u0000, newline \\n, \\uFFFE",
        "\u{1f680} \u{5e9}\u{5dc}\u{5d5}\u{5dd} \\u202ereversed",
        long.as_str(),
    ];
    for (index, title) in titles.iter().enumerate() {
        let scenario = SMALL
            .replace("two instances and a new release with a bug", &format!("\"{title}\""))
            .replace("- name: errors", &format!("- name: \"{title}\""));
        let (folder, output) = run(&format!("hostile-{index}"), &scenario, &["--out", "results"]);
        let told = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{title}: {}", text(&output.stderr));
        let steers = |it: char| it.is_control() && it != '\n' || it == '\u{202e}';
        assert!(!told.contains(steers), "{told}");
        let svg = fs::read_to_string(folder.join("results/picture.svg")).unwrap();
        assert!(!svg.contains("<script") && !svg.contains(steers), "{title}");
        let tree = roxmltree::Document::parse(&svg);
        assert!(tree.is_ok(), "{title}: {tree:?}");
    }
}

/// The same bot with a good release.
fn good() -> String {
    let (before, rest) = SMALL.split_once("release:").unwrap();
    let (_, after) = rest.split_once("strategy:").unwrap();
    let (after, _) = after.split_once("expect:").unwrap();
    format!("{before}strategy:{after}")
}

#[test]
fn a_promoted_canary_says_what_its_gates_saw_and_shows_its_steps() {
    let (_, output) = run("promoted", &good(), &["--format", "json"]);
    let record: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let steps = record["steps"].as_array().unwrap();
    let texts: Vec<&str> = steps.iter().map(|it| it["text"].as_str().unwrap()).collect();
    assert_eq!(
        texts,
        [
            "candidate takes 10 % of users, held for 5 min",
            "candidate takes 50 % of users, held for 5 min",
            "candidate takes 100 % of users",
            "keep the old instances for 30 s",
            "stop the old instances",
        ]
    );
    assert!(steps.iter().all(|it| it["state"] == "done"));
    // a look every 30 s during two steps of 5 min, at both ends of neither
    let tally = &record["gates"][0]["tally"];
    let count = |name: &str| tally[name].as_u64().unwrap();
    let looks = count("passed") + count("unheeded");
    assert_eq!((count("failed"), count("inconclusive")), (0, 0));
    assert!((19..=22).contains(&looks), "{looks}");
    let (_, output) = run("promoted", &good(), &[]);
    let told = text(&output.stdout);
    let said = format!("\nerrors: {0} of {0} measurements passed, ", count("passed"));
    assert!(told.contains(&said) && told.contains(", limit 5 %\n"), "{told}");
    assert!(told.contains("├─ done     candidate takes 10 % of users, held for 5 min"), "{told}");
    assert!(told.contains("└─ done     stop the old instances"), "{told}");
}

#[test]
fn a_gate_that_never_decides_is_a_dry_run_in_timeline_and_steps() {
    let gate = "- name: errors";
    let dry = SMALL.replace(gate, "- dry_run: true\n      name: errors");
    assert_ne!(dry, SMALL);
    let (_, output) = run("dry", &dry, &[]);
    let told = text(&output.stdout);
    assert!(told.contains("gate `errors` (dry run) fails: error rate "), "{told}");
    assert!(told.contains("errors (dry run): 0 of "), "{told}");
    assert!(!told.contains("gate `errors` fails"), "{told}");
}

#[test]
fn every_strategy_shows_its_steps() {
    let canary = "canary: {steps: [{weight: 50%, hold: 30s}], analysis: none}";
    for (strategy, expected) in [
        ("all_at_once: {}", 2),
        ("recreate: {}", 3),
        ("rolling: {batch: 1, wait: 30s}", 1),
        ("blue_green: {smoke: {}, approve: true, bake: 1m, keep_old: 2m}", 7),
        (canary, 4),
        ("feature_flag: {steps: [{share: 50%, hold: 30s}, {share: 100%}], analysis: none}", 3),
        (
            "canary_flag: {canary: {steps: [], analysis: none}, flag: {steps: [{share: 100%}], analysis: none}}",
            4,
        ),
    ] {
        let migration = "release: {migration: {duration: 10s}}";
        for (release, more) in [("", 0), (migration, 1)] {
            let scenario = format!(
                "title: steps\nlength: 15m\nfleet: {{instances: 2}}\ntraffic: {{rate: 1/s}}\n\
                 operator: {{approve: {{constant: 10s}}}}\n{release}\nstrategy: {{{strategy}}}\n"
            );
            let (_, output) = run("steps", &scenario, &["--format", "json"]);
            let record: serde_json::Value = serde_json::from_slice(&output.stdout)
                .unwrap_or_else(|_| panic!("{strategy}: {}", text(&output.stderr)));
            let steps = record["steps"].as_array().unwrap();
            assert_eq!(steps.len(), expected + more, "{strategy}: {steps:?}");
            assert!(steps.iter().all(|it| it["state"] == "done"), "{strategy}: {steps:?}");
            let migrates = steps.iter().any(|it| it["text"] == "migration");
            assert_eq!(migrates, more > 0, "{strategy}: {steps:?}");
        }
    }
}

#[test]
fn equal_lines_are_one_in_the_text_and_all_there_in_the_data() {
    let scenario = "title: kills\nlength: 20m\nfleet: {instances: 4, startup: {constant: 1m}, \
                    liveness: {period: 10s}, drain: {grace: 2s, pre_stop: 0s}}\n\
                    traffic: {rate: 1/s}\nstrategy: {all_at_once: {}}\n";
    let (folder, output) = run("kills", scenario, &["--out", "results"]);
    let told = text(&output.stdout);
    let lines: Vec<&str> = told.lines().filter(|it| it.contains(") restarting")).collect();
    assert!(lines.iter().all(|it| it.contains(" 4 instances (")), "{told}");
    // without a number, each of them once
    let times = |it: &&str| -> usize {
        let rest = it.split("restarting, ").nth(1);
        rest.and_then(|it| it.split(' ').next()?.parse().ok()).unwrap_or(4)
    };
    let data = fs::read_to_string(folder.join("results/timeline.csv")).unwrap();
    let kills = data.lines().filter(|it| it.contains(" restarting,")).count();
    assert_eq!(lines.iter().map(times).sum::<usize>(), kills, "{told}");
    assert!(kills > 20 && lines.len() < 4, "{told}");
}
