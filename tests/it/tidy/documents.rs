//! What the documents promise, and what scenario files begin with.

use std::path::Path;

use super::files::{files_in, read, root};

/// The two commands of the README: the main job, and the tests.
const COMMANDS: [&str; 2] = [
    "cargo run --release -- compare scenarios/critical-bot.yaml --out out",
    "cargo test --release",
];

#[test]
fn every_scenario_tells_its_story_and_is_in_the_readme() {
    let readme = read("README.md");
    for (path, text) in files_in("scenarios", "yaml") {
        assert_eq!(untold(&path, &text), None);
        assert_eq!(unlisted(&path, &readme), None);
    }
}

#[test]
fn the_readmes_commands_are_the_ones_that_ci_runs() {
    assert_eq!(commands(&read("README.md")), COMMANDS);
    let ci = read(".ci/run");
    for command in COMMANDS {
        assert_eq!(unrun(command, &ci), None);
    }
    let promises =
        ["rustfmt --check", "cargo clippy --workspace --all-targets", "cargo doc --no-deps"];
    for command in promises {
        assert!(ci.contains(command), ".ci/run does not `{command}`");
    }
}

#[test]
fn the_documents_links_lead_somewhere() {
    for document in ["README.md", "ARCHITECTURE.md", "COMPATIBILITY.md"] {
        // the picture is drawn by the main job, when its results are published
        for target in links(&read(document)) {
            assert!(root().join(&target).exists(), "{document} links to `{target}`");
        }
    }
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

fn unrun(command: &str, ci: &str) -> Option<String> {
    let run = ci.lines().any(|it| !it.trim().starts_with('#') && it.trim().ends_with(command));
    (!run).then(|| format!(".ci/run does not run `{command}`"))
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
fn untold_stories_and_unkept_promises_are_caught() {
    assert!(untold("scenarios/a.yaml", "title: without a story\n").is_some());
    assert!(unlisted("scenarios/a.yaml", "mentions `a` in passing").is_some());
    assert!(unrun("cargo test", "# then cargo test\necho done").is_some());
    let readme = "# x\n```sh\ncargo test\n\ncargo run\n```\n## More\n```sh\nrollsim list\n```\n";
    assert_eq!(commands(readme), ["cargo test", "cargo run"]);
    let text = "[a](src/lib.rs) ![b](reports/b.png) [c](https://example.org) [d](#speed)";
    assert_eq!(links(text), ["src/lib.rs", "reports/b.png"]);
}
