//! `rollsim compare`: the same thousands of rollouts under every strategy.

use std::{io::Write, path::PathBuf};

use anyhow::{Context, anyhow, bail};

use super::{
    Ending, Format, planned, problems,
    studies::{self, Folder, Keeper},
};
use crate::{
    experiment::{
        self, Additions, Course, Entrant, Goal, Ranked, Request, Shard, Study, fill_in, set_up,
        shell_word,
    },
    scenario::Preset,
    units::Ratio,
};

/// Play the same thousands of rollouts under every strategy and say which is better, and how sure
/// that is
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Scenario files; the strategies of all of them are compared
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Rollouts to play under every strategy
    #[arg(long, value_name = "N", conflicts_with = "precision", value_parser = clap::value_parser!(u64).range(2..=1_000_000_000))]
    trials: Option<u64>,
    /// Play until strategies are told apart, or are equal to this part of their cost, such as `5%`;
    /// `auto` (the default) asks only which is the best, to 5 %
    #[arg(long, value_name = "PART")]
    precision: Option<String>,
    /// Most rollouts that `--precision` may come to
    #[arg(long, value_name = "N", conflicts_with = "trials", value_parser = clap::value_parser!(u64).range(2..=1_000_000_000))]
    most: Option<u64>,
    /// Seed in place of the scenario's own
    #[arg(long)]
    seed: Option<u64>,
    /// What releases carry, in place of the scenario's `releases`: elite, typical or struggling
    #[arg(long, value_name = "PRESET")]
    releases: Option<String>,
    /// Folder for the report (HTML, Markdown, charts) and the data (CSV, JSON)
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Go on where an interrupted comparison in the folder stopped
    #[arg(long, requires = "out")]
    resume: bool,
    /// Play one of several parts, such as `1/4`; `rollsim merge` puts them together
    #[arg(long, value_name = "I/N", requires_all = ["out", "trials"])]
    shard: Option<String>,
    /// Threads; all cores without it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1_024))]
    threads: Option<u16>,
    /// Write what came of the scenario's expectations as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

/// Requests that the default may simulate in all: about half a minute on two cores.
const REQUESTS: f64 = 250e6;
/// Rollouts of the default, at least and at most.
const ROLLOUTS: (f64, f64) = (200.0, 20_000.0);
/// Part of the cost to which `auto` decides.
const AUTO: f64 = 0.05;

pub(super) fn run(
    arguments: &Arguments,
    format: Format,
    out: &mut impl Write,
) -> anyhow::Result<Ending> {
    let preset = arguments.releases.as_deref().map(preset).transpose()?;
    let Some(entrants) = entrants(&arguments.files, preset)? else { return Ok(Ending::BadInput) };
    let shard = arguments.shard.as_deref().map(shard).transpose()?;
    let study = study(entrants, arguments)?;
    let junit = arguments.junit.as_deref();
    if let Some(junit) = junit {
        studies::prepare_file(junit)?;
    }
    let folder = arguments.out.as_deref().map(|it| Folder::prepare(it, &study, shard));
    let folder = folder.transpose()?;
    let pool = studies::pool(arguments.threads)?;
    if let (Some(shard), Some(folder)) = (shard, &folder) {
        return play_shard(&study, shard, folder, arguments.resume, &pool);
    }
    let mut course = Course::new(&study.protocol);
    let mut keeper = Keeper::new(&study, folder.as_ref(), &mut course, arguments.resume)?;
    experiment::play(&study, &mut course, &pool, &mut keeper).with_context(|| keeper.lost())?;
    let complete = keeper.end(course.is_complete())?;
    let summary = studies::summary(&study, &course, complete);
    if let Some(folder) = &folder {
        folder.report(&summary)?;
    }
    studies::tell(&summary, (format, junit), out)
}

/// The scenarios as they are compared; none when one of them has problems, which were told.
fn entrants(files: &[PathBuf], preset: Option<Preset>) -> anyhow::Result<Option<Vec<Entrant>>> {
    let alone = files.len() == 1;
    let (mut entrants, mut refused) = (Vec::new(), false);
    for file in files {
        let mut assumptions = Vec::new();
        let planned = planned::plan_with(file, &mut |scenario, plan| {
            let additions = Additions { preset, strategies: alone };
            assumptions = fill_in(scenario, plan, additions);
        });
        match planned {
            Ok(planned) => {
                if !planned.warnings.is_empty() {
                    problems::tell(&planned.warnings)?;
                }
                let file = file.to_string_lossy().into_owned();
                entrants.push(Entrant { file, plan: planned.plan, assumptions });
            }
            Err(problems) => {
                problems::tell(&problems)?;
                refused = true;
            }
        }
    }
    Ok((!refused).then_some(entrants))
}

