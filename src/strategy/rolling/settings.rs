//! A rolling update as a scenario writes it.

use serde::{Deserialize, Serialize};

use crate::{
    model::Amount,
    strategy::{
        OnFailure, OnInconclusive,
        deploy::{MIGRATION_DEADLINE, PROGRESS_DEADLINE},
        roll::PodReplacementPolicy,
    },
    units::Span,
};

/// Rolling update: new instances replace old ones step by step while the bot keeps serving.
///
/// Without `batch` it is a Kubernetes Deployment: up to `max_surge` instances more and up to
/// `max_unavailable` fewer than the fleet. With `batch` that many are replaced at a time. The
/// migration runs first. A rollback has no batches and no pauses.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Rolling {
    /// Instances beyond the fleet's size, a percentage rounded up. Without it, 25 % of the
    /// fleet; 0 with a `batch`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_surge: Option<Amount>,
    /// Instances that may be unavailable, a percentage rounded down; at least 1 where the surge is 0. Where
    /// `max_surge` is written as 0, 0 is refused here, as in Kubernetes. Without it, 25 % of the fleet; with
    /// a `batch`, the batch less the surge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_unavailable: Option<Amount>,
    /// Instances replaced at a time. Without it, as many as surge and unavailable allow.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = 1, max = 20_000)))]
    pub batch: Option<u32>,
    /// Pause after each batch, the last included.
    pub wait: Span,
    /// A new instance counts as available when it has been ready for this long.
    pub min_ready: Span,
    /// When an instance that is being stopped makes room for a new one.
    pub pod_replacement_policy: PodReplacementPolicy,
    /// Whether a new instance that crashes, or does not become ready in time, stops the rollout.
    /// Without it a crash is ignored and a missed deadline only halts the rollout, as in
    /// Kubernetes.
    pub stop_on_failure: bool,
    /// What to do then.
    pub on_failure: OnFailure,
    /// Whether the analysis runs, from the first new instance until the last pause.
    pub analysis: bool,
    /// What happens after an inconclusive analysis.
    pub on_inconclusive: OnInconclusive,
    /// The rollout fails when no further instance becomes available for this long (Kubernetes:
    /// `progressDeadlineSeconds`, which is more than `minReadySeconds`). Giving up is a choice with a price:
    /// a good release that only starts slowly is given up as well.
    pub progress_deadline: Span,
    /// The rollout fails when the migration takes longer than this.
    pub migration_deadline: Span,
}

impl Default for Rolling {
    fn default() -> Self {
        Self {
            max_surge: None,
            max_unavailable: None,
            batch: None,
            wait: Span::ZERO,
            min_ready: Span::ZERO,
            pod_replacement_policy: PodReplacementPolicy::TerminationStarted,
            stop_on_failure: false,
            on_failure: OnFailure::RollBack,
            analysis: false,
            on_inconclusive: OnInconclusive::Pause,
            progress_deadline: PROGRESS_DEADLINE,
            migration_deadline: MIGRATION_DEADLINE,
        }
    }
}
