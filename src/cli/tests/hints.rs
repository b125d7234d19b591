//! A hint never names what `explain` does not know, and every command of a text can be run.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use clap::{CommandFactory, Parser, error::ErrorKind};
use serde_json::{Map, Value, json};

use super::{
    super::{
        Arguments,
        describe::Manual,
        lookup::{find, remedy},
    },
    asked,
};
use crate::scenario::{Form, Scenario, Schemas, Section, language, load_text, to_yaml};

/// Slips of the pen.
fn misspelt(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut swapped = letters.clone();
    if letters.len() > 2 {
        swapped.swap(letters.len() - 2, letters.len() - 1);
    }
    let missing = letters.iter().enumerate().filter(|(at, _)| *at != letters.len() / 2);
    let other_digit = name.replace("99", "95");
    let camel = name.replace('_', "");
    let slips = [
        swapped.iter().collect(),
        missing.map(|(_, letter)| letter).collect(),
        format!("{name}s"),
        other_digit,
        camel,
    ];
    slips.into_iter().filter(|it: &String| it != name && !it.is_empty()).collect()
}

/// Scenarios with every key of one section, or every name of one choice, misspelt in all ways.
struct Slips<'s> {
    schemas: &'s Schemas,
    seen: BTreeSet<String>,
    documents: Vec<Value>,
}

impl Slips<'_> {
    fn visit(&mut self, schema: &Value, wrap: &dyn Fn(Value) -> Value) {
        let shown = self.schemas.resolve(schema).to_string();
        if !self.seen.insert(shown) {
            return;
        }
        match self.schemas.form(schema).form {
            Form::List(list) => {
                if let Some(item) = list.item(0) {
                    self.visit(item, &|inner| wrap(json!([inner])));
                }
            }
            Form::Section(Section { properties: None, open: Some(open), .. }) => {
                self.visit(open, &|inner| wrap(json!({ "x": inner })));
            }
            Form::Section(section) => {
                let keys: Vec<_> = section.properties.into_iter().flatten().collect();
                self.slip(keys.iter().map(|(name, _)| name.as_str()), wrap);
                for (name, schema) in keys {
                    self.visit(schema, &|inner| wrap(json!({ name.as_str(): inner })));
                }
            }
            Form::Choice(variants) => {
                self.slip(variants.iter().map(|it| it.name), wrap);
                for (name, body) in variants.iter().filter_map(|it| Some((it.name, it.body?))) {
                    self.visit(body, &|inner| wrap(json!({ name: inner })));
                }
            }
            Form::Mixed(alternatives) => {
                for schema in alternatives {
                    self.visit(schema, wrap);
                }
            }
            Form::Any
            | Form::Null
            | Form::Boolean
            | Form::Integer(_)
            | Form::Number(_)
            | Form::Text(_) => {}
        }
    }

    fn slip<'n>(&mut self, names: impl Iterator<Item = &'n str>, wrap: &dyn Fn(Value) -> Value) {
        let slips: Map<_, _> = names.flat_map(misspelt).map(|it| (it, json!({}))).collect();
        self.documents.push(wrap(Value::Object(slips)));
    }
}

/// The hints of all problems of a text that is no scenario.
fn hints(text: &str) -> Vec<String> {
    let problems = load_text::<Scenario>("text", text).unwrap_err();
    problems.iter().filter_map(|problem| problem.hint.clone()).collect()
}

/// What a hint suggests in place of a word.
fn suggested(hint: &str) -> Option<&str> {
    hint.strip_prefix("did you mean `")?.strip_suffix("`?")
}

/// Every suggestion and every command of the hints leads somewhere.
fn unknown(manual: &Manual, hints: &BTreeSet<String>) -> Vec<String> {
    let known = |hint: &str| match suggested(hint) {
        Some(word) => !find(manual, word).is_nothing(),
        None => commands(hint).iter().all(|it| run(it).is_ok()),
    };
    hints.iter().filter(|hint| !known(hint)).cloned().collect()
}

#[test]
fn no_hint_on_a_misspelt_key_or_choice_names_what_explain_does_not_know() {
    let (schemas, manual) = (language(), Manual::new());
    let mut slips = Slips { schemas: &schemas, seen: BTreeSet::new(), documents: Vec::new() };
    slips.visit(schemas.root(), &|inner| inner);
    assert!(slips.documents.len() > 100, "{}", slips.documents.len());
    let all: BTreeSet<String> =
        slips.documents.iter().flat_map(|document| hints(&to_yaml(document))).collect();
    assert!(all.len() > 350, "{}", all.len());
    assert_eq!(unknown(&manual, &all), Vec::<String>::new());
    // a suggestion out of the blue is caught
    let planted = BTreeSet::from(["did you mean `p95th`?".to_owned()]);
    assert_eq!(unknown(&manual, &planted).len(), 1);
}

