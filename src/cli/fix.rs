//! `rollsim check --fix`: puts the text of a fixed file in the place of the old one.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write},
    path::Path,
};

use serde::Serialize;

use crate::{
    report,
    scenario::{self, Fix, Location, Problem, Problems, Sources},
};

/// One change of a file, as it is reported.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    file: String,
    #[serde(flatten)]
    fix: Fix,
}

/// Fixes a file; what was changed in it.
pub(super) fn file(file: &Path) -> Result<Vec<Told>, Problems> {
    let fixed = scenario::fix(file)?;
    if !fixed.fixes.is_empty() {
        if fs::metadata(file).is_ok_and(|it| it.permissions().readonly()) {
            return Err(read_only(file));
        }
        replace(file, &fixed.text).map_err(|error| unwritable(file, &error))?;
    }
    let name = file.display().to_string();
    Ok(fixed.fixes.into_iter().map(|fix| Told { file: name.clone(), fix }).collect())
}

/// A line for each change.
pub(super) fn tell(fixes: &[Told], out: &mut impl Write) -> io::Result<()> {
    for Told { file, fix } in fixes {
        let text = report::harmless(&format!("{file}:{}: {}", fix.line, fix.message));
        writeln!(out, "{text}")?;
    }
    Ok(())
}

/// Writes beside the file and moves that into its place: it has either text as a whole, whatever
/// happens. What may be done with it, and by whom, stays.
fn replace(file: &Path, text: &str) -> io::Result<()> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let beside = file.with_file_name(format!(".{name}.unfinished"));
    let mut unfinished = File::create_new(&beside)?;
    let written = fs::metadata(file)
        .and_then(|it| unfinished.set_permissions(it.permissions()))
        .and_then(|()| unfinished.write_all(text.as_bytes()))
        .and_then(|()| unfinished.sync_all())
        .and_then(|()| fs::rename(&beside, file));
    if written.is_err() {
        // what is left of it is of no use; that it cannot be removed either changes nothing
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Its place could be given to another file all the same, by those who may write into the folder.
fn read_only(file: &Path) -> Problems {
    let problem =
        Problem::error(format!("cannot write `{}`: this file is read-only", file.display()));
    let problem = problem.hint("make it writable, or fix a copy of it");
    Problems::new(Sources::default(), vec![problem.at(Location::of_file(0))])
}

fn unwritable(file: &Path, error: &io::Error) -> Problems {
    let shown = file.display();
    let problem = Problem::error(format!("cannot write `{shown}`: {error}"));
    let problem = if error.kind() == ErrorKind::AlreadyExists {
        problem.hint("another `--fix` is at work, or was interrupted: then remove `.NAME.unfinished` beside it")
    } else {
        problem
    };
    Problems::new(Sources::default(), vec![problem.at(Location::of_file(0))])
}
