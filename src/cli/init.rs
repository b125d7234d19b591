//! `rollsim init`: a commented scenario to start from.

use std::{
    fs::File,
    io::{ErrorKind, Write},
    path::PathBuf,
};

use anyhow::{Context as _, bail};

use super::Ending;

const STARTER: &str = include_str!("starter.yaml");

/// Write a commented scenario to start from
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// File to write; `-` for the standard output
    #[arg(default_value = "scenario.yaml")]
    path: PathBuf,
}

pub(super) fn run(arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Ending> {
    let path = &arguments.path;
    if path.as_os_str() == "-" {
        out.write_all(STARTER.as_bytes())?;
        return Ok(Ending::Done);
    }
    let shown = path.display();
    let mut file = match File::create_new(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("`{shown}` exists already\nhint: give another name, or remove it first")
        }
        Err(error) => return Err(error).with_context(|| format!("cannot write `{shown}`")),
    };
    file.write_all(STARTER.as_bytes()).with_context(|| format!("cannot write `{shown}`"))?;
    writeln!(out, "wrote {shown}; `rollsim check {shown}` checks it")?;
    Ok(Ending::Done)
}
