//! `rollsim list`: every name that a scenario may use.

use std::io::Write;

use anyhow::bail;

use super::{Ending, Format, describe::Manual, write_json};
use crate::{
    report,
    scenario::{listed, quoted, suggest},
};

/// List the names that a scenario may use: sections, strategies, judges, faults, metrics and more
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Only this kind, such as `strategy` or `fault`
    kind: Option<String>,
}

pub(super) fn run(
    arguments: &Arguments,
    format: Format,
    out: &mut impl Write,
) -> anyhow::Result<Ending> {
    let manual = Manual::new();
    let kinds = manual.kinds();
    let mut topics = manual.topics();
    if let Some(kind) = &arguments.kind {
        let Some(kind) = kinds.iter().find(|known| names(known, kind)) else {
            let near = suggest(kind, kinds.iter().copied());
            let hint =
                near.map_or_else(String::new, |near| format!("\nhint: did you mean `{near}`?"));
            let kind = quoted(kind);
            bail!("there is no kind {kind}\nallowed: {}{hint}", listed(kinds));
        };
        topics.retain(|topic| topic.kind == *kind);
    }
    if format == Format::Json {
        write_json(&topics, out)?;
        return Ok(Ending::Done);
    }
    let width = topics.iter().map(|topic| topic.name.len()).max().unwrap_or(0);
    let mut heading = "";
    for topic in &topics {
        if topic.kind != heading {
            let gap = if heading.is_empty() { "" } else { "\n" };
            heading = topic.kind;
            writeln!(out, "{gap}{heading}")?;
        }
        let first = format!("  {:width$}  ", topic.name);
        write!(out, "{}", report::hanging(&first, width + 4, &topic.summary))?;
    }
    Ok(Ending::Done)
}

/// Whether a word is the kind, or its plural.
fn names(kind: &str, word: &str) -> bool {
    word == kind || word == crate::units::text::plural(kind)
}
