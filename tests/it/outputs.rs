//! One hostile scenario through everything that is written: whatever a command prints, and whatever file it leaves.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::scratch;

/// A file whose name is as hostile as what it says.
const FILE: &str = "=<img>\u{202e}\u{1b}[31m.yaml";

/// Characters that steer or reorder, apart from the ends of lines and tabs.
fn harmful(letter: char) -> bool {
    letter.is_control() && letter != '\n' && letter != '\t'
        || matches!(letter, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// What is wrong with a text that is written on this kind of paper; none where it is harmless.
fn wrong(paper: &str, text: &str) -> Option<String> {
    if let Some(found) = text.chars().find(|it| harmful(*it)) {
        return Some(format!("the character {}", found.escape_unicode()));
    }
    let name = |line: &str| line.trim_start().strip_prefix("::").map(str::to_owned);
    let commands = |it: &&str| name(it).is_some_and(|it| it.starts_with(char::is_alphabetic));
    if let Some(line) = text.lines().find(commands) {
        return Some(format!("the command `{line}`"));
    }
    match paper {
        "csv" => {
            let mut rows = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(text.as_bytes());
            let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
            let formula = |it: &&str| {
                it.starts_with(['=', '+', '-', '@', '\t', '\r']) && it.parse::<f64>().is_err()
            };
            let found = rows.iter().flat_map(|it| it.iter()).find(formula);
            found.map(|it| format!("the formula `{it}`"))
        }
        "md" | "html" | "svg" | "xml" => {
            let markup = ["<script>alert", "<img", "<b>op", "<b>x", "<b>re\"g", "<svg onload"];
            let text = outside_of_code(text);
            let found = markup.into_iter().find(|it| text.contains(it));
            found.map(|it| format!("the markup `{it}`"))
        }
        _ => None,
    }
}

/// Without the blocks of Markdown in which nothing is markup.
fn outside_of_code(text: &str) -> String {
    let blocks = text.split("\n```");
    blocks.step_by(2).collect::<Vec<_>>().join("\n")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Commands with the options that make them short.
const COMMANDS: [(&str, &[&str]); 6] = [
    ("run", &[]),
    ("compare", &["--trials", "4"]),
    ("advise", &["--trials", "4"]),
    ("power", &["--trials", "2", "--explain"]),
    ("judges", &["--trials", "1"]),
    ("check", &[]),
];

#[test]
fn no_output_of_a_hostile_scenario_steers_commands_or_runs_anything() {
    let folder = scratch::folder("hostile-outputs");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::copy(root.join("tests/it/fixtures/hostile.yaml"), folder.join(FILE)).unwrap();
    let mut complaints = Vec::new();
    let mut seen = 0;
    for (command, options) in COMMANDS {
        for format in ["text", "json", "csv", "markdown"] {
            let out = folder.join(format!("{command}-{format}"));
            let junit = folder.join(format!("{command}-{format}.xml"));
            let mut arguments = vec![command, FILE, "--format", format];
            arguments.extend(options);
            if command != "check" {
                arguments.extend(["--seed", "1", "--out", out.to_str().unwrap()]);
            }
            if command == "compare" {
                arguments.extend(["--junit", junit.to_str().unwrap()]);
            }
            let ended = scratch::rollsim(&folder, &arguments);
            let code = ended.status.code();
            assert!(code.is_some_and(|it| it < 4), "{command} {format}: {ended:?}");
            let paper = match format {
                "csv" => "csv",
                "markdown" => "md",
                _ => "text",
            };
            let texts = [(paper, &ended.stdout), ("text", &ended.stderr)];
            for (paper, text) in texts {
                seen += 1;
                let found = wrong(paper, &String::from_utf8_lossy(text));
                complaints.extend(found.map(|it| format!("{command} --format {format}: {it}")));
            }
        }
    }
    for file in files(&folder) {
        let end = file.extension().and_then(|it| it.to_str()).unwrap_or("");
        if ["png", "parquet", "yaml"].contains(&end) {
            continue;
        }
        seen += 1;
        let text = fs::read_to_string(&file).unwrap();
        let found = wrong(end, &text);
        complaints.extend(found.map(|it| format!("{}: {it}", file.display())));
    }
    assert!(seen > 60, "{seen} texts");
    assert_eq!(complaints, Vec::<String>::new());
}

#[test]
fn what_is_harmful_is_found() {
    let planted = [
        ("text", "a\u{1b}[31m"),
        ("json", "\"\u{202e}\""),
        ("md", "  ::error::x"),
        ("csv", "name\n=cmd|x\n"),
        ("html", "<img src=x>"),
    ];
    for (paper, text) in planted {
        assert!(wrong(paper, text).is_some(), "{paper}: {text:?}");
    }
    assert_eq!(wrong("csv", "name,x\nplain,-5.5\n"), None);
}
