//! Operations: the classes of requests a bot serves.

use serde::{Deserialize, Serialize};

use super::Distribution;
use crate::units::Ratio;

/// Whose a service time is: what a repeated attempt of a request finds.
///
/// The first attempt of a request draws its service time from the distribution in any case, and so does
/// each further one; they differ in how much they have in common. Queries of the database and calls of
/// dependencies are drawn for each attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ServicePer {
    /// Each attempt draws its own: what was slow was the moment, and trying again helps.
    #[default]
    Attempt,
    /// All attempts of a request take the same: what was slow was the request, and trying again is in vain.
    Request,
    /// So much belongs to the request, the rest to the attempt: the correlation of two attempts, of the normal
    /// scores of their service times (for a lognormal, of their logarithms).
    Shared(Ratio),
}

/// One class of requests.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OperationSpec {
    /// Share of all requests; the shares of all operations sum to 100 %.
    pub share: Ratio,
    /// The channel on which its requests come, by its name in `channels`. Without it, `client`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Service time. Without it, that of the fleet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_time: Option<Distribution>,
    /// What the attempts of a request have in common of it. Without it, as the fleet says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_time_per: Option<ServicePer>,
    /// Time that a query of the shared database takes. Without it, the operation makes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<Distribution>,
    /// Dependencies that are called, one after the other.
    #[serde(default)]
    #[cfg_attr(test, schemars(length(max = 8)))]
    pub calls: Vec<String>,
}
