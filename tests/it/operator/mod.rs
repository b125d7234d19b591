//! What people do after a page: each action shows its effect, and without it there is none.

mod conditions;
mod none;
mod real_fleet;
mod remedies;
mod rollouts;
mod swarm;
mod undo;
mod undone;

use rollsim::{
    kernel::Seed,
    model::{Measure, Phase},
    sim::{self, Outcome},
    units::round_u64,
};

use crate::trials::plan;

/// A bot whose operator acknowledges a page after 1 min and acts 2 min later, without any chance.
fn story(strategy: &str, actions: &str, more: &str) -> String {
    format!(
        "title: people
length: 1h
rollout_at: 5m
traffic: {{rate: 20/s}}
users: {{count: 5000, activity: equal}}
alerts: [{{name: errors, metric: error_rate, above: 5%, window: 1m}}]
operator: {{acknowledge: {{constant: 1m}}, acknowledge_night: {{constant: 1m}}, diagnose: {{constant: 90s}}, \
         prepare: {{constant: 30s}}, actions: {actions}}}
strategy: {strategy}
{more}"
    )
}

/// Nobody does anything: what is listed never comes.
const IDLE: &str = "[{do: {restart: {}}, after: {constant: 30d}}]";

fn outcome(text: &str) -> Outcome {
    sim::run(&plan(text), Seed::DEFAULT)
}

fn figure(outcome: &Outcome, measure: Measure) -> f64 {
    outcome.figure(measure).unwrap_or(f64::NAN)
}

/// A figure that is a whole number.
fn count(outcome: &Outcome, measure: Measure) -> u64 {
    let figure = figure(outcome, measure);
    assert!(figure.fract() <= 0.0, "{figure}");
    round_u64(figure)
}

/// When the operator did what begins with these words, in seconds, and why.
fn deeds<'o>(outcome: &'o Outcome, words: &str) -> Vec<(f64, &'o str)> {
    let entries = outcome.timeline.iter().filter(|it| it.text.starts_with(words));
    entries.map(|it| (it.at.as_secs_f64(), it.cause.as_str())).collect()
}

/// Phases in their order, each with its second.
fn phases(outcome: &Outcome) -> Vec<(f64, Phase)> {
    outcome.phases.iter().map(|it| (it.at.as_secs_f64(), it.phase)).collect()
}
