//! Manuals as they are read on a terminal: paragraphs that docstrings wrapped are put together again
//! before they are wrapped to its width, and lists and code keep their lines.

use std::{collections::BTreeSet, io};

use crate::report;

/// Narrower, a manual is a column of single words.
const COLUMNS_MIN: usize = 40;

/// Columns that a manual may fill: those of the terminal, or else of `COLUMNS`; at most as many as
/// everything printed fits into.
pub(super) fn columns() -> usize {
    let terminal = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0.into());
    let set = || std::env::var("COLUMNS").ok()?.parse().ok();
    terminal.or_else(set).unwrap_or(report::COLUMNS).clamp(COLUMNS_MIN, report::COLUMNS)
}

/// What is wrapped as one.
#[derive(Debug, PartialEq, Eq)]
struct Block {
    /// Sign of a list's entry, with the space behind it.
    mark: String,
    text: String,
    /// Stands as it was written.
    kept: bool,
    /// An empty line goes before it.
    apart: bool,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut fenced, mut apart) = (false, false);
    for line in text.lines() {
        if line.trim().is_empty() {
            apart = true;
            continue;
        }
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        if fence {
            continue;
        }
        let kept = fenced || line.starts_with("    ");
        // a line may begin with the number that ends its sentence
        let listed = apart || blocks.last().is_none_or(|last| !last.mark.is_empty());
        let (mark, rest) = if kept { ("", line) } else { marked(line.trim(), listed) };
        let goes_on = !apart && !kept && mark.is_empty();
        match blocks.last_mut().filter(|last| goes_on && !last.kept) {
            Some(last) => last.text.extend([" ", rest]),
            None => blocks.push(Block {
                mark: mark.to_owned(),
                text: rest.to_owned(),
                kept,
                apart: apart && !blocks.is_empty(),
            }),
        }
        apart = false;
    }
    blocks
}

/// The sign of a list's entry (`- `, `* `, and `1. ` where a list may begin or goes on), and what
/// follows it.
fn marked(line: &str, listed: bool) -> (&str, &str) {
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let sign = match digits {
        0 => line.starts_with("- ") || line.starts_with("* "),
        1 | 2 => listed && line[digits..].starts_with(". "),
        _ => false,
    };
    line.split_at(if sign { digits + 2 } else { 0 })
}

/// A manual of so many columns, each line behind a margin.
pub(super) fn set(text: &str, margin: usize, columns: usize) -> String {
    let mut told = String::new();
    for Block { mark, text, kept, apart } in blocks(text) {
        if apart {
            told.push('\n');
        }
        if kept {
            told.extend([&" ".repeat(margin), text.as_str(), "\n"]);
        } else {
            let first = format!("{}{mark}", " ".repeat(margin));
            told.push_str(&hanging(&first, first.chars().count(), &text, columns));
        }
    }
    told
}

/// A text behind what stands first, its further lines indented.
pub(super) fn hanging(first: &str, indent: usize, text: &str, columns: usize) -> String {
    let margin = " ".repeat(indent);
    let lines = report::wrap(text, columns.saturating_sub(indent).max(COLUMNS_MIN / 2));
    let line = |(index, line): (usize, &String)| {
        let start = if index == 0 { first } else { &margin };
        format!("{}\n", format!("{start}{line}").trim_end())
    };
    lines.iter().enumerate().map(line).collect()
}

/// Its first sentence, without the full stop.
pub(super) fn first_sentence(text: &str) -> String {
    let text = text.split("\n\n").next().unwrap_or(text).replace('\n', " ");
    match text.split_once(". ") {
        Some((first, _)) => first.to_owned(),
        None => text.trim_end_matches('.').to_owned(),
    }
}

