//! Replaces instances step by step.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    OnFailure, OnInconclusive, Routing, Strategy,
    course::{Course, Leg, Legs, Step},
    deploy::{MIGRATION_DEADLINE, Migrate, PROGRESS_DEADLINE, Pace, Roll},
    gate::{Gate, Watched},
    retreat::{Way, WayKind},
};
use crate::{
    model::{Action, Amount, ReleaseId, View},
    units::{Ratio, Span},
};

/// Rolling: new instances replace old ones step by step while the bot goes on serving.
///
/// Without `batch` it is a Kubernetes Deployment: up to `max_surge` instances more and up to
/// `max_unavailable` fewer than the fleet. With `batch` so many are replaced at a time. The
/// migration runs first. On the way back there are no batches and no waits.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rolling {
    /// Instances beyond the fleet, a percentage rounded up. `25%` when left out; none with a batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_surge: Option<Amount>,
    /// Instances that may be missing, a percentage rounded down. `25%` when left out; with a batch,
    /// as many of it as are not surged. At least 1 where surge is 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_unavailable: Option<Amount>,
    /// Instances replaced at a time. When left out, as many as surge and unavailable allow.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 5000))]
    pub batch: Option<u32>,
    /// Pause after each batch, the last included.
    pub wait: Span,
    /// A new instance counts as available when it has been ready for this long.
    pub min_ready: Span,
    /// Whether a new instance that crashes, or does not become ready in time, stops the rollout.
    /// Without it a crash is ignored, as in Kubernetes, and out of time the rollout halts.
    pub stop_on_failure: bool,
    /// What to do when it is stopped.
    pub on_failure: OnFailure,
    /// Whether the scenario's analysis watches, from the first new instance until the last wait.
    pub analysis: bool,
    /// What an inconclusive analysis leads to.
    pub on_inconclusive: OnInconclusive,
    /// Instances without progress for this long are given up.
    pub progress_deadline: Span,
    /// A migration that takes longer than this is given up.
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
            stop_on_failure: false,
            on_failure: OnFailure::RollBack,
            analysis: false,
            on_inconclusive: OnInconclusive::Pause,
            progress_deadline: PROGRESS_DEADLINE,
            migration_deadline: MIGRATION_DEADLINE,
        }
    }
}

impl Rolling {
    pub(super) fn build(&self) -> Box<dyn Strategy> {
        Course {
            routing: Routing::Instances,
            uses_analysis: self.analysis,
            opening: "replacing instances step by step",
            arrival: "every instance is new",
            legs: self.legs(),
            back: self.back(),
            on_failure: self.on_failure(),
        }
        .boxed()
    }

    /// The migration and the replacing.
    pub(super) fn legs(&self) -> Legs {
        let roll = Careful {
            roll: Roll::new(ReleaseId::Candidate, self.pace()),
            stop_on_failure: self.stop_on_failure,
        };
        let replace: Box<dyn Leg> = if self.analysis {
            Box::new(Watched { leg: roll, gate: Gate::new(false, self.on_inconclusive) })
        } else {
            Box::new(roll)
        };
        vec![Box::new(Migrate::within(self.migration_deadline)), replace]
    }

    pub(super) fn back(&self) -> Way {
        Way {
            kind: WayKind::Rolling(self.pace()),
            progress_deadline: self.progress_deadline,
            migration_deadline: self.migration_deadline,
        }
    }

    /// Without anything that stops it, running out of time leaves it as it is, as in Kubernetes.
    pub(super) const fn on_failure(&self) -> OnFailure {
        if self.stop_on_failure || self.analysis { self.on_failure } else { OnFailure::Halt }
    }

    fn pace(&self) -> Pace {
        let quarter = Amount::Part(Ratio::clamped(0.25));
        let (surge, unavailable) = match self.batch {
            None => (quarter, quarter),
            Some(batch) => match self.max_surge {
                None => (Amount::Count(0), Amount::Count(batch)),
                Some(Amount::Count(surge)) => {
                    (Amount::Count(surge), Amount::Count(batch.saturating_sub(surge)))
                }
                Some(part @ Amount::Part(_)) => (part, Amount::Count(0)),
            },
        };
        Pace {
            surge: self.max_surge.unwrap_or(surge),
            unavailable: self.max_unavailable.unwrap_or(unavailable),
            batch: self.batch,
            wait: self.wait,
            min_ready: self.min_ready,
            deadline: self.progress_deadline,
        }
    }
}

/// A roll that stops at the first crash of a new instance.
struct Careful {
    roll: Roll,
    stop_on_failure: bool,
}

impl Leg for Careful {
    fn step(&mut self, view: &View, actions: &mut Vec<Action>) -> Step {
        if self.stop_on_failure && view.candidate.crashed > 0 {
            let count = view.candidate.crashed;
            let instances = if count == 1 { "instance" } else { "instances" };
            return Step::Failed(format!("{count} new {instances} crashed"));
        }
        self.roll.step(view, actions)
    }
}
