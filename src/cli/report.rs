//! `rollsim report`: writes the report of a study again from its data.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::bail;
use clap::Parser;

use super::{
    Command, Ending, Format, Printed,
    store::{Folder, StudyKind, kind_of},
    studies::{self, Comparison},
};
use crate::{experiment::shell_words, report::harmless};

/// Write the report of a study again from its data, without simulating it again
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Folder written by `rollsim compare`, `advise`, `power`, `judges` or `tune`
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Write the results of the scenario's expectations as JUnit XML; of a comparison
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

pub(super) fn run(
    arguments: &Arguments,
    format: Format,
    out: &mut Printed,
) -> anyhow::Result<Ending> {
    let (path, junit) = (&arguments.folder, arguments.junit.as_deref());
    let kind = kind_of(path).unwrap_or(StudyKind::Comparison);
    if kind != StudyKind::Comparison {
        if junit.is_some() {
            bail!("`--junit` is of comparisons; `{}` holds a {}", path.display(), kind.name());
        }
        return again(path, kind, format, out);
    }
    let folder = Comparison::open_to_write(path)?;
    if folder.is_advice() {
        drop(folder);
        return again(path, kind, format, out);
    }
    let summary = folder.folded()?;
    folder.report(&summary)?;
    studies::tell(&summary, (format, junit), out)
}

/// Continues a study that is finished: of a study that is laid out from its scenario, this reads its file again.
fn again(
    path: &Path,
    kind: StudyKind,
    format: Format,
    out: &mut Printed,
) -> anyhow::Result<Ending> {
    let folder = Folder::open(path, kind)?;
    if !folder.is_finished() {
        bail!("`{}` is not finished\nhint: continue it with `--resume`", path.display());
    }
    let Some(command) = folder.command() else {
        bail!("`{}` is damaged: it names no command", path.display());
    };
    drop(folder);
    let mut words = shell_words(&command);
    words.truncate(words.len().saturating_sub(OUT.len()));
    let words = words.into_iter().map(Into::into);
    let to = ["--out".into(), path.into(), "--resume".into()];
    let words: Vec<std::ffi::OsString> = words.chain(to).collect();
    let Ok(mut arguments) = super::Arguments::try_parse_from(words) else {
        bail!("`{}` is damaged: its command is none of rollsim", path.display());
    };
    let is_of_it = match arguments.command {
        Command::Advise(_) => kind == StudyKind::Comparison,
        Command::Power(_) => kind == StudyKind::Power,
        Command::Judges(_) => kind == StudyKind::Judges,
        Command::Tune(_) => kind == StudyKind::Tuning,
        _ => false,
    };
    if !is_of_it {
        bail!("`{}` is damaged: its command is of another study", path.display());
    }
    arguments.format = format;
    writeln!(anstream::stderr(), "{}", harmless(&command))?;
    super::obey(&arguments, out)
}

/// How every command of a study ends.
const OUT: [&str; 2] = ["--out", "DIR"];
