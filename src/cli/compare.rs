//! `rollsim compare`: the same thousands of rollouts under every strategy.

use std::path::PathBuf;

use anyhow::{anyhow, bail};

use super::output::whole;
use super::{
    Ending, Format, Printed,
    asked::{self, Asked},
    keeper::Keeper,
    options::{Kept, Simulated},
    store::Begin,
    studies::{self, Comparison, SHARDS_MAX},
};
use crate::{
    experiment::{self, Goal, LineUp, Shard, Study},
    units::text,
};

/// Simulate the same thousands of rollouts under every strategy and report which costs least, with
/// confidence intervals
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Scenario files; the strategies of all of them are compared
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Rollouts to simulate under every strategy
    #[arg(long, value_name = "N", conflicts_with = "precision", value_parser = whole::<u64>(2, 1_000_000_000))]
    trials: Option<u64>,
    /// Simulate until the order of the strategies is known to within this share of their cost, such
    /// as `5%`; `auto` (the default) stops once the best is known to within 5 %
    #[arg(long, value_name = "PART")]
    precision: Option<String>,
    /// Maximum number of rollouts for `--precision`
    #[arg(long, value_name = "N", conflicts_with = "trials", value_parser = whole::<u64>(2, 1_000_000_000))]
    most: Option<u64>,
    /// Strategies to compare, by their names and a comma between them: of the scenarios, and plain ones
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    strategies: Vec<String>,
    /// Mix of releases to use instead of the scenario's `releases`: elite, typical or struggling
    #[arg(long, value_name = "PRESET")]
    releases: Option<String>,
    /// Simulate one of several shards, such as `1/4`; `rollsim merge` combines them
    #[arg(long, value_name = "I/N", requires_all = ["out", "trials"])]
    shard: Option<String>,
    /// Write the results of the scenario's expectations as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    #[command(flatten)]
    kept: Kept,
    #[command(flatten)]
    simulated: Simulated,
}

pub(super) fn run(
    arguments: &Arguments,
    format: Format,
    out: &mut Printed,
) -> anyhow::Result<Ending> {
    let asked = Asked {
        command: "compare",
        files: &arguments.files,
        trials: arguments.trials,
        precision: arguments.precision.as_deref(),
        most: arguments.most,
        seed: arguments.simulated.seed,
        releases: arguments.releases.as_deref(),
        set: &arguments.simulated.set,
        bound: arguments.simulated.bound(),
        strategies: &arguments.strategies,
        // of several files each names its own strategies
        line_up: if arguments.files.len() == 1 { LineUp::WhereNone } else { LineUp::AsWritten },
    };
    let shard = arguments.shard.as_deref().map(shard).transpose()?;
    let Some(study) = asked.study()? else { return Ok(Ending::BadInput) };
    let junit = arguments.junit.as_deref();
    if let Some(junit) = junit {
        studies::prepare_file(junit)?;
    }
    let folder = arguments.kept.folder();
    let folder = folder.map(|it| Comparison::prepare(it, &study, shard)).transpose()?;
    let pool = studies::pool(arguments.simulated.threads)?;
    asked::say_work(&study, shard, &pool)?;
    let begin = arguments.kept.begin();
    if let (Some(shard), Some(folder)) = (shard, &folder) {
        let (ending, told) = play_shard(&study, shard, (folder, begin), &pool)?;
        out.close(&told);
        return Ok(ending);
    }
    let summary = asked::play(&study, folder.as_ref(), begin, &pool)?;
    if let Some(folder) = &folder {
        folder.report(&summary)?;
    }
    studies::tell(&summary, (format, junit), out)
}

fn shard(text: &str) -> anyhow::Result<Shard> {
    let refused = || {
        anyhow!("`--shard {text}` is not a shard\nallowed: `1/4` to `4/4`, with up to 10,000 parts")
    };
    let (index, of) = text.split_once('/').ok_or_else(refused)?;
    let (index, of): (u64, u64) =
        (index.parse().map_err(|_| refused())?, of.parse().map_err(|_| refused())?);
    if index == 0 || index > of || of > SHARDS_MAX {
        bail!(refused());
    }
    Ok(Shard { index: index - 1, of })
}

/// Simulates one shard; reports need all shards merged.
fn play_shard(
    study: &Study,
    shard: Shard,
    (folder, begin): (&Comparison, Begin),
    pool: &rayon::ThreadPool,
) -> anyhow::Result<(Ending, String)> {
    let Goal::Trials(trials) = study.protocol.goal else {
        bail!(
            "a shard needs a fixed number of rollouts\nhint: use `--trials N` instead of \
             `--precision`"
        )
    };
    let into = (Some(folder.folder()), begin);
    let mut keeper = Keeper::new(&study.protocol, into, (shard.share(trials), "rollouts"))?;
    let complete = experiment::play_shard(study, (shard, trials), pool, &mut keeper)
        .map_err(|it| keeper.failed(it))?;
    keeper.end(complete)?;
    let (kept, index, of) = (if complete { "all" } else { "some" }, shard.index + 1, shard.of);
    let told = format!(
        "shard {index} of {of}: {kept} of its {} rollouts are done",
        text::count(shard.share(trials))
    );
    Ok((if complete { Ending::Done } else { Ending::Interrupted }, told))
}
