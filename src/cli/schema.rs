//! `rollsim schema`: the JSON Schema with which an editor completes and validates scenarios.

use std::io::Write;

use super::{Ending, write_json};
use crate::scenario::published_schema;

/// Print the JSON Schema of scenario files, for editors
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_: &Arguments, out: &mut impl Write) -> anyhow::Result<Ending> {
    write_json(&published_schema(), out)?;
    Ok(Ending::Done)
}
