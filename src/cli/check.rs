//! `rollsim check`: reads scenarios and reports every problem, without a simulation.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::{
    fix::{self, Told},
    output::{Ending, Format, write_json},
    planned::{self, Planned},
    problems,
    work::{self, MaxWork, OfOne},
};
use crate::scenario::{self, Bound, Plan, Problems, Record};

/// Check scenario files: report every problem with its line, or `ok`
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Scenario files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print each scenario with `extends` resolved, every default filled in, and the classes of its
    /// `releases` written out
    #[arg(long)]
    print: bool,
    /// Bring files of an older format to the newest, in place: what they mean stays, and so do comments
    /// and order. A file with problems is left as it is; one that only lacks keys, for others to extend, is
    /// not
    #[arg(long, conflicts_with = "print")]
    fix: bool,
    /// With `--format json`, print an object: what one trial of each file is expected to take, beside the problems
    #[arg(long, conflicts_with = "print")]
    work: bool,
    #[command(flatten)]
    max_work: MaxWork,
}

/// What `check --format json` prints with `--fix` or `--work`.
#[derive(Serialize)]
struct Report<'p> {
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed: Option<Vec<Told>>,
    problems: Vec<Record<'p>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    work: Option<Vec<OfOne>>,
}

/// What a file without an error is.
const fn found(plan: Option<&Plan>) -> &'static str {
    if plan.is_some() { "ok" } else { "a part of a scenario" }
}

pub(super) fn run(
    arguments: &Arguments,
    format: Format,
    out: &mut impl Write,
) -> anyhow::Result<Ending> {
    let mut told: Vec<Problems> = Vec::new();
    let mut fixed: Vec<Told> = Vec::new();
    let mut works: Vec<OfOne> = Vec::new();
    let mut ending = Ending::Done;
    for file in &arguments.files {
        match read(file, arguments.fix, arguments.max_work.bound()) {
            Ok(Checked { plan, warnings, fixes }) => {
                told.push(warnings);
                match &plan {
                    Some(plan) if arguments.print => print(plan, format, out)?,
                    Some(_) | None if format == Format::Text => {
                        fix::tell(&fixes, out)?;
                        writeln!(out, "{}: {}", file.display(), found(plan.as_ref()))?;
                        plan.iter().try_for_each(|it| writeln!(out, "{}", work::of_one(it)))?;
                    }
                    Some(_) | None => {}
                }
                works.extend(plan.iter().map(|it| OfOne::new(file, it)));
                fixed.extend(fixes);
            }
            Err(problems) => {
                told.push(problems);
                ending = Ending::BadInput;
            }
        }
        if let (Format::Text, Some(problems)) = (format, told.last()) {
            problems::tell(problems)?;
        }
    }
    let problems = || told.iter().flat_map(Problems::records).collect();
    if format == Format::Json && (arguments.fix || arguments.work) {
        let fixed = arguments.fix.then_some(fixed);
        let work = arguments.work.then_some(works);
        write_json(&Report { fixed, problems: problems(), work }, out)?;
    } else if format == Format::Json && (!arguments.print || ending == Ending::BadInput) {
        let records: Vec<Record<'_>> = problems();
        write_json(&records, out)?;
    }
    Ok(ending)
}

/// What was found of a file that can be used.
struct Checked {
    /// None of a part, which only a file that extends it makes a scenario.
    plan: Option<Plan>,
    warnings: Problems,
    fixes: Vec<Told>,
}

/// Checks a file; where it is to be fixed and can be used, fixes it and checks it again. What only lacks
/// keys can be fixed as well: it is what another file extends.
fn read(file: &Path, fixing: bool, bound: Bound) -> Result<Checked, Problems> {
    let checked = as_far_as_it_goes(file, fixing, bound)?;
    if !fixing {
        return Ok(checked);
    }
    let fixes = fix::file(file)?;
    let checked = if fixes.is_empty() { checked } else { as_far_as_it_goes(file, fixing, bound)? };
    Ok(Checked { fixes, ..checked })
}

fn as_far_as_it_goes(file: &Path, part: bool, bound: Bound) -> Result<Checked, Problems> {
    match planned::plan(file, bound) {
        Ok(Planned { plan, warnings }) => {
            Ok(Checked { plan: Some(plan), warnings, fixes: Vec::new() })
        }
        Err(problems) => {
            let warnings = problems.of_part().filter(|_| part).ok_or(problems)?;
            Ok(Checked { plan: None, warnings, fixes: Vec::new() })
        }
    }
}

/// The scenario as it is meant, with the assumptions behind its releases as comments.
fn print(plan: &Plan, format: Format, out: &mut impl Write) -> anyhow::Result<()> {
    let value = scenario::written_out(&plan.spelled_out())?;
    if format == Format::Json {
        return write_json(&value, out);
    }
    for assumption in plan.lottery.iter().flat_map(|it| &it.assumptions) {
        writeln!(out, "# {assumption}")?;
    }
    write!(out, "{}", scenario::to_yaml(&value))?;
    Ok(())
}
