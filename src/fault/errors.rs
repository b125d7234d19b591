//! Answers some requests with an error.

use serde::{Deserialize, Serialize};

use super::{Curve, CurveAsked, Disruption, EffectKind, FaultSpec, SeverityUnit, Target};
use crate::{kernel::math, units::Ratio};

/// Largest part of requests that is made to fail on top.
const MORE_MAX: f64 = 0.5;

/// Requests are answered with an error.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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

    fn curve(asked: &CurveAsked) -> Option<Curve> {
        let base = asked.base_errors;
        // from half of a normal day's errors on, so that the second point doubles them
        let step = math::pow(MORE_MAX / base, 1.0 / f64::from(asked.severities.max(3) - 2));
        let shares = (0..asked.severities).map(|it| base * math::pow(step, f64::from(it) - 1.0));
        Some(Curve {
            name: "errors",
            about: "share of the requests that fail, above a normal day's",
            unit: SeverityUnit::MoreErrors,
            severities: shares.collect(),
            make: |rate| FaultSpec::of(Self { rate: Ratio::clamped(rate) }),
        })
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
