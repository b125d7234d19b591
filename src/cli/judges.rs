//! `rollsim judges`: the gates of a scenario beside each other.

use std::{io::Write, path::PathBuf};

use anyhow::{anyhow, bail};

use super::output::whole;
use super::{
    Ending, Format,
    interrupt::Interrupt,
    planned,
    progress::Rollouts,
    results, studies,
    work::{self, MaxWork},
    write_json,
};
use crate::{
    experiment::{JudgesAsked, compare_judges, shell_word},
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
    /// Folder for the table as Markdown, CSV and JSON
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
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
    let _claim = arguments.out.as_deref().map(results::prepare).transpose()?;
    let pool = studies::pool(arguments.threads)?;
    let seed = arguments.seed.unwrap_or(plan.scenario.seed);
    let trials = arguments.trials;
    let shown = shell_word(&file.to_string_lossy());
    let set = arguments.set.iter().map(|it| format!(" --set {}", shell_word(it)));
    let set: String = set.collect();
    let command = format!("rollsim judges {shown}{set} --trials {trials} --seed {seed} --out DIR");
    work::say_of(trials * 9, &[&plan], pool.current_num_threads())?;
    let interrupt = Interrupt::listen();
    let mut progress = Rollouts::new(trials * 9, 0);
    let found = compare_judges(
        &plan,
        planned::folder_of(file),
        JudgesAsked { command, seed, trials },
        &pool,
        |done| {
            progress.reached(done);
            !interrupt.is_heard()
        },
    );
    progress.end();
    let found = found.map_err(|it| anyhow!(it))?;
    if let Some(folder) = &arguments.out {
        let mut json = Vec::new();
        write_json(&found, &mut json)?;
        results::write(folder, "judges.json", &json)?;
        results::write(folder, "judges.csv", report::judges_csv(&found).as_bytes())?;
        results::write(folder, "judges.md", report::judges_markdown(&found).as_bytes())?;
    }
    match format {
        Format::Json => write_json(&found, out)?,
        Format::Text | Format::Csv | Format::Markdown => {
            for paragraph in report::judges_words(&found) {
                writeln!(out, "{}\n", report::lines(&paragraph))?;
            }
            write!(out, "{}", report::judges_table(&found))?;
        }
    }
    Ok(if found.complete { Ending::Done } else { Ending::Interrupted })
}
