//! `rollsim verify`: whether a folder holds what was written into it.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{anyhow, bail};
use serde_json::Value;

use super::{
    Ending, Format, results,
    store::{Folder, StudyKind, kind_of},
    studies::Comparison,
    write_json,
};
use crate::units::text;

/// Check that a folder holds what was written into it: its study, every row of its trials, and what is made of
/// them
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Folder written by `rollsim compare`, `advise`, `power`, `tune` or `merge`
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// What was found.
#[derive(Debug, serde::Serialize)]
struct Found {
    kind: StudyKind,
    finished: bool,
    /// Rows of trials that are as they were written, and that are not.
    rows: u64,
    damaged: u64,
    /// Rows that its results rest on and that are not there.
    missing: u64,
    /// Files that are as they follow from the trials; of a comparison.
    files: Vec<String>,
    /// Those that are not, or are not there.
    other: Vec<String>,
}

pub(super) fn run(
    arguments: &Arguments,
    format: Format,
    out: &mut impl Write,
) -> anyhow::Result<Ending> {
    let path = &arguments.folder;
    let found = found(path)?;
    match format {
        Format::Json => write_json(&found, out)?,
        Format::Text | Format::Csv | Format::Markdown => writeln!(out, "{}", told(path, &found))?,
    }
    if found.damaged + found.missing > 0 || !found.other.is_empty() {
        let hint = if found.damaged + found.missing > 0 {
            "`--resume` of the command that wrote it simulates damaged rows again"
        } else {
            "`rollsim report` writes what is made of the trials again"
        };
        bail!("`{}` is not as it was written\nhint: {hint}", path.display());
    }
    Ok(Ending::Done)
}

fn found(path: &Path) -> anyhow::Result<Found> {
    let kind = kind_of(path);
    let kind = kind.ok_or_else(|| {
        let hint = if path.join("outcome.json").exists() {
            "\nhint: it holds one rollout of `rollsim run FILE`, which the command in `outcome.json` makes again"
        } else {
            ""
        };
        anyhow!("`{}` holds no study that can be read (`study.json`){hint}", path.display())
    })?;
    let folder = Folder::open(path, kind)?;
    let (rows, damaged) = folder.rows_checked()?;
    let finished = folder.is_finished();
    let wanted = finished.then(|| rests_on(path, kind)).flatten().unwrap_or(0);
    let missing = wanted.saturating_sub(rows + damaged);
    let made = if kind == StudyKind::Comparison && finished && damaged == 0 {
        made(&Comparison::open(path)?)?
    } else {
        Vec::new()
    };
    let same = |it: &(String, Vec<u8>)| {
        fs::read(path.join(&it.0)).is_ok_and(|there| there == *results::harmless(&it.0, &it.1))
    };
    let (files, other): (Vec<_>, Vec<_>) = made.into_iter().partition(same);
    let names = |files: Vec<(String, Vec<u8>)>| files.into_iter().map(|it| it.0).collect();
    Ok(Found { kind, finished, rows, damaged, missing, files: names(files), other: names(other) })
}

/// How many rows the results of a study say that they rest on; of a comparison, its trials are folded again.
fn rests_on(path: &Path, kind: StudyKind) -> Option<u64> {
    let text = fs::read(path.join(kind.summary())).ok()?;
    let found: Value = serde_json::from_slice(&text).ok()?;
    match kind {
        StudyKind::Comparison => None,
        StudyKind::Power => found["trials"].as_u64(),
        StudyKind::Judges => {
            let worlds = found["judges"][0]["found"].as_array()?;
            Some(worlds.iter().filter_map(|it| it["trials"].as_u64()).sum())
        }
        StudyKind::Tuning => {
            let parts = ["search", "fresh", "robustness"];
            Some(parts.iter().filter_map(|it| found["trials"][it].as_u64()).sum())
        }
    }
}

/// The files that the trials of a comparison make; none of a shard's.
fn made(comparison: &Comparison) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    match comparison.folder().shard() {
        Some(_) => Ok(Vec::new()),
        None => Comparison::files(&comparison.folded()?),
    }
}

fn told(path: &Path, found: &Found) -> String {
    let state = if found.finished { "a finished" } else { "an unfinished" };
    let (kind, rows) = (found.kind.name(), text::counted(found.rows, "row"));
    let mut told = format!(
        "`{}` holds {state} {kind}: {rows} as written, {} damaged",
        path.display(),
        text::count(found.damaged)
    );
    if found.missing > 0 {
        told.extend([", ", &text::count(found.missing), " missing"]);
    }
    if !found.files.is_empty() {
        let files = text::counted(found.files.len() as u64, "file");
        told.extend(["; ", &files, " as the trials make them"]);
    }
    if !found.other.is_empty() {
        let other = found.other.join(", ");
        told.extend(["; other than the trials make them, or missing: ", &other]);
    }
    told
}
