//! `rollsim tune`: better settings for a rollout, judged on seeds that the search never saw.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::ValueEnum;

use super::output::{show, whole};
use super::{
    Ending, Format, Printed,
    keeper::Keeper,
    options::{Kept, Simulated},
    planned,
    results::{self, Files},
    run::with_strategy,
    store::StudyKind,
    studies, work,
};
use crate::{
    experiment::{
        Additions, LineUp, fill_in, shell_word,
        tune::{Effort, Request, Study, Tuning, run as play, summarise},
    },
    report,
    scenario::{Plan, Scenario},
};

/// Search for better settings of a rollout, and compare them with the present ones on fresh seeds
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Scenario file; its `tune` names the parameters and the objective
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How much to simulate: about half a minute, two to four minutes, or a quarter of an hour on
    /// two cores
    #[arg(long, value_enum, default_value_t, conflicts_with = "trials")]
    budget: Level,
    /// About how many trials to simulate, instead of a budget; certification may need more
    #[arg(long, value_name = "N", value_parser = whole::<u64>(200, 100_000_000))]
    trials: Option<u64>,
    /// Strategy to tune instead of the scenario's: a name of its `strategies`
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,
    #[command(flatten)]
    pub(super) kept: Kept,
    #[command(flatten)]
    pub(super) simulated: Simulated,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Level {
    Quick,
    #[default]
    Normal,
    Thorough,
}

impl Level {
    /// Seconds of one core, about, and most trials.
    const fn effort(self) -> Effort {
        match self {
            Self::Quick => Effort::Cores { seconds: 60.0, most: 12_000 },
            Self::Normal => Effort::Cores { seconds: 400.0, most: 40_000 },
            Self::Thorough => Effort::Cores { seconds: 2_000.0, most: 200_000 },
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Normal => "normal",
            Self::Thorough => "thorough",
        }
    }
}

pub(super) fn run(
    arguments: &Arguments,
    format: Format,
    out: &mut Printed,
) -> anyhow::Result<Ending> {
    let Some(study) = study(arguments)? else { return Ok(Ending::BadInput) };
    let (largest, settings) = study.largest();
    work::refuse_beyond(arguments.simulated.bound(), &largest, &settings)?;
    let folder = arguments.kept.prepare(StudyKind::Tuning, study.protocol())?;
    let split = arguments.kept.split(folder.as_ref())?;
    let pool = studies::pool(arguments.simulated.threads)?;
    work::say_of(study.most(), &[&largest], pool.current_num_threads())?;
    study.too_few().map_or(Ok(()), |it| work::say(&it))?;
    let into = (folder.as_ref(), arguments.kept.begin());
    let mut keeper = Keeper::new(&study, into, &split, (study.most(), "trials"))?;
    let run = play(&study, &pool, &mut keeper).map_err(|it| keeper.failed(it))?;
    if let Some(ending) = arguments.kept.close(keeper, run.is_some(), out)? {
        return Ok(ending);
    }
    let Some(run) = run else {
        let hint = if folder.is_some() { "; continue with `--resume`" } else { "" };
        out.close(&format!("interrupted before a decision{hint}"));
        return Ok(Ending::Interrupted);
    };
    let tuning = summarise(&study, &run);
    if let Some(folder) = &folder {
        results::write_all(folder.path(), &files(&tuning)?)?;
    }
    let csv = || report::tuning_contestants(&tuning);
    show((&report::tuning(&tuning), &tuning, csv), format, out)?;
    Ok(Ending::Done)
}

fn study(arguments: &Arguments) -> anyhow::Result<Option<Study>> {
    let mut assumptions = Vec::new();
    let mut has_analysis = true;
    let mut add = |scenario: &mut Scenario, plan: &Plan| {
        has_analysis = scenario.analysis.is_some();
        let additions = Additions { preset: None, line_up: LineUp::AsWritten };
        assumptions = fill_in(scenario, plan, additions);
    };
    let choose = |plan: Plan| match &arguments.strategy {
        Some(name) => with_strategy(&plan, name),
        None => Ok(plan),
    };
    let how = arguments.simulated.how();
    let plan = planned::plan_as_asked(&arguments.file, &mut add, choose, how)?;
    let Some(plan) = plan else { return Ok(None) };
    let strategy = arguments.strategy.iter().map(|it| format!("--strategy {}", shell_word(it)));
    let set: Vec<String> = strategy.chain(arguments.simulated.set_words()).collect();
    if !set.is_empty() {
        assumptions
            .push(format!("Simulated with {}, which `tuned.yaml` does not hold.", set.join(" ")));
    }
    let seed = arguments.simulated.seed.unwrap_or(plan.scenario.seed);
    let file = arguments.file.to_string_lossy().into_owned();
    let effort = arguments.trials.map_or(arguments.budget.effort(), Effort::Trials);
    let amount = match arguments.trials {
        Some(trials) => format!("--trials {trials}"),
        None => format!("--budget {}", arguments.budget.name()),
    };
    let words: Vec<String> = [shell_word(&file)].into_iter().chain(set).chain([amount]).collect();
    let command = format!("rollsim tune {} --seed {seed} --out DIR", words.join(" "));
    let folder = planned::folder_of(&arguments.file).to_owned();
    let request = Request { file, seed, effort, command, assumptions, has_analysis, folder };
    Study::new(&plan, request).map(Some).map_err(|it| anyhow!(it))
}

/// Everything that is made of the trials.
fn files(tuning: &Tuning) -> anyhow::Result<Files> {
    let mut files = vec![
        results::json_file(StudyKind::Tuning.summary(), tuning)?,
        results::text_file("report.md", report::tuning(tuning).markdown()),
        results::text_file("candidates.csv", report::tuning_candidates(tuning)),
        results::text_file("contestants.csv", report::tuning_contestants(tuning)),
    ];
    if !tuning.patch.is_empty() {
        files.push(results::text_file("tuned.yaml", tuning.patch.clone()));
    }
    files.extend(results::chart_files(|tone| report::tuning_charts(tuning, tone)));
    Ok(files)
}
