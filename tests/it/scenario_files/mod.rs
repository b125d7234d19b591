//! Scenario files: what is accepted, and the words for all that is not.

mod described;
mod extend;
mod format;
mod hostile;
mod language;
mod sample;

use std::fmt::Write as _;

use rollsim::{
    scenario::{Loaded, Problems, Scenario, load_text, to_yaml},
    units::{Bytes, Factor, Span},
};
use sample::{Sample, VALID};

use crate::scratch::folder;

fn read(text: &str) -> Result<Loaded<Sample>, Problems> {
    load_text("sample.yaml", text)
}

/// Problems with path, allowed and hint; one file needs no name.
fn told(problems: &Problems) -> String {
    let mut out = String::new();
    for record in problems.records() {
        let name = record.file.and_then(|name| name.rsplit('/').next());
        let name = name.filter(|name| *name != "sample.yaml");
        out.push_str(&name.map(|name| format!("{name}:")).unwrap_or_default());
        match (record.line, record.column) {
            (Some(line), Some(column)) => write!(out, "{line}:{column}").unwrap(),
            _ => out.push_str("whole file"),
        }
        writeln!(out, " [{}] {}", record.path, record.message).unwrap();
        if let Some(allowed) = record.allowed {
            writeln!(out, "    allowed: {allowed}").unwrap();
        }
        if let Some(hint) = record.hint {
            writeln!(out, "    hint: {hint}").unwrap();
        }
    }
    out
}

/// Compares with a file in `golden/`; `INSTA_UPDATE=always` writes it anew.
fn golden(name: &str, content: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, content));
}

/// Each file, then what is said about it.
fn all_told(files: &[&str]) -> String {
    let mut out = String::new();
    for text in files {
        let shown = text.replace('\t', "<tab>");
        let problems = match read(text) {
            Ok(_) => panic!("accepted:\n{text}"),
            Err(problems) => told(&problems),
        };
        write!(out, "{shown}\n---- gives\n{problems}\n========\n").unwrap();
    }
    out
}

#[test]
fn a_valid_file_is_read_with_its_defaults() {
    let sample = read(VALID).unwrap().value;
    assert_eq!(sample.fleet.instances, 5);
    assert_eq!(sample.fleet.memory, Bytes::from_mib(512));
    assert_eq!(sample.fleet.slowdown, Factor::ONE);
    let sample::StrategySpec::Canary(canary) = &sample.strategy else { panic!("{sample:?}") };
    assert_eq!(canary.hold, Some(Span::from_secs(600)));
    assert_eq!(sample.users.keys().collect::<Vec<_>>(), ["beta", "everyone else"]);
    assert_eq!(sample.balancer, sample::Balancer::RoundRobin);
    assert!(sample.judge.is_none() && !sample.quiet && sample.seed == 0);
}

#[test]
fn a_mark_and_foreign_line_breaks_are_tolerated() {
    let expected = read(VALID).unwrap().value;
    let foreign = format!("\u{feff}{}", VALID.replace('\n', "\r\n"));
    assert_eq!(read(&foreign).unwrap().value, expected);
    let aliased = VALID.replace("name: sample", "name: &it sample").replace("10m", "10m # *it");
    assert_eq!(read(&aliased).unwrap().value, expected);
}

#[test]
fn a_printed_plan_reads_back_as_itself() {
    let loaded = read(VALID).unwrap();
    let printed = to_yaml(&serde_json::to_value(&loaded.value).unwrap());
    golden("printed", &printed);
    let again = read(&format!("{printed}format: 2\n"));
    assert_eq!(again.unwrap().value, loaded.value);
}

#[test]
fn paths_lead_to_lines() {
    let loaded = read(VALID).unwrap();
    let place = |path: &str| {
        let location = loaded.locate(path);
        (location.line, location.column)
    };
    assert_eq!(place("fleet.instances"), (3, 3));
    assert_eq!(place("strategy.canary.steps[1].weight"), (9, 9));
    assert_eq!(place("users.everyone else.rate"), (13, 20));
    // a default is nowhere, so it is placed at the section that it is a part of
    assert_eq!(place("fleet.memory"), (2, 1));
    assert_eq!(place("judge"), (1, 1));
    assert_eq!(place("a[b.[3]..["), (1, 1));
}

#[test]
fn every_fault_of_shape_has_its_words() {
    golden(
        "shape",
        &all_told(&[
            "name: 5\nfleet: [1]\n",
            "name: x\nfleet: {}\nstrategy:\n",
            "name: 1.5\nfleet:\n  instances: 0\n  startup: 20\n  memroy: 5\n  slowdown: 3 times\n\
             strategy:\n  cannary:\n    steps: []\njudge: {confidence: 2}\nusers:\n  beta:\n  \
             gamma: {rate: 5 rps, rat: 3}\nbalancer: roundrobin\nseed: -1\nquiet: yes\n\
             window: [3]\n",
            "name: x\nstrategy: canary\nfleet: {instances: 1e30, startup: -5s}\nquiet: perhaps\n",
            "name: x\nstrategy: rolling\nfleet: {instances: 1_000, startup: 1e30s}\nseed: 1.5\n",
            "name: x\nfleet: {instances: 1000000000000000000000000000000, startup: .nan}\n\
             strategy: {canary: {steps: [{weight: 0.5}, 5, {}, {weight: 1%, hold: 3}, {}]}, \
             rolling: {}}\nbalancer: {random: 5}\njudge: {confidence: .inf}\n",
            "name: [x]\nfleet: true\nstrategy: {}\nbalancer: 5\njudge: {confidence: high}\n",
            "5",
        ]),
    );
}

#[test]
fn every_fault_of_notation_has_its_words() {
    golden(
        "notation",
        &all_told(&[
            "",
            "# only a comment\n",
            "name: a: b\n",
            "name: sample\n\tfleet: 3\n",
            "fleet:\n\tinstances: 3\n",
            "name: sample\n fleet: 3\n",
            "fleet:\n    instances: 3\n  startup: 3s\n",
            "name: \"open\nfleet: 3\n",
            "name: [1, 2\nfleet: 3\n",
            "name\nfleet: 3\n",
            "name: @home\n",
            "name: x\n---\nname: y\n",
            "name: x\nname: y\nfleet: {instances: 1, instances: 2, startup: 1s}\n\
             strategy: all-at-once\n",
            "base: &base {a: 1}\nfleet:\n  <<: *base\n",
            "name: !!str x\nfleet: &a [*a]\nstrategy: *nothing\n? [a, b]\n: 3\n",
            "name: x\nextends: other.yaml\n",
            "extends: [a, b]\n",
        ]),
    );
}

#[test]
fn the_starter_is_a_scenario() {
    let text = include_str!("../../../src/cli/starter.yaml");
    let loaded = load_text::<Scenario>("starter.yaml", text).unwrap();
    let printed = to_yaml(&serde_json::to_value(&loaded.value).unwrap());
    let again = load_text::<Scenario>("printed.yaml", &printed).unwrap();
    assert_eq!(again.value, loaded.value);
}
