//! `rollsim explain`: what a name means, what may stand behind it, and what it is by default.

use std::io::Write;

use anyhow::bail;

use super::{
    Ending, Format,
    defaults::{Unset, unfolded, written},
    describe::{Explanation, Field, Manual},
    endings,
    lookup::{Found, find, remedy},
    phrase::NO_SETTINGS,
    prose, write_json,
};
use crate::scenario::{quoted, steps};

/// Explain a name, a key or a term, such as `canary`, `fleet.memory`, `startup` or `gate`
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// A name from `rollsim list`, keys joined by dots or the last of them, a term, or
    /// `exit-codes`
    #[arg(required = true)]
    name: Vec<String>,
}

pub(super) fn run(
    arguments: &Arguments,
    format: Format,
    out: &mut impl Write,
) -> anyhow::Result<Ending> {
    let name = arguments.name.join(" ");
    if endings::is_called(&name) {
        endings::explain(format, out)?;
        return Ok(Ending::Done);
    }
    let manual = Manual::new();
    if let Err(no_path) = steps(&name) {
        let at = no_path.at + 1;
        bail!("{} is not a name or a path: {}, at character {at}", quoted(&name), no_path.why);
    }
    let found = find(&manual, &name);
    if found.is_nothing() {
        bail!("unknown name {}\nhint: {}", quoted(&name), remedy(&manual, &name));
    }
    if format == Format::Json {
        let all: Vec<_> = found.told.iter().chain(&found.keys).collect();
        write_json(&all, out)?;
    } else {
        write!(out, "{}", told(&name, &found, prose::columns()))?;
    }
    Ok(Ending::Done)
}

/// All that was found, in so many columns: some at length, keys of the same name by their paths.
pub(super) fn told(name: &str, found: &Found, columns: usize) -> String {
    let mut parts: Vec<String> = found.told.iter().map(|it| explained(it, columns)).collect();
    if let Some(first) = found.keys.first() {
        let width = found.keys.iter().map(|it| it.name.chars().count()).max().unwrap_or(0);
        let heading = if found.told.is_empty() {
            format!("Paths that end in {}:", quoted(name))
        } else {
            "Also:".to_owned()
        };
        let mut list = prose::hanging("", 0, &heading, columns);
        list.extend(found.keys.iter().map(|key| short(key, width, columns)));
        let hint = format!("`rollsim explain {}` shows the first of them in full.", first.name);
        list.push('\n');
        list.push_str(&prose::hanging("", 0, &hint, columns));
        parts.push(list);
    }
    parts.join("\n")
}

/// A path and its first sentence, beside each other where there is room.
fn short(key: &Explanation, width: usize, columns: usize) -> String {
    let summary = prose::first_sentence(&key.description);
    if width * 2 > columns {
        return format!("  {}\n{}", key.name, prose::hanging("    ", 4, &summary, columns));
    }
    prose::hanging(&format!("  {:width$}  ", key.name), width + 4, &summary, columns)
}

fn explained(explanation: &Explanation, columns: usize) -> String {
    let Explanation { kind, name, description, allowed, unset, fields } = explanation;
    let said = if allowed.is_empty() || allowed == NO_SETTINGS {
        format!("{name} ({kind})")
    } else {
        format!("{name} ({kind}): {allowed}")
    };
    let mut text = prose::hanging("", 0, &said, columns);
    text.push_str(&described(description, unset, 2, columns));
    if unset.is_of_its_keys(fields.iter().map(|it| (it.name.as_str(), &it.unset))) {
        text.push_str("  default: the defaults of its keys\n");
    } else {
        text.push_str(&left_out(unset, 2, columns));
    }
    for field in fields {
        text.push('\n');
        text.push_str(&listed(field, columns));
    }
    text
}

fn listed(field: &Field, columns: usize) -> String {
    let allowed = field.allowed.as_ref().map_or_else(String::new, |it| format!(": {it}"));
    let mut text = prose::hanging("  ", 4, &format!("{}{allowed}", field.name), columns);
    text.push_str(&described(&field.description, &field.unset, 4, columns));
    text.push_str(&left_out(&field.unset, 4, columns));
    text
}

/// The description, less the sentence about what happens without the key, which follows it.
fn described(description: &str, unset: &Unset, margin: usize, columns: usize) -> String {
    match prose::without(description).filter(|_| unset.without.is_some()) {
        Some((rest, _)) => prose::set(&rest, margin, columns),
        None => prose::set(description, margin, columns),
    }
}

/// What holds where the key is left out.
fn left_out(unset: &Unset, margin: usize, columns: usize) -> String {
    let start = " ".repeat(margin);
    if unset.required {
        return format!("{start}required\n");
    }
    if let Some(without) = &unset.without {
        let text = format!("default: none. Without it, {without}.");
        return prose::hanging(&start, margin, &text, columns);
    }
    let Some(default) = &unset.default else { return String::new() };
    let label = format!("{start}default:");
    let lines = written(default, columns.saturating_sub(label.len() + 1));
    if let [line] = lines.as_slice() {
        return prose::hanging(&format!("{label} "), margin + 2, line, columns);
    }
    let lines = unfolded(default, columns.saturating_sub(margin + 2));
    let lines = lines.iter().map(|it| format!("{start}  {it}\n"));
    std::iter::once(format!("{label}\n")).chain(lines).collect()
}
