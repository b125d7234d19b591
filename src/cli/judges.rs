//! `rollsim judges`: the gates of a scenario beside each other.

use std::{io::Write, path::PathBuf};

use anyhow::{anyhow, bail};

use super::output::{show, whole};
use super::{
    Ending, Format,
    keeper::Keeper,
    planned, results,
    store::{Begin, Folder, StudyKind},
    studies,
    work::{self, MaxWork},
};
use crate::{
    experiment::{JudgesAsked, JudgesStudy, play_judges, shell_word},
    report,
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
    /// Seed to use instead of the scenario's
    #[arg(long, value_name = "N", value_parser = whole::<u64>(0, u64::MAX))]
    seed: Option<u64>,
    /// Change a setting of the scenario, such as `length=2h`; the value as in a file. May be given several times
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Folder for the table as Markdown, CSV and JSON, and the data
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Continue an interrupted comparison in the folder
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
    let file = &arguments.file;
    let set = (arguments.set.as_slice(), arguments.work.bound());
    let Some(plan) = planned::plan_as_asked(file, &mut |_, _| {}, Ok, set)? else {
        return Ok(Ending::BadInput);
    };
    if !plan.scenario.strategy.kind().ships() {
        bail!("there is nothing to judge: nothing is shipped\nhint: name a strategy that ships");
    }
    let seed = arguments.seed.unwrap_or(plan.scenario.seed);
    let trials = arguments.trials;
    let shown = shell_word(&file.to_string_lossy());
    let set = arguments.set.iter().map(|it| format!(" --set {}", shell_word(it)));
    let set: String = set.collect();
    let command = format!("rollsim judges {shown}{set} --trials {trials} --seed {seed} --out DIR");
    let about = studies::about(&command, &plan);
    let folder = arguments.out.as_deref();
    let folder = folder.map(|it| Folder::prepare(it, StudyKind::Judges, &about)).transpose()?;
    let pool = studies::pool(arguments.threads)?;
    let asked = JudgesAsked { command, seed, trials };
    let work_of = plan.clone();
    let study =
        JudgesStudy::new(plan, planned::folder_of(file), asked).map_err(|it| anyhow!(it))?;
    work::say_of(study.planned(), &[&work_of], pool.current_num_threads())?;
    let columns = study.columns();
    let into = (folder.as_ref(), Begin::of(arguments.resume, arguments.replace));
    let mut keeper = Keeper::new(&columns, into, (study.planned(), "rollouts"))?;
    let found = play_judges(&study, &pool, &mut keeper).map_err(|it| keeper.failed(it))?;
    keeper.end(found.complete)?;
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
