//! `rollsim report`: writes the report of a comparison again from its data, without a simulation.

use std::{io::Write, path::PathBuf};

use super::{
    Ending, Format,
    studies::{self, Comparison},
};

/// Write the report of a comparison again from its data, without a simulation
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Folder written by `rollsim compare`
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Write the results of the scenario's expectations as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
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
