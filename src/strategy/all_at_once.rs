//! Replaces everything at the same moment.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    OnFailure, Routing, Strategy,
    course::{Course, Patience},
    deploy::{
        BeginMigration, MIGRATION_DEADLINE, Migrate, PROGRESS_DEADLINE, Scale, Size, Start,
    },
    retreat::{Way, WayKind},
};
use crate::{
    model::ReleaseId,
    units::Span,
};

/// Everything at once: the old release is stopped and the new one started in the same moment, the
/// migration with it. The bot is away until the new instances are ready.
///
/// Nothing is watched. When instances or the migration do not get there in time the rollout has
/// failed and stays as it is until a person orders to undo it; then the new instances are stopped,
/// the migration is undone, and only after that the old ones are started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AllAtOnce {
    /// Instances without progress for this long are given up.
    pub progress_deadline: Span,
    /// A migration that takes longer than this is given up.
    pub migration_deadline: Span,
}

impl Default for AllAtOnce {
    fn default() -> Self {
        Self { progress_deadline: PROGRESS_DEADLINE, migration_deadline: MIGRATION_DEADLINE }
    }
}

impl AllAtOnce {
    pub(super) fn build(&self) -> Box<dyn Strategy> {
        let start = Start {
            release: ReleaseId::Candidate,
            min_ready: Span::ZERO,
            patience: Patience::new(self.progress_deadline),
        };
        Course {
            routing: Routing::Instances,
            uses_analysis: false,
            opening: "replacing everything at once",
            arrival: "every instance is new",
            legs: vec![
                Box::new(BeginMigration),
                Box::new(Scale(ReleaseId::Stable, Size::Empty)),
                Box::new(start),
                Box::new(Migrate::within(self.migration_deadline)),
            ],
            back: Way {
                kind: WayKind::AtOnce,
                progress_deadline: self.progress_deadline,
                migration_deadline: self.migration_deadline,
            },
            on_failure: OnFailure::Halt,
        }
        .boxed()
    }
}
