//! A made-up language in its third format, and how it came there.

use std::{collections::BTreeMap, sync::LazyLock};

use rollsim::scenario::{Change, ChangeKind, FromFile, Language, Schemas};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::described::schemas;

/// A language as it is in its third format.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Bot {
    pub(super) name: String,
    #[serde(default)]
    pub(super) fleet: Fleet,
    #[serde(default)]
    pub(super) scaler: Option<Scaler>,
    #[serde(default)]
    pub(super) operations: BTreeMap<String, Operation>,
    #[serde(default)]
    pub(super) gates: Vec<Gate>,
    #[serde(default = "rolling")]
    pub(super) strategy: Strategy,
}

impl FromFile for Bot {
    fn schemas() -> &'static Schemas {
        static SCHEMAS: LazyLock<Schemas> = LazyLock::new(schemas::<Bot>);
        &SCHEMAS
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Fleet {
    pub(super) instances: u32,
    pub(super) balancer: Balancer,
    pub(super) probes: Probes,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Balancer {
    RoundRobin,
    #[default]
    Random,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Probes {
    pub(super) liveness: Option<Probe>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Probe {
    pub(super) period: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Scaler {
    pub(super) add_above: u32,
    #[serde(default)]
    pub(super) tolerance: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Operation {
    pub(super) time: u32,
    #[serde(default)]
    pub(super) per: Per,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Per {
    Request,
    #[default]
    Attempt,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Gate {
    pub(super) limit: u32,
    #[serde(default)]
    pub(super) no_data: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Strategy {
    Rolling(Rolling),
    Canary(Canary),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Rolling {
    pub(super) batch: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Canary {
    pub(super) sticky: bool,
    pub(super) hold: u32,
}

impl Default for Canary {
    fn default() -> Self {
        Self { sticky: true, hold: 0 }
    }
}

fn rolling() -> Strategy {
    Strategy::Rolling(Rolling::default())
}

const fn default(
    since: u32,
    path: &'static str,
    (before, now): (&'static str, &'static str),
    about: &'static str,
) -> Change {
    Change { since, path, kind: ChangeKind::Default { before, now }, about }
}

const CHANGES: &[Change] = &[
    default(2, "fleet.balancer", ("round_robin", "random"), "as kube-proxy does"),
    default(2, "fleet.probes.liveness", ("{ period: 10 }", "null"), "no platform has one unasked"),
    Change {
        since: 2,
        path: "scaler.scale_up",
        kind: ChangeKind::Renamed { to: "add_over" },
        about: "the word of the platform",
    },
    default(2, "scaler.tolerance", ("5", "0"), "as the controller does"),
    default(2, "operations[*].per", ("request", "attempt"), "each attempt has its own time"),
    Change {
        since: 3,
        path: "scaler.add_over",
        kind: ChangeKind::Renamed { to: "add_above" },
        about: "one word for one thing",
    },
    Change {
        since: 3,
        path: "gates[*].mood",
        kind: ChangeKind::Removed,
        about: "nothing depended on it",
    },
    default(3, "gates[*].no_data", ("1", "0"), "a look without data skips"),
    default(3, "strategy.canary.sticky", ("false", "true"), "users stay where they are"),
];
pub(super) const THIRD: Language<'static> = Language { newest: 3, changes: CHANGES };
