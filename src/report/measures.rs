//! The outcome as a table: the measures that say something.

use super::{Trial, words::hanging};
use crate::{model::Measure, units::text::figure};

/// Shown even when they are zero: that is what one wants to know of a rollout.
const ALWAYS: &[Measure] = &[
    Measure::requests,
    Measure::failed,
    Measure::failed_by_stopping,
    Measure::users_met,
    Measure::users_hurt,
    Measure::downtime,
    Measure::defects_struck,
    Measure::incidents_struck,
];

/// Shown only where they are expected: each says more of what another one says.
const DETAILS: &[Measure] = &[
    Measure::failed_share_stable,
    Measure::failed_share_candidate,
    Measure::latency_mean,
    Measure::latency_p90,
    Measure::latency_p95,
    Measure::latency_p999,
    Measure::latency_mean_stable,
    Measure::latency_p99_stable,
    Measure::latency_mean_candidate,
    Measure::latency_p99_candidate,
    Measure::wait_p90,
    Measure::wait_p95,
    Measure::wait_p999,
    Measure::wait_mean_stable,
    Measure::wait_mean_candidate,
];

const VALUE_COLUMNS: usize = 11;

/// Measure, value and the first sentence of its meaning, which may take several lines. Measures that are zero and not
/// expected are left out.
pub fn measures(trial: Trial<'_>) -> String {
    let asked: Vec<Measure> =
        trial.plan.scenario.expect.conditions().iter().map(|(measure, _)| *measure).collect();
    let names = Measure::ALL.iter().map(|it| it.name().len()).max().unwrap_or(0);
    let mut text = String::new();
    for &(measure, value) in &trial.outcome.figures {
        let wanted = ALWAYS.contains(&measure) || asked.contains(&measure);
        if !wanted && (says_nothing(measure, value) || DETAILS.contains(&measure)) {
            continue;
        }
        let value = figure(measure.kind(), value);
        let head = format!("{:names$}  {value:>VALUE_COLUMNS$}  ", measure.name());
        let indent = names + VALUE_COLUMNS + 4;
        text.push_str(&hanging(&head, indent, first_sentence(measure.meaning())));
    }
    text
}

/// Without its full stop.
fn first_sentence(text: &str) -> &str {
    text.split(". ").next().unwrap_or(text).trim_end_matches('.')
}

fn says_nothing(measure: Measure, value: f64) -> bool {
    value == 0.0 || measure == Measure::attempts_mean && (value - 1.0).abs() < 1e-9
}
