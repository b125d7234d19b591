//! Scenario files: what is accepted, and the words for all that is not.

mod sample;

use rollsim::scenario::{Loaded, Problems, load_text, to_yaml};
use sample::{Sample, VALID};

fn read(text: &str) -> Result<Loaded<Sample>, Problems> {
    load_text("sample.yaml", text)
}

/// Every problem on a line of its own, with path, allowed and hint.
fn told(problems: &Problems) -> String {
    let mut out = String::new();
    for record in problems.records() {
        let place = match (record.line, record.column) {
            (Some(line), Some(column)) => format!("{line}:{column}"),
            _ => "file".to_owned(),
        };
        out.push_str(&format!("{place} [{}] {}\n", record.path, record.message));
        if let Some(allowed) = record.allowed {
            out.push_str(&format!("    allowed: {allowed}\n"));
        }
        if let Some(hint) = record.hint {
            out.push_str(&format!("    hint: {hint}\n"));
        }
    }
    out
}

fn refused(text: &str) -> String {
    told(&read(text).expect_err(text))
}

#[test]
fn a_valid_file_is_read_with_its_defaults() {
    let loaded = read(VALID).unwrap();
    println!("{}", to_yaml(&serde_json::to_value(&loaded.value).unwrap()));
    println!("{}", serde_json::to_string_pretty(&schemars::schema_for!(Sample)).unwrap());
}

#[test]
fn scratch() {
    for text in [
        "",
        "name: 5",
        "a: b: c",
        "name: sample\n\tfleet: 3\n",
        "name: 1.5
fleet:
  instances: 0
  startup: 20
  memroy: 5
  slowdown: 3 times
strategy:
  cannary:
    steps: []
judge: {confidence: 2}
users:
  beta:
  gamma: {rate: 5 rps, rat: 3}
balancer: roundrobin
seed: -1
quiet: yes
window: [3]
quiet: no
",
        "name: x
strategy: canary
fleet: [1]
",
        "name: x
fleet: {instances: 1e30, startup: .nan}
strategy: {canary: {steps: [{weight: 0.5}, {weight: 1}, 5, {}, {}]}, rolling: {}}
balancer: {random: 5}
",
        "name: x
fleet: {instances: 1000000000000000000000000000000, startup: .nan}
strategy: rolling
<<: 3
balancer: {}
",
        "name: !foo &a x
fleet: *a
strategy: *b
? [a]
: 3
",
    ] {
        println!("-----\n{text}\n>>\n{}", refused(text));
    }
}
