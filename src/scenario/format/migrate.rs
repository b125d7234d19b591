//! Brings the tree of a file from the format that it is written in to the newest one.

use super::{
    Change, ChangeKind, Language,
    fill::{At, Below, Fill},
};
use crate::scenario::{
    Entry, Location, Node, Problem, Schemas, Value, build,
    path::{Step, push_index, push_key},
    quoted,
};

/// One file that is brought to the newest format.
pub(in crate::scenario) struct File<'f> {
    /// As people wrote it.
    pub(in crate::scenario) name: &'f str,
    /// The format that it is written in.
    pub(in crate::scenario) format: u32,
    /// What it extends, merged and of the newest format; none for a file that extends nothing.
    pub(in crate::scenario) below: Option<&'f Node>,
}

/// A place that a change concerns: its path and where that is in the file.
type Place = (String, Location);

/// A mapping, and the key that it may hold.
type Target<'e> = (&'e mut Vec<Entry>, &'e str);

impl Language<'_> {
    /// Makes every change since the file's format in `root`. Each is reported as a warning; what
    /// cannot be carried over is an error.
    pub(in crate::scenario) fn migrate(
        &self,
        root: &mut Node,
        file: &File<'_>,
        schemas: &Schemas,
        problems: &mut Vec<Problem>,
    ) {
        // keys first, for the paths of the defaults are those of the newest format
        for change in self.since(file.format) {
            let steps = change.steps();
            match change.kind {
                ChangeKind::Renamed { to } => {
                    let mut rename = Rename { to, places: Vec::new(), problems };
                    each(root, &steps, &mut String::new(), &mut |it, path| rename.key(it, path));
                    let places = rename.places;
                    problems.extend(renamed(change, to, places, file.name));
                }
                ChangeKind::Removed => {
                    problems.extend(removed(change, root, &steps));
                }
                ChangeKind::Default { .. } => {}
            }
        }
        for change in self.since(file.format) {
            let ChangeKind::Default { before, now } = change.kind else { continue };
            let value = parsed(before);
            let line = Location { file: root.location.file, line: 1, column: 1, length: 1 };
            let below = file.below.map_or(Below::Nothing, Below::Written);
            let at = At { schema: Some(schemas.root()), below, head: line };
            let places = Fill::new(schemas, &value).all(root, at, &change.steps());
            problems.extend(kept(change, (before, now), places, file));
        }
    }

    fn since(&self, format: u32) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |it| it.since > format)
    }
}

/// Takes a key that is gone out of every mapping, and says so at each.
fn removed(change: &Change, root: &mut Node, steps: &[Step]) -> Vec<Problem> {
    let mut lost = Vec::new();
    each(root, steps, &mut String::new(), &mut |(entries, key), path| {
        lost.extend(remove(entries, key).map(|it| gone(change, path, it)));
    });
    lost
}

/// A default of an older format as a value.
fn parsed(yaml: &str) -> Node {
    let parsed = build::parse(yaml, 0, &mut build::Budget::default(), &mut Vec::new());
    parsed.unwrap_or(Node { value: Value::Null, location: Location::of_file(0) })
}

/// Calls `found` for every mapping that may hold the last key of a path.
fn each(
    node: &mut Node,
    steps: &[Step],
    path: &mut String,
    found: &mut dyn FnMut(Target<'_>, &str),
) {
    let length = path.len();
    match (&mut node.value, steps) {
        (Value::Map(entries), [Step::Key(key)]) => {
            push_key(path, key);
            found((entries, key), path);
        }
        (Value::Map(entries), [step, rest @ ..]) => {
            for entry in entries.iter_mut().filter(|it| is_meant(step, &it.key)) {
                push_key(path, &entry.key);
                each(&mut entry.value, rest, path, found);
                path.truncate(length);
            }
        }
        (Value::List(items), [step, rest @ ..]) => {
            for (index, item) in items.iter_mut().enumerate() {
                if matches!(step, Step::Every) {
                    push_index(path, index);
                    each(item, rest, path, found);
                    path.truncate(length);
                }
            }
        }
        _ => {}
    }
    path.truncate(length);
}

fn is_meant(step: &Step, key: &str) -> bool {
    match step {
        Step::Key(wanted) => wanted == key,
        Step::Every => true,
        Step::Index(_) => false,
    }
}

struct Rename<'r> {
    to: &'static str,
    places: Vec<Place>,
    problems: &'r mut Vec<Problem>,
}

impl Rename<'_> {
    fn key(&mut self, (entries, key): (&mut Vec<Entry>, &str), path: &str) {
        let Some(at) = entries.iter().position(|it| it.key == key) else { return };
        let place = entries[at].key_location;
        if entries.iter().any(|it| it.key == self.to) {
            let (old, new) = (quoted(key), quoted(self.to));
            let problem = Problem::error(format!("{old} is called {new} now, and both are given"));
            self.problems.push(problem.path(path).at(place).hint("remove one of them"));
            entries.remove(at);
            return;
        }
        self.to.clone_into(&mut entries[at].key);
        self.places.push((path.to_owned(), place));
    }
}

fn remove(entries: &mut Vec<Entry>, key: &str) -> Option<Location> {
    let at = entries.iter().position(|it| it.key == key)?;
    Some(entries.remove(at).key_location)
}

fn gone(change: &Change, path: &str, place: Location) -> Problem {
    let Change { since, about, .. } = change;
    Problem::error(format!("{} is gone since format {since}: {about}", quoted(path)))
        .path(path)
        .at(place)
        .hint("remove it")
}

fn renamed(change: &Change, to: &str, places: Vec<Place>, file: &str) -> Option<Problem> {
    let (first, since) = (quoted(&places.first()?.0), change.since);
    let more = more(places.len());
    let message = format!("{first}{more} is called `{to}` since format {since}: {}", change.about);
    let hint = format!("`rollsim check --fix {file}` renames it");
    warning(message, places).map(|it| it.hint(hint))
}

fn kept(
    change: &Change,
    (before, now): (&str, &str),
    places: Vec<Place>,
    file: &File<'_>,
) -> Option<Problem> {
    let (first, since) = (quoted(&places.first()?.0), change.since);
    let more = more(places.len());
    let message = format!(
        "the default of {first}{more} is `{now}` since format {since}, and was `{before}`: {}",
        change.about
    );
    let hint = format!(
        "this file is of format {}, so `{before}` holds; `rollsim check --fix {}` writes it there",
        file.format, file.name
    );
    warning(message, places).map(|it| it.hint(hint))
}

fn more(places: usize) -> String {
    match places {
        0 | 1 => String::new(),
        2 => " (and in another place)".to_owned(),
        _ => format!(" (and in {} other places)", places - 1),
    }
}

fn warning(message: String, places: Vec<Place>) -> Option<Problem> {
    let (path, location) = places.into_iter().next()?;
    Some(Problem::warning(message).path(path).at(location))
}
