//! The comparison for a pull request, in GitHub's Markdown.

use super::{
    amount::{RARE, any_rare, with_interval_of},
    junit::{figure, result_in_words, wanted},
    ranking::verdict,
    verdict::comparison_words,
    words::harmless,
};
use crate::{
    experiment::{Stat, StrategySummary, Summary},
    units::text::{NONE, Unit, counted, share},
};

/// The verdict first, then a table, expectations and differences; method and assumptions are folded.
pub fn markdown(summary: &Summary) -> String {
    let mut words = comparison_words(summary).into_iter();
    let answer = words.next().unwrap_or_default();
    let title = if summary.title.is_empty() { &summary.name } else { &summary.title };
    let mut text = format!("### {}\n\n**{}**\n\n", escape(title), escape(&answer));
    text.push_str(&escape(&words.collect::<Vec<_>>().join(" ")));
    text.push_str("\n\n");
    text.push_str(&ranking(summary));
    text.push_str(&expectations(summary));
    text.push_str(&differences(summary));
    text.push_str(&method(summary));
    text
}

/// Paragraphs as text of a document.
pub fn in_markdown(paragraphs: &[String]) -> String {
    paragraphs.iter().map(|it| escape(it)).collect::<Vec<_>>().join("\n\n") + "\n"
}

fn ranking(summary: &Summary) -> String {
    let cut_off = summary.strategies.iter().any(|it| it.unfinished() > 0.0);
    let mut heads =
        vec!["strategy", "cost", "users hurt", "p95", "escaped", "false rollbacks", "completed in"];
    heads.extend(cut_off.then_some("cut off"));
    let line = "--:|".repeat(heads.len() - 1);
    let mut text = format!("| {} |\n|:--|{line}\n", heads.join(" | "));
    for strategy in &summary.strategies {
        let cell = |quantity, stat| estimate(summary, strategy, quantity, stat);
        let mut row = vec![
            escape(&strategy.name),
            cell("cost", Stat::Mean),
            cell("users_hurt", Stat::Mean),
            cell("users_hurt", Stat::P95),
            cell("escaped", Stat::Rate),
            cell("false_rollback", Stat::Rate),
            cell("promotion_time", Stat::Mean),
        ];
        row.extend(cut_off.then(|| cell("unfinished", Stat::Rate)));
        text.extend([format!("| {} |\n", row.join(" | "))]);
    }
    text.extend([format!(
        "\nPer rollout, over all releases; in brackets the {} interval.\n\n",
        share(summary.confidence)
    )]);
    if any_rare(summary) {
        text.extend([RARE, "\n\n"]);
    }
    text
}

fn estimate(summary: &Summary, strategy: &StrategySummary, quantity: &str, stat: Stat) -> String {
    strategy
        .estimate(quantity, stat)
        .map_or_else(|| NONE.to_owned(), |it| escape(&with_interval_of(it, &summary.currency)))
}

fn expectations(summary: &Summary) -> String {
    if summary.findings.is_empty() {
        return String::new();
    }
    let mut text = "| expectation | wanted | found | result |\n|:--|--:|--:|:--|\n".to_owned();
    for finding in &summary.findings {
        text.extend([format!(
            "| {} of {} | {} | {} | {} |\n",
            escape(&finding.estimate),
            escape(&finding.strategy),
            escape(&wanted(summary, finding)),
            escape(&figure(summary, finding)),
            result_in_words(finding)
        )]);
    }
    text + "\n"
}

fn differences(summary: &Summary) -> String {
    if summary.pairs.is_empty() {
        return String::new();
    }
    let mut text = "<details><summary>Differences in the same rollouts</summary>\n\n| pair | cost \
                    | users hurt | the second of the pair costs less, the same, more in | cost is \
                    |\n|:--|--:|--:|--:|:--|\n"
        .to_owned();
    for pair in &summary.pairs {
        let name = |index: usize| summary.strategies.get(index).map_or("", |it| it.name.as_str());
        let cell = |quantity: &str, unit: Unit<'_>| {
            let found = pair.differences.iter().find(|it| it.quantity == quantity);
            found.map_or_else(String::new, |it| {
                let (low, high) = (it.low_adjusted, it.high_adjusted);
                escape(&unit.with_interval(it.value, low, high))
            })
        };
        let cost = pair.differences.iter().find(|it| it.quantity == "cost");
        let parts =
            cost.map_or_else(String::new, |it| [it.less, it.equal, it.more].map(share).join(", "));
        text.extend([format!(
            "| {} − {} | {} | {} | {parts} | {} |\n",
            escape(name(pair.second)),
            escape(name(pair.first)),
            cell("cost", Unit::Money(&summary.currency)),
            cell("users_hurt", Unit::Count),
            cost.map_or_else(String::new, verdict)
        )]);
    }
    text.extend([format!(
        "\nIn brackets {} intervals that hold for all pairs at once.\n\n</details>\n\n",
        share(summary.confidence)
    )]);
    text
}

fn method(summary: &Summary) -> String {
    let mut text = "<details><summary>Assumptions, method and data</summary>\n\n".to_owned();
    for assumption in &summary.assumptions {
        text.extend([format!("- {}\n", escape(assumption))]);
    }
    for sentence in super::method::method(summary) {
        text.extend([format!("- {}\n", escape(&sentence))]);
    }
    let prices = summary.prices.iter().map(|it| {
        let price = Unit::Money(&summary.currency).value(it.price);
        escape(&format!("{} {price} per {}", it.name, it.per))
    });
    text.extend([format!("- Prices: {}.\n", prices.collect::<Vec<_>>().join("; "))]);
    let classes = summary.classes.iter().map(|it| {
        let trials = counted(it.trials, "trial");
        escape(&format!("{} {} ({trials})", it.name, share(it.chance)))
    });
    text.extend([format!(
        "- Releases: {}.\n\n</details>\n\n",
        classes.collect::<Vec<_>>().join("; ")
    )]);
    let fence = fence(&summary.command);
    text.extend([format!("{fence}sh\n{}\n{fence}\n", harmless(&summary.command))]);
    text
}

/// A fence longer than any run of backticks inside.
pub(super) fn fence(text: &str) -> String {
    let longest = text.split(|it| it != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// As text that is neither markup nor a link, mention or column: what Markdown would read is escaped.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in harmless(text).chars() {
        match letter {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            // GitHub looks for mentions after rendering; a comment keeps the name apart
            '@' => safe.push_str("@<!-- -->"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '$' => {
                safe.push('\\');
                safe.push(letter);
            }
            it => safe.push(it),
        }
    }
    safe.replace("://", "&#58;//").replace("www.", "www&#46;")
}
