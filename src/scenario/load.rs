//! From a file to a typed value, or to all of its problems.

use std::path::Path;

use super::{
    FromFile, LANGUAGE, Language, Location, Node, Problem, Problems, Sources, Value,
    extend::{self, First, Reading},
    path::{Step, steps},
    shape,
};

/// A scenario that has the right shape, with the tree that it was made from, so that later checks
/// can point to lines.
#[derive(Clone, Debug)]
pub struct Loaded<T> {
    pub value: T,
    /// All files of the `extends` chain merged.
    pub root: Node,
    pub sources: Sources,
    /// What files of an older format keep of it, and how to bring them to the newest.
    pub warnings: Vec<Problem>,
}

/// Reads, composes and checks a scenario file.
pub fn load<T: FromFile>(path: &Path) -> Result<Loaded<T>, Problems> {
    load_in(path, LANGUAGE)
}

/// As `load`, in a language with other changes than this one's.
pub fn load_in<T: FromFile>(path: &Path, language: Language<'_>) -> Result<Loaded<T>, Problems> {
    read(First::File(path), language)
}

/// As `load`, for a text that is in no file; `extends` is refused.
pub fn load_text<T: FromFile>(name: &str, text: &str) -> Result<Loaded<T>, Problems> {
    read(First::Text { name, text }, LANGUAGE)
}

fn read<T: FromFile>(first: First<'_>, language: Language<'_>) -> Result<Loaded<T>, Problems> {
    let reading = Reading { language, schemas: T::schemas() };
    let mut sources = Sources::default();
    let mut problems = Vec::new();
    let root = extend::compose(first, reading, &mut sources, &mut problems);
    if let Some(root) = &root {
        shape::check(root, reading.schemas, &mut problems);
    }
    let Some(root) = root.filter(|_| !problems.iter().any(Problem::is_error)) else {
        return Err(Problems::new(sources, problems));
    };
    match serde_json::from_value(root.to_json()) {
        Ok(value) => Ok(Loaded { value, root, sources, warnings: problems }),
        Err(error) => {
            // the schema let through what the type refuses: still the writer's to know
            let problem = Problem::error(error.to_string()).at(Location::of_file(0));
            Err(Problems::new(sources, vec![problem]))
        }
    }
}

impl<T> Loaded<T> {
    /// Where `path` (such as `strategy.canary.steps[2].weight`) is written: its key, or the entry of
    /// a list. What stands in no file, because it is a default, is placed at what encloses it.
    pub fn locate(&self, path: &str) -> Location {
        let steps = steps(path).unwrap_or_default();
        let start = Location { file: self.root.location.file, line: 1, column: 1, length: 1 };
        located(&self.root, &steps, start)
    }

    /// A problem at its place: of two paths, the one that is written in a file which extends that of the other.
    pub fn placed(&self, mut problem: Problem) -> Problem {
        let mut location = self.locate(&problem.path);
        if let Some(beside) = problem.beside.take() {
            let steps = steps(&beside).unwrap_or_default();
            let other = self.locate(&beside);
            if other.file < location.file && is_written(&self.root, &steps) {
                (problem.path, location) = (beside, other);
            }
        }
        problem.at(location)
    }

    /// An error about what stands at `path`.
    pub fn problem(&self, path: &str, message: impl Into<String>) -> Problem {
        Problem::error(message).path(path).at(self.locate(path))
    }
}

/// Whether the keys lead to something that a file says.
fn is_written(root: &Node, steps: &[Step]) -> bool {
    let mut node = root;
    for step in steps {
        let Step::Key(key) = step else { return false };
        let Some(entry) = node.entry(key) else { return false };
        node = &entry.value;
    }
    true
}

/// Where in a tree the steps lead, as far as they lead anywhere: to a key, or to an entry of a list.
pub(super) fn located(root: &Node, steps: &[Step], start: Location) -> Location {
    let (mut node, mut location) = (root, start);
    for step in steps {
        let found = match (&node.value, step) {
            (Value::Map(_), Step::Key(key)) => {
                node.entry(key).map(|entry| (&entry.value, entry.key_location))
            }
            (Value::List(items), Step::Index(index)) => {
                items.get(*index).map(|item| (item, item.location))
            }
            (Value::List(items), Step::Every) => items.first().map(|it| (it, it.location)),
            (Value::Map(entries), Step::Every) => {
                entries.first().map(|it| (&it.value, it.key_location))
            }
            _ => None,
        };
        let Some((next, place)) = found else { break };
        (node, location) = (next, place);
    }
    location
}
