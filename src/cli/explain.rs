//! `rollsim explain`: what a name means, what may stand behind it, and what it is by default.

use std::io::Write;

use anyhow::bail;

use super::{
    Ending, Format,
    describe::{Explanation, Field, Manual},
    endings, write_json,
};
use crate::{
    report,
    scenario::{quoted, suggest},
};

/// Explain a name, such as `canary`, `fleet` or `fleet.memory`
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// A name from `rollsim list`, keys joined by dots, or `exit-codes`
    name: String,
}

pub(super) fn run(
    arguments: &Arguments,
    format: Format,
    out: &mut impl Write,
) -> anyhow::Result<Ending> {
    let name = arguments.name.as_str();
    if name == endings::TOPIC {
        endings::explain(format, out)?;
        return Ok(Ending::Done);
    }
    let manual = Manual::new();
    let explanations = manual.explain(name);
    if explanations.is_empty() {
        bail!("unknown name {}\nhint: {}", quoted(name), remedy(&manual, name));
    }
    if format == Format::Json {
        write_json(&explanations, out)?;
        return Ok(Ending::Done);
    }
    for (index, explanation) in explanations.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        write_explanation(explanation, out)?;
    }
    Ok(Ending::Done)
}

/// The nearest name: of a topic, or of a key of the deepest part that is known.
fn remedy(manual: &Manual, name: &str) -> String {
    let Some((known, last)) = name.rsplit_once('.') else {
        let topics = manual.topics();
        return match suggest(name, topics.iter().map(|topic| topic.name.as_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`rollsim list` shows all names".to_owned(),
        };
    };
    let above = manual.explain(known);
    if above.is_empty() {
        return remedy(manual, known);
    }
    let keys = above.iter().flat_map(|it| &it.fields).map(|field| field.name.as_str());
    match suggest(last, keys) {
        Some(near) => format!("did you mean `{known}.{near}`?"),
        None => format!("`rollsim explain {known}` shows its keys"),
    }
}

fn write_explanation(explanation: &Explanation, out: &mut impl Write) -> anyhow::Result<()> {
    let Explanation { kind, name, description, allowed, default, fields } = explanation;
    write!(out, "{}", report::hanging("", 0, &format!("{name} ({kind}): {allowed}")))?;
    write_text(description, "  ", out)?;
    if let Some(default) = default {
        writeln!(out, "  default: {default}")?;
    }
    for field in fields {
        writeln!(out)?;
        write_field(field, out)?;
    }
    Ok(())
}

fn write_field(field: &Field, out: &mut impl Write) -> anyhow::Result<()> {
    match &field.allowed {
        Some(allowed) => {
            let text = format!("{}: {allowed}", field.name);
            write!(out, "{}", report::hanging("  ", 2, &text))?;
        }
        None => writeln!(out, "  {}", field.name)?,
    }
    write_text(&field.description, "    ", out)?;
    if let Some(default) = &field.default {
        writeln!(out, "    default: {default}")?;
    }
    if field.required {
        writeln!(out, "    must be given")?;
    }
    Ok(())
}

fn write_text(text: &str, indent: &str, out: &mut impl Write) -> anyhow::Result<()> {
    for line in text.lines() {
        write!(out, "{}", report::hanging(indent, indent.len(), line))?;
    }
    Ok(())
}
