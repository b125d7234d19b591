//! `rollsim compare`: the same thousands of rollouts under every strategy.

use std::path::PathBuf;

use super::output::whole;
use super::{
    Ending, Format, Printed,
    asked::{self, Asked},
    options::{Kept, Simulated},
    studies::{self, Comparison},
};
use crate::experiment::LineUp;

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
    /// Maximum number of rollouts for `--precision`, under every strategy: what those that are out leave is spent
    /// on the others
    #[arg(long, value_name = "N", conflicts_with = "trials", value_parser = whole::<u64>(2, 1_000_000_000))]
    most: Option<u64>,
    /// Strategies to compare, by their names and a comma between them: of the scenarios, and plain ones
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    strategies: Vec<String>,
    /// Mix of releases to use instead of the scenario's `releases`: elite, typical or struggling
    #[arg(long, value_name = "PRESET")]
    releases: Option<String>,
    /// Write the results of the scenario's expectations as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Simulate what comes before the rollout once for each strategy, not once for all: slower, with the same results
    #[arg(long)]
    whole: bool,
    #[command(flatten)]
    pub(super) kept: Kept,
    #[command(flatten)]
    pub(super) simulated: Simulated,
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
    let Some(study) = asked.study()? else { return Ok(Ending::BadInput) };
    let study = if arguments.whole { study.whole() } else { study };
    let junit = arguments.junit.as_deref();
    if let Some(junit) = junit {
        studies::prepare_file(junit)?;
    }
    let folder = Comparison::prepare(&arguments.kept, &study)?;
    let pool = studies::pool(arguments.simulated.threads)?;
    asked::say_work(&study, &arguments.kept, &pool)?;
    // the text shows no examples
    let drawn = folder.is_some() || format == Format::Json;
    let into = (&arguments.kept, folder.as_ref(), drawn);
    let summary = match asked::play(&study, into, &pool, out)? {
        Ok(summary) => summary,
        Err(ending) => return Ok(ending),
    };
    if let Some(folder) = &folder {
        folder.report(&summary)?;
    }
    studies::tell(&summary, (format, junit), out)
}
