//! The expectations of a comparison as `JUnit` XML, which CI systems show beside the tests.

use super::{amount::unit_of, expect::condition_on, words::harmless};
use crate::{
    experiment::{Finding, FindingResult, Summary},
    units::text::{Unit, share},
};

/// One test case an expectation: a failed one is a failure; one that cannot be decided with these
/// trials an error.
pub fn junit(summary: &Summary) -> String {
    let number = |result| summary.findings.iter().filter(|it| it.result == result).count();
    let counts = format!(
        r#"tests="{}" failures="{}" errors="{}""#,
        summary.findings.len(),
        number(FindingResult::Failed),
        number(FindingResult::NotEnoughTrials)
    );
    let name = xml(&summary.name);
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>\n  \
         <testsuite name=\"{name}\" {counts}>\n"
    );
    for finding in &summary.findings {
        text.push_str(&case(summary, finding));
    }
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

fn case(summary: &Summary, finding: &Finding) -> String {
    let open = format!(
        r#"    <testcase classname="{}.{}" name="{} {}""#,
        xml(&summary.name),
        xml(&finding.strategy),
        xml(&finding.estimate),
        xml(&finding.wanted)
    );
    let message = xml(&found(summary, finding));
    let element = match finding.result {
        FindingResult::Passed => return format!("{open}/>\n"),
        FindingResult::Failed => "failure",
        FindingResult::NotEnoughTrials => "error",
    };
    let told = result_in_words(finding);
    format!(
        "{open}>\n      <{element} type=\"{told}\" message=\"{message}\">{message}</{element}>\n    \
         </testcase>\n"
    )
}

/// What came of it, in words.
pub(super) const fn result_in_words(finding: &Finding) -> &'static str {
    match finding.result {
        FindingResult::Passed => "passed",
        FindingResult::Failed => "failed",
        FindingResult::NotEnoughTrials if finding.unfinished.is_some() => "not enough: cut off",
        FindingResult::NotEnoughTrials => "not enough trials",
    }
}

/// `expected less than 500, got 620 (540 to 700)`.
fn found(summary: &Summary, finding: &Finding) -> String {
    let (wanted, figure) = (wanted(summary, finding), figure(summary, finding));
    let cut_off = finding.unfinished.map_or_else(String::new, |it| {
        format!("; {} of its rollouts were cut off by the end of the trial", share(it))
    });
    format!(
        "{} of {}: expected {wanted}, got {figure}{cut_off}",
        finding.estimate, finding.strategy
    )
}

/// The condition of an expectation, in the unit of its figure.
pub(super) fn wanted(summary: &Summary, finding: &Finding) -> String {
    let unit = Unit::named(unit_of(summary, &finding.estimate), &summary.currency);
    condition_on(&finding.wanted, unit)
}

/// The figure that an expectation was held against, with its interval.
pub(super) fn figure(summary: &Summary, finding: &Finding) -> String {
    let unit = Unit::named(unit_of(summary, &finding.estimate), &summary.currency);
    match (finding.value, finding.low, finding.high) {
        (Some(value), Some(low), Some(high)) => unit.with_interval(value, low, high),
        (Some(value), ..) => unit.value(value),
        (None, ..) => "no data".to_owned(),
    }
}

/// As the value of an attribute or as text. XML 1.0 has no way to write control characters and
/// U+FFFE and U+FFFF, so that they show as escapes.
fn xml(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in harmless(text).chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => safe.extend(letter.escape_unicode()),
            it => safe.push(it),
        }
    }
    safe
}
