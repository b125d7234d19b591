//! Names in sentences, alone and several of them.

use super::words::harmless;

/// A name of the file format as words: `hurt user`.
pub(super) fn spaced(name: &str) -> String {
    harmless(name).replace('_', " ")
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(items: &[String]) -> String {
    joined(items, "and")
}

/// `a`, `a or b`, `a, b or c`.
pub(super) fn either(items: &[String]) -> String {
    joined(items, "or")
}

fn joined(items: &[String], word: &str) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} {word} {last}", most.join(", ")),
    }
}

/// A name of a strategy, a class, a setting or a price in a sentence.
pub(super) fn quoted(name: &str) -> String {
    format!("`{}`", harmless(name))
}
