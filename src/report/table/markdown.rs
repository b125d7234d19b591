//! A table in GitHub's Markdown.

use super::{Cell, Kind, Row, Table};
use crate::report::markdown::escape;

impl Table {
    /// With its title and notes as paragraphs.
    pub(in crate::report) fn markdown(&self) -> String {
        let mut text = String::new();
        if self.is_folded {
            text.extend(["<details><summary>", &escape(&self.title), "</summary>\n\n"]);
        } else if !self.title.is_empty() {
            text.extend([&escape(&self.title), ":\n\n"]);
        }
        let heads: Vec<String> = self.heads.iter().map(|it| escape(&it.title)).collect();
        let lines = self.heads.iter().map(|it| match it.kind {
            Kind::Name | Kind::Words => ":--",
            Kind::Figure => "--:",
        });
        let lines: Vec<&str> = lines.collect();
        text.extend([line(&heads), format!("|{}|\n", lines.join("|"))]);
        text.extend(self.rows.iter().map(|it| line(&self.cells(it))));
        text.push('\n');
        for note in &self.notes {
            text.extend([&escape(note), "\n\n"]);
        }
        if self.is_folded {
            text.push_str("</details>\n\n");
        }
        text
    }

    fn cells(&self, row: &Row) -> Vec<String> {
        let cell = |it: &Cell| escape(&it.with_interval());
        match row {
            Row::Heading(text) => {
                let rest = vec![String::new(); self.heads.len().saturating_sub(1)];
                [vec![format!("**{}**", escape(text))], rest].concat()
            }
            Row::Cells(cells) => cells.iter().map(cell).collect(),
            Row::Best(cells) => {
                let mut cells: Vec<String> = cells.iter().map(cell).collect();
                if let Some(first) = cells.first_mut() {
                    *first = format!("**{first}**");
                }
                cells
            }
        }
    }
}

fn line(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}
