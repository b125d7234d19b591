//! `rollsim merge`: the parts of a study put together, byte for byte as if simulated in one.

use std::{ffi::OsString, path::PathBuf};

use anyhow::{anyhow, bail};

use super::store::{Folder, StudyKind, kind_of};
use crate::experiment::{Shard, shell_words};

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
    let shards = arguments.folders.iter().map(|path| {
        let kind = kind_of(path).unwrap_or(StudyKind::Comparison);
        Ok((Folder::open(path, kind)?, path.clone()))
    });
    let shards = in_order(shards.collect::<anyhow::Result<Vec<_>>>()?)?;
    let (first, place) = &shards[0];
    let Some(command) = first.command() else {
        bail!("`{}` is damaged: it names no command", place.display());
    };
    let mut words = shell_words(&command);
    // every command of a study ends with `--out DIR`
    words.truncate(words.len().saturating_sub(2));
    let mut words: Vec<OsString> = words.into_iter().map(Into::into).collect();
    words.extend(["--out".into(), arguments.out.clone().into()]);
    let begin = [("--resume", arguments.resume), ("--replace", arguments.replace)];
    words.extend(begin.into_iter().filter(|it| it.1).map(|it| it.0.into()));
    if let Some(junit) = &arguments.junit {
        words.extend(["--junit".into(), junit.into()]);
    }
    if let Some((_, path)) = shards.iter().find(|it| is_same(&it.1, &arguments.out)) {
        bail!("`{}` is one of the shards\nhint: `--out` takes another folder", path.display());
    }
    Ok((first.kind(), words, shards.into_iter().map(|it| it.1).collect()))
}

fn is_same(one: &PathBuf, other: &PathBuf) -> bool {
    let place = |it: &PathBuf| std::fs::canonicalize(it).ok();
    place(one).is_some_and(|it| Some(it) == place(other))
}

/// That what a shard says of its command is not so.
pub(super) fn of_no_study(arguments: &Arguments) -> anyhow::Error {
    let path = arguments.folders[0].display();
    anyhow!("`{path}` is damaged: its command is of another study, or does not take these options")
}

/// The shards in the order of their numbers: all of them, all finished, all of one study.
fn in_order(mut shards: Vec<(Folder, PathBuf)>) -> anyhow::Result<Vec<(Folder, PathBuf)>> {
    let Some(of) = shards.first().and_then(|it| it.0.shard()).map(|it| it.of) else {
        bail!("`{}` is not a shard", shards[0].1.display());
    };
    shards.sort_by_key(|it| it.0.shard().map_or(u64::MAX, |it| it.index));
    for (index, (shard, path)) in (0..).zip(&shards) {
        let place = path.display();
        if shard.kind() != shards[0].0.kind() {
            bail!("`{place}` holds a {}, not a {}", shard.kind().name(), shards[0].0.kind().name());
        }
        shards[0].0.refuse_another(shard)?;
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
