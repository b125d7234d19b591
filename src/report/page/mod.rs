//! report.html: one file that shows a comparison without a network.
//!
//! The template escapes whatever it prints. What it takes as markup is ours: the style, the scripts,
//! the charts, and the data block, in which nothing can end the script element.

mod grid;
mod sections;
mod trials;

use askama::Template;
use serde_json::{Value, json};

use super::{
    amount::RARE,
    compare::{ChartFile, Tone, charts},
    method::method,
    verdict::comparison_words,
    words::harmless,
};
use crate::{
    experiment::Summary,
    units::text::{count, share},
};
use grid::{Grid, behind, ranking};
use sections::{ClassRow, FindingRow, PairRow, PriceRow, SensitivityRow};
use trials::Trial;

const STYLE: &str = include_str!("page.css");

/// In the order in which they rely on each other, in one function's scope.
const SCRIPT: &str = concat!(
    "(() => {\n'use strict';\n",
    include_str!("core.js"),
    include_str!("tables.js"),
    include_str!("live.js"),
    include_str!("timeline.js"),
    "})();\n"
);

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'s> {
    style: &'static str,
    script: &'static str,
    data: String,
    title: String,
    name: String,
    trials: String,
    answer: String,
    words: Vec<String>,
    confidence: String,
    /// What `in 0.3 %` means.
    rare: &'static str,
    profile: String,
    summary: &'s Summary,
    strategies: Vec<String>,
    classes: Vec<String>,
    ranking: Grid,
    figures: Vec<PageChart>,
    harm: Grid,
    pairs: Vec<PairRow>,
    examples: Vec<Trial>,
    findings: Vec<FindingRow>,
    sensitivity: Vec<SensitivityRow>,
    assumptions: Vec<Vec<Piece>>,
    method: Vec<String>,
    prices: Vec<PriceRow>,
    releases: Vec<ClassRow>,
    command: String,
}

/// Charts, by the start of their names, in whose place the scripts put something that answers to
/// the pointer, the keyboard and the choice; paper and readers without scripts get the drawing.
const LIVE: [&str; 4] = ["ranking", "differences", "harm-by-class", TRIALS];

/// Charts of single trials stand with the trials.
const TRIALS: &str = "trials";

/// A chart in both tones, and the figures behind it.
struct PageChart {
    name: &'static str,
    title: String,
    caption: String,
    light: String,
    dark: String,
    /// Whether something else takes its place where scripts run.
    live: bool,
    of_trials: bool,
    behind: Option<Grid>,
}

/// The comparison as one HTML file: no network, no library, readable without its script. Nothing from
/// a scenario becomes markup.
pub fn page(summary: &Summary) -> String {
    let mut words = comparison_words(summary).into_iter().map(|it| unbroken(&it));
    let answer = words.next().unwrap_or_default();
    let title = if summary.title.is_empty() { &summary.name } else { &summary.title };
    let page = Page {
        style: STYLE,
        script: SCRIPT,
        data: data(summary),
        title: harmless(title),
        name: harmless(&summary.name),
        trials: count(summary.trials),
        answer,
        words: words.collect(),
        confidence: share(summary.confidence),
        rare: RARE,
        profile: harmless(&summary.profile),
        summary,
        strategies: summary.strategies.iter().map(|it| harmless(&it.name)).collect(),
        classes: summary.classes.iter().map(|it| harmless(&it.name)).collect(),
        ranking: ranking(summary),
        figures: figures(summary),
        harm: grid::harm(summary),
        pairs: sections::pairs(summary),
        examples: trials::trials(summary),
        findings: sections::findings(summary),
        sensitivity: sections::sensitivity(summary),
        assumptions: summary.assumptions.iter().map(|it| pieces(it)).collect(),
        method: method(summary),
        prices: sections::prices(summary),
        releases: sections::classes(summary),
        command: harmless(&summary.command),
    };
    page.render().expect("writing into a string cannot fail")
}

/// A figure and its per cent sign stay in one line.
fn unbroken(sentence: &str) -> String {
    sentence.replace(" %", "\u{a0}%")
}

fn figures(summary: &Summary) -> Vec<PageChart> {
    let dark = charts(summary, Tone::Dark);
    let light = charts(summary, Tone::Light);
    let paired = light.into_iter().zip(dark);
    paired
        .map(|(light, dark): (ChartFile, ChartFile)| PageChart {
            live: LIVE.iter().any(|it| light.name.starts_with(it)),
            of_trials: light.name.starts_with(TRIALS),
            behind: behind(light.name, summary),
            name: light.name,
            title: light.title,
            caption: light.caption,
            light: inline(&light.svg),
            dark: inline(&dark.svg),
        })
        .collect()
}

/// Without what only stands at the start of a file.
fn inline(svg: &str) -> String {
    svg.find("<svg").map_or_else(String::new, |at| svg[at..].to_owned())
}

/// Share of a sentence; names of the file format stand between backticks.
struct Piece {
    text: String,
    is_name: bool,
}

fn pieces(sentence: &str) -> Vec<Piece> {
    let parts: Vec<&str> = sentence.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return vec![Piece { text: harmless(sentence), is_name: false }];
    }
    let pieces = parts.iter().enumerate();
    pieces.map(|(at, it)| Piece { text: harmless(it), is_name: at % 2 == 1 }).collect()
}

/// What the scripts draw from, as JSON that can stand in a script element: nothing in it ends one.
fn data(summary: &Summary) -> String {
    let strategies: Vec<_> = summary
        .strategies
        .iter()
        .map(|it| {
            json!({
                "name": it.name, "overall": it.overall, "by_class": it.by_class,
            })
        })
        .collect();
    let timelines: Vec<_> = summary.examples.iter().map(|it| &it.timeline).collect();
    let classes: Vec<_> = summary.classes.iter().map(|it| &it.name).collect();
    let mut data = json!({
        "currency": summary.currency,
        "strategies": strategies,
        "classes": classes,
        "pairs": summary.pairs,
        "timelines": timelines,
    });
    clean(&mut data);
    let text = data.to_string();
    text.replace('<', "\\u003c")
}

/// Makes every text harmless; that takes care of the two line ends that JSON allows and scripts once
/// did not.
fn clean(value: &mut Value) {
    match value {
        Value::String(text) => *text = harmless(text),
        Value::Array(items) => items.iter_mut().for_each(clean),
        Value::Object(fields) => fields.iter_mut().for_each(|(_, it)| clean(it)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
