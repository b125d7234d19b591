//! `rollsim report`: writes the report of a study again from its data.

use std::{ffi::OsString, io::Write, path::PathBuf};

use anyhow::{anyhow, bail};

use super::{
    Ending, Format,
    store::{Folder, StudyKind, command_into, kind_of},
    studies::{self, Comparison},
};
use crate::report::harmless;

/// Write the report of a study again from its data, without simulating it again
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Folder written by `rollsim compare`, `advise`, `power`, `judges` or `tune`
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Write the results of expectations as JUnit XML, where the study has any
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

/// The command that reports it again, with its kind: that of the folder, continued. None of a comparison without
/// advice, which needs nothing but its trials.
pub(super) fn again(arguments: &Arguments) -> anyhow::Result<Option<(StudyKind, Vec<OsString>)>> {
    let path = &arguments.folder;
    let Some(kind) = kind_of(path) else { return Ok(None) };
    if kind == StudyKind::Comparison && !Comparison::open(path)?.is_advice() {
        return Ok(None);
    }
    let folder = Folder::open(path, kind)?;
    if folder.shard().is_some() {
        bail!(
            "`{}` is a shard\nhint: `rollsim merge DIR... --out DIR` puts the shards together first",
            path.display()
        );
    }
    if !folder.is_finished() {
        bail!("`{}` is not finished\nhint: continue it with `--resume`", path.display());
    }
    writeln!(anstream::stderr(), "{}", harmless(folder.command()?))?;
    let junit = arguments.junit.as_deref().map(|it| ("--junit", Some(it)));
    let more: Vec<_> = [("--resume", None)].into_iter().chain(junit).collect();
    let words = command_into(&folder, path, &more)?;
    Ok(Some((kind, words)))
}

/// That what a folder says of its command is not so.
pub(super) fn of_no_study(arguments: &Arguments) -> anyhow::Error {
    anyhow!(
        "`{}` is damaged: its command is of another study, or does not take these options",
        arguments.folder.display()
    )
}

pub(super) fn run(
    arguments: &Arguments,
    format: Format,
    out: &mut impl Write,
) -> anyhow::Result<Ending> {
    let folder = Comparison::open_to_write(&arguments.folder)?;
    let summary = folder.folded()?;
    folder.report(&summary)?;
    studies::tell(&summary, (format, arguments.junit.as_deref()), out)
}
