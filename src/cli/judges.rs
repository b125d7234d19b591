//! `rollsim judges`: the gates of a scenario beside each other.

use std::path::PathBuf;

use anyhow::{anyhow, bail};

use super::output::{show, whole};
use super::{
    Ending, Format, Printed,
    keeper::Keeper,
    options::{Kept, Simulated, trials_for},
    planned, results,
    run::with_strategy,
    store::StudyKind,
    studies, work,
};
use crate::{
    experiment::{JudgesAsked, JudgesStudy, play_judges, shell_word},
    report,
    scenario::Plan,
};

/// Compare judges: measure every gate of a scenario as a dry run on the same rollouts of good and
/// bad releases
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Scenario file; its gates are compared
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Rollouts of each of the nine kinds
    #[arg(long, value_name = "N", default_value_t = 200)]
    #[arg(value_parser = whole::<u64>(1, 1_000_000))]
    trials: u64,
    /// As many rollouts of each kind as bring every share to within this of the truth, such as `5%`
    #[arg(long, value_name = "PART", conflicts_with = "trials")]
    precision: Option<String>,
    /// Strategy to use instead of the scenario's: a name of its `strategies`
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,
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
    let file = &arguments.file;
    let choose = |plan: Plan| match &arguments.strategy {
        Some(name) => with_strategy(&plan, name),
        None => Ok(plan),
    };
    let how = arguments.simulated.how();
    let Some(plan) = planned::plan_as_asked(file, &mut |_, _| {}, choose, how)? else {
        return Ok(Ending::BadInput);
    };
    if !plan.scenario.strategy.kind().ships() {
        bail!("there is nothing to judge: nothing is shipped\nhint: name a strategy that ships");
    }
    let seed = arguments.simulated.seed.unwrap_or(plan.scenario.seed);
    let precision = arguments.precision.as_deref().map(trials_for).transpose()?;
    let trials = precision.unwrap_or(arguments.trials);
    let mut words = vec![shell_word(&file.to_string_lossy())];
    words.extend(arguments.strategy.iter().map(|it| format!("--strategy {}", shell_word(it))));
    words.extend(arguments.simulated.set_words());
    let words = words.join(" ");
    let command = format!("rollsim judges {words} --trials {trials} --seed {seed} --out DIR");
    let about = studies::about(&command, &plan);
    let folder = arguments.kept.prepare(StudyKind::Judges, &about)?;
    let split = arguments.kept.split(folder.as_ref())?;
    let pool = studies::pool(arguments.simulated.threads)?;
    let asked = JudgesAsked { command, seed, trials };
    let work_of = plan.clone();
    let study =
        JudgesStudy::new(plan, planned::folder_of(file), asked).map_err(|it| anyhow!(it))?;
    work::say_of(study.planned(), &[&work_of], pool.current_num_threads())?;
    let columns = study.columns();
    let into = (folder.as_ref(), arguments.kept.begin());
    let mut keeper = Keeper::new(&columns, into, &split, (study.planned(), "rollouts"))?;
    let found = play_judges(&study, &pool, &mut keeper).map_err(|it| keeper.failed(it))?;
    if let Some(ending) = arguments.kept.close(keeper, found.complete, out)? {
        return Ok(ending);
    }
    let (document, csv) = (report::judges(&found), report::judges_csv(&found));
    if let Some(folder) = &folder {
        let files = vec![
            results::json_file(StudyKind::Judges.summary(), &found)?,
            results::text_file("judges.csv", csv.clone()),
            results::text_file("judges.md", document.markdown()),
        ];
        results::write_all(folder.path(), &files)?;
    }
    show((&document, &found, || csv), format, out)?;
    Ok(if found.complete { Ending::Done } else { Ending::Interrupted })
}
