//! A second environment, and a switch between the two.

use serde::{Deserialize, Serialize};

use super::{
    Crossing, ExposureStep, OnFailure, OnInconclusive, Paces, RolloutWay, Routing, Strategy,
    StrategyKind, StrategySpec, Watched, WayWait, WrittenRamp,
    deploy::{MIGRATION_DEADLINE, Migrate, PROGRESS_DEADLINE, Pause, Start, StopAll, Switch},
    gate::{Approval, Gate},
    leg::{Leg, Legs, Patience, Step},
    retreat::{Way, WayKind},
    workflow::Workflow,
};
use crate::{
    model::{Action, GroupId, SmokeState, SmokeTest, View, Wake},
    units::Span,
};

/// Blue-green: the new release is started as a full second environment beside the old one, checked,
/// and then gets all traffic at once. While the old environment is kept, a rollback is a switch;
/// later the old environment must be started again first.
///
/// The migration runs before the new environment is started.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct BlueGreen {
    /// Smoke test of the new environment before the switch. Without it, there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smoke: Option<SmokeTest>,
    /// A new instance counts as available when it has been ready for this long.
    pub min_ready: Span,
    /// Whether the switch needs the operator's approval.
    pub approve: bool,
    /// Time to issue the switch, in either direction; the propagation is added.
    pub switch_command: Span,
    /// Bake time: how long the analysis runs after the switch.
    pub bake: Span,
    /// Whether the analysis runs during the bake time.
    pub analysis: bool,
    /// What happens after an inconclusive analysis.
    pub on_inconclusive: OnInconclusive,
    /// Time after the switch for which the old environment is kept, at least the bake time.
    pub keep_old: Span,
    /// Time from a switch back until the new environment is stopped (Argo Rollouts: 30 s).
    pub scale_down_delay: Span,
    /// The rollout fails when no further instance becomes available for this long (Kubernetes:
    /// `progressDeadlineSeconds`, which is more than `minReadySeconds`). Giving up is a choice with a price:
    /// a good release that only starts slowly is given up as well.
    pub progress_deadline: Span,
    /// The rollout fails when the migration takes longer than this.
    pub migration_deadline: Span,
}

impl Default for BlueGreen {
    fn default() -> Self {
        Self {
            smoke: None,
            min_ready: Span::ZERO,
            approve: false,
            switch_command: Span::from_secs(1),
            bake: Span::from_secs(600),
            analysis: true,
            on_inconclusive: OnInconclusive::Pause,
            keep_old: Span::from_secs(3_600),
            scale_down_delay: Span::from_secs(30),
            progress_deadline: PROGRESS_DEADLINE,
            migration_deadline: MIGRATION_DEADLINE,
        }
    }
}

impl StrategyKind for BlueGreen {
    fn build(&self) -> Box<dyn Strategy> {
        Workflow {
            routing: Routing::Requests,
            uses_flag: self.uses_flag(),
            opening: "starting the new environment beside the old one",
            arrival: "the old environment is stopped",
            legs: self.legs(),
            back: Way {
                kind: WayKind::Weighted {
                    command: self.switch_command,
                    scale_down_delay: self.scale_down_delay,
                },
                progress_deadline: self.progress_deadline,
                migration_deadline: self.migration_deadline,
            },
            on_failure: OnFailure::RollBack,
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

    fn watched(&self) -> Vec<Watched> {
        let steps = vec![ExposureStep { weight: 1.0, hold: self.bake, approve: self.approve }];
        let watched = Watched { path: "blue_green.bake", steps, each_step: false };
        if self.analysis { vec![watched] } else { Vec::new() }
    }

    fn way(&self, paces: &dyn Paces) -> RolloutWay {
        let smoke = self.smoke.as_ref().map_or(Span::ZERO, |it| paces.smoke(it));
        let asked = if self.approve { paces.answer() } else { Span::ZERO };
        RolloutWay::default()
            .with(WayWait::Migration, paces.migration())
            .with(WayWait::Start, paces.start(paces.sizes().1))
            .with(WayWait::MinReady, self.min_ready)
            .with(WayWait::Smoke, smoke)
            .with(WayWait::Approval, asked)
            .with(WayWait::Switch, self.switch_command)
            .with(WayWait::Bake, self.bake)
            .with(WayWait::Keep, self.keep_old.saturating_sub(self.bake))
    }

    fn crossing(&self) -> Crossing {
        Crossing::NotSplit
    }

    fn upkeep_minutes(&self) -> f64 {
        5.0
    }

    fn noun(&self) -> &'static str {
        "blue-green"
    }

    fn plain(hold: Span) -> Option<StrategySpec> {
        Some(Self { bake: hold, ..Self::default() }.into())
    }
}

impl BlueGreen {
    fn legs(&self) -> Legs {
        let mut legs: Legs = vec![
            Box::new(Migrate::within(self.migration_deadline)),
            Box::new(Start {
                group: GroupId::CANDIDATE,
                min_ready: self.min_ready,
                patience: Patience::new(self.progress_deadline),
            }),
        ];
        if let Some(test) = &self.smoke {
            let deadline = test.over.saturating_add(self.progress_deadline);
            let patience = Patience::new(deadline);
            let test = test.clone();
            legs.push(Box::new(Smoke { test, sent: false, patience, waived: false }));
        }
        if self.approve {
            let text = "approve the switch of all traffic to the new environment?";
            legs.push(Box::new(Approval::of(text)));
        }
        legs.push(Box::new(Pause::of(self.switch_command)));
        legs.push(Box::new(Switch(GroupId::CANDIDATE)));
        let gate = self.analysis.then(|| Gate::new(false, self.on_inconclusive));
        legs.push(Box::new(Bake { gate, pause: Pause::told(self.bake, "bake") }));
        let kept = self.keep_old.saturating_sub(self.bake);
        legs.push(Box::new(Pause::told(kept, "keep the old instances")));
        legs.push(Box::new(StopAll(GroupId::STABLE)));
        legs
    }
}

#[derive(Clone)]
struct Smoke {
    test: SmokeTest,
    sent: bool,
    patience: Patience,
    waived: bool,
}

impl Leg for Smoke {
    fn step(&mut self, view: &View, actions: &mut Vec<Action>) -> Step {
        if self.waived {
            return Step::Done;
        }
        let state = if self.sent { view.smoke } else { SmokeState::Running };
        if !self.sent {
            self.sent = true;
            actions.push(Action::Smoke(self.test.clone()));
        }
        match state {
            SmokeState::Passed => return Step::Done,
            SmokeState::Failed => return Step::Failed("the smoke test failed".to_owned()),
            SmokeState::Idle | SmokeState::Running => {}
        }
        match self.patience.until(0, view) {
            Some(end) => Step::Going(Wake::At(end)),
            None => Step::Failed("the smoke test did not end".to_owned()),
        }
    }

