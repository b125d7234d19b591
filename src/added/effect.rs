//! An effect of its own kind, with a curve.

use serde::{Deserialize, Serialize};

use crate::{
    fault::{
        Course, Curve, CurveAsked, Disruption, EffectKind, FaultSpec, SeverityUnit, Target, spread,
    },
    units::Ratio,
};

/// Requests fail, or none does: at any strength it is as bad as it can be.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Flaky {
    /// Share of the requests in scope that fail.
    pub rate: Ratio,
}

impl EffectKind for Flaky {
    fn disrupt(&self, strength: f64) -> Disruption {
        let error = if strength > 0.0 { self.rate.get() } else { 0.0 };
        Disruption { error, ..Disruption::NONE }
    }

    fn target(&self) -> Target {
        Target::Requests
    }

    fn course(&self) -> Course {
        Course::Switched
    }

    fn curve(_asked: &CurveAsked) -> Option<Curve> {
        Some(Curve {
            name: "flakiness",
            about: "share of the requests that fail",
            unit: SeverityUnit::Strength,
            severities: spread(0.1, 1.0, 2),
            make: |rate| FaultSpec::of(Self { rate: Ratio::clamped(rate) }),
        })
    }
}
