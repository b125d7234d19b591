//! `rollsim tune`: better settings for a rollout, judged on seeds that the search never saw.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::ValueEnum;

use super::output::{show, whole};
use super::{
    Ending, Format, Printed,
    keeper::Keeper,
    planned,
    results::{self, Files},
    store::{Begin, Folder, StudyKind},
    studies,
    work::{self, MaxWork},
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
    /// Seed to use instead of the scenario's
    #[arg(long, value_name = "N", value_parser = whole::<u64>(0, u64::MAX))]
    seed: Option<u64>,
    /// Change a setting of the scenario, such as `length=2h`; the value as in a file. May be given several times
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Folder for the report (Markdown, charts, the patch) and the data (CSV, JSON)
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Continue an interrupted tuning in the folder
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
    work::refuse_beyond(arguments.work.bound(), &largest, &settings)?;
    let folder = arguments.out.as_deref();
    let folder = folder.map(|it| Folder::prepare(it, StudyKind::Tuning, study.protocol()));
    let folder = folder.transpose()?;
    let pool = studies::pool(arguments.threads)?;
    work::say_of(study.most(), &[&largest], pool.current_num_threads())?;
    let into = (folder.as_ref(), Begin::of(arguments.resume, arguments.replace));
    let mut keeper = Keeper::new(&study, into, (study.most(), "trials"))?;
    let run = play(&study, &pool, &mut keeper).map_err(|it| keeper.failed(it))?;
    keeper.end(run.is_some())?;
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
    let how = (arguments.set.as_slice(), arguments.work.bound());
    let plan = planned::plan_as_asked(&arguments.file, &mut add, Ok, how)?;
    let Some(plan) = plan else { return Ok(None) };
    let set: Vec<String> =
        arguments.set.iter().map(|it| format!("--set {}", shell_word(it))).collect();
    if !set.is_empty() {
        assumptions
            .push(format!("Simulated with {}, which `tuned.yaml` does not hold.", set.join(" ")));
    }
    let seed = arguments.seed.unwrap_or(plan.scenario.seed);
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
