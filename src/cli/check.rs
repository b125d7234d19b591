//! `rollsim check`: reads scenarios and reports every problem, without a simulation.

use std::{io::Write, path::PathBuf};

use super::{Ending, Format, planned, problems, write_json};
use crate::scenario::{self, Plan, Problems, Record};

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
}

pub(super) fn run(
    arguments: &Arguments,
    format: Format,
    out: &mut impl Write,
) -> anyhow::Result<Ending> {
    let mut told: Vec<Problems> = Vec::new();
    let mut ending = Ending::Done;
    for file in &arguments.files {
        match planned::plan(file) {
            Ok(planned) => {
                told.push(planned.warnings);
                if arguments.print {
                    print(&planned.plan, format, out)?;
                } else if format == Format::Text {
                    writeln!(out, "{}: ok", file.display())?;
                }
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
    if format == Format::Json && (!arguments.print || ending == Ending::BadInput) {
        let records: Vec<Record<'_>> = told.iter().flat_map(Problems::records).collect();
        write_json(&records, out)?;
    }
    Ok(ending)
}

/// The scenario as it is meant, with the assumptions behind its releases as comments.
fn print(plan: &Plan, format: Format, out: &mut impl Write) -> anyhow::Result<()> {
    let value = serde_json::to_value(plan.spelled_out())?;
    if format == Format::Json {
        return write_json(&value, out);
    }
    for assumption in plan.lottery.iter().flat_map(|it| &it.assumptions) {
        writeln!(out, "# {assumption}")?;
    }
    write!(out, "{}", scenario::to_yaml(&value))?;
    Ok(())
}
