//! Checks of the project itself: the one-way street between rooms, and what no compiler says.
//!
//! A rule is a function over a path and its text, so that each can be shown a bad sample and caught
//! sleeping; the tests at the end do that.

use std::{
    fs,
    path::{Path, PathBuf},
};

const LINES_MAX: usize = 400;

/// The rows of ARCHITECTURE.md. A room uses only rooms of earlier rows; in one row they are
/// strangers.
const ROOMS: &[&[&str]] = &[
    &["units"],
    &["kernel", "stats"],
    &["model"],
    &["strategy", "judge", "fault", "channel"],
    &["scenario"],
    &["sim"],
    &["experiment"],
    &["import", "export", "report"],
    &["cli"],
];

/// The two commands of the README: the main job, and the tests.
const COMMANDS: [&str; 2] =
    ["cargo run --release -- compare scenarios/critical-bot.yaml --out out", "cargo test"];

/// What is wrong with a file, if anything is.
type Rule = fn(path: &str, text: &str) -> Option<String>;

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

#[test]
fn every_scenario_tells_its_story_and_is_in_the_readme() {
    let readme = read("README.md");
    for (path, text) in files_in("scenarios", "yaml") {
        assert_eq!(untold(&path, &text), None);
        assert_eq!(unlisted(&path, &readme), None);
    }
}

#[test]
fn the_architecture_names_every_room() {
    let text = read("ARCHITECTURE.md");
    let rooms: Vec<String> = sources().iter().filter_map(|(path, _)| room_of(path)).collect();
    assert!(rooms.contains(&"sim".to_owned()), "found the rooms");
    for room in rooms {
        assert_eq!(unmapped(&room, &text), None);
    }
}

#[test]
fn the_readmes_commands_are_the_ones_that_ci_runs() {
    assert_eq!(commands(&read("README.md")), COMMANDS);
    let ci = read(".ci/run");
    for command in COMMANDS {
        assert_eq!(unrun(command, &ci), None);
    }
    let promises = ["rustfmt --check", "cargo clippy --all-targets", "cargo doc --no-deps"];
    for command in promises {
        assert!(ci.contains(command), ".ci/run does not `{command}`");
    }
}

#[test]
fn the_documents_links_lead_somewhere() {
    for document in ["README.md", "ARCHITECTURE.md"] {
        // the picture is drawn by the main job, when its results are published
        for target in links(&read(document)) {
            assert!(root().join(&target).exists(), "{document} links to `{target}`");
        }
    }
}

// The rules.

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

fn wrong_room(path: &str, text: &str) -> Option<String> {
    let own = room_of(path)?;
    let Some(own_row) = row_of(&own) else {
        return Some(format!("{path}: room `{own}` is not on the map"));
    };
    used_rooms(text)
        .into_iter()
        .filter(|used| *used != own)
        .find(|used| row_of(used).is_some_and(|row| row >= own_row))
        .map(|used| format!("{path}: `{own}` may not use `{used}`"))
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
    let productive = text.split("#[cfg(test)]").next().unwrap_or_default();
    productive.contains("Streams::new").then(|| format!("{path} makes streams of its own"))
}

/// Paths that climb twice hide from the rule of the rooms.
fn climbs(path: &str, text: &str) -> Option<String> {
    let climb = ["super", "super"].join("::");
    text.contains(&climb).then(|| format!("{path}: write `crate::`"))
}

fn declared(path: &str, parent: &str) -> bool {
    let name = Path::new(path).file_stem().unwrap().to_str().unwrap();
    let name = if name == "mod" { folder_of(path) } else { name };
    let roots = ["src/main.rs", "src/lib.rs", "tests/it/main.rs"];
    roots.contains(&path)
        || [format!("mod {name};"), format!("=> {name}::")].iter().any(|it| parent.contains(it))
}

fn untold(path: &str, text: &str) -> Option<String> {
    let modeline = "# yaml-language-server: $schema=scenario.schema.json\n#\n# The story: ";
    let told = text.starts_with(modeline) && text.contains("\n# To explore: ");
    (!told).then(|| format!("{path} does not begin with its modeline, story and what to explore"))
}

fn unlisted(path: &str, readme: &str) -> Option<String> {
    let name = Path::new(path).file_stem().unwrap().to_str().unwrap();
    let row = format!("| [`{name}`](scenarios/{name}.yaml) |");
    (!readme.contains(&row)).then(|| format!("README.md has no row for `{name}`"))
}

fn unmapped(room: &str, architecture: &str) -> Option<String> {
    let mentioned = architecture.contains(&format!("**`{room}`**"));
    (!mentioned).then(|| format!("ARCHITECTURE.md does not map `{room}`"))
}

