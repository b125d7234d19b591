//! Replaces everything at the same moment.

use serde::{Deserialize, Serialize};

use super::{
    Crossing, OnFailure, Paces, RolloutWay, Routing, Strategy, StrategyKind, StrategySpec, WayWait,
    WrittenRamp,
    deploy::{BeginMigration, MIGRATION_DEADLINE, Migrate, PROGRESS_DEADLINE, Start, StopAll},
    leg::Patience,
    retreat::{Way, WayKind},
    workflow::Workflow,
};
use crate::{model::GroupId, units::Span};

/// Everything at once: the old release is stopped and the new one started at the same moment,
/// together with the migration. The bot is down until the new instances are ready.
///
/// There is no analysis. When instances or the migration are not done in time, the rollout has
/// failed and stays as it is until the operator orders a rollback; then the new instances are
/// stopped, the migration undone, and the old instances are started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct AllAtOnce {
    /// The rollout fails when no further instance becomes available for this long (Kubernetes:
    /// `progressDeadlineSeconds`, which is more than `minReadySeconds`). Giving up is a choice with a price:
    /// a good release that only starts slowly is given up as well.
    pub progress_deadline: Span,
    /// The rollout fails when the migration takes longer than this.
    pub migration_deadline: Span,
}

impl Default for AllAtOnce {
    fn default() -> Self {
        Self { progress_deadline: PROGRESS_DEADLINE, migration_deadline: MIGRATION_DEADLINE }
    }
}

impl StrategyKind for AllAtOnce {
    fn build(&self) -> Box<dyn Strategy> {
        let start = Start {
            group: GroupId::CANDIDATE,
            min_ready: Span::ZERO,
            patience: Patience::new(self.progress_deadline),
        };
        Workflow {
            routing: Routing::Instances,
            uses_flag: self.uses_flag(),
            opening: "replacing everything at once",
            arrival: "every instance is new",
            legs: vec![
                Box::new(BeginMigration),
                Box::new(StopAll(GroupId::STABLE)),
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
        let start = paces.start(paces.sizes().1);
        // both begin at the same moment
        let rest = paces.migration().saturating_sub(start);
        RolloutWay::default().with(WayWait::Start, start).with(WayWait::Migration, rest)
    }

    fn crossing(&self) -> Crossing {
        Crossing::NotSplit
    }

    fn upkeep_minutes(&self) -> f64 {
        0.0
    }

    fn noun(&self) -> &'static str {
        "all at once"
    }

    fn shipped_words(&self) -> String {
        "all at once".to_owned()
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

    const SPEC: &str = r#"{"all_at_once": {}}"#;

    #[test]
    fn everything_happens_in_the_first_moment() {
        let migration = Some((Span::from_secs(30), MigrationState::Done));
        let log = play(SPEC, &Script { migration, ..Script::default() });
        assert_eq!(
            log.lines(),
            ["100 progressing", "100 migrate", "100 stable 0", "100 candidate 4", "130 completed"]
        );
        assert_eq!((log.ready_min, log.total_max), (0, 4));
    }

    #[test]
    fn a_looping_migration_leaves_it_failed_until_a_person_orders_the_undo() {
        let migration = Some((Span::MAX, MigrationState::Done));
        let undo_at = Some(secs(20_000));
        let log = play(SPEC, &Script { migration, undo_at, ..Script::default() });
        assert_eq!(
            log.lines()[4..],
            [
                "3710 failed",
                "20000 rolling back",
                "20000 undo migration",
                "20000 candidate 0",
                "20060 stable 4",
                "20070 rolled back"
            ]
        );
    }

    #[test]
    fn a_finished_rollout_can_be_undone() {
        let log = play(SPEC, &Script { undo_at: Some(secs(500)), ..Script::default() });
        assert_eq!(
            log.phases(),
            [
                (100, Phase::Progressing),
                (110, Phase::Completed),
                (500, Phase::RollingBack),
                (510, Phase::RolledBack)
            ]
        );
    }

    #[test]
    fn an_irreversible_migration_does_not_keep_the_old_release_away() {
        let migration = Some((Span::from_secs(5), MigrationState::Done));
        let undo_at = Some(secs(500));
        let script = Script { migration, undo_at, reversible: false, ..Script::default() };
        assert_eq!(
            play(SPEC, &script).phases()[2..],
            [(500, Phase::RollingBack), (511, Phase::RolledBack)]
        );
    }

    #[test]
    fn crashing_instances_end_in_failure_not_in_silence() {
        let log = play(SPEC, &Script { candidate_crashes: true, ..Script::default() });
        assert_eq!(log.phases()[1..], [(700, Phase::Failed)]);
        assert_eq!(
            log.why(),
            "0 of 4 new instances available, no progress for 10 min; rollout stopped half-way"
        );
    }
}
