//! What a fault affects.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::Ratio;

/// What a fault affects; a key that is left out does not narrow it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScopeSpec {
    /// Share of the instances, drawn once for each instance. Without it, all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instances: Option<Ratio>,
    /// Only instances of this zone. Without it, of any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Only requests of this operation. Without it, of any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Only users with these attribute values.
    pub users: UserMatch,
    /// Only requests for which the release's feature flag is on. Where the strategy has no flag,
    /// the feature is part of the release, and all its requests are affected.
    pub feature: bool,
}

/// Attribute values that a user must have, all of them; without any, every user matches.
pub type UserMatch = BTreeMap<String, String>;
