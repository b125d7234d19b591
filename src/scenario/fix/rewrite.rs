//! From the tree of a file as it is and as it should be to edits of its text.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::json;

use super::edit::{Edit, Lines};
use crate::scenario::{
    Entry, Location, Node, Value,
    extend::Layer,
    format,
    path::{push_index, push_key},
    to_yaml_line,
};

/// One change that was made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fix {
    /// Line of the old text, from 1.
    pub line: usize,
    pub path: String,
    /// What was done, in words.
    pub message: String,
}

/// Collects the edits of one text.
pub(super) struct Rewrite<'t> {
    lines: Lines<'t>,
    edits: Vec<Edit>,
    /// Where each edit begins, and its text: what stands behind an alias is reached again.
    made: BTreeSet<(usize, String)>,
    fixes: Vec<Fix>,
    path: String,
}

/// Where a mapping gets more entries.
struct Gap {
    at: usize,
    /// What stands before and after each new entry.
    around: (String, String),
    line: usize,
}

impl<'t> Rewrite<'t> {
    pub(super) fn new(lines: Lines<'t>) -> Self {
        let (edits, made, fixes) = (Vec::new(), BTreeSet::new(), Vec::new());
        Self { lines, edits, made, fixes, path: String::new() }
    }

    /// The edits, and what they do.
    pub(super) fn end(self) -> (Vec<Edit>, Vec<Fix>) {
        (self.edits, self.fixes)
    }

    /// Says the format: where it is said already, or else before the first key.
    pub(super) fn format(&mut self, file: &Layer, newest: u32) {
        format::KEY.clone_into(&mut self.path);
        let text = format!("{}: {newest}", format::KEY);
        match file.written.location {
            Some(_) if file.written.format == newest => {}
            Some(place) => {
                let old = file.written.format;
                let message = format!("changed `format: {old}` to `{text}`");
                let edit = Edit { range: self.lines.range(place), text: newest.to_string() };
                self.edit(edit, place.line, message);
            }
            None => {
                let gap = self.gap(&file.node, file.first, 0);
                self.insert(&gap, &text, format!("added `{text}`"));
            }
        }
        self.path.clear();
    }

    /// Makes the text of `old` say what `new` says: the same entries in the same order, some by
    /// another key, and more after them.
    pub(super) fn tree(&mut self, old: &Layer, new: &Node) {
        if let (Value::Map(entries), Value::Map(wanted)) = (&old.node.value, &new.value) {
            self.keys(entries, wanted);
            self.more((&old.node, old.first, 0), &wanted[entries.len()..]);
        }
    }

    fn node(&mut self, old: &Node, new: &Node, head: usize) {
        let length = self.path.len();
        match (&old.value, &new.value) {
            (Value::List(old), Value::List(new)) => {
                for (index, (old, new)) in old.iter().zip(new).enumerate() {
                    push_index(&mut self.path, index);
                    self.node(old, new, old.location.line);
                    self.path.truncate(length);
                }
            }
            (Value::Map(entries), Value::Map(wanted)) => {
                self.keys(entries, wanted);
                let first = entries.first().map(|it| it.key_location);
                self.more((old, first, head), &wanted[entries.len()..]);
            }
            _ => {}
        }
    }

    fn keys(&mut self, entries: &[Entry], wanted: &[Entry]) {
        let length = self.path.len();
        for (old, new) in entries.iter().zip(wanted) {
            push_key(&mut self.path, &new.key);
            if old.key != new.key {
                let range = self.lines.range(old.key_location);
                let message = format!("`{}` is called `{}`", old.key, new.key);
                let edit = Edit { range, text: to_yaml_line(&json!(new.key)) };
                self.edit(edit, old.key_location.line, message);
            }
            self.node(&old.value, &new.value, old.key_location.line);
            self.path.truncate(length);
        }
    }

    /// Writes entries that are not there. A mapping comes with its first key and the line of what names
    /// it.
    fn more(&mut self, (map, first, head): (&Node, Option<Location>, usize), added: &[Entry]) {
        for (index, entry) in added.iter().enumerate() {
            let mut gap = self.gap(map, first, head);
            if first.is_none() && index + 1 == added.len() {
                gap.around.1.clear();
            }
            let key = to_yaml_line(&json!(entry.key));
            let text = format!("{key}: {}", to_yaml_line(&entry.value.to_json()));
            let length = self.path.len();
            push_key(&mut self.path, &entry.key);
            self.insert(&gap, &text, format!("wrote `{text}`, the default of its format"));
            self.path.truncate(length);
        }
    }

    /// The place before the first key of a mapping. `head` is the line of what names the mapping: a
    /// comment between the two belongs to the first key.
    fn gap(&self, map: &Node, first: Option<Location>, head: usize) -> Gap {
        let open = self.lines.byte(map.location.line, map.location.column);
        if self.lines.text[open..].starts_with('{') {
            let (at, line) = match first {
                Some(first) => (self.lines.byte(first.line, first.column), first.line),
                None => (open + 1, map.location.line),
            };
            return Gap { at, around: (String::new(), ", ".to_owned()), line };
        }
        let place = first.unwrap_or(map.location);
        let at = self.lines.byte(place.line, place.column);
        let line_break = self.lines.line_break;
        let indent = " ".repeat(place.column - 1);
        let start = self.lines.byte(place.line, 1);
        if head == 0 || !self.lines.text[start..at].trim().is_empty() {
            return Gap {
                at,
                around: (String::new(), line_break.to_owned() + &indent),
                line: place.line,
            };
        }
        let mut line = place.line;
        while line - 1 > head && is_comment(self.lines.line(line - 1)) {
            line -= 1;
        }
        Gap { at: self.lines.byte(line, 1), around: (indent, line_break.to_owned()), line }
    }

    fn insert(&mut self, gap: &Gap, text: &str, message: String) {
        let (before, after) = &gap.around;
        let edit = Edit { range: gap.at..gap.at, text: format!("{before}{text}{after}") };
        self.edit(edit, gap.line, message);
    }

    fn edit(&mut self, edit: Edit, line: usize, message: String) {
        if self.made.insert((edit.range.start, edit.text.clone())) {
            self.edits.push(edit);
            self.fixes.push(Fix { line, path: self.path.clone(), message });
        }
    }
}

fn is_comment(line: &str) -> bool {
    let text = line.trim();
    text.is_empty() || text.starts_with('#')
}
