//! What the scenario expected, held against what happened.

use serde::Serialize;

use super::{Trial, words::cut};
use crate::units::text::figure;

/// One expectation and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `phase`, or the name of a measure.
    pub name: String,
    pub wanted: String,
    /// What was found; `no data` where there is no figure.
    pub got: String,
    pub held: bool,
}

/// Every expectation of the scenario. One whose measure has no figure does not hold.
pub fn findings(trial: Trial<'_>) -> Vec<Finding> {
    let expect = &trial.plan.scenario.expect;
    let phase = expect.phase.map(|wanted| Finding {
        name: "phase".to_owned(),
        wanted: wanted.name().to_owned(),
        got: trial.outcome.phase.name().to_owned(),
        held: wanted == trial.outcome.phase,
    });
    let conditions = expect.conditions().into_iter().map(|(measure, condition)| {
        let value = trial.outcome.figure(measure);
        Finding {
            name: measure.name().to_owned(),
            wanted: condition.to_string(),
            got: value.map_or_else(|| "no data".to_owned(), |it| figure(measure.kind(), it)),
            held: value.is_some_and(|it| condition.holds(it)),
        }
    });
    phase.into_iter().chain(conditions).collect()
}

/// The findings as lines.
pub fn told(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let mark = if finding.held { "held  " } else { "FAILED" };
        let wanted = cut(&finding.wanted, 28);
        let line = format!("{mark}  {:22} {wanted:28} got {}", finding.name, finding.got);
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
