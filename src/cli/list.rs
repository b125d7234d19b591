//! `rollsim list`: every name that a scenario may use, and the terms of the tool.

use std::io::Write;

use anyhow::bail;

use serde::Serialize;

use super::{
    describe::Manual,
    lookup::{ESTIMATE, TERM, estimate, terms},
    output::{Ending, Format, write_json},
    prose,
};
use crate::scenario::{listed, quoted, suggest};

/// List the names that a scenario may use (sections, strategies, judges, faults and more), and the
/// glossary
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Only this kind, such as `strategy` or `fault`
    kind: Option<String>,
}

/// One of each kind; `explain` knows each measure with each of these endings.
const ESTIMATES: &[&str] = &[
    "users_hurt_mean",
    "users_hurt_p50",
    "users_hurt_p95",
    "users_hurt_p99",
    "cost_mean",
    "cost_p95",
    "false_rollback",
    "escaped",
    "rolled_back",
    "completed",
];

/// One line of the list.
#[derive(Serialize)]
struct Listed<'n> {
    kind: &'n str,
    name: &'n str,
    summary: String,
}

pub(super) fn run(
    arguments: &Arguments,
    format: Format,
    out: &mut impl Write,
) -> anyhow::Result<Ending> {
    let manual = Manual::new();
    let mut kinds = manual.kinds();
    kinds.extend([ESTIMATE, TERM]);
    let named = manual.topics().iter().map(|topic| Listed {
        kind: topic.kind,
        name: &topic.name,
        summary: topic.summary.clone(),
    });
    let terms = terms().map(|(name, summary)| Listed { kind: TERM, name, summary });
    let estimates = ESTIMATES.iter().filter_map(|name| {
        let summary = prose::first_sentence(&estimate(name)?.description);
        Some(Listed { kind: ESTIMATE, name, summary })
    });
    let mut all: Vec<_> = named.chain(estimates).chain(terms).collect();
    if let Some(kind) = &arguments.kind {
        let Some(kind) = kinds.iter().find(|known| names(known, kind)) else {
            let near = suggest(kind, kinds.iter().copied());
            let hint =
                near.map_or_else(String::new, |near| format!("\nhint: did you mean `{near}`?"));
            let kind = quoted(kind);
            bail!("there is no kind {kind}\nallowed: {}{hint}", listed(kinds));
        };
        all.retain(|it| it.kind == *kind);
    }
    if format == Format::Json {
        write_json(&all, out)?;
        return Ok(Ending::Done);
    }
    let width = all.iter().map(|it| it.name.len()).max().unwrap_or(0);
    let columns = prose::columns();
    let mut heading = "";
    for Listed { kind, name, summary } in &all {
        if *kind != heading {
            let gap = if heading.is_empty() { "" } else { "\n" };
            heading = kind;
            writeln!(out, "{gap}{heading}")?;
        }
        let first = format!("  {name:width$}  ");
        write!(out, "{}", prose::hanging(&first, width + 4, summary, columns))?;
    }
    Ok(Ending::Done)
}

/// Whether a word is the kind, or its plural.
fn names(kind: &str, word: &str) -> bool {
    word == kind || word == crate::units::text::plural(kind)
}
