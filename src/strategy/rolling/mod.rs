//! Replaces instances step by step.

mod settings;

use super::{
    Crossing, OnFailure, Paces, RolloutWay, Routing, Strategy, StrategyKind, StrategySpec, WayWait,
    WrittenRamp,
    deploy::Migrate,
    gate::{Gate, Watched},
    leg::{Leg, Legs, Step},
    retreat::{Way, WayKind},
    roll::{Batches, Pace, PodReplacementPolicy, Roll},
    workflow::Workflow,
};
use crate::{
    model::{Action, Amount, GroupId, View},
    units::{Ratio, Span},
};

pub use settings::Rolling;

impl StrategyKind for Rolling {
    fn build(&self) -> Box<dyn Strategy> {
        Workflow {
            routing: Routing::Instances,
            uses_flag: self.uses_flag(),
            opening: "replacing instances step by step",
            arrival: "every instance is new",
            legs: self.legs(),
            back: self.back(),
            on_failure: self.on_failure(),
        }
        .boxed()
    }

    fn uses_flag(&self) -> bool {
        false
    }

    fn uses_analysis(&self) -> bool {
        self.analysis
    }

    fn ramps(&self) -> Vec<WrittenRamp> {
        Vec::new()
    }

    fn way(&self, paces: &dyn Paces) -> RolloutWay {
        let (least, most) = paces.sizes();
        let each = (least..=most).map(|fleet| self.replacing(fleet, paces));
        let longest = each.max_by_key(RolloutWay::takes).unwrap_or_default();
        longest.with(WayWait::Migration, paces.migration())
    }

    fn crossing(&self) -> Crossing {
        Crossing::NotSplit
    }

    fn upkeep_minutes(&self) -> f64 {
        1.0
    }

    fn noun(&self) -> &'static str {
        "rolling"
    }

    fn plain(_hold: Span) -> Option<StrategySpec> {
        Some(Self::default().into())
    }
}

impl Rolling {
    /// What replacing a fleet of this size waits for: batch after batch, each in as many rounds as it takes, since no more
    /// are replaced at the same time than there is room for.
    fn replacing(&self, fleet: u32, paces: &dyn Paces) -> RolloutWay {
        let Batches { count, rounds, at_once } = self.pace().batches(fleet);
        let gone = match self.pod_replacement_policy {
            PodReplacementPolicy::TerminationStarted => Span::ZERO,
            PodReplacementPolicy::TerminationComplete => paces.stop(),
        };
        RolloutWay::default()
            .times(WayWait::Start, rounds, paces.start(at_once))
            .times(WayWait::MinReady, rounds, self.min_ready)
            .times(WayWait::Stop, rounds, gone)
            .times(WayWait::Wait, count, self.wait)
    }

    /// The migration and the replacing.
    pub(super) fn legs(&self) -> Legs {
        let roll = Careful {
            roll: Roll::new(GroupId::CANDIDATE, self.pace()),
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
            replacement: self.pod_replacement_policy,
        }
    }
}

/// A roll that stops at the first crash of a new instance.
#[derive(Clone)]
struct Careful {
    roll: Roll,
    stop_on_failure: bool,
}

impl Leg for Careful {
    fn step(&mut self, view: &View, actions: &mut Vec<Action>) -> Step {
        if self.stop_on_failure && view.candidate().crashed > 0 {
            let count = view.candidate().crashed;
            let instances = if count == 1 { "instance" } else { "instances" };
            return Step::Failed(format!("{count} new {instances} crashed"));
        }
        self.roll.step(view, actions)
    }

    fn sizes(&self, group: GroupId) -> bool {
        self.roll.sizes(group)
    }

    fn hold(&mut self, view: &View, actions: &mut Vec<Action>) {
        self.roll.hold(view, actions);
    }

    fn parts(&self) -> Vec<String> {
        self.roll.parts()
    }

    fn hurry(&mut self) {
        self.stop_on_failure = false;
        self.roll.hurry();
    }
}

#[cfg(test)]
mod tests {
    use crate::strategy::script::{Script, play, secs};
    use crate::{
        model::{AnalysisState, MigrationState, Phase},
        units::Span,
    };

