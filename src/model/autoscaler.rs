//! The autoscaler of the fleet.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::{Ratio, Span};

/// Horizontal autoscaling in Kubernetes' arithmetic (sync 15 s, tolerance 10 %, 5 min to shrink).
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AutoscalerSpec {
    /// Fewest instances.
    #[schemars(range(min = 1, max = 4000))]
    pub min: u32,
    /// Most instances.
    #[schemars(range(min = 1, max = 4000))]
    pub max: u32,
    /// Busy share of the workers that is aimed at.
    pub target: Ratio,
    /// Time for which the fleet must have been too large before it shrinks.
    #[serde(default = "five_minutes")]
    pub shrink_after: Span,
}

fn five_minutes() -> Span {
    Span::from_secs(300)
}