/// What follows its first sentence.
pub(super) fn after_first(text: &str) -> String {
    let (paragraph, others) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut ends = paragraph.match_indices('.').map(|it| it.0 + 1);
    let end = ends.find(|end| paragraph[*end..].starts_with([' ', '\n']));
    let rest = end.map_or("", |end| paragraph[end..].trim());
    [rest, others].into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// How many words of meaning one sentence has that another has not.
pub(super) fn new_words(sentence: &str, other: &str) -> usize {
    const SMALL: [&str; 24] = [
        "a", "an", "and", "are", "as", "at", "by", "each", "for", "from", "how", "in", "is", "it",
        "of", "on", "one", "or", "that", "the", "to", "what", "which", "with",
    ];
    let words = |text: &str| -> BTreeSet<String> {
        let words =
            text.split(|it: char| !it.is_alphanumeric() && it != '_').map(str::to_lowercase);
        let words = words.filter(|it| !it.is_empty() && !SMALL.contains(&it.as_str()));
        words.map(|it| it.strip_suffix('s').map_or(it.clone(), str::to_owned)).collect()
    };
    words(sentence).difference(&words(other)).count()
}

/// A manual without its sentence that begins with "Without it", and what that sentence says.
pub(super) fn without(text: &str) -> Option<(String, String)> {
    const START: &str = "Without it,";
    let mut paragraphs: Vec<String> = text.split("\n\n").map(|it| it.replace('\n', " ")).collect();
    for index in 0..paragraphs.len() {
        let paragraph = &paragraphs[index];
        let starts = |&(at, _): &(usize, &str)| at == 0 || paragraph[..at].ends_with(". ");
        let Some((at, _)) = paragraph.match_indices(START).find(starts) else { continue };
        let sentence = &paragraph[at + START.len()..];
        let end = sentence.find(". ").map_or(sentence.len(), |end| end + 1);
        let said = sentence[..end].trim().trim_end_matches('.').to_owned();
        let rest = format!("{}{}", &paragraph[..at], sentence[end..].trim_start());
        rest.trim_end().clone_into(&mut paragraphs[index]);
        paragraphs.retain(|it| !it.is_empty());
        return Some((paragraphs.join("\n\n"), said));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_that_was_wrapped_is_wrapped_once() {
        let text = "A probe that is asked\nevery ten seconds and\nanswered at once.\n\nAnother.";
        let expected =
            "  A probe that is asked every ten\n  seconds and answered at once.\n\n  Another.\n";
        assert_eq!(set(text, 2, 34), expected);
    }

    #[test]
    fn lists_and_code_keep_their_lines() {
        let text = "Two things:\n- the first, which is\n  given at length\n- the second\n\n    code: as\n    it: is\n\n1. one\n2. two";
        let expected = "\
Two things:
- the first, which is given at
  length
- the second

    code: as
    it: is

1. one
2. two
";
        assert_eq!(set(text, 0, 31), expected);
        assert_eq!(set("All of the\n30. Then more.", 0, 40), "All of the 30. Then more.\n");
        assert_eq!(
            set("```yaml\na: 1\nb: 2\n```\nas above", 2, 40),
            "  a: 1\n  b: 2\n  as above\n"
        );
    }

    #[test]
    fn what_happens_without_a_key_is_found_wherever_its_sentence_stands() {
        let told = |text| without(text).map(|(rest, said)| format!("{rest}|{said}"));
        let end = "Memory of one instance. Without\nit, memory is not modelled.";
        assert_eq!(told(end).unwrap(), "Memory of one instance.|memory is not modelled");
        let middle = "Name. Without it, 0.5 or so. More.\n\nAnd more.";
        assert_eq!(told(middle).unwrap(), "Name. More.\n\nAnd more.|0.5 or so");
        assert_eq!(told("Nothing of the kind; without it, no."), None);
    }

    #[test]
    fn sentences_that_say_the_same_are_known_by_their_words() {
        assert_eq!(
            after_first("One thing\nis 0.5. Another.\nMore.\n\nEnd."),
            "Another.\nMore.\n\nEnd."
        );
        assert_eq!(after_first("Only one."), "");
        let added = new_words("Whose traffic a canary gets", "Whose traffic the candidate gets");
        assert_eq!(added, 1);
        assert_eq!(new_words("The steps of it", "One step of a canary"), 0);
        assert_eq!(new_words("Which attempts count against a release", "Which attempts count"), 2);
    }

    #[test]
    fn a_first_sentence_ends_at_its_full_stop() {
        assert_eq!(first_sentence("One thing\nis 0.5. Another."), "One thing is 0.5");
        assert_eq!(first_sentence("Only one.\n\nAnd more."), "Only one");
    }
}
