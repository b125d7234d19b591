//! `rollsim power`: what the analysis of a scenario detects.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use super::output::{show, whole};
use super::{
    Ending, Format, Printed, asked,
    keeper::Keeper,
    options::{Kept, Simulated, trials_for},
    planned,
    results::{self, Files},
    run::with_strategy,
    store::StudyKind,
    studies, work,
};
use crate::{
    experiment::{
        Additions, FindingResult, LineUp, fill_in,
        power::{
            Power, PowerAsked, PowerColumns, Survey, play_survey, power_examples, summarise_power,
        },
        shell_word,
    },
    report,
    scenario::{Plan, Scenario},
    units::{Ratio, text},
};
use anyhow::{Context, anyhow, bail};

/// Measure what the analysis of a scenario detects: how often it rolls back good releases, how
/// severe a defect must be to be caught, how soon, and what is contamination
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Scenario file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Strategy to use instead of the scenario's: a name of its `strategies`, or a plain one
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,
    /// Mix of releases to use instead of the scenario's `releases`: elite, typical or struggling
    #[arg(long, value_name = "PRESET")]
    releases: Option<String>,
    /// Rollouts of each kind in each world [default: as many as fit into about a minute]
    #[arg(long, value_name = "N", value_parser = whole::<u64>(2, 1_000_000))]
    trials: Option<u64>,
    /// As many rollouts of each kind as bring every share to within this of the truth, such as `5%`
    #[arg(long, value_name = "PART", conflicts_with = "trials")]
    precision: Option<String>,
    /// Show a trial of each outcome: a false rollback, a caught defect, a miss and a correct
    /// promotion
    #[arg(long)]
    explain: bool,
    /// Fail unless false rollbacks are shown to be at most this, such as `1%`
    #[arg(long, value_name = "PART")]
    max_false_rollback: Option<String>,
    /// Write whether they are as JUnit XML
    #[arg(long, value_name = "FILE", requires = "max_false_rollback")]
    junit: Option<PathBuf>,
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
    let limit = arguments.max_false_rollback.as_deref().map(part).transpose()?;
    let Some(plan) = plan(arguments)? else { return Ok(Ending::BadInput) };
    if !plan.scenario.strategy.kind().ships() {
        bail!(
            "there is no release to detect: nothing is shipped\nhint: name a strategy that ships"
        );
    }
    let junit = arguments.junit.as_deref();
    junit.map(studies::prepare_file).transpose()?;
    let asked = asked_for(arguments, &plan)?;
    let about = studies::about(&asked.command, &plan);
    let folder = arguments.kept.prepare(StudyKind::Power, &about)?;
    let split = arguments.kept.split(folder.as_ref())?;
    let pool = studies::pool(arguments.simulated.threads)?;
    let mut survey = Survey::new(plan, asked).map_err(|it| anyhow!(it))?;
    work::say_of(survey.planned(), &[survey.plan()], pool.current_num_threads())?;
    let into = (folder.as_ref(), arguments.kept.begin());
    let most = (survey.planned(), "rollouts");
    let mut keeper = Keeper::new(&PowerColumns, into, &split, most)?;
    let played = play_survey(&mut survey, &pool, &mut keeper);
    let complete = played.map_err(|it| keeper.failed(it))?;
    if let Some(ending) = arguments.kept.close(keeper, complete, out)? {
        return Ok(ending);
    }
    let power = summarise_power(&survey, complete, power_examples(&survey));
    if let Some(folder) = &folder {
        results::write_all(folder.path(), &files(&power)?)?;
    }
    show((&report::power(&power), &power, || report::power_csv(&power)), format, out)?;
    if arguments.explain && format == Format::Text {
        write!(out, "\n{}", report::power_examples(&power))?;
    }
    judged(&power, limit, junit, out)
}

fn part(text: &str) -> anyhow::Result<f64> {
    let part: Ratio = text.parse().map_err(|_| {
        anyhow!("`--max-false-rollback {text}` is not a share\nallowed: a percentage such as `1%`")
    })?;
    Ok(part.get())
}

