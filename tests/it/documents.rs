//! What a comparison says outside of the page: words, tables, Markdown, `JUnit`.

use rollsim::{
    experiment::{FindingResult, Summary},
    report,
};
use serde_json::Value;

const SUMMARY: &str = include_str!("fixtures/summary.json");

/// Texts that would do harm as markup, as code, or as a line of a table.
pub(crate) const HOSTILE: [&str; 6] = [
    "</script><script>window.hacked=1</script>",
    "\"onmouseover=\"window.hacked=1\" autofocus onfocus=\"window.hacked=1",
    "]]>--><img src=x onerror=window.hacked=1>",
    "a\u{2028}b\u{1b}[31m\u{202e}c${window.hacked=1}{{7*7}}",
    "`x`|y|[z](javascript:window.hacked=1)@all https://x.example",
    "';window.hacked=1;//<svg onload=window.hacked=1>&lt;\u{fffe}\u{0}",
];

pub(crate) fn summary() -> Summary {
    serde_json::from_str(SUMMARY).unwrap()
}

/// The same with a hostile text in every place that a file can fill.
pub(crate) fn hostile() -> Summary {
    let mut value: Value = serde_json::from_str(SUMMARY).unwrap();
    let mut used = 0;
    spoil(&mut value, "", &mut used);
    assert!(used > 100, "{used} texts");
    serde_json::from_value(value).unwrap()
}

/// Ours alone are the names of quantities, units and choices.
const OURS: [&str; 6] = ["quantity", "stat", "unit", "result", "which", "format"];

