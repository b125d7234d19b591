//! What a fault affects.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Amount;

/// What a fault affects; a key that is left out does not narrow it. What a key cannot narrow is refused.
///
/// Effects on requests (`errors`, `wrong_answers`, `latency`, `poison`, `dependency`, and `leak` without
/// `per_hour`) take every key. Effects on instances (`crash`, `hang`, `unready`, `lying_readiness`,
/// `startup_failure`, `slow_start`, `leak` with `per_hour`) take `instances` and `zone`. Effects on what
/// all instances share (`database_lock`, `database_slow`, `stale_endpoints`, `skewed_weight`,
/// `lost_scrapes`) take none.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ScopeSpec {
    /// Share of the instances such as `25%`, drawn once for each instance; or a number such as `2`:
    /// exactly as many of those that run when the fault starts, drawn again each time that it starts.
    /// A number is for incidents and defects that start at a time, at a `weight` or at `random`.
    /// Without it, all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instances: Option<Amount>,
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