    /// Replicas, surge, unavailable; waves, least ready and most instances on an ideal platform.
    const WAVES: &[(u32, &str, &str, u64, u32, u32)] = &[
        (1, "1", "1", 1, 0, 2),
        (1, "100%", "0", 1, 1, 2),
        (2, "0", "1", 2, 1, 2),
        (2, "100%", "0", 1, 2, 4),
        (3, "1", "0", 3, 3, 4),
        (3, "0", "1", 3, 2, 3),
        (3, "100%", "0", 1, 3, 6),
        (3, "0", "25%", 3, 2, 3),
        (4, "1", "1", 2, 3, 5),
        (4, "100%", "0", 1, 4, 8),
        (4, "0", "25%", 4, 3, 4),
        (5, "0", "1", 5, 4, 5),
        (5, "1", "1", 3, 4, 6),
        (5, "50%", "0", 2, 5, 8),
        (5, "100%", "0", 1, 5, 10),
        (8, "50%", "0", 2, 8, 12),
        (8, "100%", "0", 1, 8, 16),
        (8, "0", "25%", 4, 6, 8),
        (10, "25%", "25%", 2, 8, 13),
        (10, "1", "1", 5, 9, 11),
        (20, "1", "0", 20, 20, 21),
        (20, "50%", "0", 2, 20, 30),
        (20, "100%", "0", 1, 20, 40),
        (100, "1", "0", 100, 100, 101),
        (100, "50%", "0", 2, 100, 150),
        (100, "100%", "0", 1, 100, 200),
        (100, "0", "25%", 4, 75, 100),
    ];

    #[test]
    fn waves_minimum_and_maximum_are_those_of_a_kubernetes_deployment() {
        for &(fleet, surge, unavailable, waves, ready_min, total_max) in WAVES {
            let spec = format!(
                r#"{{"rolling": {{"max_surge": "{surge}", "max_unavailable": "{unavailable}"}}}}"#
            );
            let log = play(&spec, &Script { fleet, ..Script::default() });
            let end = (100 + 10 * waves, Phase::Completed);
            assert_eq!(log.phases()[1..], [end], "{fleet} {surge} {unavailable}");
            let seen = (log.ready_min, log.total_max);
            assert_eq!(seen, (ready_min, total_max), "{fleet} {surge} {unavailable}");
        }
    }

    /// Of KEP-5882, computed: fleet, surge, unavailable, seconds until ready and until gone, whether what
    /// is being stopped takes up room until it is gone; seconds that the rollout takes.
    const REPLACED: &[(u32, &str, &str, u64, u64, bool, u64)] = &[
        (4, "1", "1", 10, 0, false, 20),
        (4, "1", "1", 10, 30, true, 80),
        (4, "1", "1", 10, 300, false, 20),
        (10, "3", "2", 10, 0, true, 20),
        (10, "3", "2", 30, 30, false, 60),
        (10, "3", "2", 10, 300, true, 620),
        (10, "1", "0", 10, 30, false, 100),
        (10, "1", "0", 30, 30, true, 570),
        (20, "5", "5", 10, 30, true, 80),
        (5, "0", "1", 10, 0, true, 50),
        (5, "0", "1", 30, 30, false, 150),
        (5, "0", "1", 10, 300, true, 1550),
    ];

