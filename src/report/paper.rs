//! The last look at what leaves the program: text that would steer a terminal, hide or reorder other text, run in a
//! spreadsheet or command a build server is made harmless here, wherever it came from.

use std::borrow::Cow;

use crate::units::text::{cell, escaped, is_harmful};

/// What a text is written on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// A terminal, Markdown, a page, a drawing: lines of text.
    Lines,
    Csv,
    Json,
}

impl Paper {
    /// By the end of a file's name; none of what is no text.
    pub fn of_file(name: &str) -> Option<Self> {
        match name.rsplit_once('.')?.1 {
            "json" => Some(Self::Json),
            "csv" => Some(Self::Csv),
            "md" | "html" | "svg" | "xml" | "txt" => Some(Self::Lines),
            _ => None,
        }
    }

    /// The text as it can be written; as it is where nothing in it is harmful, or where it is not text.
    pub fn harmless(self, text: &[u8]) -> Cow<'_, [u8]> {
        let Ok(text) = str::from_utf8(text) else { return Cow::Borrowed(text) };
        let changed = match self {
            Self::Lines => lines(text),
            Self::Csv => table(text),
            Self::Json => values(text),
        };
        changed.map_or(Cow::Borrowed(text.as_bytes()), |it| Cow::Owned(it.into_bytes()))
    }
}

/// Whether there is such a character. Most of a text is plain, which is seen in many bytes at once.
fn holds(text: &str, harmful: impl Fn(char) -> bool + Copy) -> bool {
    const PART: usize = 256;
    let plain = |it: u8| it == b'\n' || it.wrapping_sub(b' ') < 0x5f;
    let mut rest = text;
    while !rest.is_empty() {
        let end = (PART..rest.len()).find(|it| rest.is_char_boundary(*it)).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        if !part.bytes().fold(true, |all, it| all & plain(it)) && part.contains(harmful) {
            return true;
        }
        rest = after;
    }
    false
}

/// Lines without characters that steer or reorder, and of which none is a command to a build server
/// (GitHub reads `::error::` at the start of a line).
fn lines(text: &str) -> Option<String> {
    let harmful = |it: char| is_harmful(it) && it != '\n' && it != '\t';
    let commands = |line: &str| {
        let name = line.trim_start().strip_prefix("::");
        name.is_some_and(|it| it.starts_with(char::is_alphabetic))
    };
    if !holds(text, harmful) && !text.lines().any(commands) {
        return None;
    }
    let mut clean = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let start = if commands(line) { line.len() - line.trim_start().len() } else { 0 };
        clean.push_str(&line[..start]);
        let mut rest = &line[start..];
        if commands(line) {
            clean.extend(':'.escape_unicode());
            rest = &rest[1..];
        }
        for letter in rest.chars() {
            escaped(letter, harmful(letter), &mut clean);
        }
    }
    Some(clean)
}

/// JSON in which such characters are written as escapes: they stand in its strings alone.
fn values(text: &str) -> Option<String> {
    let harmful = |it: char| is_harmful(it) && it != '\n';
    holds(text, harmful).then(|| {
        let mut clean = String::with_capacity(text.len());
        for letter in text.chars() {
            if harmful(letter) {
                let mut units = [0; 2];
                let units = letter.encode_utf16(&mut units);
                clean.extend(units.iter().map(|it| format!("\\u{it:04x}")));
            } else {
                clean.push(letter);
            }
        }
        clean
    })
}

/// A table whose cells are harmless.
fn table(text: &str) -> Option<String> {
    let mut rows =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut clean = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    let mut changed = false;
    for row in rows.records() {
        let row = row.ok()?;
        let cells: Vec<Cow<'_, str>> = row.iter().map(cell).collect();
        changed |= cells.iter().any(|it| matches!(it, Cow::Owned(_)));
        clean.write_record(cells.iter().map(|it| it.as_bytes())).ok()?;
    }
    let clean = String::from_utf8(clean.into_inner().ok()?).ok()?;
    changed.then_some(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn harmless(paper: Paper, text: &str) -> String {
        String::from_utf8(paper.harmless(text.as_bytes()).into_owned()).unwrap()
    }

    #[test]
    fn lines_neither_steer_nor_command() {
        let text = "a\u{1b}[31mb\u{202e}c\td\n  ::error::x\nstd::vec\n";
        let clean = "a\\u{1b}[31mb\\u{202e}c\td\n  \\u{3a}:error::x\nstd::vec\n";
        assert_eq!(harmless(Paper::Lines, text), clean);
        assert!(matches!(Paper::Lines.harmless(b"plain\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn cells_are_no_formulas_and_read_as_they_were_otherwise() {
        let text = "name,x\n=cmd|'!A0,-5.25\n\"@a,b\",\"+c\"\n\"d\ne\",1e-7\nplain,-x\n";
        let clean = "name,x\n'=cmd|'!A0,-5.25\n\"'@a,b\",'+c\nd\\u{a}e,1e-7\nplain,'-x\n";
        assert_eq!(harmless(Paper::Csv, text), clean);
        assert!(matches!(Paper::Csv.harmless(b"a,b\n1,\"x, y\"\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn json_keeps_what_it_says() {
        let text = serde_json::to_string_pretty(&["a\u{202e}b", "c\u{1b}", "plain"]).unwrap();
        let clean = harmless(Paper::Json, &text);
        assert!(clean.contains("a\\u202eb") && !clean.contains('\u{202e}'), "{clean}");
        let (one, two): (Vec<String>, Vec<String>) =
            (serde_json::from_str(&text).unwrap(), serde_json::from_str(&clean).unwrap());
        assert_eq!(one, two);
    }

    #[test]
    fn one_character_is_found_wherever_it_stands() {
        for before in [0, 1, 254, 255, 256, 257, 1_000] {
            let text = format!("{}\u{202e}{}", "−".repeat(before), "x".repeat(300));
            assert!(holds(&text, is_harmful), "{before}");
            assert!(!holds(&text.replace('\u{202e}', "é"), is_harmful), "{before}");
        }
    }

    #[test]
    fn every_file_that_is_text_has_its_paper() {
        let papers = ["a.json", "a.csv", "report.md", "report.html", "x.svg", "x.png", "x.parquet"];
        let papers = papers.map(Paper::of_file);
        let lines = Some(Paper::Lines);
        assert_eq!(papers, [Some(Paper::Json), Some(Paper::Csv), lines, lines, lines, None, None]);
    }
}
