//! The scenario file: its format, its checking into a plan, its problems.

mod schema;

pub use schema::{ReleaseSpec, Scenario};
