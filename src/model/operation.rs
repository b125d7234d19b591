//! Operations: the classes of requests a bot serves.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Distribution;
use crate::units::Ratio;

/// One class of requests.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperationSpec {
    /// Share of all requests; the shares of all operations sum to 100 %.
    pub share: Ratio,
    /// Service time. Without it, that of the fleet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_time: Option<Distribution>,
    /// Time that a query of the shared database takes. Without it, the operation makes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<Distribution>,
    /// Dependencies that are called, one after the other.
    #[serde(default)]
    #[schemars(length(max = 8))]
    pub calls: Vec<String>,
}
