//! One problem of a scenario: what, where, what is allowed, and how to fix it.

use std::fmt;

use serde::{Serialize, Serializer};

use super::Sources;

/// How bad a problem is: an error stops, a warning does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
}

/// As much of a path as a message shows.
pub(super) const PATH_CHARS_MAX: usize = 120;

/// A place in one of the files of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// Index into `Sources`.
    pub file: usize,
    /// Counts from 1; 0 stands for the file as a whole.
    pub line: usize,
    /// In characters, counts from 1.
    pub column: usize,
    /// In characters; may reach past the end of the line.
    pub length: usize,
}

/// The problem in words: lower case, no full stop, literals in `backticks`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub severity: Severity,
    pub message: String,
    /// Where in the scenario, such as `strategy.canary.steps[2].weight`; empty for the whole.
    pub path: String,
    pub location: Option<Location>,
    /// Another path that the problem is as much about: it is shown at the one that stands in the later file.
    pub beside: Option<String>,
    /// What is allowed here.
    pub allowed: Option<String>,
    /// How to fix it, as an instruction.
    pub hint: Option<String>,
    /// The key that is missing at the path, where that is the problem: a file that extends this one may
    /// bring it.
    pub missing: Option<String>,
}

/// The problems of one scenario in the order of its lines, with the texts that they point into.
#[derive(Clone, Debug, Default)]
pub struct Problems {
    sources: Sources,
    list: Vec<Problem>,
}

/// A problem with its file by name, as programs read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Record<'p> {
    pub severity: Severity,
    pub file: Option<&'p str>,
    pub line: Option<usize>,
    pub column: Option<usize>,
    pub path: &'p str,
    pub message: &'p str,
    pub allowed: Option<&'p str>,
    pub hint: Option<&'p str>,
}

impl Location {
    /// The file as a whole: for a file that cannot be read or is empty.
    pub const fn of_file(file: usize) -> Self {
        Self { file, line: 0, column: 0, length: 0 }
    }
}

impl Problem {
    pub fn error(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            message: message.into(),
            path: String::new(),
            location: None,
            beside: None,
            allowed: None,
            hint: None,
            missing: None,
        }
    }

    /// An error about a key that is missing.
    pub fn missing(key: &str) -> Self {
        let error = Self::error(format!("the key {} is missing", quoted(key)));
        Self { missing: Some(key.to_owned()), ..error }
    }

    pub fn warning(message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(message) }
    }

    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// As it is shown at a place that is not its own: with its path in the message.
    #[must_use]
    pub fn elsewhere(mut self) -> Self {
        if !self.path.is_empty() {
            self.message =
                format!("{}: {}", quoted_up_to(&self.path, PATH_CHARS_MAX), self.message);
        }
        self
    }

    #[must_use]
    pub fn allowed(mut self, allowed: impl Into<String>) -> Self {
        self.allowed = Some(allowed.into());
        self
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl Problems {
    /// Sorts by file, line and column; problems without a place come first.
    pub fn new(sources: Sources, mut list: Vec<Problem>) -> Self {
        list.sort_by(|a, b| (a.location, &a.path).cmp(&(b.location, &b.path)));
        Self { sources, list }
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.list.iter()
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// The problems of a part of a scenario, which others extend: a warning in the place of the keys that are
    /// missing. None where anything else is wrong, or nothing is missing.
    #[must_use]
    pub fn of_part(&self) -> Option<Self> {
        let (errors, warnings): (Vec<_>, Vec<_>) = self.list.iter().partition(|it| it.is_error());
        let missing = |it: &&Problem| {
            let key = it.missing.as_ref()?;
            Some(if it.path.is_empty() { key.clone() } else { format!("{}.{key}", it.path) })
        };
        let missing: Option<Vec<String>> = errors.iter().map(missing).collect();
        let (missing, first) = (missing?, errors.first()?);
        let names: Vec<String> = missing.iter().map(|it| quoted(it)).collect();
        let part = Problem::warning(format!("a part of a scenario, without {}", names.join(", ")))
            .hint("check it as a whole with a file that extends it");
        let part = Problem { location: first.location, ..part };
        let list = warnings.into_iter().cloned().chain([part]).collect();
        Some(Self::new(self.sources.clone(), list))
    }

    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The problems as programs read them, in the same order.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.list.iter().map(|problem| {
            let file = problem.location.and_then(|location| self.sources.get(location.file));
            let line = problem.location.filter(|location| location.line > 0);
            Record {
                severity: problem.severity,
                file: file.map(|source| source.name.as_str()),
                line: line.map(|location| location.line),
                column: line.map(|location| location.column),
                path: &problem.path,
                message: &problem.message,
                allowed: problem.allowed.as_deref(),
                hint: problem.hint.as_deref(),
            }
        })
    }
}

impl<'p> IntoIterator for &'p Problems {
    type Item = &'p Problem;
    type IntoIter = std::slice::Iter<'p, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Serialize for Problems {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.records())
    }
}

impl fmt::Display for Problems {
    /// One line each, `file:line:column: message`, for logs and test failures.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for record in self.records() {
            write!(f, "{}", record.file.unwrap_or("scenario"))?;
            if let (Some(line), Some(column)) = (record.line, record.column) {
                write!(f, ":{line}:{column}")?;
            }
            writeln!(f, ": {}", record.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// A text from a file in backticks, cut so that a hostile one does not fill the screen.
pub fn quoted(text: &str) -> String {
    quoted_up_to(text, 40)
}

/// As `quoted`, with as many characters of it.
pub(super) fn quoted_up_to(text: &str, chars_max: usize) -> String {
    let mut out = String::from("`");
    for c in text.chars().take(chars_max) {
        // backslashes and quotes stay as they are, what would move the cursor does not
        if c.is_control() || ('\u{200b}'..='\u{206f}').contains(&c) || c == '\u{feff}' {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    if text.chars().nth(chars_max).is_some() {
        out.push('…');
    }
    out.push('`');
    out
}

/// `a`, `b` or `c`.
pub fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_sorted_by_place() {
        let place = |line, column| Location { file: 0, line, column, length: 1 };
        let problems = Problems::new(
            Sources::default(),
            vec![
                Problem::error("c").at(place(2, 5)),
                Problem::error("b").at(place(2, 1)),
                Problem::error("d").at(place(10, 1)),
                Problem::error("a"),
            ],
        );
        let order: Vec<&str> = problems.iter().map(|p| p.message.as_str()).collect();
        assert_eq!(order, ["a", "b", "c", "d"]);
    }

    #[test]
    fn hostile_text_is_cut_and_escaped() {
        assert_eq!(quoted("a\u{1b}[2J\n"), "`a\\u{1b}[2J\\u{a}`");
        assert_eq!(quoted(&"x".repeat(1000)).chars().count(), 43);
    }

    #[test]
    fn names_are_listed_in_plain_english() {
        assert_eq!(listed([]), "nothing");
        assert_eq!(listed(["a"]), "`a`");
        assert_eq!(listed(["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
