//! What a gate can see, for a pull request, in GitHub's Markdown.

use super::{
    examples::title,
    figures::{POINTS, along, part_in_cell, time_of},
    table::{HEAD, pair, release_rows},
    words::power_words,
};
use crate::{
    experiment::power::Power,
    report::{
        markdown::{escape, fence},
        words::harmless,
    },
    units::text::seconds,
};

/// The words first, then tables; what stands behind them is folded.
pub fn power_markdown(power: &Power) -> String {
    let mut words = power_words(power).into_iter();
    let title = if power.title.is_empty() { &power.name } else { &power.title };
    let answer = words.next().unwrap_or_default();
    let mut text = format!("### {}\n\n**{}**\n\n", escape(title), escape(&answer));
    for sentence in words {
        text.extend([&escape(&sentence), "\n\n"]);
    }
    text.extend(["In the tables ", POINTS, ".\n\n"]);
    for (name, rows) in release_rows(power) {
        if !name.is_empty() {
            text.extend([&escape(&name), "\n\n"]);
        }
        let head = if name.is_empty() { "release" } else { "severity" };
        text.push_str(&table(&[&[head][..], &HEAD[1..]].concat(), rows));
    }
    text.push_str(&gates(power));
    text.push_str(&curves(power));
    text.push_str(&worlds(power));
    text.push_str(&examples(power));
    let fence = fence(&power.command);
    text.extend([format!("{fence}sh\n{}\n{fence}\n", harmless(&power.command))]);
    text
}

fn table(head: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut text = format!("| {} |\n|:--|{}\n", head.join(" | "), "--:|".repeat(head.len() - 1));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|it| escape(it)).collect();
        text.extend([format!("| {} |\n", cells.join(" | "))]);
    }
    text + "\n"
}

fn gates(power: &Power) -> String {
    if power.gates.is_empty() {
        return String::new();
    }
    let row = |it: &crate::experiment::power::GateFound| {
        let dry = if it.dry_run { " (dry run)" } else { "" };
        let name = format!("{}{dry}", it.name);
        vec![name, it.judge.clone(), part_in_cell(it.good.as_ref()), part_in_cell(it.bad.as_ref())]
    };
    let rows = power.gates.iter().map(row).collect();
    table(&["gate", "judge", "failed on good", "failed on bad"], rows)
}

fn curves(power: &Power) -> String {
    let mut text = String::new();
    for curve in power.curves.iter().filter(|it| !it.points.is_empty()) {
        let rows = curve.points.iter().map(|it| {
            let own = if it.as_is { " (as it is)" } else { "" };
            vec![
                format!("{}{own}", along(&curve.name, it.x)),
                part_in_cell(it.good.rolled_back.as_ref()),
                part_in_cell(it.bad.rolled_back.as_ref()),
                time_of(it.bad.back_after_p50.as_ref()),
            ]
        });
        text.extend(["Against ", &curve.name, ": ", &escape(&curve.about), "\n\n"]);
        let head = [curve.name.as_str(), "good rolled back", "bad caught", "after"];
        text.push_str(&table(&head, rows.collect()));
    }
    text
}

fn worlds(power: &Power) -> String {
    if power.worlds.is_empty() {
        return String::new();
    }
    let row = |it: &crate::experiment::power::WorldFound| {
        if !it.why_not.is_empty() {
            let why = format!("was not tried: {}", it.why_not);
            return vec![it.name.clone(), why, String::new(), String::new(), String::new()];
        }
        let ([good, more], [bad, caught]) = (pair(it.good.as_ref()), pair(it.bad.as_ref()));
        vec![it.name.clone(), good, more, bad, caught]
    };
    let rows = power.worlds.iter().map(row).collect();
    let head = ["without", "false rollbacks", "change, pp", "caught", "change, pp"];
    table(&head, rows)
}

fn examples(power: &Power) -> String {
    if power.examples.is_empty() {
        return String::new();
    }
    let mut text = "<details><summary>Trials to look at</summary>\n\n".to_owned();
    for example in &power.examples {
        let fence = fence(&example.command);
        let looked = example.deciding.as_ref().map_or_else(String::new, |(at, look)| {
            format!(" Decided after {} by {look}.", seconds(*at))
        });
        text.extend([
            format!("{}.{}\n\n", escape(&title(example)), escape(&looked)),
            format!("{fence}sh\n{}\n{fence}\n\n", harmless(&example.command)),
        ]);
    }
    text + "</details>\n\n"
}