    #[test]
    fn a_replacement_waits_until_the_old_process_is_gone_where_the_policy_says_so() {
        for &(fleet, surge, unavailable, ready, gone, complete, takes) in REPLACED {
            let policy = if complete { "termination_complete" } else { "termination_started" };
            let spec = format!(
                r#"{{"rolling": {{"max_surge": "{surge}", "max_unavailable": "{unavailable}",
                     "progress_deadline": "1h", "pod_replacement_policy": "{policy}"}}}}"#
            );
            let (startup, drain) = (Span::from_secs(ready), Span::from_secs(gone));
            let log = play(&spec, &Script { fleet, startup, drain, ..Script::default() });
            let end = (100 + takes, Phase::Completed);
            assert_eq!(log.phases()[1..], [end], "{fleet} {surge} {unavailable} {ready} {gone}");
        }
    }

    #[test]
    fn a_batch_is_replaced_then_waited_for_the_last_included() {
        let spec = r#"{"rolling": {"batch": 2, "wait": "10m"}}"#;
        let log = play(spec, &Script { fleet: 5, ..Script::default() });
        assert_eq!(
            log.lines(),
            [
                "100 progressing",
                "100 stable 3",
                "100 candidate 2",
                "710 stable 1",
                "710 candidate 4",
                "1320 stable 0",
                "1320 candidate 5",
                "1930 completed"
            ]
        );
        assert_eq!((log.ready_min, log.total_max), (3, 5));
    }

    #[test]
    fn a_surged_batch_keeps_the_fleet_full() {
        let spec = r#"{"rolling": {"batch": 1, "max_surge": 1, "wait": "10m"}}"#;
        let log = play(spec, &Script { fleet: 5, ..Script::default() });
        assert_eq!(log.phases()[1..], [(100 + 5 * 610, Phase::Completed)]);
        assert_eq!((log.ready_min, log.total_max), (5, 6));
    }

    #[test]
    fn an_instance_is_available_only_after_its_minimum_time() {
        let spec = r#"{"rolling": {"max_surge": "100%", "min_ready": "30s"}}"#;
        assert_eq!(play(spec, &Script::default()).phases()[1..], [(140, Phase::Completed)]);
    }

    #[test]
    fn a_crash_stops_the_rollout_and_rolls_it_back() {
        let spec = r#"{"rolling": {"stop_on_failure": true}}"#;
        let script = Script { candidate_crashes: true, ..Script::default() };
        let log = play(spec, &script);
        let phases = [(110, Phase::RollingBack), (120, Phase::RolledBack)];
        assert_eq!(log.phases()[1..], phases);
        assert_eq!(log.why(), "2 new instances crashed");
        assert_eq!((log.view.stable().ready(), log.view.candidate().existing), (4, 0));

        let spec = r#"{"rolling": {"stop_on_failure": true, "on_failure": "halt"}}"#;
        let log = play(spec, &script);
        assert_eq!(log.phases()[1..], [(110, Phase::Failed)]);
        assert_eq!((log.view.stable().ready(), log.view.candidate().existing), (3, 2));
    }

    #[test]
    fn without_stop_on_failure_it_halts_when_time_is_up_and_can_still_be_undone() {
        let undo_at = Some(secs(1_000));
        let script = Script { candidate_crashes: true, undo_at, ..Script::default() };
        let phases = play(r#"{"rolling": {}}"#, &script).phases();
        assert_eq!(
            phases[1..],
            [(700, Phase::Failed), (1_000, Phase::RollingBack), (1_010, Phase::RolledBack)]
        );
    }

    #[test]
    fn a_failed_analysis_rolls_back_what_is_new() {
        let spec = r#"{"rolling": {"batch": 1, "wait": "10m", "analysis": true}}"#;
        let analyses = vec![(Span::from_secs(700), AnalysisState::Failed)];
        let log = play(spec, &Script { analyses, ..Script::default() });
        assert_eq!(
            log.lines()[3..],
            [
                "110 analysis",
                "710 stable 2",
                "710 candidate 2",
                "810 rolling back",
                "810 no analysis",
                "810 candidate 1",
                "810 stable 3",
                "820 candidate 0",
                "820 stable 4",
                "830 rolled back"
            ]
        );
    }

    #[test]
    fn an_inconclusive_analysis_asks_and_a_yes_begins_a_new_one() {
        let spec = r#"{"rolling": {"batch": 4, "wait": "10m", "analysis": true}}"#;
        let analyses = vec![(Span::from_secs(100), AnalysisState::Inconclusive)];
        let log = play(spec, &Script { analyses, ..Script::default() });
        assert_eq!(
            log.lines()[3..],
            [
                "110 analysis",
                "210 paused",
                "210 ask",
                "270 progressing",
                "270 analysis",
                "710 no analysis",
                "710 completed"
            ]
        );
    }

    #[test]
    fn the_migration_runs_first_and_a_failed_one_is_undone() {
        let migration = Some((Span::from_secs(30), MigrationState::Done));
        let log = play(r#"{"rolling": {}}"#, &Script { migration, ..Script::default() });
        assert_eq!(log.lines()[1..3], ["100 migrate", "130 candidate 1"]);

        let migration = Some((Span::from_secs(30), MigrationState::Failed));
        let spec = r#"{"rolling": {"stop_on_failure": true}}"#;
        let log = play(spec, &Script { migration, ..Script::default() });
        assert_eq!(log.lines()[2..], ["130 rolling back", "130 undo migration", "190 rolled back"]);
    }
}
