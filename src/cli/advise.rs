//! `rollsim advise`: which strategy suits a bot, and why, in words.

use std::{io::Write, path::PathBuf};

use anyhow::bail;

use super::output::{show, whole};
use super::{
    Ending, Format,
    asked::{self, Asked},
    results,
    store::Begin,
    studies::{self, Comparison},
    work::MaxWork,
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
    /// Seed to use instead of the scenario's
    #[arg(long, value_name = "N", value_parser = whole::<u64>(0, u64::MAX))]
    seed: Option<u64>,
    /// Mix of releases to use instead of the scenario's `releases`: elite, typical or struggling
    #[arg(long, value_name = "PRESET")]
    releases: Option<String>,
    /// Change a setting of the scenario, such as `length=2h`, but for strategies; the value as in a file. May be given several times
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Folder for the advice, its report and the data
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Continue an interrupted run in the folder
    #[arg(long, requires = "out")]
    resume: bool,
    /// Replace the study of this kind that the folder holds
    #[arg(long, requires = "out", conflicts_with = "resume")]
    replace: bool,
    /// Number of threads [default: all cores]
    #[arg(long, value_name = "N", value_parser = whole::<u16>(1, 1_024))]
    threads: Option<u16>,
    #[command(flatten)]
    work: MaxWork,
}

pub(super) fn run(
    arguments: &Arguments,
    format: Format,
    out: &mut impl Write,
) -> anyhow::Result<Ending> {
    let asked = Asked {
        command: "advise",
        files: std::slice::from_ref(&arguments.file),
        trials: arguments.trials,
        precision: None,
        most: None,
        seed: arguments.seed,
        releases: arguments.releases.as_deref(),
        set: &arguments.set,
        bound: arguments.work.bound(),
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
    let folder =
        arguments.out.as_deref().map(|it| Comparison::prepare(it, &study, None)).transpose()?;
    let pool = studies::pool(arguments.threads)?;
    asked::say_work(&study, None, &pool)?;
    let summary = asked::play(
        &study,
        folder.as_ref(),
        Begin::of(arguments.resume, arguments.replace),
        &pool,
    )?;
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
    show((&document, &advice, || report::comparison_csv(&summary)), format, out)?;
    Ok(match (summary.complete, &advice.ship_by) {
        (false, _) => Ending::Interrupted,
        (true, None) => Ending::Undecided,
        (true, Some(_)) => Ending::Done,
    })
}
