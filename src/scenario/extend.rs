//! Composition: a scenario that builds on another one and overrides parts of it.
//!
//! Mappings merge key by key; everything else, and a choice that differs, is replaced. Every value
//! keeps the file and line that it came from.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

use super::{
    EXTENDS_FILES_MAX, Form, Language, Location, Node, Problem, Schemas, Section, Sources, Value,
    build::{self, Budget},
    format::{self, Written},
    quoted, read, tree,
};

/// The key that names the scenario to build on; it belongs to the file, not to the scenario.
pub(super) const EXTENDS: &str = "extends";

/// The words of the schema that make it one of files rather than of scenarios.
pub(super) const UNLESS: &str = "if";
pub(super) const WHOLE: &str = "then";
pub(super) const REQUIRED: &str = "required";

/// Keys of a section of which one stands in place of the other: what a file says of one ends what it inherits of
/// the other, and what a command line says of one ends what the file says of the other.
pub(super) const INSTEAD: [(&str, &str); 1] = [("backoff", "waits")];

/// What is read, and in which language.
#[derive(Clone, Copy)]
pub(super) struct Reading<'r> {
    pub(super) language: Language<'r>,
    pub(super) schemas: &'r Schemas,
}

/// One file of a chain.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    /// Without the keys that belong to the file.
    pub(super) node: Node,
    pub(super) written: Written,
    /// The first key of the file, if it has any.
    pub(super) first: Option<Location>,
}

/// A scenario with all that it extends merged in. `None` when a file could not be used at all.
pub(super) fn compose(
    first: First<'_>,
    reading: Reading<'_>,
    sources: &mut Sources,
    problems: &mut Vec<Problem>,
) -> Option<Node> {
    let layers = layers(first, reading.language.newest, sources, problems)?;
    merged(layers, reading, sources, problems)
}

/// A scenario's file and all that it extends, one after the other.
pub(super) fn layers(
    first: First<'_>,
    newest: u32,
    sources: &mut Sources,
    problems: &mut Vec<Problem>,
) -> Option<Vec<Layer>> {
    let mut chain =
        Chain { newest, sources, problems, budget: Budget::default(), seen: Vec::new() };
    let folder = match first {
        First::File(path) => Some(folder_of(path)),
        First::Text { .. } => None,
    };
    let (layer, mut next) = chain.first(first)?;
    let mut layers = vec![layer];
    while let Some(step) = next {
        let Some(folder) = &folder else {
            chain.report("a text without a file cannot extend another", step.location);
            return None;
        };
        let (layer, further) = chain.step(&step, folder)?;
        layers.push(layer);
        next = further;
    }
    Some(layers)
}

/// Lays each layer on those after it, brought to the newest format by itself.
pub(super) fn merged(
    layers: Vec<Layer>,
    reading: Reading<'_>,
    sources: &Sources,
    problems: &mut Vec<Problem>,
) -> Option<Node> {
    layers.into_iter().rev().fold(None, |below, mut layer| {
        migrate(&mut layer, below.as_ref(), (reading, sources), problems);
        Some(match below {
            None => layer.node,
            Some(base) => merge(base, layer.node, Some(reading.schemas.root()), reading.schemas),
        })
    })
}

/// Brings a layer to the newest format, given what it is laid on.
pub(super) fn migrate(
    layer: &mut Layer,
    below: Option<&Node>,
    (reading, sources): (Reading<'_>, &Sources),
    problems: &mut Vec<Problem>,
) {
    let name = sources.get(layer.node.location.file).map_or("", |it| it.name.as_str());
    let file = format::File { name, format: layer.written.format, below };
    reading.language.migrate(&mut layer.node, &file, reading.schemas, problems);
}

/// Where a scenario comes from.
#[derive(Clone, Copy)]
pub(super) enum First<'f> {
    File(&'f Path),
    Text { name: &'f str, text: &'f str },
}

/// An `extends` that is still to be followed.
struct Step {
    target: String,
    location: Location,
    /// The file that says it.
    from: PathBuf,
}

struct Chain<'c> {
    /// The newest format that there is.
    newest: u32,
    sources: &'c mut Sources,
    problems: &'c mut Vec<Problem>,
    budget: Budget,
    /// Real paths of the files so far, to see a circle.
    seen: Vec<PathBuf>,
}

