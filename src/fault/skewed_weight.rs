//! A balancer that shifts more or less than it was told.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Disruption, Effect, grown};
use crate::units::Factor;

/// The balancer gives the candidate another weight than the strategy has set; `0x` gives it none.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SkewedWeight {
    /// What becomes of the weight, as a multiple; more than everything becomes everything.
    pub factor: Factor,
}

impl SkewedWeight {
    pub(super) fn build(self) -> Box<dyn Effect> {
        Box::new(self)
    }
}

impl Effect for SkewedWeight {
    fn disrupt(&self, strength: f64) -> Disruption {
        Disruption { weight_factor: grown(self.factor, strength), ..Disruption::NONE }
    }
}