#[test]
fn a_newcomers_draft_gets_no_hint_that_leads_astray() {
    let manual = Manual::new();
    let found = hints(include_str!("../../../tests/it/fixtures/draft1.yaml"));
    assert_eq!(unknown(&manual, &found.iter().cloned().collect()), Vec::<String>::new());
    let quantiles: Vec<_> = found.iter().filter(|it| it.contains("p99")).collect();
    assert_eq!(quantiles, ["of the quantiles, `p99` or `p90` can be given here"]);
}

/// Where the draft is wrong, by line, and the word that is right there.
const RIGHT_WORDS: [(usize, &str); 20] = [
    (14, "zipf"),
    (19, "`instances`"),
    (22, "`p99` or `p90`"),
    (23, "{ constant: 40s }"),
    (24, "base"),
    (24, "`base` is what an instance uses"),
    (24, "`512MiB`"),
    (25, "`period`"),
    (35, "`weight`"),
    (36, "`hold`"),
    (36, "weight"),
    (37, "`weight`"),
    (38, "`hold`"),
    (38, "weight"),
    (39, "`weight`"),
    (40, "`hold`"),
    (40, "weight"),
    (41, "`analysis.gates`"),
    (43, "`gates`"),
    (45, "`gates`"),
];

#[test]
fn every_problem_of_a_draft_in_foreign_words_names_the_right_word() {
    let text = include_str!("../../../tests/it/fixtures/draft1.yaml");
    let problems = load_text::<Scenario>("draft1.yaml", text).unwrap_err();
    let told: Vec<(usize, String)> = problems
        .iter()
        .filter(|it| it.is_error())
        .map(|it| {
            let hint = it.hint.as_deref().or(it.allowed.as_deref()).unwrap_or_default();
            (it.location.unwrap().line, format!("{}; {hint}", it.message))
        })
        .collect();
    for (line, word) in &told {
        let right = RIGHT_WORDS.iter().any(|(at, right)| at == line && word.contains(right));
        assert!(right, "line {line}: {word}");
    }
    for (line, right) in RIGHT_WORDS {
        let named = told.iter().any(|(at, word)| *at == line && word.contains(right));
        assert!(named || line == 43, "line {line}: {right}: {told:#?}");
    }
}

#[test]
fn hints_on_choices_without_settings_and_on_estimates_can_be_followed() {
    let head = "title: x\nlength: 1h\nstrategy: {canary: {}}\n";
    let mut all = BTreeSet::new();
    for text in
        ["strategy: leap\nbogus: 1", "fleet: {balancer: randon}", "fleet: {startup: lognormal}"]
    {
        all.extend(hints(&format!("title: x\nlength: 1h\n{text}\n")));
    }
    for text in [
        "expect: {canary: {users_hurt_maen: 1}}",
        "tune: {objective: cost_mena}",
        "tune: {objective: escapd}",
        "tune: {parameters: {nowhere.instances: {from: 1, to: 2}}}",
    ] {
        let loaded = load_text::<Scenario>("text", &format!("{head}{text}\n")).unwrap().value;
        let (_, problems) = crate::scenario::plan_of("text", loaded.clone(), Path::new("."));
        let tuning = crate::scenario::tuning_problems(&loaded, &|scenario, values| {
            crate::scenario::vary(scenario, "text", Path::new("."), values)
        });
        all.extend(problems.into_iter().chain(tuning).filter_map(|problem| problem.hint));
    }
    assert!(all.contains("`rollsim explain lognormal` lists them"), "{all:?}");
    assert!(all.iter().any(|it| it.contains("cost_mean")), "{all:?}");
    assert!(all.iter().any(|it| it.contains("check --print")), "{all:?}");
    assert_eq!(unknown(&Manual::new(), &all), Vec::<String>::new());
}

#[test]
fn what_explain_suggests_it_knows() {
    let manual = Manual::new();
    let paths = manual.places().iter().map(|(path, _)| path.clone());
    let names = manual.topics().iter().map(|topic| topic.name.clone()).chain(paths);
    let slips: BTreeSet<String> = names.flat_map(|name| misspelt(&name)).collect();
    let mut suggestions = BTreeSet::new();
    // every seventh is plenty: neighbours have the same section
    for slip in slips.iter().step_by(7).filter(|slip| find(&manual, slip).is_nothing()) {
        suggestions.insert(remedy(&manual, slip));
    }
    assert!(suggestions.len() > 200, "{}", suggestions.len());
    assert_eq!(unknown(&manual, &suggestions), Vec::<String>::new());
}

