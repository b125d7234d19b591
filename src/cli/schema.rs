//! `rollsim schema`: the JSON Schemas of what is read and of what is written.

use std::io::Write;

use clap::ValueEnum;

use super::{Ending, write_json};
use crate::{
    experiment::{Judges, Summary, power::Power, tune::Tuning},
    scenario::published_schema,
};

/// Print a JSON Schema: of scenario files, for editors, or of a command's JSON output
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Which schema
    #[arg(value_enum, default_value_t)]
    of: Described,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Described {
    /// Scenario files
    #[default]
    Scenario,
    /// `summary.json` of `rollsim compare`
    Summary,
    /// `judges.json` of `rollsim judges`
    Judges,
    /// `tune.json` of `rollsim tune`
    Tune,
    /// `power.json` of `rollsim power`
    Power,
}

pub(super) fn run(arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Ending> {
    match arguments.of {
        Described::Scenario => write_json(&published_schema(), out)?,
        Described::Judges => write_json(&schemars::schema_for!(Judges), out)?,
        Described::Tune => write_json(&schemars::schema_for!(Tuning), out)?,
        Described::Summary => write_json(&schemars::schema_for!(Summary), out)?,
        Described::Power => write_json(&schemars::schema_for!(Power), out)?,
    }
    Ok(Ending::Done)
}
