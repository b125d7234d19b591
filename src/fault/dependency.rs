//! Trouble with an external service.

use serde::{Deserialize, Serialize};

use super::{DependencyDisruption, Disruption, EffectKind, NameUsed, Needed, Noun, Target, grown};
use crate::units::{Factor, Ratio};

/// Calls of a dependency fail or take longer.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Dependency {
    /// Which dependency. Without it, every one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Share of the calls that fail.
    pub errors: Ratio,
    /// Latency of the calls as a multiple.
    pub factor: Factor,
}

impl EffectKind for Dependency {
    fn disrupt(&self, strength: f64) -> Disruption {
        if strength <= 0.0 {
            return Disruption::NONE;
        }
        let disruption = DependencyDisruption {
            name: self.name.clone(),
            error: self.errors.get() * strength,
            factor: grown(self.factor, strength),
        };
        Disruption { dependencies: vec![disruption], ..Disruption::NONE }
    }

    fn target(&self) -> Target {
        Target::Requests
    }

    fn needs(&self) -> Option<Needed<'_>> {
        Some(Needed::Calls(self.name.as_deref()))
    }

    fn names(&self) -> Vec<NameUsed<'_>> {
        let named = self.name.iter();
        named.map(|name| NameUsed { key: "name", noun: Noun::Dependency, name }).collect()
    }
}
