//! The steps of a rollout as a tree: what became of each, how long it took, what its gates saw; then every
//! gate over all steps.

use super::{
    COLUMNS, Trial,
    words::{harmless, wrap},
};
use crate::{judge::Tally, sim::StepOutcome, units::text};

/// Width of a text beside which the times stand.
const TEXT_COLUMNS: usize = 52;
/// Where the texts begin, behind the branch and the state.
const INDENT: usize = 12;

/// A line for each step, and the gates below it where one of them had doubts.
pub fn steps(trial: Trial<'_>) -> String {
    let outcome = trial.outcome;
    let mut told = String::new();
    for (index, step) in outcome.steps.iter().enumerate() {
        let is_last = index + 1 == outcome.steps.len();
        told.push_str(&line(step, is_last));
        told.push_str(&measured(trial, step, is_last));
    }
    // what one step alone has seen has been told below it
    let seen: Vec<&StepOutcome> = outcome.steps.iter().filter(|it| !it.gates.is_empty()).collect();
    if matches!(seen.as_slice(), [step] if in_detail(step)) {
        return told;
    }
    for gate in outcome.gates.iter().filter(|it| !it.tally.is_empty()) {
        told.push_str(&paragraph("", &of_gate(trial, &gate.name, &gate.tally)));
    }
    told
}

fn line(step: &StepOutcome, is_last: bool) -> String {
    let branch = if is_last { "└─" } else { "├─" };
    let took = match (step.began, step.ended) {
        (Some(began), Some(ended)) => text::span(ended.since(began)),
        _ => String::new(),
    };
    let mut told = String::new();
    let lines = wrap(&harmless(&step.text), TEXT_COLUMNS);
    for (index, text) in lines.iter().enumerate() {
        let head = match index {
            0 => format!("{branch} {:8} ", step.state.name()),
            _ => margin(is_last),
        };
        let took = if index == 0 { took.as_str() } else { "" };
        let line = format!("{head}{text:TEXT_COLUMNS$}  {took:>12}");
        told.push_str(line.trim_end());
        told.push('\n');
    }
    told
}

/// What stands below the branch of a step.
fn margin(is_last: bool) -> String {
    let stem = if is_last { " " } else { "│" };
    format!("{stem:INDENT$}")
}

/// Whether each of its gates has a line of its own, because one of them had doubts or nothing to look at.
fn in_detail(step: &StepOutcome) -> bool {
    step.gates.iter().any(|(_, it)| it.has_doubts() || it.heeded() == 0)
}

/// Each gate where one had doubts during the step; one line for all where none had.
fn measured(trial: Trial<'_>, step: &StepOutcome, is_last: bool) -> String {
    let passed: u64 = step.gates.iter().map(|it| it.1.passed).sum();
    let head = margin(is_last);
    if in_detail(step) {
        let each = step.gates.iter().map(|(name, it)| paragraph(&head, &of_gate(trial, name, it)));
        return each.collect();
    }
    match passed {
        0 => String::new(),
        1 => paragraph(&head, "the only measurement passed"),
        _ => paragraph(&head, &format!("all {} measurements passed", text::count(passed))),
    }
}

/// What a gate saw; of one that never decides, with a note of that.
fn of_gate(trial: Trial<'_>, name: &str, tally: &Tally) -> String {
    let mut gates = trial.plan.scenario.analysis.iter().flat_map(|it| &it.gates);
    let is_dry = gates.any(|it| it.name == name && it.dry_run);
    let dry_run = if is_dry { " (dry run)" } else { "" };
    format!("{name}{dry_run}: {tally}")
}

fn paragraph(head: &str, told: &str) -> String {
    let width = COLUMNS - head.chars().count();
    let lines = wrap(&harmless(told), width);
    lines.iter().fold(String::new(), |text, it| text + head + it + "\n")
}
