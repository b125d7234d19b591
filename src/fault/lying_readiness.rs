//! A readiness probe that succeeds too early.

use serde::{Deserialize, Serialize};

use super::{Course, Disruption, EffectKind, Needed, Target};

/// The readiness probe succeeds as soon as the process runs, whatever its state: instances get
/// requests before they can answer, and keep getting them when they hang.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct LyingReadiness {}

impl EffectKind for LyingReadiness {
    fn disrupt(&self, strength: f64) -> Disruption {
        Disruption { readiness: (strength > 0.0).then_some(true), ..Disruption::NONE }
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
