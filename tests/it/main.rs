//! Tests across rooms, through the public interface, in one binary.
#![expect(clippy::unwrap_used, reason = "a test reports by panicking")]

mod catalogs;
mod judge;
mod kernel;
mod scenario_files;
mod cli;
mod laws;
mod naive;
mod planted;
mod theory;
mod trials;
