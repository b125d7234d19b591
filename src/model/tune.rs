//! What `rollsim tune` may change, what it minimises, and which constraints must hold.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[cfg(test)]
use crate::units::pattern;

use super::Condition;

/// What `rollsim tune` searches. Without it, a default set for the strategy is used: the ramp of
/// its steps, the thresholds and failure limits of its gates, and the interval between
/// measurements.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct TuneSpec {
    /// What may change, by its path in the scenario, such as `strategy.canary.steps[0].weight` or
    /// `analysis.gates[0].failure_limit`; `[*]` stands for every entry of a list. A path that does
    /// not exist under the value of another parameter is left out.
    #[cfg_attr(test, schemars(length(max = 16)))]
    pub parameters: BTreeMap<String, ParameterSpec>,
    /// The estimate to minimise: `cost_mean`, or any other that `expect` accepts for a strategy,
    /// such as `users_hurt_p95` or `escaped`.
    #[cfg_attr(test, schemars(extend("default" = "cost_mean")))]
    pub objective: String,
    /// Constraints that must hold and must be shown to hold.
    pub constraints: ConstraintsSpec,
}

/// One thing that may change. Give `from` and `to`, or `choices`, or `ramp`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ParameterSpec {
    /// Least value, with its unit: `1%`, `30s`, `1.5x`, `20MiB/h`, `10/s`, `3`, `0.01`. Without
    /// it, `choices` or `ramp` must be given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<serde_json::Value>,
    /// Largest value, in the same unit. Without it, `choices` or `ramp` must be given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<serde_json::Value>,
    /// How the range is searched. Without it, `logarithmic` where the least value is above zero (and, of
    /// whole numbers, the largest at least ten times the least), otherwise `linear`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<ScaleSpec>,
    /// Values to choose from: names, numbers, whole judges, whole lists of gates. Without
    /// it, `from` and `to`, or `ramp`, must be given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choices: Option<Vec<serde_json::Value>>,
    /// Steps of a canary or a flag, generated. Without it, `from` and `to`, or `choices`, must be given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ramp: Option<RampSpec>,
}

/// How a range is searched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ScaleSpec {
    /// On a logarithmic scale: the default where the smallest value is above zero.
    #[default]
    Logarithmic,
    /// On a linear scale.
    Linear,
}

/// Steps whose weights grow by the same factor from the first to the last, each with the same
/// pause. Each value is a range such as `1%..20%`, or one value that is kept. A flag's ramp ends
/// with a further step for all users.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RampSpec {
    /// Share of the traffic or of the users in the first step; above `0%`.
    #[cfg_attr(test, schemars(extend("pattern" = pattern::ratios())))]
    pub first: String,
    /// Part in the last step; one that is below the first is raised to it.
    #[serde(default = "half")]
    #[cfg_attr(test, schemars(extend("pattern" = pattern::ratios())))]
    pub last: String,
    /// Number of steps.
    #[cfg_attr(test, schemars(schema_with = "steps_schema"))]
    pub steps: serde_json::Value,
    /// Pause after each step (`hold`).
    #[cfg_attr(test, schemars(extend("pattern" = pattern::times())))]
    pub hold: String,
}

#[cfg(test)]
fn steps_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": ["string", "integer"], "pattern": pattern::counts(), "minimum": 1 })
}

fn half() -> String {
    "50%".to_owned()
}

/// What must hold: conditions on estimates as in `expect`, over all releases, over the good ones or
/// over the bad ones alone. A quantile is a limit on how often: `users_hurt_p95: "<= 200"` under `bad`
/// is "at most 200 users hurt in 95 % of the bad releases".
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
    /// The default without `tune`: minimise the cost, with at most 1 % false rollbacks.
    pub fn usual() -> Self {
        let limit = crate::units::Limit::new(crate::units::LimitKind::Ratio, 0.01);
        let all = [("false_rollback".to_owned(), Condition::AtMost(limit))].into();
        let constraints = ConstraintsSpec { all, ..ConstraintsSpec::default() };
        Self { constraints, ..Self::default() }
    }

    /// Name of the estimate to minimise.
    pub fn objective(&self) -> &str {
        if self.objective.is_empty() { "cost_mean" } else { &self.objective }
    }
}
