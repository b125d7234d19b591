//! Gives the new release a small share of the traffic first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AnalysisMode, OnFailure, OnInconclusive, Routing, Strategy, StrategyKind,
    deploy::{MIGRATION_DEADLINE, Migrate, PROGRESS_DEADLINE, Pause, StopAll},
    gate::Gate,
    leg::{Legs, Patience},
    ramp::{Ramp, Stop},
    retreat::{Way, WayKind},
    roll::{Pace, PodReplacementPolicy},
    traffic::Traffic,
    workflow::Workflow,
};
use crate::{
    model::{Amount, ReleaseId, UserMatch},
    units::{Ratio, Span, text},
};

/// Canary: the new release gets a small share of the traffic, then more, as long as the analysis
/// does not fail. A step first scales the instances, then shifts the traffic.
///
/// With `by` requests, users or attributes the old release stays at full size until the promotion;
/// with instances both are scaled in proportion. After the last step the candidate gets a full
/// fleet and all traffic, and the old release is stopped. An abort returns all traffic to the old
/// release at once.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Canary {
    /// Whose traffic the candidate gets.
    pub by: CanaryBy,
    /// The steps; promotion to 100 % follows the last.
    #[schemars(length(max = 100))]
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
    /// `progressDeadlineSeconds`). Giving up is a choice with a price: a good release that only starts
    /// slowly is given up as well.
    pub progress_deadline: Span,
    /// The rollout fails when the migration takes longer than this.
    pub migration_deadline: Span,
}

/// Whose traffic a canary gets.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
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
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
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

impl StrategyKind for Canary {
    fn build(&self) -> Box<dyn Strategy> {
        Workflow {
            routing: self.routing(),
            uses_analysis: self.analysis != AnalysisMode::None,
            uses_flag: false,
            opening: "starting a canary",
            arrival: "promoted: the new release serves all users",
            legs: self.legs(),
            back: self.back(),
            on_failure: OnFailure::RollBack,
        }
        .boxed()
    }
}

impl Canary {
    pub(super) fn routing(&self) -> Routing {
        match &self.by {
            CanaryBy::Requests => Routing::Requests,
            CanaryBy::Users => Routing::Users,
            CanaryBy::Instances => Routing::Instances,
            CanaryBy::Attributes(users) => Routing::Attributes(users.clone()),
        }
    }

    /// The migration, the steps and the promotion.
    pub(super) fn legs(&self) -> Legs {
        let stop = |step: &CanaryStep| Stop {
            hold: step.hold,
            question: step
                .approve
                .then(|| format!("approve {} for the candidate?", self.share(step.weight))),
        };
        let stops = self.steps.iter().map(stop).collect();
        let gate = Gate::new(false, self.on_inconclusive);
        let steps = Ramp::new(self.traffic(&self.steps), stops, self.analysis, gate);

        let promotion = [CanaryStep { weight: Ratio::ONE, hold: Span::ZERO, approve: false }];
        let stops = promotion.iter().map(stop).collect();
        let gate = Gate::new(false, self.on_inconclusive);
        let promote = Ramp::new(self.traffic(&promotion), stops, AnalysisMode::None, gate);
        let mut legs: Legs = vec![
            Box::new(Migrate::within(self.migration_deadline)),
            Box::new(steps),
            Box::new(promote),
        ];
        if self.by != CanaryBy::Instances {
            legs.push(Box::new(Pause::told(self.scale_down_delay, "keep the old instances")));
        }
        legs.push(Box::new(StopAll(ReleaseId::Stable)));
        legs
    }

    pub(super) fn back(&self) -> Way {
        let quarter = Amount::Part(Ratio::clamped(0.25));
        let kind = match self.by {
            CanaryBy::Instances => WayKind::Rolling(Pace {
                surge: quarter,
                unavailable: quarter,
                batch: None,
                wait: Span::ZERO,
                min_ready: Span::ZERO,
                deadline: self.progress_deadline,
                replacement: PodReplacementPolicy::TerminationStarted,
            }),
            CanaryBy::Requests | CanaryBy::Users | CanaryBy::Attributes(_) => {
                WayKind::Weighted { command: Span::ZERO, scale_down_delay: self.scale_down_delay }
            }
        };
        Way {
            kind,
            progress_deadline: self.progress_deadline,
            migration_deadline: self.migration_deadline,
        }
    }

    fn share(&self, weight: Ratio) -> String {
        let of = match self.by {
            CanaryBy::Requests => "of requests",
            CanaryBy::Users => "of users",
            CanaryBy::Instances => "of instances",
            CanaryBy::Attributes(_) => "of the chosen users",
        };
        format!("{} {of}", text::share(weight.get()))
    }

