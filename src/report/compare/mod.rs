//! A comparison as people read it: its tables, and its charts, one file each. All of it reads a [`Summary`] alone.
//!
//! A strategy has the same colour and the same mark in every chart; its name stands beside it, so that
//! nothing hangs on colours.

mod differences;
mod heat;
mod ranking;
mod sensitivity;
pub(super) mod sheet;
mod speed;
mod stacks;
mod context;
mod csv;
mod document;
pub(super) mod tables;
mod tail;
mod times;
mod trials;

#[cfg(test)]
mod tests;

pub use csv::comparison_csv;
pub use document::comparison;
pub use sheet::ChartFile;

use super::chart::{DARK, LIGHT};
use crate::experiment::Summary;
use context::ChartContext;

/// The paper that charts are drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Light,
    Dark,
}

/// Every chart that the summary has something for, in the order in which they tell the story.
pub fn charts(summary: &Summary, tone: Tone) -> Vec<ChartFile> {
    let theme = match tone {
        Tone::Light => &LIGHT,
        Tone::Dark => &DARK,
    };
    let context = ChartContext::new(summary, theme);
    if context.names.is_empty() {
        return Vec::new();
    }
    let mut files = Vec::new();
    files.extend(context.measures().iter().filter_map(|it| ranking::chart(&context, it)));
    files.extend(context.measures().iter().filter_map(|it| differences::chart(&context, it)));
    files.extend(heat::chart(&context));
    files.extend(tail::chart(&context));
    files.extend(context.measures().iter().filter_map(|it| speed::chart(&context, it)));
    files.extend(times::chart(&context));
    files.extend(stacks::origins(&context));
    files.extend(stacks::costs(&context));
    files.extend(sensitivity::chart(&context));
    files.extend(trials::charts(&context));
    files
}
