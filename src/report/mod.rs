//! What a run shows: headline, timeline, tables, CSV, JSON and the picture.
//!
//! Everything here only reads an outcome. Text from a scenario is made harmless before it reaches a
//! terminal or a drawing.

mod advice;
mod advice_words;
mod amount;
mod chart;
mod compare;
mod csv;
mod cut_off;
mod document;
mod expect;
mod headline;
mod json;
mod judges;
mod junit;
mod lists;
mod markdown;
mod measures;
mod method;
mod page;
mod paper;
mod picture;
mod power;
mod steps;
mod table;
mod timeline;
mod tune;
mod verdict;
mod words;

pub use advice::{Advice, Against, BreakEven, Choice};
pub use advice_words::advice;
#[cfg(feature = "png")]
pub use chart::{Unpaintable, png};
pub use compare::{ChartFile, Tone, charts, comparison, comparison_csv};
pub use csv::{instances, series, timeline as events, verdicts};
pub use document::Document;
pub use expect::{Finding, condition_in_words, findings, told as findings_told};
pub use headline::headline;
pub use json::json;
pub use judges::{judges, judges_csv};
pub use junit::{junit, power_junit};
pub use measures::measures;
pub use page::page;
pub use paper::Paper;
pub use picture::picture;
pub use power::{power, power_charts, power_csv, power_examples};
pub use steps::steps;
pub use timeline::{Clock, timeline};
pub use tune::{tuning, tuning_candidates, tuning_charts, tuning_contestants};
pub use words::{hanging, harmless, lines, wrap};

use crate::{scenario::Plan, sim::Outcome};

/// Columns that everything printed fits into.
pub const COLUMNS: usize = 100;

/// One trial to report on.
#[derive(Clone, Copy, Debug)]
pub struct Trial<'t> {
    pub plan: &'t Plan,
    pub outcome: &'t Outcome,
    /// The command that makes it again.
    pub command: &'t str,
}
