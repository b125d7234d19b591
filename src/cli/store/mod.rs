//! Studies in folders: what is kept while they are simulated.
//!
//! `study.json` says what is to be done, `trials.csv` holds what was simulated; until all is simulated
//! it is `trials.csv.part`. Everything else is derived from these two.

mod again;
mod claim;
mod difference;
mod folder;
mod kind;
mod split;

pub(super) use again::command_into;
pub(super) use claim::Claim;
pub(super) use folder::{Folder, Whole, kind_of};
pub(super) use kind::{Begin, StudyKind};
pub(super) use split::Split;

/// What is to be done.
pub(super) const STUDY: &str = "study.json";
/// What was simulated: all of it, or what there is by now.
pub(super) const TRIALS: &str = "trials.csv";
pub(super) const UNFINISHED: &str = "trials.csv.part";
/// What was simulated before rows of it were damaged, until these are simulated again.
pub(super) const ASIDE: &str = "trials.csv.aside";
