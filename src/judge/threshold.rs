//! Compares one metric with fixed limits.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Assessment, Judge, Subject};
use crate::{
    model::{Against, MetricSpec, Observed},
    units::{Limit, Span},
};

/// Fixed limits on one metric, as an Argo Rollouts metric with success and failure conditions.
///
/// With one limit the other side passes; with both, what lies between is inconclusive.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// What is measured.
    pub metric: MetricSpec,
    /// What it is compared with.
    #[serde(default)]
    pub against: Against,
    /// Fails above this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fail_above: Option<Limit>,
    /// Passes at or below this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pass_below: Option<Limit>,
    /// Stretch of the past that one look takes in.
    #[serde(default = "one_minute")]
    pub window: Span,
    /// Fewest samples of the candidate; a look with fewer does not count.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1_000_000_000))]
    pub min_samples: u64,
}

fn one_minute() -> Span {
    Span::from_secs(60)
}

impl Threshold {
    pub(super) fn build(&self) -> Box<dyn Judge> {
        Box::new(*self)
    }
}

impl Judge for Threshold {
    fn assess(&self, _observed: &Observed<'_>, _subject: Subject) -> Assessment {
        unimplemented!("written next")
    }
}
