//! A canary as a scenario writes it.

use serde::{Deserialize, Serialize};

use crate::{
    model::UserMatch,
    strategy::{
        AnalysisMode, OnInconclusive,
        deploy::{MIGRATION_DEADLINE, PROGRESS_DEADLINE},
    },
    units::{Ratio, Span},
};

/// Canary: the new release gets a small share of the traffic, then more, as long as the analysis
/// does not fail. A step first scales the instances, then shifts the traffic.
///
/// With `by` requests, users or attributes the old release stays at full size until the promotion;
/// with instances both are scaled in proportion. After the last step the candidate gets a full
/// fleet and all traffic, and the old release is stopped. An abort returns all traffic to the old
/// release at once.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Canary {
    /// Whose traffic the candidate gets.
    pub by: CanaryBy,
    /// The steps; promotion to 100 % follows the last.
    #[cfg_attr(test, schemars(length(max = 100)))]
    pub steps: Vec<CanaryStep>,
    /// When the analysis runs.
    pub analysis: AnalysisMode,
    /// What happens after an inconclusive analysis.
    pub on_inconclusive: OnInconclusive,
    /// A new instance counts as available when it has been ready for this long.
    pub min_ready: Span,
    /// Whether the candidate is scaled to its weight: the fleet times the weight, rounded up, at
    /// least 1. Otherwise it has the full size from the first step. No effect with `by: instances`.
    pub match_replicas: bool,
    /// Time from a change of weights until the release without traffic is stopped (Argo Rollouts:
    /// 30 s).
    pub scale_down_delay: Span,
    /// The rollout fails when no further instance becomes available for this long (Kubernetes:
    /// `progressDeadlineSeconds`, which is more than `minReadySeconds`). Giving up is a choice with a price:
    /// a good release that only starts slowly is given up as well.
    pub progress_deadline: Span,
    /// The rollout fails when the migration takes longer than this.
    pub migration_deadline: Span,
}

/// Whose traffic a canary gets.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CanaryBy {
    /// A share of the requests, each drawn again.
    #[default]
    Requests,
    /// A share of the users, always the same.
    Users,
    /// In proportion to its share of the instances.
    Instances,
    /// A share of the users who match any of these.
    Attributes(Vec<UserMatch>),
}

/// One step of a canary.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CanaryStep {
    /// Share that the candidate gets (Argo Rollouts: `setWeight`).
    pub weight: Ratio,
    /// Pause before the next step (Argo Rollouts: `pause`). A step without one ends as soon as it
    /// is reached.
    #[serde(default)]
    pub hold: Span,
    /// Whether the step needs the operator's approval.
    #[serde(default)]
    pub approve: bool,
}

impl Default for Canary {
    fn default() -> Self {
        let step = |weight: f64| CanaryStep {
            weight: Ratio::clamped(weight),
            hold: Span::from_secs(600),
            approve: false,
        };
        Self {
            by: CanaryBy::Requests,
            steps: [0.05, 0.25, 0.5].map(step).to_vec(),
            analysis: AnalysisMode::Background,
            on_inconclusive: OnInconclusive::Pause,
            min_ready: Span::ZERO,
            match_replicas: true,
            scale_down_delay: Span::from_secs(30),
            progress_deadline: PROGRESS_DEADLINE,
            migration_deadline: MIGRATION_DEADLINE,
        }
    }
}
