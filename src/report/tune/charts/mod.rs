//! The charts of a tuning, one file each, drawn from what it found alone.

mod front;
mod importance;
mod operating;
mod page;
mod progress;
mod sheet;

use self::page::Page;
use crate::{
    experiment::tune::Tuning,
    report::{
        ChartFile, Tone,
        chart::{DARK, LIGHT},
    },
};

/// Every chart that the tuning has something for.
pub fn charts(tuning: &Tuning, tone: Tone) -> Vec<ChartFile> {
    let theme = match tone {
        Tone::Light => &LIGHT,
        Tone::Dark => &DARK,
    };
    let page = Page { tuning, theme };
    let mut files = Vec::new();
    files.extend(front::chart(&page, front::Height::Objective));
    files.extend(front::chart(&page, front::Height::Harm));
    files.extend(operating::chart(&page));
    files.extend(importance::chart(&page));
    files.extend(progress::chart(&page));
    files
}
