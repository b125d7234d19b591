//! The settings of the judge.

use serde::{Deserialize, Serialize};

use crate::{
    model::{Against, MetricSpec},
    units::{Limit, Span},
};

/// Fixed limits on one metric, like an Argo Rollouts metric with success and failure conditions.
///
/// With one limit the other side passes; with both, values between them are inconclusive. A
/// measurement without data, on the candidate or on the baseline that it is compared with, is an
/// error.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// What is measured.
    pub metric: MetricSpec,
    /// What it is compared with.
    #[serde(default)]
    pub against: Against,
    /// Fails above this. Without it, what does not pass fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fail_above: Option<Limit>,
    /// Passes at or below this. Without it, what does not fail passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pass_below: Option<Limit>,
    /// The window that one evaluation covers.
    #[serde(default = "one_minute")]
    pub window: Span,
    /// Minimum samples of the candidate; a measurement with fewer does not count.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 0, max = 1_000_000_000)))]
    pub min_samples: u64,
    /// Minimum failed attempts of the candidate for a failure; with fewer it passes.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[cfg_attr(test, schemars(range(min = 0, max = 1_000_000_000), extend("default" = 0)))]
    pub min_failures: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

fn one_minute() -> Span {
    Span::from_secs(60)
}
