//! Answers some requests with an error.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Disruption, EffectKind, Target};
use crate::units::Ratio;

/// Requests are answered with an error.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Errors {
    /// Share of the requests in scope that fail.
    pub rate: Ratio,
}

impl EffectKind for Errors {
    fn disrupt(&self, strength: f64) -> Disruption {
        Disruption { error: self.rate.get() * strength, ..Disruption::NONE }
    }

    fn target(&self) -> Target {
        Target::Requests
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_grow_with_the_strength() {
        let effect = Errors { rate: Ratio::clamped(0.4) };
        assert_eq!(effect.disrupt(0.0), Disruption::NONE);
        assert!((effect.disrupt(0.5).error - 0.2).abs() < 1e-15);
    }
}
