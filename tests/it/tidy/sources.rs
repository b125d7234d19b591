//! Rules over each source file.

use std::path::Path;

use super::{
    files::{folder_of, sources},
    rooms::{climbs, room_of, wrong_room},
    tokens::without_tests,
};

const LINES_MAX: usize = 400;

/// What is wrong with a file, if anything is.
pub(super) type Rule = fn(path: &str, text: &str) -> Option<String>;

const RULES: &[Rule] =
    &[too_long, leftover, merge_marker, wrong_room, prints, draws_from_a_seed, climbs];

#[test]
fn every_source_keeps_the_rules() {
    let sources = sources();
    assert!(sources.len() > 100, "found the source tree");
    let broken: Vec<String> = sources
        .iter()
        .flat_map(|(path, text)| RULES.iter().filter_map(move |rule| rule(path, text)))
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// A file that nobody declared is not compiled, and nothing else would say so.
#[test]
fn every_source_is_declared() {
    let sources = sources();
    let text_of = |wanted: &str| sources.iter().find(|(path, _)| path == wanted).map(|it| &it.1);
    for (path, _) in &sources {
        let parent = parents(path).into_iter().find_map(|it| text_of(&it));
        assert!(declared(path, parent.map_or("", String::as_str)), "{path} is not compiled");
    }
}

fn too_long(path: &str, text: &str) -> Option<String> {
    let lines = text.lines().count();
    (lines > LINES_MAX).then(|| format!("{path} has {lines} lines"))
}

fn leftover(path: &str, text: &str) -> Option<String> {
    let markers = ["TO", "FIX", "XX", "HA"].iter().zip(["DO", "ME", "X", "CK"]);
    let found = markers.map(|(a, b)| [*a, b].concat()).find(|it| has_word(text, it));
    found.map(|it| format!("{path} has a `{it}`"))
}

fn merge_marker(path: &str, text: &str) -> Option<String> {
    let found = text.lines().any(|it| it.starts_with("<<<<<<< ") || it.starts_with(">>>>>>> "));
    found.then(|| format!("{path} is not merged"))
}

/// Clippy bans the macros; this bans the ways around them, outside the one room that may.
fn prints(path: &str, text: &str) -> Option<String> {
    if room_of(path).is_none_or(|room| room == "cli") {
        return None;
    }
    ["println!", "print!(", "stdout()", "stderr()", "env::args", "process::exit"]
        .into_iter()
        .find(|it| text.contains(it))
        .map(|it| format!("{path}: only `cli` may `{it}`"))
}

/// Chance comes from the trial's streams, which the world makes of the one seed.
fn draws_from_a_seed(path: &str, text: &str) -> Option<String> {
    if room_of(path).is_none_or(|room| room == "kernel" || room == "sim") {
        return None;
    }
    let productive = without_tests(text);
    productive.contains("Streams::new").then(|| format!("{path} makes streams of its own"))
}

fn declared(path: &str, parent: &str) -> bool {
    let name = Path::new(path).file_stem().unwrap().to_str().unwrap();
    let name = if name == "mod" { folder_of(path) } else { name };
    let roots = ["src/main.rs", "src/lib.rs", "tests/it/main.rs"];
    roots.contains(&path)
        || [format!("mod {name};"), format!("=> {name}::")].iter().any(|it| parent.contains(it))
}

/// Where a file may be declared.
fn parents(path: &str) -> Vec<String> {
    let folder = path.rsplit_once('/').map_or("", |it| it.0);
    if path.ends_with("/mod.rs") {
        let above = folder.rsplit_once('/').map_or("", |it| it.0);
        ["mod.rs", "lib.rs", "main.rs"].iter().map(|it| format!("{above}/{it}")).collect()
    } else {
        ["mod.rs", "lib.rs", "main.rs"].iter().map(|it| format!("{folder}/{it}")).collect()
    }
}

fn has_word(text: &str, word: &str) -> bool {
    let in_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(word).any(|(at, found)| {
        !in_word(text[..at].chars().next_back())
            && !in_word(text[at + found.len()..].chars().next())
    })
}

#[test]
fn each_rule_catches_a_sample_that_breaks_it() {
    let marker = ["// TO", "DO: later"].concat();
    let climb = ["use super", "super::Outcome;"].join("::");
    let samples: &[(Rule, &str, &str)] = &[
        (too_long, "src/sim/world.rs", &"\n".repeat(LINES_MAX + 1)),
        (leftover, "src/sim/world.rs", &marker),
        (merge_marker, "src/sim/world.rs", "fn a() {}\n<<<<<<< HEAD\n"),
        (wrong_room, "src/strategy/canary.rs", "use crate::sim::Outcome;"),
        (wrong_room, "src/strategy/canary.rs", "use crate::{model::{View, Wake}, judge::Judge};"),
        (wrong_room, "src/kernel/queue.rs", "let it: crate::model::Phase;"),
        (wrong_room, "src/helpers/mod.rs", ""),
        (prints, "src/sim/world.rs", "writeln!(std::io::stdout(), \"x\")"),
        (prints, "src/report/table.rs", "println!(\"x\")"),
        (draws_from_a_seed, "src/strategy/canary.rs", "Streams::new(Seed::DEFAULT)"),
        (draws_from_a_seed, "src/model/cost.rs", "#[cfg(test)]\nmod tests;\nStreams::new(it)"),
        (climbs, "src/sim/world.rs", &climb),
    ];
    for (rule, path, text) in samples {
        assert!(rule(path, text).is_some(), "{path}: {text}");
    }
    for rule in RULES {
        let known = samples.iter().any(|(it, ..)| std::ptr::fn_addr_eq(*it, *rule));
        assert!(known, "a rule without a sample");
    }
}

#[test]
fn each_rule_lets_a_good_sample_pass() {
    let good: &[(&str, &str)] = &[
        ("src/strategy/canary.rs", "use crate::{model::{View, Wake}, units::Span};\nmod tests {}"),
        ("src/kernel/rng.rs", "Streams::new(seed)"),
        ("src/strategy/ramp.rs", "fn a() {}\n#[cfg(test)]\nmod tests { Streams::new(seed) }"),
        ("src/cli/run.rs", "use crate::sim;\nanstream::stdout().lock()"),
        ("tests/it/kernel.rs", "Streams::new(Seed::DEFAULT)"),
    ];
    for (path, text) in good {
        for rule in RULES {
            assert_eq!(rule(path, text), None);
        }
    }
}

#[test]
fn undeclared_files_are_caught() {
    assert!(declared("src/fault/leak.rs", "catalog! { \"leak\" => leak::Leak, }"));
    assert!(declared("src/fault/mod.rs", "pub mod fault;"));
    assert!(!declared("src/fault/leak.rs", "mod leaky; \"leaks\" => leaks::Leak"));
    assert!(!declared("tests/it/theory/waits.rs", ""));
}
