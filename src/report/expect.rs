//! What the scenario expected, held against what happened.

use serde::Serialize;

use super::Trial;
use crate::{
    model::Condition,
    units::{
        Limit,
        text::{Unit, beside, range},
    },
};

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
        let (low, high) = condition.limits();
        let limits: Vec<Limit> = [low].into_iter().chain(high).collect();
        Finding {
            name: measure.name().to_owned(),
            wanted: condition.to_string(),
            got: value
                .map_or_else(|| "no data".to_owned(), |it| beside(measure.kind(), it, &limits)),
            held: value.is_some_and(|it| condition.holds(it)),
        }
    });
    phase.into_iter().chain(conditions).collect()
}

/// A condition as people say it: `at most 1 %`, `5 h 30 min to 6 h 30 min`; any other text as it is.
pub fn condition_in_words(text: &str) -> String {
    condition_on(text, Unit::Count)
}

/// The same, on what is measured in this unit: `less than $500`.
pub(super) fn condition_on(text: &str, unit: Unit<'_>) -> String {
    let limit = |it| unit.limit(it);
    text.parse().map_or_else(
        |_| text.to_owned(),
        |it| match it {
            Condition::Below(it) => format!("less than {}", limit(it)),
            Condition::AtMost(it) => format!("at most {}", limit(it)),
            Condition::Above(it) => format!("more than {}", limit(it)),
            Condition::AtLeast(it) => format!("at least {}", limit(it)),
            Condition::Within(low, high) => range(&limit(low), &limit(high)),
            Condition::Is(it) => limit(it),
        },
    )
}

/// The findings as lines.
pub fn told(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let mark = if finding.held { "held  " } else { "FAILED" };
        let wanted = condition_in_words(&finding.wanted);
        let line = format!("{mark}  {:22} {wanted:28} got {}", finding.name, finding.got);
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_told_as_the_figures_beside_them() {
        let told = [
            ("< 500", "less than 500"),
            ("<= 1%", "at most 1 %"),
            ("> 2.5x", "more than 2.5 ×"),
            (">= 90s", "at least 1 min 30 s"),
            ("5h30m..6h30m", "5 h 30 min to 6 h 30 min"),
            ("20m", "20 min"),
            ("< 3h32m10s", "less than 3 h 32 min 10 s"),
            ("<= 1234.5", "at most 1,234.5"),
            ("rolled_back", "rolled_back"),
        ];
        for (text, said) in told {
            assert_eq!(condition_in_words(text), said);
        }
        let told = ["$", "EUR"].map(|it| condition_on("< 1.5", Unit::Money(it)));
        assert_eq!(told, ["less than $1.50", "less than 1.50 EUR"]);
    }
}
