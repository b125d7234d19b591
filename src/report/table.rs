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
        if !wanted && says_nothing(measure, value) {
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
