//! `rollsim merge`: the parts of a comparison put together, byte for byte as if simulated in one.

use std::{io::Write, path::PathBuf};

use anyhow::{anyhow, bail};

use super::{
    Ending, Format, asked,
    keeper::Keeper,
    store::Begin,
    studies::{self, Comparison},
};
use crate::experiment::{ComparisonRun, Keep, Rollout};

/// Combine the shards of a comparison, byte for byte as if it had not been split
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Folders of all shards
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Folder for the combined comparison
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Write the results of the scenario's expectations as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Replace the comparison that the folder holds
    #[arg(long)]
    replace: bool,
}

pub(super) fn run(
    arguments: &Arguments,
    format: Format,
    out: &mut impl Write,
) -> anyhow::Result<Ending> {
    let junit = arguments.junit.as_deref();
    junit.map(studies::prepare_file).transpose()?;
    let shards = arguments.folders.iter().map(|it| Comparison::open(it));
    let shards = in_order(shards.collect::<anyhow::Result<Vec<_>>>()?)?;
    let protocol = shards[0].protocol();
    let Some(study) = asked::study_again(protocol)? else { return Ok(Ending::BadInput) };
    if study.protocol != *protocol {
        bail!(
            "the scenario has changed since the shards were simulated\nhint: use the same \
             scenario and version of rollsim as for the shards"
        );
    }
    let folder = Comparison::prepare(&arguments.out, &study, None)?;
    if let Some(shard) = shards.iter().find(|it| it.folder().is(folder.folder())) {
        bail!(
            "`{}` is one of the shards\nhint: `--out` takes another folder",
            shard.path().display()
        );
    }
    let mut run = ComparisonRun::new(&study.protocol);
    let into = (Some(folder.folder()), Begin::of(false, arguments.replace));
    let mut keeper = Keeper::new(&study.protocol, into, (run.most(), "rollouts"))?;
    let mut readers = shards.iter().map(Comparison::trials).collect::<anyhow::Result<Vec<_>>>()?;
    for trial in 0..run.most() {
        let shard = usize::try_from(trial % shards.len() as u64)?;
        let read = readers[shard].read();
        let place = shards[shard].path().display();
        let read =
            read.map_err(|it| anyhow!("`{place}/trials.csv`, line {}: {}", it.line, it.why))?;
        let mut fits = |it: &(u64, Rollout)| it.0 == trial && run.take_again(&it.1);
        let Some(kept) = read.filter(|it| fits(it)) else {
            bail!("`{place}` does not hold rollout {trial}");
        };
        keeper.keep(&kept).map_err(|it| keeper.failed(it))?;
        if keeper.stopped() {
            keeper.end(false)?;
            return Ok(Ending::Interrupted);
        }
    }
    keeper.end(true)?;
    let summary = studies::summary(&study, &run);
    folder.report(&summary)?;
    studies::tell(&summary, (format, junit), out)
}

/// The shards in the order of their numbers: all of them, all finished, all of one comparison.
fn in_order(mut shards: Vec<Comparison>) -> anyhow::Result<Vec<Comparison>> {
    let Some(of) = shards.first().and_then(Comparison::shard).map(|it| it.of) else {
        bail!("`{}` is not a shard of a comparison", shards[0].path().display());
    };
    shards.sort_by_key(|it| it.shard().map_or(u64::MAX, |it| it.index));
    for (index, shard) in (0..).zip(&shards) {
        let place = shard.path().display();
        if shard.protocol() != shards[0].protocol() {
            bail!(
                "`{place}` belongs to a different comparison from `{}`",
                shards[0].path().display()
            );
        }
        if shard.shard().map(|it| (it.index, it.of)) != Some((index, of)) {
            bail!("shard {} of {of} is missing or given twice", index + 1);
        }
        if !shard.folder().is_finished() {
            bail!("`{place}` is not finished\nhint: continue it with `--resume`");
        }
    }
    if shards.len() as u64 != of {
        bail!("shard {} of {of} is missing", shards.len() + 1);
    }
    Ok(shards)
}
