//! A balancer that shifts more or less traffic than configured.

use serde::{Deserialize, Serialize};

use super::{Disruption, EffectKind, Needed, Target, grown};
use crate::units::Factor;

/// The balancer gives the candidate a different weight from the one configured; `0x` gives it none.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SkewedWeight {
    /// The actual weight as a multiple of the configured one; capped at 100 %.
    pub factor: Factor,
}

impl EffectKind for SkewedWeight {
    fn disrupt(&self, strength: f64) -> Disruption {
        Disruption { weight_factor: grown(self.factor, strength), ..Disruption::NONE }
    }

    fn target(&self) -> Target {
        Target::Shared
    }

    fn needs(&self) -> Option<Needed<'_>> {
        Some(Needed::Weight)
    }
}
