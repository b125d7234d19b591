//! Kills instances.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Course, Disruption, EffectKind, Target};

/// Instances crash when the fault starts, and at each repetition; requests in progress are lost.
/// They restart with the back-off of the fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
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
}
