//! Makes the database slower.

use serde::{Deserialize, Serialize};

use super::{Disruption, EffectKind, Needed, Target, grown};
use crate::units::Factor;

/// Queries take longer, whichever release sends them.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DatabaseSlow {
    /// Query time as a multiple.
    pub factor: Factor,
}

impl EffectKind for DatabaseSlow {
    fn disrupt(&self, strength: f64) -> Disruption {
        Disruption { database_factor: grown(self.factor, strength), ..Disruption::NONE }
    }

    fn target(&self) -> Target {
        Target::Shared
    }

    fn needs(&self) -> Option<Needed<'_>> {
        Some(Needed::Queries)
    }
}
