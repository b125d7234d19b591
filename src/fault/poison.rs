//! Requests that kill the instance that serves them.

use serde::{Deserialize, Serialize};

use super::{Disruption, EffectKind, Target};
use crate::units::Ratio;

/// Some requests kill the instance that serves them. A client that retries such a request kills the
/// next instance.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Poison {
    /// Probability that a request in scope does so.
    pub rate: Ratio,
}

impl EffectKind for Poison {
    fn disrupt(&self, strength: f64) -> Disruption {
        Disruption { kill: self.rate.get() * strength, ..Disruption::NONE }
    }

    fn target(&self) -> Target {
        Target::Requests
    }
}
