//! `rollsim report`: writes the report of a comparison again from its data, without a simulation.

use std::{io::Write, path::PathBuf};

use anyhow::{anyhow, bail};

use super::{
    Ending, Format,
    studies::{self, Comparison},
};
use crate::experiment::{ComparisonRun, summarise};

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
    if folder.shard().is_some() {
        bail!(
            "`{}` is a shard\nhint: `rollsim merge DIR... --out DIR` puts the shards together first",
            arguments.folder.display()
        );
    }
    let mut run = ComparisonRun::new(folder.protocol());
    let mut trials = folder.trials()?;
    loop {
        let place = arguments.folder.display();
        let read = trials.read();
        // what was cut off when it was written is not part of it
        let read = if folder.folder().is_finished() {
            read.map_err(|it| {
                let hint =
                    "hint: `--resume` of the command that wrote it simulates damaged rows again";
                anyhow!("`{place}`, line {}: {}\n{hint}", it.line, it.why)
            })?
        } else {
            read.unwrap_or(None)
        };
        let Some((trial, rollout)) = read else { break };
        if trial != run.played() || !run.take_again(&rollout) {
            bail!("`{place}` does not hold rollout {}", run.played());
        }
    }
    let before = folder.summary()?;
    let mut summary = summarise(folder.protocol(), &run, before.examples);
    summary.complete &= folder.folder().is_finished();
    folder.report(&summary)?;
    studies::tell(&summary, (format, arguments.junit.as_deref()), out)
}
