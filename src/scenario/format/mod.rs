//! The format of the language: in which one a file is written, and what changed from one to the next.
//!
//! A file says `format: N`; without it, it is of format 1, the oldest. A file of an older format means
//! what it meant then: when it is read it is brought to the newest format, with the defaults of its
//! time written in where a key is left out. This happens to each file by itself, before it is merged
//! with what it extends.

mod changes;
mod fill;
mod migrate;

pub use changes::{Change, ChangeKind, FORMAT, LANGUAGE, Language};
pub(super) use migrate::File;

use super::{Entry, Location, Node, Problem, Value, listed, quoted};

/// The key that names a file's format; it belongs to the file, not to the scenario.
pub(super) const KEY: &str = "format";
/// Format of a file that does not say any.
const OLDEST: u32 = 1;

/// In which format a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) format: u32,
    /// The value behind `format:`; none where the file does not say it.
    pub(super) location: Option<Location>,
}

/// Takes `format:` out of the top level of a file. None where the file cannot be read at all, because it
/// is of a format that is not known yet; `problems` says so.
pub(super) fn take(
    entries: &mut Vec<Entry>,
    newest: u32,
    problems: &mut Vec<Problem>,
) -> Option<Written> {
    let Some(at) = entries.iter().position(|entry| entry.key == KEY) else {
        return Some(Written { format: OLDEST, location: None });
    };
    let value = entries.remove(at).value;
    let location = Some(value.location);
    let number = match &value.value {
        Value::Number(number, _) => number.as_u64(),
        Value::Null
        | Value::Bool(_)
        | Value::Text(_)
        | Value::List(_)
        | Value::Map(_)
        | Value::Broken => None,
    };
    let Some(number) = number.filter(|it| *it >= u64::from(OLDEST)) else {
        problems.push(no_format(&value, newest));
        return Some(Written { format: newest, location });
    };
    if let Some(format) = u32::try_from(number).ok().filter(|it| *it <= newest) {
        return Some(Written { format, location });
    }
    let version = env!("CARGO_PKG_VERSION");
    problems.push(
        Problem::error(format!(
            "this file is of format {number}, which is later than this rollsim"
        ))
        .at(value.location)
        .path(KEY)
        .allowed(format!("{}, which rollsim {version} reads", known(newest)))
        .hint("use a newer rollsim"),
    );
    None
}

fn no_format(value: &Node, newest: u32) -> Problem {
    let problem = match &value.value {
        Value::Number(_, text) => Problem::error(format!("there is no format {}", quoted(text))),
        Value::Text(_) => Problem::error("the format is a number, not a text"),
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) | Value::Broken => {
            Problem::error("the format is a number")
        }
    };
    let hint = "leave `format` out only in a file of format 1";
    problem.at(value.location).path(KEY).allowed(known(newest)).hint(hint)
}

/// `1`, `2` or `3`.
fn known(newest: u32) -> String {
    let numbers: Vec<String> = (OLDEST..=newest).map(|it| it.to_string()).collect();
    listed(numbers.iter().map(String::as_str))
}
