//! `rollsim check --fix`: rewrites the text of a file, and of it only what must change.
//!
//! A fix is made in the tree of the file first, and then in its text, at the places that the tree
//! carries; comments, order and notation stay. The new text is read again and must be the tree that was
//! meant, or nothing is changed. Whatever else is to be fixed one day, such as units, is one more
//! change of the tree in `fix_in`.

mod edit;
mod rewrite;

use std::{fs, path::Path};

use super::{
    FromFile, LANGUAGE, Language, Location, Node, Problem, Problems, Scenario, Sources,
    build::{self, Budget},
    extend::{self, EXTENDS, First, Layer, Reading},
    format, read,
};
pub use rewrite::Fix;

use edit::{Lines, apply};
use rewrite::Rewrite;

/// A file as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// The whole text.
    pub text: String,
    /// What is different in it, in the order of the lines. Empty where nothing had to change.
    pub fixes: Vec<Fix>,
}

/// Brings a scenario file to the newest format. Nothing is written.
pub fn fix(path: &Path) -> Result<Fixed, Problems> {
    fix_in::<Scenario>(path, LANGUAGE)
}

/// As `fix`, in a language with other changes than this one's.
pub fn fix_in<T: FromFile>(path: &Path, language: Language<'_>) -> Result<Fixed, Problems> {
    let reading = Reading { language, schemas: T::schemas() };
    let mut sources = Sources::default();
    let mut problems = Vec::new();
    let changed = match whole(path) {
        Ok(text) => changed(path, reading, &mut sources, &mut problems).map(|it| (text, it)),
        Err(problem) => {
            let file = sources.push(path.display().to_string(), String::new());
            problems.push(problem.at(Location::of_file(file)));
            None
        }
    };
    let Some((text, (before, after))) = changed.filter(|_| !problems.iter().any(Problem::is_error))
    else {
        return Err(Problems::new(sources, problems));
    };
    rewritten(&text, &before, &after, language.newest).ok_or_else(|| {
        let why = "the file is written in a way that cannot be rewritten";
        let problem = Problem::error(why).at(Location::of_file(0));
        let hint = "`rollsim check FILE` lists what to change by hand";
        Problems::new(sources, vec![problem.hint(hint)])
    })
}

/// The text of a file that may be written.
fn whole(path: &Path) -> Result<String, Box<Problem>> {
    if fs::symlink_metadata(path).is_ok_and(|it| it.is_symlink()) {
        let problem = Problem::error("this is a symbolic link, which is not rewritten");
        return Err(Box::new(problem.hint("name the file that it leads to")));
    }
    read::read_whole(path)
}

/// The file as it is written and as it should be.
fn changed(
    path: &Path,
    reading: Reading<'_>,
    sources: &mut Sources,
    problems: &mut Vec<Problem>,
) -> Option<(Layer, Node)> {
    let newest = reading.language.newest;
    let mut layers = extend::layers(First::File(path), newest, sources, problems)?;
    let before = layers.remove(0);
    let below = extend::merged(layers, reading, sources, problems);
    let mut after = before.clone();
    extend::migrate(&mut after, below.as_ref(), (reading, sources), problems);
    Some((before, after.node))
}

/// None where the new text would say something else than `after`.
fn rewritten(text: &str, before: &Layer, after: &Node, newest: u32) -> Option<Fixed> {
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mark = &text[..text.len() - bare.len()];
    let mut rewrite = Rewrite::new(Lines::of(bare));
    rewrite.format(before, newest);
    rewrite.tree(before, after);
    let (edits, mut fixes) = rewrite.end();
    let new = apply(bare, edits)?;
    if said(&new)? != said_after(bare, after, newest)? {
        return None;
    }
    fixes.sort();
    Some(Fixed { text: format!("{mark}{new}"), fixes })
}

/// What a text says.
fn said(text: &str) -> Option<serde_json::Value> {
    let mut problems = Vec::new();
    let node = build::parse(text, 0, &mut Budget::default(), &mut problems);
    node.filter(|_| problems.is_empty()).map(|it| it.to_json())
}

/// What a text is to say, with the keys that belong to the file.
fn said_after(text: &str, after: &Node, newest: u32) -> Option<serde_json::Value> {
    let before = said(text)?;
    let mut said = after.to_json();
    let keys = said.as_object_mut()?;
    keys.insert(format::KEY.to_owned(), newest.into());
    if let Some(extends) = before.get(EXTENDS) {
        keys.insert(EXTENDS.to_owned(), extends.clone());
    }
    Some(said)
}
