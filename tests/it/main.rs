//! Tests across rooms, through the public interface, in one binary.
#![expect(clippy::unwrap_used, reason = "a test reports by panicking")]

mod catalogs;
mod cli;
mod judge;
mod kernel;
mod scenario_files;
mod scenarios;
mod theory;
mod tidy;
mod trials;
mod cli;
mod report;
