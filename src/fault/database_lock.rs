//! A lock that every query waits for.

use serde::{Deserialize, Serialize};

use super::{Course, Disruption, EffectKind, Needed, Target};

/// Every query waits until the fault ends, whichever release sends it: a canary can harm the
/// control group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseLock {}

impl EffectKind for DatabaseLock {
    fn disrupt(&self, strength: f64) -> Disruption {
        Disruption { database_locked: strength > 0.0, ..Disruption::NONE }
    }

    fn target(&self) -> Target {
        Target::Shared
    }

    fn needs(&self) -> Option<Needed<'_>> {
        Some(Needed::Queries)
    }

    fn course(&self) -> Course {
        Course::Switched
    }
}
