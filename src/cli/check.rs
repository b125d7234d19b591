//! `rollsim check`: reads scenarios and tells every problem, without running anything.

use std::{io::Write, path::PathBuf};

use super::{Ending, Format, planned, problems, write_json};
use crate::scenario::{self, Problems, Record};

/// Check scenario files: tell every problem with its line, or `ok`
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Scenario files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print each scenario with `extends` resolved and every default filled in
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
                    let value = serde_json::to_value(&planned.plan.scenario)?;
                    match format {
                        Format::Text => write!(out, "{}", scenario::to_yaml(&value))?,
                        Format::Json => write_json(&value, out)?,
                    }
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
