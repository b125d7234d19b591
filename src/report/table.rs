//! The outcome as a table: the measures that say something.

use super::{COLUMNS, Trial, words::cut};
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

/// Measure, value and meaning, a line each. Measures that are zero and not expected are left out.
pub fn table(trial: Trial<'_>) -> String {
    let asked: Vec<Measure> =
        trial.plan.scenario.expect.conditions().iter().map(|(measure, _)| *measure).collect();
    let names = Measure::ALL.iter().map(|it| it.name().len()).max().unwrap_or(0);
    let mut text = String::new();
    for &(measure, value) in &trial.outcome.figures {
        let wanted = ALWAYS.contains(&measure) || asked.contains(&measure);
        if !wanted && (says_nothing(measure, value) || DETAILS.contains(&measure)) {
            continue;
        }
        let meaning =
            cut(measure.meaning().trim_end_matches('.'), COLUMNS - names - VALUE_COLUMNS - 4);
        let value = figure(measure.kind(), value);
        let name = measure.name();
        let line = format!("{name:names$}  {value:>VALUE_COLUMNS$}  {meaning}");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn says_nothing(measure: Measure, value: f64) -> bool {
    value == 0.0 || measure == Measure::attempts_mean && (value - 1.0).abs() < 1e-9
}
