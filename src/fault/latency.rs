//! Makes the service slower.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Disruption, EffectKind, Target, grown};
use crate::units::{Factor, Span};

/// Requests take longer to serve: first the factor, then the delay. Workers are busy meanwhile, so
/// queues grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Latency {
    /// Service time as a multiple.
    pub factor: Factor,
    /// Time added to each service.
    pub delay: Span,
}

impl EffectKind for Latency {
    fn disrupt(&self, strength: f64) -> Disruption {
        Disruption {
            service_factor: grown(self.factor, strength),
            service_delay: self.delay.scale(strength),
            ..Disruption::NONE
        }
    }

    fn target(&self) -> Target {
        Target::Requests
    }
}
