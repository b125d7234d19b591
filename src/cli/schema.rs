//! `rollsim schema`: the JSON Schemas of what is read and of what is written.

use std::io::Write;

use clap::ValueEnum;

use super::Ending;
use crate::scenario::published_schema;

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

impl Described {
    /// As published: made of the types by a test.
    fn schema(self) -> &'static str {
        match self {
            Self::Scenario => published_schema(),
            Self::Summary => include_str!("../../schemas/summary.schema.json"),
            Self::Judges => include_str!("../../schemas/judges.schema.json"),
            Self::Tune => include_str!("../../schemas/tune.schema.json"),
            Self::Power => include_str!("../../schemas/power.schema.json"),
        }
    }
}

pub(super) fn run(arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Ending> {
    out.write_all(arguments.of.schema().as_bytes())?;
    Ok(Ending::Done)
}

#[cfg(test)]
mod tests {
    use schemars::{Schema, schema_for};

    use super::*;
    use crate::{
        experiment::{Judges, Summary, power::Power, tune::Tuning},
        scenario::publish,
    };

    #[test]
    fn the_published_schemas_of_results_are_those_of_the_types() {
        let check = |described: Described, schema: Schema| {
            let name = described.to_possible_value().unwrap();
            let file = format!("schemas/{}.schema.json", name.get_name());
            let made = serde_json::to_value(&schema).unwrap();
            publish(&file, described.schema(), &made);
        };
        check(Described::Summary, schema_for!(Summary));
        check(Described::Judges, schema_for!(Judges));
        check(Described::Tune, schema_for!(Tuning));
        check(Described::Power, schema_for!(Power));
    }
}
