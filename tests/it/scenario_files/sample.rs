//! A small scenario language with every feature of the real one, so that the messages that these
//! tests pin do not move when the real one grows.

use std::{collections::BTreeMap, sync::LazyLock};

use rollsim::scenario::{FromFile, Schemas};
use rollsim::units::{Bytes, Factor, HourOfWeek, Rate, Ratio, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::described::{self, schemas};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Sample {
    /// What the scenario is called.
    pub(super) name: String,
    pub(super) fleet: Fleet,
    /// How the release is shipped.
    pub(super) strategy: StrategySpec,
    #[serde(default)]
    pub(super) judge: Option<Judge>,
    #[serde(default)]
    pub(super) users: BTreeMap<String, Group>,
    #[serde(default)]
    pub(super) balancer: Balancer,
    #[serde(default)]
    pub(super) seed: u64,
    #[serde(default)]
    pub(super) quiet: bool,
    #[serde(default)]
    #[schemars(with = "Option<(described::HourOfWeek, described::Span)>")]
    pub(super) window: Option<(HourOfWeek, Span)>,
}

impl FromFile for Sample {
    fn schemas() -> &'static Schemas {
        static SCHEMAS: LazyLock<Schemas> = LazyLock::new(schemas::<Sample>);
        &SCHEMAS
    }
}

/// The bots that serve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Fleet {
    /// How many run at once.
    #[schemars(range(min = 1, max = 1000))]
    pub(super) instances: u32,
    #[serde(default = "memory")]
    #[schemars(with = "described::Bytes")]
    pub(super) memory: Bytes,
    /// How long one needs to come up.
    #[schemars(with = "described::Span")]
    pub(super) startup: Span,
    #[serde(default)]
    #[schemars(with = "described::Factor")]
    pub(super) slowdown: Factor,
}

fn memory() -> Bytes {
    Bytes::from_mib(512)
}

/// The ways of shipping a release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum StrategySpec {
    /// Everything at once.
    AllAtOnce,
    /// A part first, then more.
    Canary(Canary),
    /// A batch at a time.
    Rolling {
        #[serde(default)]
        #[schemars(with = "described::Span")]
        wait: Span,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Canary {
    #[schemars(length(min = 1, max = 4))]
    pub(super) steps: Vec<Step>,
    #[serde(default)]
    #[schemars(with = "Option<described::Span>")]
    pub(super) hold: Option<Span>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    #[schemars(with = "described::Ratio")]
    pub(super) weight: Ratio,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Judge {
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(super) confidence: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    #[schemars(with = "described::Rate")]
    pub(super) rate: Rate,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Balancer {
    #[default]
    RoundRobin,
    Random,
    LeastOutstanding,
}

pub(super) const VALID: &str = "\
name: sample
fleet:
  instances: 5
  startup: 20s
strategy:
  canary:
    steps:
      - weight: 1%
      - weight: 100%
    hold: 10m
users:
  beta: { rate: 4/s }
  everyone else: { rate: 600/m }
window: [\"mon 09:00\", 2h]
format: 2
";
