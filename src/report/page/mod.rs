//! report.html: one file that shows a comparison without a network.
//!
//! The template escapes whatever it prints. What it takes as markup is ours: the style, the scripts,
//! the charts, and the data block, in which nothing can end the script element.

mod grid;
mod sections;
mod trials;

use askama::Template;

use super::{
    compare::{ChartFile, Tone, charts},
    method::method,
    verdict::comparison_words,
    words::{count, harmless},
};
use crate::experiment::Summary;
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
    summary: &'s Summary,
    strategies: Vec<String>,
    classes: Vec<String>,
    ranking: Grid,
    figures: Vec<Figure>,
    harm: Grid,
    pairs: Vec<PairRow>,
    examples: Vec<Trial>,
    findings: Vec<FindingRow>,
    sensitivity: Vec<SensitivityRow>,
    assumptions: Vec<String>,
    method: Vec<String>,
    prices: Vec<PriceRow>,
    releases: Vec<ClassRow>,
    command: String,
}

/// A chart in both tones, and the figures behind it.
struct Figure {
    name: &'static str,
    title: String,
    caption: String,
    light: String,
    dark: String,
    /// Where the live chart stands in for it on a screen.
    live: bool,
    behind: Option<Grid>,
}

/// The comparison as one HTML file: no network, no library, readable without its script. Nothing from
/// a scenario becomes markup.
pub fn page(summary: &Summary) -> String {
    let mut words = comparison_words(summary);
    let answer = words.remove(0);
    let clean = |texts: &[String]| texts.iter().map(|it| harmless(it)).collect();
    let title = if summary.title.is_empty() { &summary.name } else { &summary.title };
    let page = Page {
        style: STYLE,
        script: SCRIPT,
        data: data(summary),
        title: harmless(title),
        name: harmless(&summary.name),
        trials: count(summary.trials),
        answer,
        words,
        confidence: super::amount::whole_percent(summary.confidence),
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
        assumptions: clean(&summary.assumptions),
        method: method(summary),
        prices: sections::prices(summary),
        releases: sections::classes(summary),
        command: harmless(&summary.command),
    };
    page.render().expect("writing into a string cannot fail")
}

fn figures(summary: &Summary) -> Vec<Figure> {
    let dark = charts(summary, Tone::Dark);
    let light = charts(summary, Tone::Light);
    let paired = light.into_iter().zip(dark);
    paired
        .map(|(light, dark): (ChartFile, ChartFile)| Figure {
            live: ["ranking", "differences"].iter().any(|it| light.name.starts_with(it)),
            behind: behind(light.name, summary),
            name: light.name,
            title: light.title,
            caption: light.caption,
            light: inline(&light.svg),
            dark: inline(&dark.svg),
        })
        .collect()
}

/// Without what only stands at the begin of a file.
fn inline(svg: &str) -> String {
    svg.find("<svg").map_or_else(String::new, |at| svg[at..].to_owned())
}

/// What the scripts draw from, as JSON that can stand in a script element: no `<`, and none of the
/// two line ends that JSON allows and scripts once did not.
fn data(summary: &Summary) -> String {
    let strategies: Vec<_> = summary
        .strategies
        .iter()
        .map(|it| {
            serde_json::json!({
                "name": harmless(&it.name), "overall": it.overall, "by_class": it.by_class,
            })
        })
        .collect();
    let timelines: Vec<_> = summary.examples.iter().map(|it| &it.timeline).collect();
    let classes: Vec<_> = summary.classes.iter().map(|it| harmless(&it.name)).collect();
    let data = serde_json::json!({
        "currency": summary.currency,
        "strategies": strategies,
        "classes": classes,
        "pairs": summary.pairs,
        "timelines": timelines,
    });
    let text = data.to_string();
    text.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}
