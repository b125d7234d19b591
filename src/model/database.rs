//! What instances share: the database and external services.

use serde::{Deserialize, Serialize};

use super::Distribution;
use crate::units::{Ratio, Span};

/// The database that all instances share, and through which a canary can harm the stable release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseSpec {
    /// Queries that run at once; further ones wait in order.
    #[cfg_attr(test, schemars(range(min = 1, max = 100_000)))]
    pub capacity: u32,
    /// A query that has waited this long for its turn or for a lock fails.
    pub timeout: Span,
}

impl Default for DatabaseSpec {
    fn default() -> Self {
        Self { capacity: 100, timeout: Span::from_secs(30) }
    }
}

/// An external service that the bot calls.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DependencySpec {
    /// Time of one call.
    pub latency: Distribution,
    /// Share of the calls that fail, and the request with them.
    #[serde(default)]
    pub errors: Ratio,
}
