//! `rollsim run`: plays one trial of a scenario and tells what happened.

use std::{io::Write, path::PathBuf};

use super::{Ending, Format, planned, problems, write_json};
use crate::{kernel::Seed, sim};

/// Play one rollout exactly, request by request, and tell what happened and why
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Scenario file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Seed in place of the scenario's own
    #[arg(long)]
    seed: Option<u64>,
}

pub(super) fn run(
    arguments: &Arguments,
    format: Format,
    out: &mut impl Write,
) -> anyhow::Result<Ending> {
    let planned = match planned::plan(&arguments.file) {
        Ok(planned) => planned,
        Err(refused) => {
            problems::tell(&refused)?;
            return Ok(Ending::BadInput);
        }
    };
    if !planned.warnings.is_empty() {
        problems::tell(&planned.warnings)?;
    }
    let plan = &planned.plan;
    let seed = Seed::new(arguments.seed.unwrap_or(plan.scenario.seed));
    let outcome = sim::run(plan, seed);
    match format {
        Format::Json => write_json(&outcome, out)?,
        Format::Text => {
            for entry in &outcome.timeline {
                let topic = entry.topic.name();
                writeln!(out, "{} {topic:10} {} | {}", entry.at, entry.text, entry.cause)?;
            }
            for (measure, value) in &outcome.figures {
                writeln!(out, "{:24} {value}", measure.name())?;
            }
        }
    }
    Ok(Ending::Done)
}
