//! Tables of what a study found: one kind of table, written for a terminal, as Markdown and into the page.

mod markdown;
mod text;

use super::words::harmless;
use crate::{experiment::Figure, units::text::Unit};

/// Columns with heads, and rows of cells.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    /// A sentence over it, without its full stop; empty where the heads say enough.
    pub(super) title: String,
    pub(super) heads: Vec<Head>,
    pub(super) rows: Vec<Row>,
    /// How many of its rows a terminal shows, where these are not all; a document has the others.
    pub(super) brief: Option<usize>,
    /// Sentences under it.
    pub(super) notes: Vec<String>,
    /// Whether a document shows it only when it is asked for.
    pub(super) is_folded: bool,
}

/// What stands over a column.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) title: String,
    /// What it means, where there is room to say so.
    pub(super) about: &'static str,
    kind: Kind,
}

/// What is in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// What a row is: stands first, and is shortened where there is little room.
    Name,
    /// Stands left, in several lines where it is long.
    Words,
    /// Stands right.
    Figure,
}

#[derive(Clone, Debug)]
pub(super) enum Row {
    /// Over the rows that follow.
    Heading(String),
    Cells(Vec<Cell>),
    /// The same for the row that is recommended.
    Best(Vec<Cell>),
}

/// A text, or a figure with its interval.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    pub(super) value: String,
    pub(super) interval: String,
    /// What the column is sorted by; empty where there is nothing.
    pub(super) sort: String,
    pub(super) trials: String,
    /// How deep it is tinted, 0 to 5.
    pub(super) tint: u8,
}

impl Table {
    pub(super) fn new(title: impl Into<String>, heads: Vec<Head>) -> Self {
        Self { title: title.into(), heads, ..Self::default() }
    }

    /// Shown in a document only when it is asked for.
    pub(super) fn folded(self) -> Self {
        Self { is_folded: true, ..self }
    }

    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(Row::Cells(cells.into_iter().collect()));
    }

    pub(super) fn heading(&mut self, text: impl Into<String>) {
        self.rows.push(Row::Heading(text.into()));
    }

    /// Nothing where it has no rows.
    pub(super) fn unless_empty(self) -> Option<Self> {
        (!self.rows.is_empty()).then_some(self)
    }
}

impl Head {
    pub(super) fn name(title: &str) -> Self {
        Self { title: harmless(title), about: "", kind: Kind::Name }
    }

    pub(super) fn words(title: &str) -> Self {
        Self { kind: Kind::Words, ..Self::name(title) }
    }

    pub(super) fn figure(title: &str) -> Self {
        Self { kind: Kind::Figure, ..Self::name(title) }
    }

    pub(super) fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }
}

impl Row {
    /// None in a heading.
    pub(super) fn cells(&self) -> &[Cell] {
        match self {
            Self::Heading(_) => &[],
            Self::Cells(cells) | Self::Best(cells) => cells,
        }
    }
}

impl Cell {
    /// A value in its unit with its interval.
    pub(super) fn of(unit: Unit<'_>, it: &Figure) -> Self {
        let Figure { value, low, high, .. } = *it;
        Self::figure(&unit.among(value, low, high), &unit.interval(value, low, high))
    }

    /// A figure with its interval, without the brackets.
    pub(super) fn figure(value: &str, interval: &str) -> Self {
        Self { value: harmless(value), interval: harmless(interval), ..Self::default() }
    }

    /// `12 (9 to 15)`.
    fn with_interval(&self) -> String {
        match self.interval.as_str() {
            "" => self.value.clone(),
            interval => format!("{} ({interval})", self.value),
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::figure(text, "")
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}
