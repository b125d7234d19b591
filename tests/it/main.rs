#![expect(clippy::unwrap_used, reason = "a test reports by panicking")]

mod kernel;
