//! Stops everything old before anything new is started.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    OnFailure, Routing, Strategy,
    course::{Course, Patience},
    deploy::{AwaitGone, MIGRATION_DEADLINE, Migrate, PROGRESS_DEADLINE, Scale, Size, Start},
    retreat::{Way, WayKind},
};
use crate::{model::ReleaseId, units::Span};

/// Recreate: all old instances are stopped, and when the last is gone the migration runs, and then
/// the new instances are started (Kubernetes' `Recreate`). Old and new are never there together,
/// and the bot is away from the first stop until the new instances are ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Recreate {
    /// A new instance counts as available when it has been ready for this long.
    pub min_ready: Span,
    /// What to do when instances or the migration do not get there; Kubernetes halts.
    pub on_failure: OnFailure,
    /// Instances without progress for this long are given up.
    pub progress_deadline: Span,
    /// A migration that takes longer than this is given up.
    pub migration_deadline: Span,
}

impl Default for Recreate {
    fn default() -> Self {
        Self {
            min_ready: Span::ZERO,
            on_failure: OnFailure::Halt,
            progress_deadline: PROGRESS_DEADLINE,
            migration_deadline: MIGRATION_DEADLINE,
        }
    }
}

impl Recreate {
    pub(super) fn build(&self) -> Box<dyn Strategy> {
        let patience = || Patience::new(self.progress_deadline);
        let start = Start {
            release: ReleaseId::Candidate,
            min_ready: self.min_ready,
            patience: patience(),
        };
        Course {
            routing: Routing::Instances,
            uses_analysis: false,
            opening: "stopping every old instance",
            arrival: "every instance is new",
            legs: vec![
                Box::new(Scale(ReleaseId::Stable, Size::Empty)),
                Box::new(AwaitGone(ReleaseId::Stable, patience())),
                Box::new(Migrate::within(self.migration_deadline)),
                Box::new(start),
            ],
            back: Way {
                kind: WayKind::Emptied,
                progress_deadline: self.progress_deadline,
                migration_deadline: self.migration_deadline,
            },
            on_failure: self.on_failure,
        }
        .boxed()
    }
}
