//! What a tuning found: in words, as tables, as Markdown and CSV, and as charts.
//!
//! Everything is drawn from the [`Tuning`] alone.

mod charts;
mod csv;
mod document;
mod tables;
mod words;

pub use charts::charts as tuning_charts;
pub use csv::{candidates as tuning_candidates, contestants as tuning_contestants};
pub use document::tuning;

use crate::{
    experiment::{
        Figure,
        tune::{ContestantFound, Tuning},
    },
    units::text::Unit,
};

/// A figure in its unit, as sure as its interval.
fn told(unit: &str, tuning: &Tuning, it: &Figure) -> String {
    Unit::named(unit, &tuning.currency).among(it.value, it.low, it.high)
}

/// The same with its interval: `$12.3 ($10.9 to $13.8)`.
fn with_interval(unit: &str, tuning: &Tuning, it: &Figure) -> String {
    Unit::named(unit, &tuning.currency).with_interval(it.value, it.low, it.high)
}

/// The contestant that is recommended.
fn recommended(tuning: &Tuning) -> Option<&ContestantFound> {
    tuning.contestants.get(tuning.verdict.recommended)
}

/// The settings as they are.
fn present(tuning: &Tuning) -> Option<&ContestantFound> {
    let is = |it: &&ContestantFound| it.part == crate::experiment::tune::Part::Present;
    tuning.contestants.iter().find(is)
}
