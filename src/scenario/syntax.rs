//! What the YAML parser says, in words for the author of a scenario.

use granit_parser::{ErrorKind, ScanError};

use super::{DEPTH_MAX, Location, Problem, Source};

/// Turns a parser's error into a problem at its place.
pub(super) fn problem(error: &ScanError, text: &str, file: usize) -> Problem {
    let mark = error.marker();
    let location = Location { file, line: mark.line().max(1), column: mark.col() + 1, length: 1 };
    let source = Source { name: String::new(), text: text.to_owned() };
    // a text that goes on over a tab is reported where it began
    for line in [location.line, location.line + 1] {
        let Some(column) = source.line(line).and_then(indenting_tab) else { continue };
        return Problem::error("a tab is used for indentation")
            .at(Location { line, column, ..location })
            .allowed("spaces")
            .hint("replace every tab by spaces");
    }
    if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
        return too_deep(location);
    }
    let (message, hint) = explained(error.kind());
    let problem = Problem::error(match message {
        Some(message) => message.to_owned(),
        None => format!("this is not valid YAML: {}", error.kind()),
    });
    let problem = problem.at(location);
    match hint {
        Some(hint) => problem.hint(hint),
        None => problem,
    }
}

/// For a nesting beyond the limit, which the parser may see before the tree does.
pub(super) fn too_deep(location: Location) -> Problem {
    Problem::error("the nesting is too deep")
        .at(location)
        .allowed(format!("at most {DEPTH_MAX} levels"))
}

/// Column of the first tab before the text of a line begins.
fn indenting_tab(line: &str) -> Option<usize> {
    let indent = line.chars().take_while(|c| c.is_whitespace());
    indent.zip(1..).find(|(c, _)| *c == '\t').map(|(_, column)| column)
}

/// The usual mistakes, and how to fix each.
fn explained(kind: &ErrorKind) -> (Option<&'static str>, Option<&'static str>) {
    if matches!(kind, ErrorKind::MappingValueNotAllowed) {
        (
            Some("a `:` is not allowed here"),
            Some(
                "put text that contains `: ` in quotes, end every key with `:`, and align keys of \
                 one section",
            ),
        )
    } else if matches!(
        kind,
        ErrorKind::ExpectedBlockMappingKey
            | ErrorKind::InvalidIndentation
            | ErrorKind::ExpectedBlockSequenceEntry
            | ErrorKind::BlockSequenceEntryNotAllowed
            | ErrorKind::MappingKeyNotAllowed
    ) {
        (
            Some("the indentation does not match the lines above"),
            Some("keys of one section start in the same column"),
        )
    } else if matches!(kind, ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey) {
        (Some("a `:` is missing after this key"), Some("write `key: value`"))
    } else if matches!(kind, ErrorKind::UnclosedQuotedScalar) {
        (Some("the quote that starts here is not closed"), None)
    } else if matches!(
        kind,
        ErrorKind::UnclosedFlowCollection { .. }
            | ErrorKind::UnexpectedEofFlowSequence
            | ErrorKind::UnexpectedEofFlowMapping
            | ErrorKind::InvalidColonPlacement
    ) {
        (Some("a `[` or `{` is not closed"), None)
    } else if matches!(kind, ErrorKind::UnexpectedCharacter { .. }) {
        (None, Some("put text that starts with a special character in quotes"))
    } else {
        (None, None)
    }
}
