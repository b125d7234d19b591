//! Whom a fault strikes.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::Ratio;

/// Whom a fault strikes; what is left out does not narrow it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScopeSpec {
    /// Part of the instances, drawn once for each instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instances: Option<Ratio>,
    /// Only instances of this zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Only requests of this operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Only users with these attribute values.
    pub users: UserMatch,
    /// Only requests for which the release's feature flag is on. Where the strategy has no flag, the
    /// feature is there with the release: its requests are struck as without this.
    pub feature: bool,
}

/// Attribute values that a user must have, all of them; none matches everybody.
pub type UserMatch = BTreeMap<String, String>;
