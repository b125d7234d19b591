//! A balancer that keeps removed endpoints.

use serde::{Deserialize, Serialize};

use super::{Course, Disruption, EffectKind, Target};

/// The balancer keeps endpoints of removed instances: requests to them are refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct StaleEndpoints {}

impl EffectKind for StaleEndpoints {
    fn disrupt(&self, strength: f64) -> Disruption {
        Disruption { stale_endpoints: strength > 0.0, ..Disruption::NONE }
    }

    fn target(&self) -> Target {
        Target::Shared
    }

    fn course(&self) -> Course {
        Course::Switched
    }
}
