//! The pinned files: scenarios, one JSON a line, and the digests of their outcomes.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use super::digest::Digest;

const HEAD: &str = "\
# Digests of the outcomes of scenarios.jsonl, by line and strategy: of what happened, and of what was
# said of it. A `strategy@class` ships a class of the scenario's releases. `compare` is of trials.csv
# and of summary.json, the other studies alike. How they are used: ARCHITECTURE.md, Digests.
";

pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/digests")
}

/// Every scenario's number, from 1, and its text.
pub(super) fn scenarios() -> Vec<(usize, String)> {
    let text = fs::read_to_string(folder().join("scenarios.jsonl")).unwrap_or_default();
    text.lines().zip(1..).map(|(line, number)| (number, line.to_owned())).collect()
}

pub(super) fn append(scenarios: &[String]) {
    let path = folder().join("scenarios.jsonl");
    let mut text = fs::read_to_string(&path).unwrap_or_default();
    for scenario in scenarios {
        text.push_str(scenario);
        text.push('\n');
    }
    fs::write(path, text).unwrap();
}

/// Digests by what they are of, such as `017 canary`.
pub(super) type Digests = BTreeMap<String, Digest>;

/// What an entry is known by.
pub(super) fn name(number: usize, what: &str) -> String {
    format!("{number:03} {what}")
}

pub(super) fn digests() -> Digests {
    let text = fs::read_to_string(folder().join("outcomes.txt")).unwrap_or_default();
    read(&text)
}

pub(super) fn write(digests: &Digests) {
    fs::write(folder().join("outcomes.txt"), written(digests)).unwrap();
}

pub(super) fn written(digests: &Digests) -> String {
    let mut text = HEAD.to_owned();
    for (name, Digest { happened, said }) in digests {
        writeln!(text, "{name} {happened:016x} {said:016x}").unwrap();
    }
    text
}

pub(super) fn read(text: &str) -> Digests {
    let lines = text.lines().filter(|it| !it.starts_with('#'));
    lines.map(|line| entry(line).unwrap_or_else(|| panic!("no entry: {line}"))).collect()
}

fn entry(line: &str) -> Option<(String, Digest)> {
    let (rest, said) = line.rsplit_once(' ')?;
    let (name, happened) = rest.rsplit_once(' ')?;
    let number = |it: &str| u64::from_str_radix(it, 16).ok();
    Some((name.to_owned(), Digest { happened: number(happened)?, said: number(said)? }))
}

/// Every entry that differs, in the words of a commit message.
pub(super) fn changes(pinned: &Digests, found: &Digests) -> Vec<String> {
    let mut changes = Vec::new();
    for (name, now) in found {
        let what = match pinned.get(name) {
            None => "is new",
            Some(before) => match (before.happened == now.happened, before.said == now.said) {
                (true, true) => continue,
                (true, false) => "other words",
                (false, true) => "another outcome",
                (false, false) => "another outcome, other words",
            },
        };
        changes.push(format!("{name}: {what}"));
    }
    let gone = pinned.keys().filter(|it| !found.contains_key(*it));
    changes.extend(gone.map(|name| format!("{name}: is no more")));
    changes
}
