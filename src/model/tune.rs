//! What `rollsim tune` may change, what it makes small, and what must hold.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Condition;

/// What `rollsim tune` searches. Without it, a set is taken that suits the strategy: the ramp of its
/// steps, the thresholds and failure limits of its gates, and the time between looks.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TuneSpec {
    /// What may change, by its path in the scenario, such as `strategy.canary.steps[0].weight` or
    /// `analysis.gates[0].failure_limit`; `[*]` stands for every entry of a list. A path that is not
    /// there under what another parameter chose has no meaning there and is left out.
    #[schemars(length(max = 16))]
    pub parameters: BTreeMap<String, ParameterSpec>,
    /// The estimate that is made as small as can be: `cost_mean`, or any other that `expect` knows of a
    /// strategy, such as `users_hurt_p95` or `escaped`.
    pub objective: String,
    /// What must hold, and must be shown to hold.
    pub constraints: ConstraintsSpec,
}

/// One thing that may change. Give `from` and `to`, or `choices`, or `ramp`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ParameterSpec {
    /// Least value, with its unit: `1%`, `30s`, `1.5x`, `20MiB/h`, `10/s`, `3`, `0.01`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<serde_json::Value>,
    /// Largest value, in the same unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<serde_json::Value>,
    /// How the range is searched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<ScaleSpec>,
    /// Any values, one of which is taken: names, numbers, whole judges, whole lists of gates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choices: Option<Vec<serde_json::Value>>,
    /// Steps of a canary or a flag, made anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ramp: Option<RampSpec>,
}

/// How a range is searched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScaleSpec {
    /// Equal steps for equal quotients: the default where the least value is above zero.
    #[default]
    Logarithmic,
    /// Equal steps for equal differences.
    Linear,
}

/// Steps whose weights grow by the same factor from the first to the last, all held for the same time.
/// Each value is a range such as `1%..20%`, or one value that is kept. A flag's ramp ends with a
/// further step for all users.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RampSpec {
    /// Part of the traffic or of the users in the first step; above `0%`.
    pub first: String,
    /// Part in the last step; one that is below the first is raised to it.
    #[serde(default = "half")]
    pub last: String,
    /// Number of steps.
    pub steps: serde_json::Value,
    /// Time that each step is held.
    pub hold: String,
}

fn half() -> String {
    "50%".to_owned()
}

/// What must hold: conditions on estimates as in `expect`, over all releases, over the good ones or
/// over the bad ones alone. A quantile is a limit on how often: `users_hurt_p95: "<= 200"` under `bad`
/// is "at most 200 users hurt in 95 % of the bad releases".
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConstraintsSpec {
    /// Over all releases, each class with its chance; `false_rollback` is of the good ones and
    /// `escaped` of the bad ones wherever they stand.
    pub all: BTreeMap<String, Condition>,
    /// Over the good releases.
    pub good: BTreeMap<String, Condition>,
    /// Over the bad releases.
    pub bad: BTreeMap<String, Condition>,
}

impl TuneSpec {
    /// What is taken where a scenario has no `tune`: the cost, with at most 1 % false rollbacks.
    pub fn usual() -> Self {
        let limit = crate::units::Limit::new(crate::units::LimitKind::Ratio, 0.01);
        let all = [("false_rollback".to_owned(), Condition::AtMost(limit))].into();
        let constraints = ConstraintsSpec { all, ..ConstraintsSpec::default() };
        Self { constraints, ..Self::default() }
    }

    /// Name of the estimate that is made small.
    pub fn objective(&self) -> &str {
        if self.objective.is_empty() { "cost_mean" } else { &self.objective }
    }
}
