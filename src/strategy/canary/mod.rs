//! Gives the new release a small share of the traffic first.

mod settings;

use super::{
    AnalysisMode, Crossing, ExposureStep, OnFailure, Paces, RolloutWay, Routing, Strategy,
    StrategyKind, StrategySpec, Watched, WayWait, WrittenRamp,
    deploy::{Migrate, Pause, StopAll},
    exposure::PLAIN_CANARY,
    gate::Gate,
    leg::{Legs, Patience},
    ramp::{Ramp, Stop},
    retreat::{Way, WayKind},
    roll::{Pace, PodReplacementPolicy},
    traffic::{Sizing, Traffic, Turn},
    workflow::Workflow,
};
use crate::{
    model::{Amount, GroupId},
    units::{Ratio, Span, text},
};

pub use settings::{Canary, CanaryBy, CanaryStep};

impl StrategyKind for Canary {
    fn build(&self) -> Box<dyn Strategy> {
        Workflow {
            routing: self.routing(),
            uses_flag: self.uses_flag(),
            opening: "starting a canary",
            arrival: "promoted: the new release serves all users",
            legs: self.legs(),
            back: self.back(),
            on_failure: OnFailure::RollBack,
        }
        .boxed()
    }

    fn uses_flag(&self) -> bool {
        false
    }

    fn uses_analysis(&self) -> bool {
        self.analysis != AnalysisMode::None
    }

    fn ramps(&self) -> Vec<WrittenRamp> {
        vec![self.ramp("canary.steps")]
    }

    fn watched(&self) -> Vec<Watched> {
        self.watched_at("canary.steps").into_iter().collect()
    }

    fn sized(&self) -> Option<(WrittenRamp, Sizing)> {
        Some((self.ramp("canary.steps"), self.sizing()))
    }

    fn way(&self, paces: &dyn Paces) -> RolloutWay {
        let keep = if self.by == CanaryBy::Instances { Span::ZERO } else { self.scale_down_delay };
        RolloutWay::default()
            .with(WayWait::Migration, paces.migration())
            .growing(&self.steps, (self.sizing(), self.min_ready), paces)
            .ramp(&self.ramp("canary.steps").steps, paces)
            .with(WayWait::Keep, keep)
    }

    fn crossing(&self) -> Crossing {
        self.crossing_at("canary.by")
    }

    fn says_weights(&self) -> Option<&'static str> {
        Some("canary")
    }

    fn upkeep_minutes(&self) -> f64 {
        10.0
    }

    fn noun(&self) -> &'static str {
        "canary"
    }

    fn plain(hold: Span) -> Option<StrategySpec> {
        Some(Self::plain_of(hold).into())
    }
}

impl Canary {
    /// By users: a chat names its user with every update, and a canary that draws for every request
    /// would let each user meet a bad release sooner or later.
    pub(super) fn plain_of(hold: Span) -> Self {
        let step = |weight| CanaryStep { weight: Ratio::clamped(weight), hold, approve: false };
        let steps = PLAIN_CANARY.map(step).to_vec();
        Self { by: CanaryBy::Users, steps, ..Self::default() }
    }

    /// Its steps, which are written at this path.
    pub(super) fn ramp(&self, path: &'static str) -> WrittenRamp {
        let step = |it: &CanaryStep| ExposureStep {
            weight: it.weight.get(),
            hold: it.hold,
            approve: it.approve,
        };
        let steps = self.steps.iter().map(step).collect();
        WrittenRamp { path, key: "weight", steps, walked: true, last_stays: false }
    }

    /// None where it goes by attributes: how many users have them is not the strategy's to know.
    pub(super) fn watched_at(&self, path: &'static str) -> Option<Watched> {
        let known = !matches!(self.by, CanaryBy::Attributes(_));
        self.ramp(path).watched(self.analysis).filter(|_| known)
    }

    /// With `by` written at this path.
    pub(super) const fn crossing_at(&self, path: &'static str) -> Crossing {
        match self.by {
            CanaryBy::Requests => Crossing::ByRequest { path, sticky: "users" },
            CanaryBy::Users | CanaryBy::Instances | CanaryBy::Attributes(_) => Crossing::Never,
        }
    }

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
        legs.push(Box::new(StopAll(GroupId::STABLE)));
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

    /// How it sizes both releases.
    pub(super) fn sizing(&self) -> Sizing {
        match self.by {
            CanaryBy::Instances => Sizing::InProportion,
            CanaryBy::Requests | CanaryBy::Users | CanaryBy::Attributes(_) => {
                if self.match_replicas { Sizing::ByWeight } else { Sizing::Full }
            }
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
        let turn = |it: &CanaryStep| Turn {
            weight: it.weight,
            words: format!("candidate takes {}", self.share(it.weight)),
            reached: None,
        };
        Traffic {
            steps: steps.iter().map(turn).collect(),
            sizing: self.sizing(),
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
