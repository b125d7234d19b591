//! Instances that neither answer nor die.

use serde::{Deserialize, Serialize};

use super::{Course, Disruption, EffectKind, Target};

/// Instances stop answering but keep running: requests to them time out, probes fail. Only a
/// liveness probe (`fleet.liveness`, which is off by default) or the end of the fault recovers them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Hang {}

impl EffectKind for Hang {
    fn disrupt(&self, strength: f64) -> Disruption {
        Disruption { hang: strength > 0.0, ..Disruption::NONE }
    }

    fn target(&self) -> Target {
        Target::Instances
    }

    fn course(&self) -> Course {
        Course::Switched
    }
}