fn spoil(value: &mut Value, key: &str, used: &mut usize) {
    match value {
        Value::String(text) if !OURS.contains(&key) => {
            text.push_str(HOSTILE[*used % HOSTILE.len()]);
            *used += 1;
        }
        Value::Array(items) => items.iter_mut().for_each(|it| spoil(it, key, used)),
        Value::Object(fields) => {
            fields.iter_mut().for_each(|(key, it)| spoil(it, key, used));
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn pinned(name: &str, text: &str) {
    insta::with_settings!({snapshot_path => "golden", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn words_and_tables_of_a_comparison_read_as_written_down() {
    let summary = summary();
    let text = report::comparison(&summary).text();
    assert!(text.lines().all(|it| it.chars().count() <= report::COLUMNS), "{text}");
    pinned("compared_words", &text);
}

#[test]
fn the_markdown_of_a_comparison_reads_as_written_down() {
    pinned("compared_markdown", &report::comparison(&summary()).markdown());
}

#[test]
fn the_junit_of_a_comparison_reads_as_written_down() {
    pinned("compared_junit", &report::junit(&summary()));
}

#[test]
fn an_answer_that_is_not_sure_says_so_and_what_would_make_it_sure() {
    let mut summary = summary();
    let answer = |it: &Summary| report::comparison(it).words()[0].clone();
    for pair in &mut summary.pairs {
        for it in &mut pair.differences {
            it.decided = true;
        }
    }
    let sure = answer(&summary);
    let start = "`canary` costs least: $30.0 per rollout (95 %: $26.4 to $33.6); ";
    assert!(sure.starts_with(start) && sure.contains(" less than "), "{sure}");
    let first = &mut summary.pairs[0].differences[0];
    (first.decided, first.more_trials_range) = (false, Some((1_234, 8_790)));
    let open = answer(&summary);
    assert!(open.starts_with("`canary` seems to cost least: $30.0 per rollout"), "{open}");
    assert!(open.contains("it and `feature flag` cannot be told apart yet"), "{open}");
    assert!(
        open.ends_with("; about 1,200 to 8,800 more trials would decide in half of the cases."),
        "{open}"
    );
    summary.pairs[0].differences[0].more_trials_range = None;
    assert!(!answer(&summary).contains("more trials"));
}

#[test]
fn a_partial_result_is_marked_in_every_document() {
    let mut summary = summary();
    let documents = |it: &Summary| {
        [report::comparison(it).text(), report::comparison(it).markdown(), report::page(it)]
    };
    assert!(documents(&summary).iter().all(|it| !it.contains("artial result")));
    summary.complete = false;
    assert!(documents(&summary).iter().all(|it| it.contains("his is a partial result")));
    assert!(report::page(&summary).contains("<strong>Partial result.</strong>"));
}

#[test]
fn too_few_trials_are_told_with_how_many_would_do_and_nothing_else_is_claimed() {
    let mut summary = summary();
    summary.pairs.clear();
    summary.trials = 40;
    summary.classes[2].trials = 0;
    for it in &mut summary.strategies {
        it.overall.retain(|it| it.quantity != "cost");
    }
    let said = report::comparison(&summary).words().to_vec();
    let class = &summary.classes[2].name;
    let start = format!(
        "40 rollouts are too few to estimate the cost: class `{class}` has no trial. Use at least `--trials "
    );
    assert!(said[0].starts_with(&start), "{said:?}");
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(report::comparison(&summary).text().contains(" — "));
    assert!(
        report::comparison(&summary).markdown().contains("| canary | — |"),
        "{}",
        report::comparison(&summary).markdown()
    );
    summary.complete = false;
    let said = report::comparison(&summary).words().to_vec();
    assert!(
        said[0].starts_with("The comparison was interrupted after 40 rollouts, too few"),
        "{said:?}"
    );
}

#[test]
fn one_strategy_alone_or_none_is_told_as_well() {
    let mut summary = summary();
    summary.strategies.truncate(1);
    summary.pairs.clear();
    summary.sensitivity.clear();
    summary.examples.truncate(3);
    let said = report::comparison(&summary).words().to_vec();
    assert_eq!(said[0], "`canary` costs $30.0 per rollout (95 %: $26.4 to $33.6).");
    assert!(report::page(&summary).contains("1 strategy"));
    summary.strategies.clear();
    summary.examples.clear();
    assert_eq!(report::comparison(&summary).words(), ["Nothing was compared."]);
    assert!(report::page(&summary).contains("Nothing was compared."));
    assert!(report::comparison(&summary).markdown().contains("Nothing was compared."));
    assert!(report::comparison(&summary).text().contains("Per rollout"));
}

#[test]
fn hostile_names_neither_steer_a_terminal_nor_break_a_line() {
    let summary = hostile();
    let told = report::comparison(&summary).text();
    let steers = |it: char| it.is_control() && it != '\n' || it == '\u{202e}' || it == '\u{2028}';
    assert!(!told.contains(steers), "{told}");
    assert!(told.lines().all(|it| it.chars().count() <= report::COLUMNS), "{told}");
}

#[test]
fn hostile_names_are_text_in_markdown() {
    let text = report::comparison(&hostile()).markdown();
    let (body, command) = text.rsplit_once("````sh\n").or(text.rsplit_once("```sh\n")).unwrap();
    let unescaped = body.replace("\\]", "");
    for markup in ["<script", "<img", "<svg", "](javascript", "https://", "@all"] {
        assert!(!unescaped.contains(markup), "{markup} in {body}");
    }
    let bars = |line: &str| line.matches('|').count() - line.matches("\\|").count();
    let mut rows: Vec<usize> = Vec::new();
    for line in body.lines().filter(|it| it.starts_with("| ")) {
        rows.push(bars(line));
    }
    let known = [8, 5, 6, 9];
    assert!(rows.iter().all(|it| known.contains(it)), "{rows:?}");
    assert!(command.trim_end().ends_with("```"), "{command}");
}

#[test]
fn junit_is_valid_xml_whatever_the_names() {
    for summary in [summary(), hostile()] {
        let text = report::junit(&summary);
        let tree = roxmltree::Document::parse(&text).unwrap();
        let root = tree.root_element();
        assert_eq!((root.tag_name().name(), root.attribute("tests")), ("testsuites", Some("3")));
        let tags = |name: &str| tree.descendants().filter(|it| it.has_tag_name(name)).count();
        assert_eq!([tags("testcase"), tags("failure"), tags("error")], [3, 1, 1]);
        let forbidden = |it: char| it.is_control() && it != '\n' || it == '\u{fffe}';
        assert!(!text.contains(forbidden));
    }
    let undecided = summary().findings.into_iter().map(|it| it.result);
    assert_eq!(undecided.filter(|it| *it == FindingResult::NotEnoughTrials).count(), 1);
}
