//! How commands end: the exit codes and what each says, in one table for all commands.

use std::io::Write;

use serde::Serialize;

use super::{
    output::{Ending, Format, write_json},
    prose,
};

/// The name by which `rollsim explain` knows the table.
pub(super) const TOPIC: &str = "exit-codes";

/// Whether a text asks for the table.
pub(super) fn is_called(name: &str) -> bool {
    let name = name.to_lowercase().replace([' ', '_'], "-");
    [TOPIC, "exit-code", "exit"].contains(&name.as_str())
}

/// What each ending says.
const MEANINGS: [(Ending, &str); 5] = [
    (Ending::Done, "done, and expectations hold"),
    (Ending::Unexpected, "done, and an expectation failed"),
    (
        Ending::BadInput,
        "failed: a file, an option or a folder cannot be used, or something cannot be written; see the message",
    ),
    (
        Ending::Undecided,
        "done, with too few rollouts, or too many that were cut off, to say whether an expectation holds, or to give advice; or a round of shards is merged and another is needed",
    ),
    (
        Ending::Interrupted,
        "interrupted by Ctrl-C or a request to terminate; finished rollouts are kept where there is `--out`",
    ),
];

/// The ending of a panic.
const PANICKED: (u8, &str) =
    (101, "a bug in rollsim, with a message that names its place; please report it");

const CHECKED: &[Ending] = &[Ending::Done, Ending::BadInput];
const JUDGED: &[Ending] =
    &[Ending::Done, Ending::Unexpected, Ending::BadInput, Ending::Interrupted];
const PLAYED: &[Ending] = &[Ending::Done, Ending::BadInput, Ending::Interrupted];
const ADVISED: &[Ending] =
    &[Ending::Done, Ending::BadInput, Ending::Undecided, Ending::Interrupted];
const ALL: &[Ending] =
    &[Ending::Done, Ending::Unexpected, Ending::BadInput, Ending::Undecided, Ending::Interrupted];

/// The endings that each command can have.
const COMMANDS: [(&str, &[Ending]); 14] = [
    ("run", JUDGED),
    ("compare", ALL),
    ("power", ALL),
    ("advise", ADVISED),
    ("judges", PLAYED),
    ("tune", PLAYED),
    ("merge", ALL),
    ("report", ALL),
    ("verify", CHECKED),
    ("check", CHECKED),
    ("init", CHECKED),
    ("list", CHECKED),
    ("explain", CHECKED),
    ("schema", CHECKED),
];

#[derive(Serialize)]
struct Row {
    code: u8,
    meaning: &'static str,
    /// All commands, where none is named.
    commands: Vec<&'static str>,
}

fn rows() -> Vec<Row> {
    let mut rows: Vec<Row> =
        MEANINGS.iter().map(|(ending, meaning)| row(*ending, meaning)).collect();
    let (code, meaning) = PANICKED;
    rows.insert(rows.len() - 1, Row { code, meaning, commands: Vec::new() });
    rows
}

fn row(ending: Ending, meaning: &'static str) -> Row {
    let can = COMMANDS.iter().filter(|(_, endings)| endings.contains(&ending));
    let mut commands: Vec<&str> = can.map(|(name, _)| *name).collect();
    if commands.len() == COMMANDS.len() {
        commands.clear();
    }
    Row { code: ending.code(), meaning, commands }
}

fn commands(row: &Row) -> String {
    if row.commands.is_empty() { "every command".to_owned() } else { row.commands.join(", ") }
}

/// `rollsim explain exit-codes`.
pub(super) fn explain(format: Format, out: &mut impl Write) -> anyhow::Result<()> {
    let rows = rows();
    if format == Format::Json {
        return write_json(&rows, out);
    }
    writeln!(out, "{TOPIC}: how a command ends")?;
    let columns = prose::columns();
    for row in rows {
        let first = format!("  {:<5}", row.code);
        write!(out, "{}", prose::hanging(&first, 7, row.meaning, columns))?;
        write!(out, "{}", prose::hanging("       ", 7, &commands(&row), columns))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Arguments;

    #[test]
    fn every_command_and_every_ending_is_in_the_table_once() {
        let command = Arguments::command();
        let known: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
        assert_eq!(COMMANDS.map(|it| it.0).to_vec(), known);
        assert_eq!(MEANINGS.map(|it| it.0).to_vec(), ALL);
        assert_eq!(ALL.iter().map(|it| it.code()).collect::<Vec<_>>(), [0, 1, 2, 3, 130]);
    }

    #[test]
    fn the_table_is_found_by_its_usual_names() {
        for name in ["exit-codes", "exit codes", "exit", "Exit code"] {
            assert!(is_called(name), "{name}");
        }
        assert!(!is_called("exits"));
    }

    #[test]
    fn the_promise_has_the_same_table() {
        let promise = include_str!("../../COMPATIBILITY.md");
        let mut table = String::from("| code | what it says | commands |\n|---|---|---|\n");
        for row in rows() {
            let cells = [row.code.to_string(), row.meaning.to_owned(), commands(&row)];
            table.extend(["| ", cells.join(" | ").as_str(), " |\n"]);
        }
        assert!(promise.contains(&table), "COMPATIBILITY.md is to have:\n{table}");
    }
}
