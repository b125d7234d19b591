//! `rollsim check`: reads scenarios and tells every problem, without running anything.

use std::{io::Write, path::PathBuf};

use super::{Ending, Format, problems, write_json};
use crate::scenario::{self, Problems, Record, Scenario};

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
    let mut refused: Vec<Problems> = Vec::new();
    for file in &arguments.files {
        match scenario::load::<Scenario>(file) {
            Ok(loaded) if arguments.print => {
                let value = serde_json::to_value(&loaded.value)?;
                match format {
                    Format::Text => write!(out, "{}", scenario::to_yaml(&value))?,
                    Format::Json => write_json(&value, out)?,
                }
            }
            Ok(_) if format == Format::Text => writeln!(out, "{}: ok", file.display())?,
            Ok(_) => {}
            Err(problems) => {
                if format == Format::Text {
                    problems::tell(&problems)?;
                }
                refused.push(problems);
            }
        }
    }
    if format == Format::Json && (!arguments.print || !refused.is_empty()) {
        let records: Vec<Record<'_>> = refused.iter().flat_map(Problems::records).collect();
        write_json(&records, out)?;
    }
    Ok(if refused.is_empty() { Ending::Done } else { Ending::BadInput })
}
