//! Stops everything old before anything new is started.

use serde::{Deserialize, Serialize};

use super::{
    Crossing, OnFailure, Paces, RolloutWay, Routing, Strategy, StrategyKind, StrategySpec, WayWait,
    WrittenRamp,
    deploy::{AwaitGone, MIGRATION_DEADLINE, Migrate, PROGRESS_DEADLINE, Start, StopAll},
    leg::Patience,
    retreat::{Way, WayKind},
    workflow::Workflow,
};
use crate::{model::GroupId, units::Span};

/// Recreate: all old instances are stopped, then the migration runs, then the new instances are
/// started (Kubernetes' `Recreate`). Old and new never run together, and the bot is down from the
/// first stop until the new instances are ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Recreate {
    /// A new instance counts as available when it has been ready for this long.
    pub min_ready: Span,
    /// What to do when instances or the migration are not done in time; Kubernetes halts.
    pub on_failure: OnFailure,
    /// The rollout fails when no further instance becomes available for this long (Kubernetes:
    /// `progressDeadlineSeconds`, which is more than `minReadySeconds`). Giving up is a choice with a price:
    /// a good release that only starts slowly is given up as well.
    pub progress_deadline: Span,
    /// The rollout fails when the migration takes longer than this.
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

impl StrategyKind for Recreate {
    fn build(&self) -> Box<dyn Strategy> {
        let patience = || Patience::new(self.progress_deadline);
        let start =
            Start { group: GroupId::CANDIDATE, min_ready: self.min_ready, patience: patience() };
        Workflow {
            routing: Routing::Instances,
            uses_flag: self.uses_flag(),
            opening: "stopping every old instance",
            arrival: "every instance is new",
            legs: vec![
                Box::new(StopAll(GroupId::STABLE)),
                Box::new(AwaitGone(GroupId::STABLE, patience())),
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

    fn uses_flag(&self) -> bool {
        false
    }

    fn uses_analysis(&self) -> bool {
        false
    }

    fn ramps(&self) -> Vec<WrittenRamp> {
        Vec::new()
    }

    fn way(&self, paces: &dyn Paces) -> RolloutWay {
        RolloutWay::default()
            .with(WayWait::Stop, paces.stop())
            .with(WayWait::Migration, paces.migration())
            .with(WayWait::Start, paces.start(paces.sizes().1))
            .with(WayWait::MinReady, self.min_ready)
    }

    fn crossing(&self) -> Crossing {
        Crossing::NotSplit
    }

    fn upkeep_minutes(&self) -> f64 {
        0.0
    }

    fn noun(&self) -> &'static str {
        "recreate"
    }

    fn runs_both_releases(&self) -> bool {
        false
    }

    fn shipped_words(&self) -> String {
        "by stopping everything and starting again (recreate)".to_owned()
    }

    fn plain(_hold: Span) -> Option<StrategySpec> {
        Some(Self::default().into())
    }
}

#[cfg(test)]
mod tests {
    use crate::strategy::script::{Script, play, secs};
    use crate::{
        model::{MigrationState, Phase},
        units::Span,
    };

    #[test]
    fn nothing_new_starts_before_everything_old_is_gone() {
        let migration = Some((Span::from_secs(30), MigrationState::Done));
        let log = play(r#"{"recreate": {}}"#, &Script { migration, ..Script::default() });
        assert_eq!(
            log.lines(),
            ["100 progressing", "100 stable 0", "105 migrate", "135 candidate 4", "145 completed"]
        );
        assert_eq!((log.ready_min, log.total_max), (0, 4));
    }

    #[test]
    fn a_failed_migration_is_undone_before_the_old_release_returns() {
        let migration = Some((Span::from_secs(30), MigrationState::Failed));
        let spec = r#"{"recreate": {"on_failure": "roll_back"}}"#;
        let log = play(spec, &Script { migration, ..Script::default() });
        assert_eq!(
            log.lines()[3..],
            ["135 rolling back", "135 undo migration", "195 stable 4", "205 rolled back"]
        );
        assert_eq!(log.why(), "the migration failed half-way");
    }

    #[test]
    fn an_undo_waits_until_the_new_instances_are_gone() {
        let script = Script { undo_at: Some(secs(500)), ..Script::default() };
        let log = play(r#"{"recreate": {}}"#, &script);
        assert_eq!(log.phases()[2..], [(500, Phase::RollingBack), (515, Phase::RolledBack)]);
    }
}