/// Reads the study of files again as `merge` needs it: exactly as `compare` would lay it out.
pub(super) fn study_again(protocol: &experiment::Protocol) -> anyhow::Result<Option<Study>> {
    let files: Vec<PathBuf> = protocol.files.iter().map(PathBuf::from).collect();
    let preset = protocol.preset.as_deref().map(preset).transpose()?;
    let Some(entrants) = entrants(&files, preset)? else { return Ok(None) };
    let request = Request {
        seed: protocol.seed,
        goal: protocol.goal,
        command: protocol.command.clone(),
        preset: protocol.preset.clone(),
    };
    set_up(entrants, request).map(Some).map_err(|it| anyhow!(it))
}

fn study(entrants: Vec<Entrant>, arguments: &Arguments) -> anyhow::Result<Study> {
    let seed = arguments.seed.unwrap_or(entrants[0].plan.scenario.seed);
    let goal = goal(&entrants, arguments)?;
    let command = command(arguments, seed, goal);
    let preset = arguments.releases.clone();
    set_up(entrants, Request { seed, goal, command, preset }).map_err(|it| anyhow!(it))
}

fn goal(entrants: &[Entrant], arguments: &Arguments) -> anyhow::Result<Goal> {
    if let Some(trials) = arguments.trials {
        return Ok(Goal::Trials(trials));
    }
    let (part, of) = match arguments.precision.as_deref() {
        None | Some("auto") => (AUTO, Ranked::Best),
        Some(text) => {
            let part: Ratio = text.parse().map_err(|_| {
                anyhow!(
                    "`--precision {text}` is no part\nallowed: `auto`, or a percentage such as `5%`"
                )
            })?;
            (part.get(), Ranked::All)
        }
    };
    let requests = |it: &Entrant| {
        let expected = it.plan.rates.expected(it.plan.scenario.length);
        expected * it.plan.scenario.strategies().len() as f64
    };
    let each: f64 = entrants.iter().map(requests).sum();
    let affordable = (REQUESTS / each.max(1.0)).clamp(ROLLOUTS.0, ROLLOUTS.1);
    let most = arguments.most.unwrap_or(crate::units::whole(affordable));
    Ok(Goal::Precision { part, of, most })
}

/// The command that makes the comparison again; where it is played, and in how many parts, is left
/// out, for it changes nothing.
fn command(arguments: &Arguments, seed: u64, goal: Goal) -> String {
    let files = arguments.files.iter().map(|it| shell_word(&it.to_string_lossy()));
    let mut words: Vec<String> = files.collect();
    match goal {
        Goal::Trials(trials) => words.push(format!("--trials {trials}")),
        Goal::Precision { most, .. } => {
            let precision = arguments.precision.as_ref();
            words.extend(precision.map(|it| format!("--precision {}", shell_word(it))));
            words.extend(arguments.most.map(|_| format!("--most {most}")));
        }
    }
    words.extend(arguments.releases.as_ref().map(|it| format!("--releases {}", shell_word(it))));
    format!("rollsim compare {} --seed {seed} --out DIR", words.join(" "))
}

/// A preset of releases by its name.
pub(super) fn preset(name: &str) -> anyhow::Result<Preset> {
    serde_json::from_value(name.into()).map_err(|_| {
        anyhow!("there is no preset `{name}`\nallowed: `elite`, `typical`, `struggling`")
    })
}

fn shard(text: &str) -> anyhow::Result<Shard> {
    let refused = || {
        anyhow!("`--shard {text}` is no shard\nallowed: `1/4` to `4/4`, with up to 10,000 parts")
    };
    let (index, of) = text.split_once('/').ok_or_else(refused)?;
    let (index, of): (u64, u64) =
        (index.parse().map_err(|_| refused())?, of.parse().map_err(|_| refused())?);
    if index == 0 || index > of || of > 10_000 {
        bail!(refused());
    }
    Ok(Shard { index: index - 1, of })
}

/// Plays one shard; there is nothing to report before they are merged.
fn play_shard(
    study: &Study,
    shard: Shard,
    folder: &Folder,
    resume: bool,
    pool: &rayon::ThreadPool,
) -> anyhow::Result<Ending> {
    let Goal::Trials(trials) = study.protocol.goal else {
        bail!(
            "a shard needs a fixed number of rollouts\nhint: `--trials N` in place of `--precision`"
        )
    };
    let (mut keeper, done) = Keeper::of_shard(study, folder, shard.share(trials), resume)?;
    experiment::play_shard(study, (shard, trials), done, pool, &mut keeper)
        .with_context(|| keeper.lost())?;
    let complete = keeper.kept() == shard.share(trials);
    let complete = keeper.end(complete)?;
    let mut talk = anstream::stderr().lock();
    let (kept, index, of) = (if complete { "all" } else { "some" }, shard.index + 1, shard.of);
    writeln!(
        talk,
        "shard {index} of {of}: {kept} of its {} rollouts are done",
        shard.share(trials)
    )?;
    Ok(if complete { Ending::Done } else { Ending::Interrupted })
}
