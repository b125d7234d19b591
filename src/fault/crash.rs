//! Kills instances.

use serde::{Deserialize, Serialize};

use super::{
    Course, Curve, CurveAsked, Disruption, EffectKind, FaultSpec, SeverityUnit, Target, TriggerSpec,
};
use crate::units::Span;

/// Instances crash when the fault starts, and at each repetition; requests in progress are lost.
/// They restart with the back-off of the fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Crash {}

impl EffectKind for Crash {
    fn disrupt(&self, strength: f64) -> Disruption {
        Disruption { crash: strength > 0.0, ..Disruption::NONE }
    }

    fn target(&self) -> Target {
        Target::Instances
    }

    fn course(&self) -> Course {
        Course::Momentary
    }

    fn curve(_asked: &CurveAsked) -> Option<Curve> {
        Some(Curve {
            name: "crash",
            about: "each instance crashes within 10 minutes, again and again",
            unit: SeverityUnit::AllOrNothing,
            severities: vec![1.0],
            make: |_| {
                let (from, to) = (Span::from_secs(5), Span::from_secs(600));
                let when = TriggerSpec::AgeBetween { from, to };
                FaultSpec { when, ..FaultSpec::of(Self {}) }
            },
        })
    }
}