fn unrun(command: &str, ci: &str) -> Option<String> {
    let run = ci.lines().any(|it| !it.trim().starts_with('#') && it.trim().ends_with(command));
    (!run).then(|| format!(".ci/run does not run `{command}`"))
}

// What the rules read.

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|it| panic!("{path}: {it}"))
}

fn sources() -> Vec<(String, String)> {
    ["src", "tests/it"].into_iter().flat_map(|folder| files_in(folder, "rs")).collect()
}

/// All files under a folder with this ending: path from the project's root, and text.
fn files_in(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut pending = vec![root().join(folder)];
    let mut paths: Vec<PathBuf> = Vec::new();
    while let Some(folder) = pending.pop() {
        let inside = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
        let (folders, files): (Vec<_>, Vec<_>) = inside.partition(|it| it.is_dir());
        pending.extend(folders);
        paths.extend(files.into_iter().filter(|it| it.extension().is_some_and(|it| it == ending)));
    }
    paths.sort();
    let relative = |it: &PathBuf| {
        let inside = it.strip_prefix(root()).unwrap();
        let names: Vec<&str> = inside.iter().map(|it| it.to_str().unwrap()).collect();
        names.join("/")
    };
    paths.iter().map(|it| (relative(it), fs::read_to_string(it).unwrap())).collect()
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

fn folder_of(path: &str) -> &str {
    path.rsplit('/').nth(1).unwrap_or_default()
}

fn room_of(path: &str) -> Option<String> {
    let first = path.strip_prefix("src/")?.split('/').next()?;
    let name = first.strip_suffix(".rs").unwrap_or(first);
    (!["main", "lib", "catalog"].contains(&name)).then(|| name.to_owned())
}

fn row_of(room: &str) -> Option<usize> {
    ROOMS.iter().position(|row| row.contains(&room))
}

/// Room names after `crate::`, including the ones grouped in braces at any depth.
fn used_rooms(text: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for (start, found) in text.match_indices("crate::") {
        let rest = &text[start + found.len()..];
        match rest.strip_prefix('{') {
            Some(group) => rooms.extend(top_level_names(group)),
            None => rooms.extend(leading_name(rest)),
        }
    }
    rooms
}

fn top_level_names(group: &str) -> Vec<String> {
    let mut depth = 0_u32;
    let mut names = Vec::new();
    let mut item = String::new();
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => names.extend(leading_name(std::mem::take(&mut item).trim())),
            _ if depth == 0 => item.push(c),
            _ => {}
        }
    }
    names.extend(leading_name(item.trim()));
    names
}

fn leading_name(text: &str) -> Option<String> {
    let name: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

fn has_word(text: &str, word: &str) -> bool {
    let in_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(word).any(|(at, found)| {
        !in_word(text[..at].chars().next_back())
            && !in_word(text[at + found.len()..].chars().next())
    })
}

/// Commands in the fenced `sh` blocks above the first section heading: those that a newcomer runs.
fn commands(readme: &str) -> Vec<String> {
    let fold = readme.split("\n## ").next().unwrap_or_default();
    let blocks = fold.split("```sh\n").skip(1).map(|it| it.split("```").next().unwrap_or_default());
    blocks.flat_map(str::lines).filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

/// Targets of Markdown links and pictures inside the project.
fn links(text: &str) -> Vec<String> {
    let targets = text.split("](").skip(1).filter_map(|it| it.split(')').next());
    let local = targets.filter(|it| !it.contains("://") && !it.starts_with('#'));
    local.map(|it| it.split('#').next().unwrap_or_default().to_owned()).collect()
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
fn undeclared_files_untold_stories_and_unkept_promises_are_caught() {
    assert!(declared("src/fault/leak.rs", "catalog! { \"leak\" => leak::Leak, }"));
    assert!(declared("src/fault/mod.rs", "pub mod fault;"));
    assert!(!declared("src/fault/leak.rs", "mod leaky; \"leaks\" => leaks::Leak"));
    assert!(!declared("tests/it/theory/waits.rs", ""));
    assert!(untold("scenarios/a.yaml", "title: without a story\n").is_some());
    assert!(unlisted("scenarios/a.yaml", "mentions `a` in passing").is_some());
    assert!(unmapped("sim", "a simulation").is_some());
    assert!(unrun("cargo test", "# then cargo test\necho done").is_some());
    let readme = "# x\n```sh\ncargo test\n\ncargo run\n```\n## More\n```sh\nrollsim list\n```\n";
    assert_eq!(commands(readme), ["cargo test", "cargo run"]);
    let text = "[a](src/lib.rs) ![b](reports/b.png) [c](https://example.org) [d](#speed)";
    assert_eq!(links(text), ["src/lib.rs", "reports/b.png"]);
}
