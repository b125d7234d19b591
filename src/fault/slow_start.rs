//! Starts that take longer.

use serde::{Deserialize, Serialize};

use super::{Disruption, EffectKind, Target, grown};
use crate::units::Factor;

/// Instances take longer to become ready. Starts already in progress are not affected.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SlowStart {
    /// Start-up time as a multiple.
    pub factor: Factor,
}

impl EffectKind for SlowStart {
    fn disrupt(&self, strength: f64) -> Disruption {
        Disruption { start_factor: grown(self.factor, strength), ..Disruption::NONE }
    }

    fn target(&self) -> Target {
        Target::Starts
    }
}
