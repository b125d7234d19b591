//! `rollsim merge`: the parts of a study put together, byte for byte as if simulated in one.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{anyhow, bail};

use super::store::{Folder, StudyKind, command_into, kind_of};
use crate::experiment::Shard;

/// Combine the shards of a study, byte for byte as if it had not been split
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Folders of all shards
    #[arg(required = true, value_name = "DIR")]
    pub(super) folders: Vec<PathBuf>,
    /// Folder for the combined study
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Write the results of the scenario's expectations as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Add another round to what the folder holds
    #[arg(long)]
    resume: bool,
    /// Replace the study of this kind that the folder holds
    #[arg(long, conflicts_with = "resume")]
    replace: bool,
}

/// The command of the study that the shards are of, with its kind, and their folders in order.
pub(super) fn command(
    arguments: &Arguments,
) -> anyhow::Result<(StudyKind, Vec<OsString>, Vec<PathBuf>)> {
    let shards = arguments
        .folders
        .iter()
        .map(|path| Folder::open(path, kind_of(path).unwrap_or(StudyKind::Comparison)));
    let shards = in_order(shards.collect::<anyhow::Result<Vec<_>>>()?)?;
    let place = fs::canonicalize(&arguments.out).ok();
    let is_out = |it: &&Folder| place.is_some() && fs::canonicalize(it.path()).ok() == place;
    if let Some(shard) = shards.iter().find(is_out) {
        bail!(
            "`{}` is one of the shards\nhint: `--out` takes another folder",
            shard.path().display()
        );
    }
    let begin = [("--resume", arguments.resume), ("--replace", arguments.replace)];
    let begin = begin.into_iter().filter(|it| it.1).map(|it| (it.0, None));
    let junit = arguments.junit.as_deref().map(|it| ("--junit", Some(it)));
    let more: Vec<(&str, Option<&Path>)> = begin.chain(junit).collect();
    let words = command_into(&shards[0], &arguments.out, &more)?;
    let paths = shards.iter().map(|it| it.path().to_owned()).collect();
    Ok((shards[0].kind(), words, paths))
}

/// That what a shard says of its command is not so.
pub(super) fn of_no_study(arguments: &Arguments) -> anyhow::Error {
    let path = arguments.folders[0].display();
    anyhow!("`{path}` is damaged: its command is of another study, or does not take these options")
}

/// The shards in the order of their numbers: all of them, all finished, all of one study.
fn in_order(mut shards: Vec<Folder>) -> anyhow::Result<Vec<Folder>> {
    let first = &shards[0];
    let Some(of) = first.shard().map(|it| it.of) else {
        bail!("`{}` is not a shard", first.path().display());
    };
    shards.sort_by_key(|it| it.shard().map_or(u64::MAX, |it| it.index));
    for (index, shard) in (0..).zip(&shards) {
        let (place, first) = (shard.path().display(), &shards[0]);
        if shard.kind() != first.kind() {
            bail!("`{place}` holds a {}, not a {}", shard.kind().name(), first.kind().name());
        }
        first.refuse_another(shard)?;
        if shard.shard() != Some(Shard { index, of }) {
            bail!("shard {} of {of} is missing or given twice", index + 1);
        }
        if !shard.is_finished() {
            bail!("`{place}` is not finished\nhint: continue it with `--resume`");
        }
    }
    if shards.len() as u64 != of {
        bail!("shard {} of {of} is missing", shards.len() + 1);
    }
    Ok(shards)
}
