//! Answers some requests wrongly, which only users notice.

use serde::{Deserialize, Serialize};

use super::{Disruption, EffectKind, Target};
use crate::units::Ratio;

/// Requests are answered wrongly while every counter records a success: judges cannot detect it,
/// users can.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrongAnswers {
    /// Share of the requests in scope that are answered wrongly.
    pub rate: Ratio,
}

impl EffectKind for WrongAnswers {
    fn disrupt(&self, strength: f64) -> Disruption {
        Disruption { wrong: self.rate.get() * strength, ..Disruption::NONE }
    }

    fn target(&self) -> Target {
        Target::Requests
    }
}
