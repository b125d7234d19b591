//! Makes the service slower.

use serde::{Deserialize, Serialize};

use super::{
    Curve, CurveAsked, Disruption, EffectKind, FaultSpec, SeverityUnit, Target, grown, spread,
};
use crate::units::{Factor, Span};

/// What the mildest and the worst slowdown add to `1x`.
const SLOWER: (f64, f64) = (0.1, 4.0);

/// Requests take longer to serve: first the factor, then the delay. Workers are busy meanwhile, so
/// queues grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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

    fn curve(asked: &CurveAsked) -> Option<Curve> {
        let slower = spread(SLOWER.0, SLOWER.1, asked.severities);
        Some(Curve {
            name: "latency",
            about: "service time as a multiple",
            unit: SeverityUnit::SlowerTimes,
            severities: slower.into_iter().map(|it| 1.0 + it).collect(),
            make: |factor| {
                FaultSpec::of(Self { factor: Factor::clamped(factor), delay: Span::ZERO })
            },
        })
    }
}
