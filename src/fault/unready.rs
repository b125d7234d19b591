//! A readiness probe that fails.

use serde::{Deserialize, Serialize};

use super::{Course, Disruption, EffectKind, Needed, Target};

/// The readiness probe fails although the instance could answer: the balancer removes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Unready {}

impl EffectKind for Unready {
    fn disrupt(&self, strength: f64) -> Disruption {
        Disruption { readiness: (strength > 0.0).then_some(false), ..Disruption::NONE }
    }

    fn target(&self) -> Target {
        Target::Instances
    }

    fn needs(&self) -> Option<Needed<'_>> {
        Some(Needed::Readiness)
    }

    fn course(&self) -> Course {
        Course::Switched
    }
}
