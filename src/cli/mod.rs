//! The command line: the only room that reads arguments, prints, or sets the exit code.
//!
//! Results go to standard output, progress and problems to standard error. One file a command.

mod advise;
mod asked;
mod check;
mod compare;
mod defaults;
mod describe;
mod endings;
mod explain;
mod files;
mod fix;
mod glossary;
mod init;
mod interrupt;
mod judges;
mod keeper;
mod list;
mod lookup;
mod merge;
mod options;
mod output;
mod phrase;
mod planned;
mod power;
mod problems;
mod progress;
mod prose;
mod report;
mod results;
mod run;
mod schema;
mod shipped;
mod store;
mod studies;
#[cfg(test)]
pub(crate) mod tests;
mod tune;
mod verify;
mod work;

use std::{
    ffi::OsString,
    io::{ErrorKind, Write},
    process::ExitCode,
};

use anyhow::{anyhow, bail};
use clap::{Parser, Subcommand};

use self::{
    options::{Kept, Simulated},
    output::{Ending, Format, Printed, write_json},
    store::StudyKind,
};

/// Rehearse a rollout before production does.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Output format of results, and of the problems that `check` finds; other problems are text on the
    /// standard error
    #[arg(long, global = true, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Arguments),
    Compare(compare::Arguments),
    Power(power::Arguments),
    Advise(advise::Arguments),
    Judges(judges::Arguments),
    Tune(tune::Arguments),
    Merge(merge::Arguments),
    Report(report::Arguments),
    Verify(verify::Arguments),
    Check(check::Arguments),
    Init(init::Arguments),
    List(list::Arguments),
    Explain(explain::Arguments),
    Schema(schema::Arguments),
}

/// Does what the command line asks for, and says how the process is to end. It is decided, and every file is
/// written, before anything is printed: a reader that stops early changes neither.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let mut printed = Printed::default();
    let ended = obey(&arguments, &mut printed);
    let said = say(&printed, arguments.format);
    let ending = ended.and_then(|ending| said.map(|()| ending)).unwrap_or_else(|error| {
        // nothing can be done when even this cannot be written
        let _ = writeln!(anstream::stderr(), "error: {error:#}");
        Ending::BadInput
    });
    ending.code().into()
}

/// Writes to the standard output what is for it, and then what closes the command to the standard error.
fn say(printed: &Printed, format: Format) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    let written =
        out.write_all(&format.paper().harmless(printed.results())).and_then(|()| out.flush());
    // nothing can be done when it cannot be written
    let _ = anstream::stderr().write_all(printed.closing());
    match written {
        // a reader that has seen enough, such as `head`, is no failure
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(anyhow!("cannot write to the standard output: {error}"))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

fn obey(arguments: &Arguments, out: &mut Printed) -> anyhow::Result<Ending> {
    let format = arguments.format;
    let is_study = matches!(
        arguments.command,
        Command::Compare(_)
            | Command::Power(_)
            | Command::Advise(_)
            | Command::Judges(_)
            | Command::Tune(_)
            | Command::Merge(_)
            | Command::Report(_)
    );
    if matches!(format, Format::Csv | Format::Markdown) && !is_study {
        bail!(
            "only studies have this format: `rollsim compare`, `power`, `advise`, `judges`, `tune`, `merge` \
             and `report`\nhint: `rollsim run FILE --out DIR` writes its data"
        );
    }
    match &arguments.command {
        Command::Run(arguments) => run::run(arguments, format, out),
        Command::Compare(compare) => compare::run(compare, format, out),
        Command::Power(power) => power::run(power, format, out),
        Command::Advise(advise) => advise::run(advise, format, out),
        Command::Judges(judges) => judges::run(judges, format, out),
        Command::Tune(tune) => tune::run(tune, format, out),
        Command::Merge(arguments) => {
            let (kind, words, shards) = merge::command(arguments)?;
            let study = study_of(kind, words).ok_or_else(|| merge::of_no_study(arguments))?;
            let mut study = Arguments { format, ..study };
            if let Some((_, kept, simulated)) = options_of(&mut study.command) {
                kept.merge(&shards);
                simulated.unbounded();
            }
            obey(&study, out)
        }
        Command::Report(arguments) => match report::again(arguments)? {
            Some((kind, words)) => {
                let study = study_of(kind, words).ok_or_else(|| report::of_no_study(arguments))?;
                obey(&Arguments { format, ..study }, out)
            }
            None => report::run(arguments, format, out),
        },
        Command::Verify(verify) => verify::run(verify, format, out),
        Command::Check(check) => check::run(check, format, out),
        Command::Init(init) => init::run(init, out),
        Command::List(list) => list::run(list, format, out),
        Command::Explain(explain) => explain::run(explain, format, out),
        Command::Schema(schema) => schema::run(schema, out),
    }
}

/// A study as the folder that it made names its command, if it is of this kind.
fn study_of(kind: StudyKind, words: Vec<OsString>) -> Option<Arguments> {
    let mut arguments = Arguments::try_parse_from(words).ok()?;
    let found = options_of(&mut arguments.command).map(|it| it.0);
    (found == Some(kind)).then_some(arguments)
}

/// The kind of a study, and what all of them can be told; none of another command.
const fn options_of(command: &mut Command) -> Option<(StudyKind, &mut Kept, &mut Simulated)> {
    match command {
        Command::Compare(it) => Some((StudyKind::Comparison, &mut it.kept, &mut it.simulated)),
        Command::Advise(it) => Some((StudyKind::Comparison, &mut it.kept, &mut it.simulated)),
        Command::Power(it) => Some((StudyKind::Power, &mut it.kept, &mut it.simulated)),
        Command::Judges(it) => Some((StudyKind::Judges, &mut it.kept, &mut it.simulated)),
        Command::Tune(it) => Some((StudyKind::Tuning, &mut it.kept, &mut it.simulated)),
        Command::Run(_)
        | Command::Merge(_)
        | Command::Report(_)
        | Command::Verify(_)
        | Command::Check(_)
        | Command::Init(_)
        | Command::List(_)
        | Command::Explain(_)
        | Command::Schema(_) => None,
    }
}
