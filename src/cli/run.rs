//! `rollsim run`: simulates one trial of a scenario and reports what happened.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process,
};

use anyhow::{anyhow, bail};
use serde_json::Value;

use super::output::whole;
use super::{
    Ending, Format, Printed, asked,
    interrupt::Interrupt,
    planned, problems,
    progress::Progress,
    results::{self, Files},
    work::{self, MaxWork},
    write_json,
};
use crate::{
    experiment::{Additions, LineUp, fill_in, shell_word},
    kernel::Seed,
    report::{self, Clock, Trial},
    scenario::{Plan, Scenario, listed, quoted, suggest},
    sim::{self, Fork, Outcome, Sight},
};

/// What happened, of a folder.
const OUTCOME: &str = "outcome.json";

/// Simulate one rollout, request by request, and report what happened and why
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Scenario file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Seed to use instead of the scenario's
    #[arg(long, value_name = "N", value_parser = whole::<u64>(0, u64::MAX))]
    seed: Option<u64>,
    /// Strategy to use instead of the scenario's: a name of its `strategies`
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,
    /// Add the strategies that `advise` adds: a plain one of every kind that the scenario lacks
    #[arg(long)]
    plain: bool,
    /// Class of its `releases` to ship instead of its `release`, such as `good`
    #[arg(long, value_name = "CLASS")]
    release: Option<String>,
    /// Mix of releases to use instead of the scenario's `releases`: elite, typical or struggling
    #[arg(long, value_name = "PRESET")]
    releases: Option<String>,
    /// Change a setting of the scenario, such as `strategy.canary.steps[0].weight=2%`; the value as
    /// a file has it, `null` and `{a: 1}` included
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Fork the trial, such as `at=12m30s,luck=7`: what has happened by then stays, and what has not is drawn again, in
    /// another way for each `luck`. The time counts from the start of the trial, or, as the timeline shows it
    /// (`at=T+00:02:30,luck=7`), from the rollout. Forks are given in the order of their times
    #[arg(long, value_name = "at=TIME,luck=N")]
    fork: Vec<String>,
    /// Folder for the picture (SVG) and its data (JSON, CSV)
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace the rollout of another command that the folder holds
    #[arg(long, requires = "out")]
    replace: bool,
    /// Print events to standard error as they happen in simulated time
    #[arg(long)]
    follow: bool,
    #[command(flatten)]
    work: MaxWork,
}

pub(super) fn run(
    arguments: &Arguments,
    format: Format,
    out: &mut Printed,
) -> anyhow::Result<Ending> {
    end_on_interrupt();
    let claim = arguments.out.as_deref().map(results::prepare).transpose()?;
    let plan = planned::plan_as_asked(
        &arguments.file,
        &mut additions(arguments)?,
        |plan| chosen(&plan, arguments),
        (&arguments.set, arguments.work.bound()),
    )?;
    let Some(plan) = plan else { return Ok(Ending::BadInput) };
    let plan = &plan;
    let forks = match Fork::read_all(&arguments.fork, &plan.scenario) {
        Ok(forks) => forks,
        Err(refused) => {
            problems::tell(&refused)?;
            return Ok(Ending::BadInput);
        }
    };
    let seed = Seed::new(arguments.seed.unwrap_or(plan.scenario.seed));
    let command = command(arguments, seed, &forks);
    if let (Some(folder), false) = (&arguments.out, arguments.replace) {
        refuse_to_lose(folder, &command)?;
    }
    work::say_of_one(plan)?;
    let outcome = play(plan, sim::Trial::new(plan, seed).forked(&forks), arguments.follow);
    let trial = Trial { plan, outcome: &outcome, command: &command };
    if let Some(folder) = &arguments.out {
        results::write_all(folder, &files(trial)?)?;
    }
    drop(claim);
    match format {
        Format::Json => write_json(&report::json(trial), out)?,
        Format::Text | Format::Csv | Format::Markdown => tell(trial, out)?,
    }
    Ok(judged(trial, out))
}

/// A signal ends the process at once: of a rollout that is not over there is nothing to keep.
#[expect(clippy::exit, reason = "a trial has no way out in its middle")]
fn end_on_interrupt() {
    Interrupt::listen().then(|| {
        let told = b"interrupted: nothing is kept of a rollout that is not over\n";
        // held until the end, so that nothing follows this line
        let mut stderr = anstream::stderr().lock();
        let _ = stderr.write_all(told);
        process::exit(Ending::Interrupted.code().into());
    });
}

/// Where a strategy or a class of releases is chosen, the scenario is completed as `compare` does,
/// so that any trial of a comparison can be simulated by itself.
fn additions(arguments: &Arguments) -> anyhow::Result<impl FnMut(&mut Scenario, &Plan) + use<>> {
    let preset = arguments.releases.as_deref().map(asked::preset).transpose()?;
    let line_up = if arguments.plain { LineUp::EveryKind } else { LineUp::WhereNone };
    let chosen = arguments.plain
        || arguments.strategy.is_some()
        || arguments.release.is_some()
        || preset.is_some();
    Ok(move |scenario: &mut Scenario, plan: &Plan| {
        if chosen {
            fill_in(scenario, plan, Additions { preset, line_up });
        }
    })
}

