//! What the gate of a scenario can see: how often it rolls back what is good, and what it catches.
//!
//! A [`Survey`] says which cells are simulated, one kind of release in one world each, all on the
//! same seeds; [`play_survey`] simulates them; a [`Power`] is what was found.

mod budget;
mod cell;
mod minimum_detectable;
mod explain;
mod estimates;
mod kinds;
mod play;
mod row;
mod setting;
mod summarise;
mod summary;
mod survey;
mod worlds;

pub use explain::power_examples;
pub use play::play_survey;
pub use row::{PowerColumns, PowerRow};
pub use summarise::summarise_power;
pub use summary::{
    ClassFound, CurveFound, CurvePoint, Fate, Found, GateFound, KindFound, LeakFound, POWER_FORMAT,
    Paired, PointFound, Power, PowerExample, Setting, Smallest, WorldFound,
};
pub use survey::{PowerAsked, Survey};

pub use crate::fault::SeverityUnit;
