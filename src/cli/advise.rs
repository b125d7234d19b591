//! `rollsim advise`: which strategy suits a bot, and why, in words.

use std::path::PathBuf;

use anyhow::bail;

use super::output::{show, whole};
use super::{
    Ending, Format, Printed,
    asked::{self, Asked},
    options::{Kept, Simulated},
    results,
    studies::{self, Comparison},
};
use crate::{
    experiment::LineUp,
    report::{self, Advice},
};

/// Recommend a strategy for a bot: simulates the plain strategies beside its own and explains the
/// answer with evidence
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Scenario file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Rollouts to simulate under every strategy; without it, as many as needed to tell which costs
    /// least, to within 5 %
    #[arg(long, value_name = "N", value_parser = whole::<u64>(2, 1_000_000_000))]
    trials: Option<u64>,
    /// Simulate until the best is known to within this share of its cost, instead of 5 %
    #[arg(long, value_name = "PART", conflicts_with = "trials")]
    precision: Option<String>,
    /// Strategies to choose from, by their names and a comma between them: of the scenario, and plain ones
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    strategies: Vec<String>,
    /// Write the results of the scenario's expectations as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Mix of releases to use instead of the scenario's `releases`: elite, typical or struggling
    #[arg(long, value_name = "PRESET")]
    releases: Option<String>,
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
        command: "advise",
        files: std::slice::from_ref(&arguments.file),
        trials: arguments.trials,
        precision: arguments.precision.as_deref(),
        most: None,
        seed: arguments.simulated.seed,
        releases: arguments.releases.as_deref(),
        set: &arguments.simulated.set,
        bound: arguments.simulated.bound(),
        strategies: &arguments.strategies,
        line_up: LineUp::EveryKind,
    };
    let Some(mut study) = asked.study()? else { return Ok(Ending::BadInput) };
    if study.plans.iter().any(|it| !it.scenario.strategy.kind().ships()) {
        bail!(
            "there is nothing to advise on: nothing is shipped\nhint: name a strategy that ships"
        );
    }
    for contestant in &mut study.protocol.contestants {
        contestant.command.push_str(" --plain");
    }
    let junit = arguments.junit.as_deref();
    junit.map(studies::prepare_file).transpose()?;
    let folder = Comparison::prepare(&arguments.kept, &study)?;
    let pool = studies::pool(arguments.simulated.threads)?;
    asked::say_work(&study, &arguments.kept, &pool)?;
    let into = (&arguments.kept, folder.as_ref(), folder.is_some());
    let summary = match asked::play(&study, into, &pool, out)? {
        Ok(summary) => summary,
        Err(ending) => return Ok(ending),
    };
    let fleet = study.plans[0].scenario.fleet.instances;
    let advice = Advice::of(&summary, fleet);
    let document = report::advice(&summary, &advice);
    if let Some(folder) = &folder {
        folder.report(&summary)?;
        let files = vec![
            results::json_file("advice.json", &advice)?,
            results::text_file("advice.md", document.markdown()),
        ];
        results::write_all(folder.path(), &files)?;
    }
    studies::write_junit(&summary, junit)?;
    show((&document, &advice, || report::comparison_csv(&summary)), format, out)?;
    Ok(match (summary.complete, &advice.ship_by) {
        (false, _) => Ending::Interrupted,
        (true, None) => Ending::Undecided,
        (true, Some(_)) => Ending::Done,
    })
}
