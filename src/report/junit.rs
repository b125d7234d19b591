//! The expectations of a comparison as `JUnit` XML, which CI systems show beside the tests.

use super::{amount::unit_of, expect::condition_on, words::harmless};
use crate::{
    experiment::{Finding, FindingResult, Summary, power::Power},
    units::text::{Unit, share},
};

/// One test case an expectation: a failed one is a failure; one that cannot be decided with these
/// trials an error.
pub fn junit(summary: &Summary) -> String {
    let cases = summary.findings.iter().map(|it| Case {
        of: &it.strategy,
        name: format!("{} {}", it.estimate, it.wanted),
        outcome: result_in_words(it),
        found: found(summary, it),
    });
    document(&summary.name, &cases.collect::<Vec<_>>())
}

/// The same for what `power` was asked to show of good releases: that at most so many are rolled back.
pub fn power_junit(power: &Power, limit: f64, result: FindingResult, found: &str) -> String {
    let case = Case {
        of: &power.setting.strategy,
        name: format!("false rollbacks at most {}", share(limit)),
        outcome: outcome(result),
        found: found.to_owned(),
    };
    document(&power.name, &[case])
}

/// A test case.
struct Case<'c> {
    of: &'c str,
    name: String,
    outcome: &'static str,
    found: String,
}

const PASSED: &str = "passed";
const FAILED: &str = "failed";

fn document(name: &str, cases: &[Case<'_>]) -> String {
    let name = xml(name);
    let number = |outcome: &str| cases.iter().filter(|it| it.outcome == outcome).count();
    let (failed, passed) = (number(FAILED), number(PASSED));
    let counts = format!(
        r#"tests="{}" failures="{failed}" errors="{}""#,
        cases.len(),
        cases.len() - passed - failed
    );
    let cases: String = cases.iter().map(|it| case(&name, it)).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>\n  \
         <testsuite name=\"{name}\" {counts}>\n{cases}  </testsuite>\n</testsuites>\n"
    )
}

fn case(suite: &str, case: &Case<'_>) -> String {
    let (of, name) = (xml(case.of), xml(&case.name));
    let open = format!(r#"    <testcase classname="{suite}.{of}" name="{name}""#);
    let element = match case.outcome {
        PASSED => return format!("{open}/>\n"),
        FAILED => "failure",
        _ => "error",
    };
    let (told, message) = (case.outcome, xml(&case.found));
    format!(
        "{open}>\n      <{element} type=\"{told}\" message=\"{message}\">{message}</{element}>\n    \
         </testcase>\n"
    )
}

/// What came of it, in words.
pub(super) const fn result_in_words(finding: &Finding) -> &'static str {
    match finding.result {
        FindingResult::NotEnoughTrials if finding.unfinished.is_some() => "not enough: cut off",
        FindingResult::Passed | FindingResult::Failed | FindingResult::NotEnoughTrials => {
            outcome(finding.result)
        }
    }
}

const fn outcome(result: FindingResult) -> &'static str {
    match result {
        FindingResult::Passed => PASSED,
        FindingResult::Failed => FAILED,
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