impl Chain<'_> {
    fn first(&mut self, first: First<'_>) -> Option<(Layer, Option<Step>)> {
        match first {
            First::Text { name, text } => {
                let text = read::without_mark(text.to_owned());
                self.parse(Path::new(name), text)
            }
            First::File(path) => match read::read(path) {
                Ok(text) => {
                    self.seen.extend(fs::canonicalize(path));
                    self.parse(path, text)
                }
                Err(problem) => {
                    let file = self.sources.push(path.display().to_string(), String::new());
                    self.problems.push(problem.at(Location::of_file(file)));
                    None
                }
            },
        }
    }

    fn step(&mut self, step: &Step, folder: &Path) -> Option<(Layer, Option<Step>)> {
        let path = match path_inside(folder, &step.from, &step.target) {
            Ok(path) => path,
            Err(reason) => {
                self.problems.push(
                    Problem::error(reason)
                        .at(step.location)
                        .path(EXTENDS)
                        .allowed("a path relative to this file, inside the scenario's folder"),
                );
                return None;
            }
        };
        let real = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        if self.seen.contains(&real) {
            let what = format!("{} extends itself in a circle", quoted(&step.target));
            self.report(&what, step.location);
            return None;
        }
        self.seen.push(real);
        if self.seen.len() > EXTENDS_FILES_MAX {
            self.problems.push(
                Problem::error("too many files extend each other")
                    .at(step.location)
                    .path(EXTENDS)
                    .allowed(format!("at most {EXTENDS_FILES_MAX} files in a chain")),
            );
            return None;
        }
        match read::read(&path) {
            Ok(text) => self.parse(&path, text),
            Err(problem) => {
                let message = format!("{}: {}", quoted(&step.target), problem.message);
                let problem = Problem { message, ..*problem };
                self.problems.push(problem.at(step.location).path(EXTENDS));
                None
            }
        }
    }

    fn parse(&mut self, path: &Path, text: String) -> Option<(Layer, Option<Step>)> {
        let file = self.sources.push(path.display().to_string(), text);
        let text = self.sources.get(file).map_or("", |source| &source.text);
        let mut node = build::parse(text, file, &mut self.budget, self.problems)?;
        let Value::Map(entries) = &mut node.value else {
            let written = Written { format: self.newest, location: None };
            return Some((Layer { node, written, first: None }, None));
        };
        let first = entries.first().map(|entry| entry.key_location);
        let written = format::take(entries, self.newest, self.problems)?;
        let Some(at) = entries.iter().position(|entry| entry.key == EXTENDS) else {
            return Some((Layer { node, written, first }, None));
        };
        let value = entries.remove(at).value;
        let location = value.location;
        let Value::Text(target) = value.value else {
            self.problems.push(
                Problem::error("`extends` names no file")
                    .at(location)
                    .path(EXTENDS)
                    .allowed("the path of a scenario, relative to this file"),
            );
            return None;
        };
        let step = Step { target, location, from: path.to_owned() };
        Some((Layer { node, written, first }, Some(step)))
    }

    fn report(&mut self, message: &str, location: Location) {
        self.problems.push(Problem::error(message).at(location).path(EXTENDS));
    }
}

/// The file that a scenario's file names, if it stays inside `folder`: relative to the file that
/// says it, without a way out through `..` or a symbolic link. The error is the reason, in words.
pub fn path_inside(folder: &Path, from: &Path, target: &str) -> Result<PathBuf, String> {
    let shown = quoted(target);
    let target = Path::new(target);
    if target.as_os_str().is_empty() || target.as_os_str().as_encoded_bytes().contains(&0) {
        return Err(format!("{shown} names no file"));
    }
    let relative =
        |part| matches!(part, Component::Normal(_) | Component::CurDir | Component::ParentDir);
    if !target.components().all(relative) {
        return Err(format!("{shown} is an absolute path"));
    }
    let outside = || format!("{shown} leads out of the scenario's folder");
    let path = folder_of(from).join(target);
    // a way out is refused by its text alone, whether or not anything exists there
    let (plain, home) = (normal(&path), normal(folder));
    let within = plain.strip_prefix(home).is_ok_and(|rest| !rest.starts_with(".."));
    if !within {
        return Err(outside());
    }
    match (fs::canonicalize(&path), fs::canonicalize(folder)) {
        (Ok(real), Ok(home)) if !real.starts_with(&home) => Err(outside()),
        _ => Ok(path),
    }
}

fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// The path without `.` and with each `..` resolved, as text.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                let named = matches!(out.components().next_back(), Some(Component::Normal(_)));
                if named {
                    out.pop();
                } else {
                    out.push("..");
                }
            }
            Component::Normal(_) | Component::RootDir | Component::Prefix(_) => out.push(part),
        }
    }
    out
}

/// Lays `over` on `base`. The schema says where a mapping is a choice: a different choice replaces
/// the old one with all its settings.
fn merge(base: Node, over: Node, schema: Option<&serde_json::Value>, schemas: &Schemas) -> Node {
    let Node { value: Value::Map(mut entries), location } = base else {
        return over;
    };
    let Value::Map(changes) = over.value else {
        return over;
    };
    let form = schema.map(|schema| schemas.form(schema).form);
    if let Some(Form::Choice(_)) = form {
        let same = |change: &tree::Entry| entries.iter().any(|entry| entry.key == change.key);
        if !changes.iter().all(same) {
            return Node { value: Value::Map(changes), location: over.location };
        }
    }
    if let Some(Form::Section(section)) = &form {
        let gone = replaced(section, &changes);
        entries.retain(|it| gone != Some(it.key.as_str()));
    }
    for change in changes {
        let child = form.as_ref().and_then(|form| form.child(&change.key));
        match entries.iter_mut().find(|entry| entry.key == change.key) {
            Some(entry) => {
                let old =
                    std::mem::replace(&mut entry.value, Node { value: Value::Null, location });
                entry.value = merge(old, change.value, child, schemas);
                entry.key_location = change.key_location;
            }
            None => entries.push(change),
        }
    }
    Node { value: Value::Map(entries), location: over.location }
}

/// The key that another one of a file stands in place of.
fn replaced(section: &Section<'_>, changes: &[tree::Entry]) -> Option<&'static str> {
    let nothing = |it: &Value| *it == Value::Null || *it == Value::List(Vec::new());
    let says = |key: &str| changes.iter().any(|it| it.key == key && !nothing(&it.value.value));
    INSTEAD.into_iter().filter(|(one, other)| section.has(one) && section.has(other)).find_map(
        |(one, other)| match (says(one), says(other)) {
            (true, false) => Some(other),
            (false, true) => Some(one),
            _ => None,
        },
    )
}
