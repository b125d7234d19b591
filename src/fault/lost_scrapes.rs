//! Monitoring gaps.

use serde::{Deserialize, Serialize};

use super::{Course, Disruption, EffectKind, Target};

/// Scrapes are lost: judges and alerts get no data for that time. Users are not affected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct LostScrapes {}

impl EffectKind for LostScrapes {
    fn disrupt(&self, strength: f64) -> Disruption {
        Disruption { scrapes_lost: strength > 0.0, ..Disruption::NONE }
    }

    fn target(&self) -> Target {
        Target::Shared
    }

    fn course(&self) -> Course {
        Course::Switched
    }
}