/// Simulates the trial; prints each event where that is wanted, shows progress otherwise.
fn play(plan: &Plan, trial: sim::Trial<'_>, follow: bool) -> Outcome {
    let clock = Clock::of(&plan.scenario);
    let mut progress = Progress::new(plan.scenario.length);
    let outcome = trial.run_watched(&mut |sight| match sight {
        // there may be no reader left
        Sight::Entry(entry) if follow => {
            let _ = anstream::stderr().write_all(clock.line(entry).as_bytes());
        }
        Sight::Progress(now) if !follow => progress.reached(now),
        Sight::Entry(_) | Sight::Progress(_) => {}
    });
    progress.end();
    outcome
}

/// The command that makes this run again, as a shell would take it.
fn command(arguments: &Arguments, seed: Seed, forks: &[Fork]) -> String {
    let mut command = format!("rollsim run {}", shell_word(&arguments.file.to_string_lossy()));
    let chosen = [
        ("strategy", &arguments.strategy),
        ("release", &arguments.release),
        ("releases", &arguments.releases),
    ];
    for (option, name) in chosen {
        if let Some(name) = name {
            command.extend([" --", option, " ", &shell_word(name)]);
        }
    }
    for setting in &arguments.set {
        command.extend([" --set ", &shell_word(setting)]);
    }
    let plain = if arguments.plain { " --plain" } else { "" };
    format!("{command}{plain} --seed {} --out DIR", drawn(seed, forks))
}

/// Refuses a folder with the rollout of another command.
fn refuse_to_lose(folder: &Path, command: &str) -> anyhow::Result<()> {
    let there = fs::read(folder.join(OUTCOME)).unwrap_or_default();
    let there: Value = serde_json::from_slice(&there).unwrap_or_default();
    match there["command"].as_str() {
        Some(other) if other != command => bail!(
            "`{}` holds another rollout: {}\nhint: `--replace` puts this one in its place",
            folder.display(),
            report::harmless(other)
        ),
        Some(_) | None => Ok(()),
    }
}

/// The seed and the forks: all that random draws depend on, as options have it after `--seed`.
fn drawn(seed: Seed, forks: &[Fork]) -> String {
    let mut text = seed.to_string();
    for fork in forks {
        text.extend([" --fork ", &fork.to_string()]);
    }
    text
}

/// The plan with the strategy and the release that were asked for.
fn chosen(plan: &Plan, arguments: &Arguments) -> anyhow::Result<Plan> {
    let mut chosen = plan.clone();
    if let Some(name) = &arguments.strategy {
        chosen = with_strategy(&chosen, name)?;
    }
    if let Some(name) = &arguments.release {
        let Some(lottery) = &plan.lottery else {
            bail!(
                "the scenario has no `releases` to choose from\nhint: add `releases: {{preset: typical}}`"
            );
        };
        let Some(class) = lottery.class(name) else {
            let names = lottery.classes.iter().map(|it| it.name.as_str());
            return Err(unknown("class of releases", name, names));
        };
        chosen = chosen.with_release(class.release);
    }
    Ok(chosen)
}

/// The plan with one of its strategies by name.
pub(super) fn with_strategy(plan: &Plan, name: &str) -> anyhow::Result<Plan> {
    let strategies = plan.scenario.strategies();
    let Some((_, spec)) = strategies.iter().find(|it| it.0 == name) else {
        return Err(unknown("strategy", name, strategies.iter().map(|it| it.0)));
    };
    Ok(plan.with_strategy(spec))
}

fn unknown<'n>(
    kind: &str,
    name: &str,
    names: impl Iterator<Item = &'n str> + Clone,
) -> anyhow::Error {
    let near = suggest(name, names.clone());
    let hint = near.map_or_else(String::new, |near| format!("\nhint: did you mean `{near}`?"));
    anyhow!("there is no {kind} {}\nallowed: {}{hint}", quoted(name), listed(names))
}

fn tell(trial: Trial<'_>, out: &mut impl Write) -> io::Result<()> {
    let scenario = &trial.plan.scenario;
    let name = report::harmless(&trial.plan.name);
    let title = report::harmless(&scenario.title);
    let drawn = drawn(Seed::new(trial.outcome.seed), &trial.outcome.forks);
    writeln!(out, "{}", report::lines(&format!("{name}, seed {drawn}: {title}")))?;
    writeln!(out, "{}\n", report::lines(&report::headline(trial)))?;
    write!(out, "{}", report::timeline(trial))?;
    let steps = report::steps(trial);
    if !steps.is_empty() {
        write!(out, "\n{steps}")?;
    }
    write!(out, "\n{}", report::measures(trial))?;
    let findings = report::findings(trial);
    if !findings.is_empty() {
        write!(out, "\n{}", report::findings_told(&findings))?;
    }
    Ok(())
}

fn judged(trial: Trial<'_>, out: &mut Printed) -> Ending {
    let findings = report::findings(trial);
    let failed: Vec<_> = findings.iter().filter(|it| !it.held).collect();
    for finding in &failed {
        let report::Finding { name, got, .. } = finding;
        let wanted = report::condition_in_words(&finding.wanted);
        out.close(&format!("expectation failed: `{name}`: expected {wanted}, got {got}"));
    }
    if failed.is_empty() { Ending::Done } else { Ending::Unexpected }
}

/// Everything that is made of a trial.
fn files(trial: Trial<'_>) -> anyhow::Result<Files> {
    Ok(vec![
        results::json_file(OUTCOME, &report::json(trial))?,
        results::text_file("series.csv", report::series(trial)),
        results::text_file("timeline.csv", report::events(trial)),
        results::text_file("verdicts.csv", report::verdicts(trial)),
        results::text_file("instances.csv", report::instances(trial)),
        results::text_file("picture.svg", report::picture(trial)),
    ])
}