/// The scenario as it is to be measured; none when it has problems, which were reported. It is
/// completed as `run` completes it, so that `run` simulates the same trials.
fn plan(arguments: &Arguments) -> anyhow::Result<Option<Plan>> {
    let preset = arguments.releases.as_deref().map(asked::preset).transpose()?;
    let chosen = arguments.strategy.is_some() || preset.is_some();
    let mut add = |scenario: &mut Scenario, plan: &Plan| {
        if chosen {
            fill_in(scenario, plan, Additions { preset, line_up: LineUp::WhereNone });
        }
    };
    let choose = |plan: Plan| match &arguments.strategy {
        Some(name) => with_strategy(&plan, name),
        None => Ok(plan),
    };
    planned::plan_as_asked(&arguments.file, &mut add, choose, arguments.simulated.how())
}

fn asked_for(arguments: &Arguments, plan: &Plan) -> anyhow::Result<PowerAsked> {
    let seed = arguments.simulated.seed.unwrap_or(plan.scenario.seed);
    let mut words = vec![shell_word(&arguments.file.to_string_lossy())];
    for (option, value) in [("strategy", &arguments.strategy), ("releases", &arguments.releases)] {
        words.extend(value.as_ref().map(|it| format!("--{option} {}", shell_word(it))));
    }
    words.extend(arguments.simulated.set_words());
    let chosen = words.join(" ");
    let precision = arguments.precision.as_deref().map(trials_for).transpose()?;
    let asked = arguments.trials.or(precision);
    let trials = asked.map_or_else(String::new, |it| format!(" --trials {it}"));
    let limit = arguments.max_false_rollback.as_ref();
    let limit =
        limit.map(|it| format!(" --max-false-rollback {}", shell_word(it))).unwrap_or_default();
    Ok(PowerAsked {
        command: format!("rollsim power {chosen}{trials} --seed {seed}{limit} --out DIR"),
        run: format!("rollsim run {chosen}"),
        seed,
        trials: asked,
        folder: planned::folder_of(&arguments.file).to_owned(),
    })
}

/// Everything that is made of the trials.
fn files(power: &Power) -> anyhow::Result<Files> {
    let mut files = vec![
        results::json_file(StudyKind::Power.summary(), power)?,
        results::text_file("power.csv", report::power_csv(power)),
        results::text_file("report.md", report::power(power).markdown()),
    ];
    files.extend(results::chart_files(|tone| report::power_charts(power, tone)));
    Ok(files)
}

/// Held against what was asked of it: the whole interval must be below the limit.
fn judged(
    power: &Power,
    limit: Option<f64>,
    junit: Option<&Path>,
    out: &mut Printed,
) -> anyhow::Result<Ending> {
    let (Some(limit), Some(found)) = (limit, power.good.rolled_back) else {
        return Ok(if power.complete { Ending::Done } else { Ending::Interrupted });
    };
    let (result, ending) = match found {
        it if it.low > limit => (FindingResult::Failed, Ending::Unexpected),
        it if it.high > limit => (FindingResult::NotEnoughTrials, Ending::Undecided),
        _ => (FindingResult::Passed, Ending::Done),
    };
    let unsure = if ending == Ending::Undecided { "not enough rollouts to say" } else { "no" };
    let told = format!(
        "at most {} of good releases rolled back: {unsure}; {} of {} were",
        text::share(limit),
        text::Unit::Share.with_interval(found.value, found.low, found.high),
        text::count(found.n)
    );
    if let Some(file) = junit {
        let xml = report::power_junit(power, limit, result, &told);
        fs::write(file, xml).with_context(|| format!("cannot write `{}`", file.display()))?;
    }
    if ending != Ending::Done && power.complete {
        out.close(&told);
    }
    Ok(if power.complete { ending } else { Ending::Interrupted })
}
