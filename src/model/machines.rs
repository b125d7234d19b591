//! The machines that instances run on.

use serde::{Deserialize, Serialize};

use super::Distribution;
use crate::units::{Factor, Span};

/// Machines (nodes) that instances run on, as a cluster autoscaler keeps them: a new instance that
/// finds no room waits until a machine has been provisioned.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct MachinesSpec {
    /// Instances that there is room for at once, beyond `fleet.instances`. This room is never given
    /// back.
    #[cfg_attr(test, schemars(range(min = 0, max = 20_000)))]
    pub spare: u32,
    /// Instances that one machine holds.
    #[cfg_attr(test, schemars(range(min = 1, max = 1000)))]
    pub per_machine: u32,
    /// Time from the order of a machine until instances can start on it: capacity, boot, image.
    pub provision: Distribution,
    /// How much longer it takes for each machine that is on order already: with `0.1x` the eleventh of
    /// eleven machines ordered together takes twice as long as the first.
    pub slower: Factor,
    /// Instances that there is room for at most, `fleet.instances` and `spare` included. Without it,
    /// any number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = 1, max = 40_000)))]
    pub room: Option<u32>,
    /// Time for which a machine must have been empty before it is given back (cluster-autoscaler:
    /// `--scale-down-unneeded-time`).
    pub keep: Span,
}

impl Default for MachinesSpec {
    fn default() -> Self {
        Self {
            spare: 0,
            per_machine: 1,
            provision: Distribution::LogNormal {
                median: Span::from_secs(90),
                p99: Some(Span::from_secs(300)),
                p90: None,
            },
            slower: Factor::clamped(0.0),
            room: None,
            keep: Span::from_secs(600),
        }
    }
}