    fn traffic(&self, steps: &[CanaryStep]) -> Traffic {
        let turn =
            |it: &CanaryStep| (it.weight, format!("candidate takes {}", self.share(it.weight)));
        Traffic {
            steps: steps.iter().map(turn).collect(),
            by_instances: self.by == CanaryBy::Instances,
            match_replicas: self.match_replicas,
            min_ready: self.min_ready,
            patience: Patience::new(self.progress_deadline),
            weight: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::strategy::script::{Script, play, secs};
    use crate::{
        model::{AnalysisState, Answer, Phase},
        units::{Ratio, Span},
    };

    fn spec(more: &str) -> String {
        let steps = r#"[{"weight": "10%", "hold": "5m"}, {"weight": "50%", "hold": "5m"}]"#;
        format!(r#"{{"canary": {{"steps": {steps}{more}}}}}"#)
    }

    fn of_ten() -> Script {
        Script { fleet: 10, ..Script::default() }
    }

    #[test]
    fn replicas_come_first_then_the_weight_and_the_old_release_stays_full() {
        let log = play(&spec(""), &of_ten());
        assert_eq!(
            log.lines(),
            [
                "100 progressing",
                "100 candidate 1",
                "110 weight 10%",
                "110 analysis",
                "410 candidate 5",
                "420 weight 50%",
                "720 no analysis",
                "720 candidate 10",
                "730 weight 100%",
                "760 stable 0",
                "760 completed"
            ]
        );
        assert_eq!((log.ready_min, log.total_max), (10, 20));
    }

    #[test]
    fn by_instances_both_releases_scale_against_each_other() {
        let log = play(&spec(r#", "by": "instances", "analysis": "none""#), &of_ten());
        assert_eq!(
            log.lines(),
            [
                "100 progressing",
                "100 candidate 1",
                "110 stable 9",
                "410 candidate 5",
                "420 stable 5",
                "720 candidate 10",
                "730 stable 0",
                "730 completed"
            ]
        );
        assert_eq!((log.ready_min, log.total_max), (10, 15));
    }

    #[test]
    fn each_step_has_an_analysis_of_its_own() {
        let log = play(&spec(r#", "analysis": "each_step""#), &of_ten());
        let starts = |it: &&String| it.ends_with("analysis");
        let lines = log.lines();
        let lines: Vec<_> = lines.iter().filter(starts).collect();
        assert_eq!(lines, ["110 analysis", "410 no analysis", "420 analysis", "720 no analysis"]);
    }

    #[test]
    fn a_failed_analysis_takes_the_traffic_away_at_once() {
        for (state, why) in [
            (AnalysisState::Failed, "the analysis failed"),
            (AnalysisState::Errored, "the analysis could not read its metrics"),
        ] {
            let analyses = vec![(Span::from_secs(100), state)];
            let log = play(&spec(""), &Script { analyses, ..of_ten() });
            assert_eq!(
                log.lines()[4..],
                [
                    "210 rolling back",
                    "210 no analysis",
                    "210 weight 0%",
                    "240 candidate 0",
                    "245 rolled back"
                ]
            );
            assert_eq!(log.why(), why);
        }
    }

    #[test]
    fn by_instances_an_abort_stops_the_candidate_at_once_where_capacity_allows() {
        let analyses = vec![(Span::from_secs(100), AnalysisState::Failed)];
        let log = play(&spec(r#", "by": "instances""#), &Script { analyses, ..of_ten() });
        assert_eq!(
            log.lines()[4..],
            [
                "210 rolling back",
                "210 no analysis",
                "210 stable 10",
                "210 candidate 0",
                "220 rolled back"
            ]
        );
    }

    #[test]
    fn an_inconclusive_analysis_does_what_the_scenario_says() {
        let analyses = vec![(Span::from_secs(100), AnalysisState::Inconclusive)];
        let end = |more: &str, answer: Answer| {
            let script = Script { analyses: analyses.clone(), answer, ..of_ten() };
            let log = play(&spec(more), &script);
            (log.phases().last().copied().unwrap(), log.why().to_owned())
        };
        let promoted = "promoted: the new release serves all users".to_owned();
        let inconclusive = "the analysis was inconclusive".to_owned();
        assert_eq!(end("", Answer::Yes), ((760, Phase::Completed), promoted.clone()));
        let no = format!("{inconclusive}, and the operator refused");
        assert_eq!(end("", Answer::No), ((305, Phase::RolledBack), no));
        let go_on = r#", "on_inconclusive": "go_on""#;
        assert_eq!(end(go_on, Answer::No), ((760, Phase::Completed), promoted));
        let back = r#", "on_inconclusive": "roll_back""#;
        assert_eq!(end(back, Answer::Yes), ((245, Phase::RolledBack), inconclusive));
    }

    #[test]
    fn a_step_waits_for_its_approval() {
        let spec = r#"{"canary": {"analysis": "none", "steps": [
            {"weight": "5%", "hold": "1m"}, {"weight": "50%", "approve": true}]}}"#;
        let log = play(spec, &of_ten());
        assert_eq!(
            log.lines()[3..7],
            ["170 paused", "170 ask", "230 progressing", "230 candidate 5"]
        );
        let log = play(spec, &Script { answer: Answer::No, ..of_ten() });
        assert_eq!(log.why(), "the operator refused");
        assert_eq!(log.weight, Ratio::ZERO);
    }

    #[test]
    fn candidates_that_never_start_get_no_traffic_and_are_given_up() {
        let log = play(&spec(""), &Script { candidate_crashes: true, ..of_ten() });
        assert_eq!(log.lines()[2..], ["700 rolling back", "700 candidate 0", "705 rolled back"]);
    }

    #[test]
    fn an_undo_after_the_promotion_starts_the_old_release_first() {
        let log = play(&spec(""), &Script { undo_at: Some(secs(2_000)), ..of_ten() });
        assert_eq!(
            log.lines()[11..],
            [
                "2000 rolling back",
                "2000 stable 10",
                "2010 weight 0%",
                "2040 candidate 0",
                "2045 rolled back"
            ]
        );
    }
}
