//! Instances that crash during start-up.

use serde::{Deserialize, Serialize};

use super::{Curve, CurveAsked, Disruption, EffectKind, FaultSpec, SeverityUnit, Target};
use crate::units::Ratio;

/// Instances crash while they start, sometimes or always: the crash loop of a release that cannot
/// run.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StartupFailure {
    /// Probability that a start fails, drawn for each start.
    pub rate: Ratio,
}

impl EffectKind for StartupFailure {
    fn disrupt(&self, strength: f64) -> Disruption {
        Disruption { start_failure: self.rate.get() * strength, ..Disruption::NONE }
    }

    fn target(&self) -> Target {
        Target::Starts
    }

    fn curve(_asked: &CurveAsked) -> Option<Curve> {
        Some(Curve {
            name: "does not start",
            about: "no instance starts",
            unit: SeverityUnit::AllOrNothing,
            severities: vec![1.0],
            make: |_| FaultSpec::of(Self { rate: Ratio::ONE }),
        })
    }
}
