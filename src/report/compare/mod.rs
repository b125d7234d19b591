//! The charts of a comparison, one file each, drawn from its summary alone.
//!
//! A strategy has the same colour and the same mark in every chart; its name stands beside it, so that
//! nothing hangs on colours.

mod differences;
pub(super) mod figures;
mod heat;
mod ranking;
mod sensitivity;
pub(super) mod sheet;
mod speed;
mod stacks;
mod stage;
mod tail;
mod times;
mod trials;

#[cfg(test)]
mod tests;

pub use sheet::ChartFile;

use super::chart::{DARK, LIGHT};
use crate::experiment::Summary;
use stage::Stage;

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
    let stage = Stage::new(summary, theme);
    if stage.names.is_empty() {
        return Vec::new();
    }
    let mut files = Vec::new();
    files.extend(stage.measures().iter().filter_map(|it| ranking::chart(&stage, it)));
    files.extend(stage.measures().iter().filter_map(|it| differences::chart(&stage, it)));
    files.extend(heat::chart(&stage));
    files.extend(tail::chart(&stage));
    files.extend(stage.measures().iter().filter_map(|it| speed::chart(&stage, it)));
    files.extend(times::chart(&stage));
    files.extend(stacks::origins(&stage));
    files.extend(stacks::costs(&stage));
    files.extend(sensitivity::chart(&stage));
    files.extend(trials::charts(&stage));
    files
}