    fn parts(&self) -> Vec<String> {
        vec!["smoke test".to_owned()]
    }

    fn hurry(&mut self) {
        self.waived = true;
    }
}

/// The time after the switch, under the analysis.
#[derive(Clone)]
struct Bake {
    gate: Option<Gate>,
    pause: Pause,
}

impl Leg for Bake {
    fn step(&mut self, view: &View, actions: &mut Vec<Action>) -> Step {
        if let Some(gate) = &mut self.gate {
            if let Some(objection) = gate.objection(view, actions) {
                return objection;
            }
            if !gate.is_running() {
                gate.start(actions);
            }
        }
        let step = self.pause.step(view, actions);
        if let (Step::Done, Some(gate)) = (&step, &mut self.gate) {
            gate.stop(actions);
        }
        step
    }

    fn parts(&self) -> Vec<String> {
        self.pause.parts()
    }

    fn hurry(&mut self) {
        self.gate = None;
        self.pause = Pause::of(Span::ZERO);
    }
}

#[cfg(test)]
mod tests {
    use crate::strategy::script::{Script, play, secs};
    use crate::{
        model::{AnalysisState, Answer, MigrationState, Phase, SmokeState},
        units::Span,
    };

    const SPEC: &str = r#"{"blue_green": {"smoke": {}, "approve": true, "switch_command": "5s"}}"#;

    #[test]
    fn it_starts_checks_asks_switches_bakes_keeps_and_stops() {
        let log = play(SPEC, &Script::default());
        assert_eq!(
            log.lines(),
            [
                "100 progressing",
                "100 candidate 4",
                "110 smoke",
                "140 paused",
                "140 ask",
                "200 progressing",
                "205 weight 100%",
                "205 analysis",
                "805 no analysis",
                "3805 stable 0",
                "3805 completed"
            ]
        );
        assert_eq!((log.ready_min, log.total_max), (4, 8));
    }

    #[test]
    fn a_failed_smoke_test_or_a_no_stops_the_new_environment_before_any_user_meets_it() {
        let smoke = SmokeState::Failed;
        let log = play(SPEC, &Script { smoke, ..Script::default() });
        assert_eq!(log.lines()[3..], ["140 rolling back", "140 candidate 0", "145 rolled back"]);

        let log = play(SPEC, &Script { answer: Answer::No, ..Script::default() });
        assert_eq!(log.lines()[5..], ["200 rolling back", "200 candidate 0", "205 rolled back"]);
    }

    #[test]
    fn a_failed_analysis_flips_back_while_the_old_environment_is_kept() {
        let analyses = vec![(Span::from_secs(60), AnalysisState::Failed)];
        let log = play(SPEC, &Script { analyses, ..Script::default() });
        assert_eq!(
            log.lines()[8..],
            [
                "265 rolling back",
                "265 no analysis",
                "270 weight 0%",
                "300 candidate 0",
                "305 rolled back"
            ]
        );
    }

    #[test]
    fn a_late_undo_starts_the_old_environment_first() {
        let migration = Some((Span::from_secs(20), MigrationState::Done));
        let undo_at = Some(secs(9_000));
        let log = play(SPEC, &Script { migration, undo_at, ..Script::default() });
        assert_eq!(
            log.lines()[12..],
            [
                "9000 rolling back",
                "9000 stable 4",
                "9015 weight 0%",
                "9045 candidate 0",
                "9050 undo migration",
                "9110 rolled back"
            ]
        );
        assert_eq!(log.ready_min, 4);
    }

    #[test]
    fn a_new_environment_that_never_starts_is_given_up() {
        let log = play(SPEC, &Script { candidate_crashes: true, ..Script::default() });
        assert_eq!(log.phases()[1..], [(700, Phase::RollingBack), (705, Phase::RolledBack)]);
        assert_eq!(log.why(), "0 of 4 new instances available, no progress for 10 min");
    }
}
