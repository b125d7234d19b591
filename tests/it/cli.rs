//! The command line as its users meet it: what goes where, and how it ends.

use std::{
    fs,
    process::{Command, Stdio},
};

use crate::scratch::{folder, rollsim, text};

#[test]
fn problems_are_drawn_with_their_line_on_the_standard_error() {
    let folder = folder("cli-drawn");
    let bad =
        "title: x\nlength: 20\nfleet:\n  instences: 3\nstrategy:\n  all_at_once: {}\nformat: 2\n";
    fs::write(folder.join("bad.yaml"), bad).unwrap();
    let output = rollsim(&folder, &["check", "bad.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stdout), "");
    let expected = "\
error: `20` needs a unit
 --> bad.yaml:2:9
  |
2 | length: 20
  |         ^^
  |
  = allowed: a number with `ns`, `us`, `ms`, `s`, `m`, `h`, `d` or `w`, such as `250ms`, `90s`, `1h30m`, at most ten years
  = hint: write `20s`

error: there is no key `instences`
 --> bad.yaml:4:3
  |
4 |   instences: 3
  |   ^^^^^^^^^
  |
  = allowed: ";
    let told = text(&output.stderr);
    assert!(told.starts_with(expected), "{told}");
    assert!(told.contains("\n  = hint: did you mean `instances`?\n"), "{told}");
}

#[test]
fn each_file_is_checked_and_one_bad_one_decides() {
    let folder = folder("cli-each");
    assert_eq!(rollsim(&folder, &["init", "good.yaml"]).status.code(), Some(0));
    fs::write(folder.join("bad.yaml"), "title: 5\nformat: 2\n").unwrap();
    let output = rollsim(&folder, &["check", "good.yaml"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).starts_with("good.yaml: ok\none trial: "));
    let output = rollsim(&folder, &["check", "bad.yaml", "good.yaml", "missing.yaml"]);
    assert_eq!((output.status.code(), text(&output.stdout).lines().count()), (Some(2), 2));
    assert!(text(&output.stderr).contains("there is no such file\n--> missing.yaml"));
}

#[test]
fn programs_read_problems_as_json_from_the_standard_output() {
    let folder = folder("cli-json");
    rollsim(&folder, &["init", "good.yaml"]);
    fs::write(
        folder.join("bad.yaml"),
        "title: 5\nformat: 2\nlength: 1h\nstrategy: {all_at_once: {}}\n",
    )
    .unwrap();
    let output = rollsim(&folder, &["check", "--format", "json", "good.yaml"]);
    assert_eq!(text(&output.stdout), "[]\n");
    let output = rollsim(&folder, &["--format=json", "check", "good.yaml", "bad.yaml"]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(2), String::new()));
    let problems: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected = serde_json::json!([{
        "severity": "error",
        "file": "bad.yaml",
        "line": 1,
        "column": 8,
        "path": "title",
        "message": "`5` is a number, not a text",
        "allowed": "a text",
        "hint": "write `\"5\"`",
    }]);
    assert_eq!(problems, expected);
}

#[test]
fn a_printed_plan_checks_and_prints_as_itself() {
    let folder = folder("cli-print");
    rollsim(&folder, &["init"]);
    let first = rollsim(&folder, &["check", "--print", "scenario.yaml"]);
    fs::write(folder.join("printed.yaml"), &first.stdout).unwrap();
    let second = rollsim(&folder, &["check", "--print", "printed.yaml"]);
    assert_eq!(second.status.code(), Some(0));
    assert_eq!(text(&first.stdout), text(&second.stdout));
    assert!(text(&first.stdout).contains("\n  propagation: 1s\n"));
}

#[test]
fn init_overwrites_nothing() {
    let folder = folder("cli-init");
    fs::write(folder.join("mine.yaml"), "mine").unwrap();
    let output = rollsim(&folder, &["init", "mine.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    let expected =
        "error: `mine.yaml` exists already\nhint: give another name, or remove it first\n";
    assert_eq!(text(&output.stderr), expected);
    assert_eq!(fs::read_to_string(folder.join("mine.yaml")).unwrap(), "mine");
    let output = rollsim(&folder, &["init", "-"]);
    assert!(text(&output.stdout).starts_with("# yaml-language-server: $schema="));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
}

#[test]
fn the_starter_begins_with_its_modeline_alone_and_its_example_can_be_tried() {
    let folder = folder("cli-starter");
    let starter = text(&rollsim(&folder, &["init", "-"]).stdout);
    let first = starter.lines().next().unwrap();
    assert_eq!(first, "# yaml-language-server: $schema=scenario.schema.json");
    // as it says: without the signs of the lines below
    let (before, after) = starter.split_once("from the lines below.\n").unwrap();
    let (example, rest) = after.split_once("\n\n").unwrap();
    assert!(example.starts_with("  # defects:\n"), "{example}");
    let tried = format!("{before}\n{}\n\n{rest}", example.replace("  # ", "  "));
    fs::write(folder.join("tried.yaml"), tried).unwrap();
    let checked = rollsim(&folder, &["check", "--print", "tried.yaml"]);
    assert_eq!(checked.status.code(), Some(0), "{}", text(&checked.stderr));
    assert!(text(&checked.stdout).contains("rate: 5%"), "{}", text(&checked.stdout));
}

#[test]
#[cfg(unix)]
fn a_read_only_file_is_not_fixed() {
    let folder = folder("cli-read-only");
    let old = "title: x\nlength: 1h\nstrategy: {all_at_once: {}}\n";
    fs::write(folder.join("old.yaml"), old).unwrap();
    let permit = |writable: bool| {
        let mode =
            std::os::unix::fs::PermissionsExt::from_mode(if writable { 0o644 } else { 0o444 });
        fs::set_permissions(folder.join("old.yaml"), mode).unwrap();
    };
    permit(false);
    let refused = rollsim(&folder, &["check", "--fix", "old.yaml"]);
    let after = fs::read_to_string(folder.join("old.yaml")).unwrap();
    permit(true);
    assert_eq!((refused.status.code(), after.as_str()), (Some(2), old));
    assert!(text(&refused.stderr).contains("this file is read-only"), "{}", text(&refused.stderr));
    assert_eq!(rollsim(&folder, &["check", "--fix", "old.yaml"]).status.code(), Some(0));
}

#[test]
fn a_setting_and_a_number_that_are_out_of_range_are_told_with_what_is_allowed() {
    let folder = folder("cli-range");
    rollsim(&folder, &["init", "bot.yaml"]);
    let told = |line: &[&str]| {
        let output = rollsim(&folder, line);
        assert_eq!(output.status.code(), Some(2), "{line:?}");
        text(&output.stderr)
    };
    let set = told(&["run", "bot.yaml", "--set", "fleet.instances=0"]);
    assert!(
        set.starts_with("error: `0` is out of range\n --> --set:1:1\n")
            && set.contains("allowed: "),
        "{set}"
    );
    let trials = told(&["compare", "bot.yaml", "--trials", "0"]);
    let said =
        "invalid value '0' for '--trials <N>': allowed: a whole number from 2 to 1,000,000,000";
    assert!(trials.contains(said), "{trials}");
    let seed = told(&["run", "bot.yaml", "--seed", "x"]);
    assert!(seed.contains("allowed: a whole number of at least 0"), "{seed}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_standard_output_is_named() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_rollsim")).arg("list").stdout(full).output().unwrap();
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(told.starts_with("error: cannot write to the standard output: "), "{told}");
}

#[test]
fn the_schema_lets_a_file_that_extends_leave_things_out() {
    let output = rollsim(&folder("cli-schema"), &["schema"]);
    let schema: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(schema["properties"]["extends"]["type"], "string");
    assert_eq!(schema["if"]["not"]["required"], serde_json::json!(["extends"]));
    assert!(schema["then"]["required"].as_array().unwrap().contains(&"strategy".into()));
    assert_eq!(schema["additionalProperties"], false);
}

#[test]
fn every_name_in_the_list_is_explained_and_described() {
    let folder = folder("cli-list");
    let output = rollsim(&folder, &["list", "--format", "json"]);
    let topics: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert!(topics.len() > 50);
    for topic in &topics {
        assert_ne!(topic["summary"], "", "{topic}");
    }
    let output = rollsim(&folder, &["list", "strategies"]);
    assert!(text(&output.stdout).starts_with("strategy\n  all_at_once"));
    for kind in ["section", "metric", "balancer", "distribution"] {
        let topic = topics.iter().find(|topic| topic["kind"] == kind).unwrap();
        let output = rollsim(&folder, &["explain", topic["name"].as_str().unwrap()]);
        assert_eq!(output.status.code(), Some(0), "{topic}");
    }
}

#[test]
fn explain_follows_keys_through_sections_and_lists() {
    let folder = folder("cli-explain");
    let told = |name| text(&rollsim(&folder, &["explain", name]).stdout);
    assert!(told("fleet").contains("\n  instances: a whole number from 1 to 20,000\n"));
    assert!(told("fleet.memory").starts_with("fleet.memory (key): a section\n"));
    assert!(told("alerts.window").contains("  default: 5m\n"));
    assert!(told("lognormal.median").contains("Half of the spans"));
}

#[test]
fn unknown_names_are_told_with_their_neighbour() {
    let folder = folder("cli-unknown");
    let told = |arguments: &[&str]| {
        let output = rollsim(&folder, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        text(&output.stderr)
    };
    let expected = "error: unknown name `flete`\nhint: did you mean `fleet`?\n";
    assert_eq!(told(&["explain", "flete"]), expected);
    assert!(told(&["explain", "fleet.memroy"]).contains("did you mean `fleet.memory`?"));
    assert!(told(&["explain", "colour"]).contains("`rollsim list` shows all names"));
    assert!(told(&["list", "stratgy"]).contains("hint: did you mean `strategy`?"));
    told(&["chekc"]);
    told(&["check"]);
}

#[test]
fn a_reader_that_stops_early_is_no_failure() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rollsim"))
        .arg("schema")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
}

#[test]
fn the_schema_of_a_summary_describes_its_parts() {
    let output = rollsim(&folder("cli-summary-schema"), &["schema", "summary"]);
    let schema: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for part in ["classes", "strategies", "pairs", "sensitivity", "findings", "examples"] {
        assert!(schema["properties"][part]["description"].is_string(), "{part}");
    }
}

/// A bot that is simulated in a moment.
const QUICK: &str = "format: 2\ntitle: quick\nlength: 2m\nrollout_at: 10s\nusers: {count: 9}\ntraffic: {rate: 1/s}\n\
                     dependencies: {mail.v2: {latency: {constant: 1ms}}}\noperations: {ask: {share: 100%, calls: [mail.v2]}}\n\
                     strategy: {canary: {analysis: none, steps: [{weight: 50%, hold: 10s}]}}\n";

#[test]
fn a_setting_is_a_path_read_to_its_end_and_a_value_as_in_a_file() {
    let folder = folder("cli-set");
    fs::write(folder.join("quick.yaml"), QUICK).unwrap();
    let set = |setting: &str| rollsim(&folder, &["run", "quick.yaml", "--set", setting]);
    for right in [
        "fleet.liveness=null",
        "dependencies[\"mail.v2\"].errors=5%",
        "dependencies[*].errors=5%",
        "strategy.canary.steps[*].hold=5s",
        "strategy={rolling: {batch: 1}}",
        "fleet.memory={base: 1MiB, limit: 9MiB}",
    ] {
        assert_eq!(set(right).status.code(), Some(0), "{right}: {}", text(&set(right).stderr));
    }
    let refused = |setting: &str| {
        let output = set(setting);
        assert_eq!(
            (output.status.code(), text(&output.stdout)),
            (Some(2), String::new()),
            "{setting}"
        );
        text(&output.stderr)
    };
    let expected = "\
error: `fleet.instances[=4` is not a path: after `[` comes the number of an entry, `*` or a name in double quotes, at character 17
 --> --set:1:17
  |
1 | fleet.instances[=4
  |                 ^
  |
";
    let told = refused("fleet.instances[=4");
    assert!(told.starts_with(expected), "{told}");
    for (wrong, part) in [
        ("fleet..queue=4", "a key is missing"),
        ("a[=1", "after `[` comes"),
        ("fleet.instances", "a `=` and a value are missing"),
        ("fleet.instances=banana", "`banana` is not a number"),
        ("fleet.instances=null", "`instances` is empty"),
        ("fleet.instnces=4", "did you mean `instances`?"),
        ("strategy.rolling.batch=1", "`strategy` is `canary` here"),
        ("fleet.memory.limit=9MiB", "`fleet.memory` is null here"),
        ("traffic.rate=40 rps", "write `40/s`"),
    ] {
        let told = refused(wrong);
        assert!(told.contains(part) && told.contains("--> --set:1:"), "{wrong}: {told}");
    }
}

#[test]
fn a_parameter_of_a_tuning_is_a_path_too() {
    let folder = folder("cli-tune-path");
    let checked = |parameter: &str| {
        let tune = format!("tune: {{parameters: {{'{parameter}': {{from: 1%, to: 5%}}}}}}\n");
        fs::write(folder.join("tuned.yaml"), format!("{QUICK}{tune}")).unwrap();
        let output = rollsim(&folder, &["check", "tuned.yaml"]);
        (output.status.code(), text(&output.stderr))
    };
    assert_eq!(checked("dependencies[\"mail.v2\"].errors"), (Some(0), String::new()));
    for (wrong, part) in [
        ("dependencies.mail.v2.errors", "there is no `mail` in `dependencies`"),
        ("fleet.errors[", "is not a path: after `[` comes"),
        ("fleet.erors", "did you mean `errors`?"),
        ("analysis.gates[0].failure_limit", "the scenario has no `analysis` here"),
    ] {
        let (code, told) = checked(wrong);
        assert_eq!(code, Some(2), "{told}");
        assert!(told.contains(part) && told.contains("tuned.yaml:10:"), "{wrong}: {told}");
    }
}

#[test]
fn the_part_that_a_hint_names_is_brought_to_the_newest_format_by_the_command_of_the_hint() {
    let folder = folder("cli-part");
    let part = "title: x\nfleet: {instances: 3}\ntraffic: {rate: 5/s}\n";
    let whole = "format: 2\nextends: part.yaml\nlength: 10m\nstrategy: {all_at_once: {}}\n";
    fs::write(folder.join("part.yaml"), part).unwrap();
    fs::write(folder.join("whole.yaml"), whole).unwrap();
    let warned = rollsim(&folder, &["check", "whole.yaml"]);
    assert!(text(&warned.stderr).contains("`rollsim check --fix ./part.yaml`"));
    let before = text(&rollsim(&folder, &["check", "--print", "whole.yaml"]).stdout);
    let fixed = rollsim(&folder, &["check", "--fix", "./part.yaml"]);
    let (out, told) = (text(&fixed.stdout), text(&fixed.stderr));
    assert_eq!(fixed.status.code(), Some(0), "{out}{told}");
    assert!(out.ends_with("./part.yaml: a part of a scenario\n"), "{out}");
    assert!(told.contains("a part of a scenario, without `length`, `strategy`"), "{told}");
    let now = fs::read_to_string(folder.join("part.yaml")).unwrap();
    assert!(now.starts_with("format: 2\n") && now.contains("balancer: least_outstanding"), "{now}");
    let silent = rollsim(&folder, &["check", "whole.yaml"]);
    assert!(text(&silent.stdout).starts_with("whole.yaml: ok\n"));
    assert_eq!(text(&silent.stderr), "");
    assert_eq!(text(&rollsim(&folder, &["check", "--print", "whole.yaml"]).stdout), before);
    // without `--fix` a part is no scenario, and a part with a mistake is left as it is
    assert_eq!(rollsim(&folder, &["check", "part.yaml"]).status.code(), Some(2));
    fs::write(folder.join("part.yaml"), format!("{part}colour: red\n")).unwrap();
    assert_eq!(rollsim(&folder, &["check", "--fix", "part.yaml"]).status.code(), Some(2));
    assert!(!fs::read_to_string(folder.join("part.yaml")).unwrap().contains("format"));
}

#[test]
fn a_word_of_another_tool_gets_the_same_hint_in_a_setting_as_in_a_file() {
    let folder = folder("cli-foreign");
    let told = |set: &str| {
        rollsim(&folder, &["init", "bot.yaml"]);
        text(&rollsim(&folder, &["run", "bot.yaml", "--set", set]).stderr)
    };
    let replicas = told("fleet.replicas=3");
    assert!(replicas.contains("`replicas` (Kubernetes) is `instances` here"), "{replicas}");
    let pause = told("strategy={rolling: {pause: 1m30s}}");
    assert!(pause.contains("`pause` (other tools) is `wait` here"), "{pause}");
    let step = told("strategy={canary: {steps: [{weight: 10%, pause: 1m}]}}");
    assert!(step.contains("`pause` (Argo Rollouts) is `hold` here"), "{step}");
}

#[test]
fn an_option_that_is_wrong_is_told_with_what_would_be_right() {
    let folder = folder("cli-options");
    rollsim(&folder, &["init", "bot.yaml"]);
    let told = |line: &[&str]| text(&rollsim(&folder, line).stderr);
    let releases = told(&["compare", "bot.yaml", "--releases", "hard"]);
    assert!(releases.contains("allowed: `elite`, `typical` or `struggling`"), "{releases}");
    let precision = told(&["compare", "bot.yaml", "--precision", "0%"]);
    assert!(precision.contains("`--precision 0%` is not a share above zero"), "{precision}");
    let empty = told(&["run", "bot.yaml", "--set", "expect.users_hurt=\"<\""]);
    assert!(empty.contains("a number is missing"), "{empty}");
}
