//! The books: what really happened, what monitoring sees of it, and what is said of it in words.
//!
//! They call nothing: what they hold is read through their faces. Strategies, judges and
//! the operator see [`Monitor`]'s telemetry only; what users suffered is in the [`Ledger`], from the truth.

mod course;
mod downtime;
mod figures;
mod fleet_meter;
mod fold;
mod keeper;
mod ledger;
mod lives;
mod monitor;
mod queue_meter;
mod release_books;
mod series;
mod symptom;
mod thinning;
mod timeline;
mod told;
mod user_counts;

pub use course::{FaultMark, PhaseMark};
pub use fold::{FoldedEntry, folded, thinned};
pub use lives::{Life, LifeState, Stretch};
pub use series::{Series, SeriesPoint};
pub use timeline::{Entry, Sight, Topic};

pub(super) use figures::Beside;
pub(super) use keeper::Books;
pub(super) use ledger::Served;
pub(super) use timeline::scaled;
