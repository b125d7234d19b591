#![expect(clippy::unwrap_used, reason = "a test reports by panicking")]

mod catalogs;
mod judge;
mod kernel;
