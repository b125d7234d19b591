//! Leaks memory until the instance is killed at its limit.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Disruption, EffectKind, Target};
use crate::units::Bytes;

const SECONDS_PER_HOUR: f64 = 3_600.0;

/// Memory is not released: by each request, each hour, or both. An instance that reaches its memory
/// limit is killed; without a memory limit nothing happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Leak {
    /// Memory leaked by each request in scope.
    pub per_request: Bytes,
    /// Memory leaked by an instance in an hour, idle or not.
    pub per_hour: Bytes,
}

impl EffectKind for Leak {
    fn disrupt(&self, strength: f64) -> Disruption {
        Disruption {
            leak_per_request: self.per_request.get() as f64 * strength,
            leak_per_second: self.per_hour.get() as f64 * strength / SECONDS_PER_HOUR,
            ..Disruption::NONE
        }
    }

    fn target(&self) -> Target {
        if self.per_hour == Bytes::ZERO { Target::Requests } else { Target::Instances }
    }
}
