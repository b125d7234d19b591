//! What a study says: the same sentences and tables for a terminal and for a pull request.

use super::{
    markdown::{escape, fence},
    table::Table,
    words::{harmless, lines},
};

/// What a study found, as people read it.
#[derive(Clone, Debug, Default)]
pub struct Document {
    pub(super) title: String,
    /// The answer first.
    pub(super) words: Vec<String>,
    pub(super) parts: Vec<Part>,
    /// Assumptions and method, of a document alone.
    pub(super) method: Vec<String>,
    /// What makes it again.
    pub(super) command: String,
}

#[derive(Clone, Debug)]
pub(super) enum Part {
    Table(Table),
    Paragraph(String),
    /// What it is, and lines in a language, of a document alone: a file or a command.
    Code(String, &'static str, String),
}

impl From<Table> for Part {
    fn from(table: Table) -> Self {
        Self::Table(table)
    }
}

impl Document {
    /// The title of a study: that of its scenario, else its name.
    pub(super) fn titled<'t>(title: &'t str, name: &'t str) -> &'t str {
        if title.is_empty() { name } else { title }
    }

    /// The sentences, the answer first.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// For a terminal, at most [`COLUMNS`](super::COLUMNS) wide.
    pub fn text(&self) -> String {
        let mut blocks = Vec::new();
        if !self.words.is_empty() {
            blocks.push(self.words.iter().map(|it| lines(it) + "\n").collect());
        }
        blocks.extend(self.parts.iter().filter_map(|part| match part {
            Part::Table(table) => Some(table.text()),
            Part::Paragraph(text) => Some(lines(text) + "\n"),
            Part::Code(..) => None,
        }));
        blocks.join("\n")
    }

    /// For a pull request, in GitHub's Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!("### {}\n\n", escape(&self.title));
        let mut words = self.words.iter();
        if let Some(answer) = words.next() {
            text.extend(["**", &escape(answer), "**\n\n"]);
        }
        text.push_str(&listed(words));
        for part in &self.parts {
            match part {
                Part::Table(table) => text.push_str(&table.markdown()),
                Part::Paragraph(paragraph) => text.extend([&escape(paragraph), "\n\n"]),
                Part::Code(about, language, code) => {
                    text.extend([&escape(about), "\n\n", &fenced(language, code)]);
                }
            }
        }
        if !self.method.is_empty() {
            text.push_str("<details><summary>Assumptions and method</summary>\n\n");
            text.extend([&listed(self.method.iter()), "</details>\n\n"]);
        }
        let command =
            if self.command.is_empty() { String::new() } else { fenced("sh", &self.command) };
        (text + &command).trim_end().to_owned() + "\n"
    }
}

/// A list, and the empty line after it.
fn listed<'s>(sentences: impl Iterator<Item = &'s String>) -> String {
    let mut points = String::new();
    for it in sentences {
        points.extend(["- ", &escape(it), "\n"]);
    }
    if points.is_empty() { points } else { points + "\n" }
}

/// Lines in a fence, each made harmless.
fn fenced(language: &str, code: &str) -> String {
    let fence = fence(code);
    let lines: String = code.lines().map(|it| harmless(it) + "\n").collect();
    format!("{fence}{language}\n{lines}{fence}\n\n")
}
