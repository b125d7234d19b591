//! Changes of a text that leave every other byte of it as it is.

use std::ops::Range;

use crate::scenario::Location;

/// What stands in a range of bytes is replaced; an empty range inserts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

/// A text by its lines and columns, as places in it are reported.
pub(super) struct Lines<'t> {
    pub(super) text: &'t str,
    /// The byte at which each line begins.
    starts: Vec<usize>,
    /// What ends its lines.
    pub(super) line_break: &'static str,
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let bytes = text.as_bytes();
        let ends = |&at: &usize| match bytes[at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        let starts = (0..bytes.len()).filter(ends).map(|at| at + 1);
        let first = text.find(['\n', '\r']).map_or("", |at| &text[at..]);
        let line_break = match first.as_bytes() {
            [b'\r', b'\n', ..] => "\r\n",
            [b'\r', ..] => "\r",
            _ => "\n",
        };
        Self { text, starts: std::iter::once(0).chain(starts).collect(), line_break }
    }

    /// A line by its number from 1, with its line break.
    pub(super) fn line(&self, number: usize) -> &'t str {
        let from = number.checked_sub(1).and_then(|at| self.starts.get(at));
        let to = self.starts.get(number).copied().unwrap_or(self.text.len());
        from.map_or("", |from| &self.text[*from..to])
    }

    /// The byte of a character by its line and column, both from 1.
    pub(super) fn byte(&self, line: usize, column: usize) -> usize {
        let start = line.checked_sub(1).and_then(|at| self.starts.get(at)).copied();
        let characters = self.line(line).char_indices().map(|(byte, _)| byte);
        let before = characters.chain([self.line(line).len()]).nth(column.saturating_sub(1));
        start.unwrap_or(self.text.len()) + before.unwrap_or(0)
    }

    /// The bytes of a place, which is within one line.
    pub(super) fn range(&self, place: Location) -> Range<usize> {
        let to = self.byte(place.line, place.column + place.length);
        self.byte(place.line, place.column)..to
    }
}

/// The text with all edits made. None where two of them touch the same bytes.
pub(super) fn apply(text: &str, mut edits: Vec<Edit>) -> Option<String> {
    // those of one place stay in their order
    edits.sort_by_key(|it| (it.range.start, it.range.end));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for Edit { range, text: new } in edits {
        out.push_str(text.get(done..range.start)?);
        out.push_str(&new);
        done = range.end;
    }
    out.push_str(text.get(done..)?);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_behind_any_line_break_and_wide_characters() {
        let lines = Lines::of("a\r\nbé: x\rc\n\nd");
        assert_eq!(
            [1, 2, 3, 4, 5, 6].map(|it| lines.line(it)),
            ["a\r\n", "bé: x\r", "c\n", "\n", "d", ""]
        );
        assert_eq!(&lines.text[lines.byte(2, 5)..][..1], "x");
        assert_eq!(lines.line_break, "\r\n");
        assert_eq!(
            &lines.text[lines.range(Location { file: 0, line: 2, column: 1, length: 2 })],
            "bé"
        );
    }

    #[test]
    fn edits_change_their_own_bytes_only() {
        let edit = |range, text: &str| Edit { range, text: text.to_owned() };
        let edits = vec![edit(4..5, "X"), edit(0..0, "1"), edit(0..0, "2"), edit(2..2, "-")];
        assert_eq!(apply("abcdef", edits).unwrap(), "12ab-cdXf");
        assert_eq!(apply("abcdef", vec![edit(1..4, "x"), edit(2..3, "y")]), None);
    }
}