/// The commands of a text, each in backticks; signs of comments between its words left out.
fn commands(text: &str) -> Vec<String> {
    let words = |inside: &str| {
        let signs = ["///", "//!", "//", "#", "\\"];
        inside.split_whitespace().filter(|it| !signs.contains(it)).collect::<Vec<_>>().join(" ")
    };
    let parts = text.match_indices("`rollsim ").filter_map(|(at, _)| {
        let inside = text[at + 1..].split('`').next()?;
        // what was cut off by the end of a text, or is filled in as it runs
        (inside.len() < 200 && !inside.contains(['{', '"'])).then(|| words(inside))
    });
    parts.collect()
}

/// Runs a command of a text, real things in place of what it names in capitals; what would
/// simulate is only read.
fn run(command: &str) -> Result<(), String> {
    let line = command.replace("\\|", "|");
    let line = line.split(" > ").next().unwrap_or(&line);
    let mut words = Vec::new();
    for word in line.split(' ').skip(1).filter(|word| !word.starts_with(['[', '…'])) {
        let word = word.trim_end_matches("...").trim_end_matches([',', ';']);
        words.push(match word {
            "FILE" => root().join("scenarios/quiet-bot.yaml").display().to_string(),
            "NAME" | "TERM" => "canary".to_owned(),
            "DIR" | "CLASS" => "some".to_owned(),
            "N" => "1".to_owned(),
            "I/N" => "1/2".to_owned(),
            other => other.to_owned(),
        });
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let known = Arguments::command();
    if let [alone] = words.as_slice()
        && known.find_subcommand(alone).is_some()
    {
        return Ok(());
    }
    match words.first().copied() {
        Some("explain" | "list" | "check" | "schema")
            if words.len() > 1 && !words[1].starts_with("--") =>
        {
            asked(&words).map(drop)
        }
        _ => match Arguments::try_parse_from(std::iter::once("rollsim").chain(words)) {
            Ok(_) => Ok(()),
            // an option by itself, which leaves out what else is needed
            Err(error) if is_incomplete(&error) && !command.contains("FILE") => Ok(()),
            Err(error) => Err(error.to_string()),
        },
    }
}

fn is_incomplete(error: &clap::Error) -> bool {
    let value_is_missing = error.to_string().contains("but none was supplied");
    error.kind() == ErrorKind::MissingRequiredArgument || value_is_missing
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.extension().is_some_and(|it| it == ending) {
            found.push(path);
        }
    }
}

#[test]
fn every_command_that_a_text_tells_can_be_run() {
    let mut paths = vec![root().join("README.md"), root().join("ARCHITECTURE.md")];
    files(&root().join("src"), "rs", &mut paths);
    files(&root().join("scenarios"), "yaml", &mut paths);
    paths.retain(|path| !path.components().any(|part| part.as_os_str() == "tests"));
    paths.sort();
    let mut told = BTreeSet::new();
    for path in &paths {
        for command in commands(&fs::read_to_string(path).unwrap()) {
            told.insert(command);
        }
    }
    assert!(told.len() > 20, "{told:?}");
    let broken: Vec<_> =
        told.iter().filter_map(|it| run(it).err().map(|why| format!("`{it}`: {why}"))).collect();
    assert_eq!(broken, Vec::<String>::new());
    // a command that is not there is caught
    assert!(run("rollsim explian canary").is_err());
    assert!(run("rollsim explain no_such_name").is_err());
}

#[test]
fn a_hint_tells_a_command_with_all_that_it_needs() {
    let mut paths = Vec::new();
    files(&root().join("src"), "rs", &mut paths);
    for path in paths.iter().filter(|path| !path.ends_with("src/cli/tests/hints.rs")) {
        let text = fs::read_to_string(path).unwrap();
        for line in text.lines().filter(|line| line.contains("hint") && line.contains("`rollsim "))
        {
            for command in commands(line) {
                let words: Vec<&str> =
                    command.split(' ').map(|it| it.trim_end_matches("...")).collect();
                let whole = Arguments::try_parse_from(&words).is_ok();
                assert!(whole || line.contains("` and `"), "{}: {line}", path.display());
            }
        }
    }
}
