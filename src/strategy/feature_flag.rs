//! Ships the code with its feature off, then turns the feature on for more and more users.

use serde::{Deserialize, Serialize};

use super::{
    AnalysisMode, Crossing, ExposureStep, OnInconclusive, Paces, Rolling, RolloutWay, Routing,
    Strategy, StrategyKind, StrategySpec, Watched, WrittenRamp,
    exposure::PLAIN_FLAG,
    gate::Gate,
    leg::{Leg, Step},
    ramp::{Knob, Ramp, Stop},
    workflow::Workflow,
};
use crate::{
    model::{Action, FlagRule, GroupId, UserMatch, View},
    units::{Ratio, Span, text},
};

/// Feature flag: the new code is deployed by rolling with its feature off, then the feature is
/// turned on for some users, then for more. Switching it off needs no deployment.
///
/// When the analysis of the feature fails, the feature is turned off and the code stays. When the
/// operator orders a rollback, the feature is turned off at once and the code is rolled back as
/// well.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct FeatureFlag {
    /// How the code is deployed, with the feature off.
    pub deploy: Rolling,
    /// The steps; the last one stays.
    #[cfg_attr(test, schemars(length(min = 1, max = 100)))]
    pub steps: Vec<FlagStep>,
    /// When the analysis runs; it compares users with the feature with those without.
    pub analysis: AnalysisMode,
    /// What happens after an inconclusive analysis.
    pub on_inconclusive: OnInconclusive,
    /// Whether the feature stays off: the rollout ends with the dark launch.
    pub never_on: bool,
    /// What to do when the analysis fails or the operator refuses.
    pub on_failure: OnFlagFailure,
    /// Users for whom the feature is turned off at the first failure, those that match any of
    /// these, while it stays on for the others and the step starts again. A second failure leads to
    /// `on_failure`, and so does the first when this is empty.
    #[cfg_attr(test, schemars(length(max = 32)))]
    pub exclude_on_failure: Vec<UserMatch>,
}

/// One step of a flag's ramp.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct FlagStep {
    /// Share of all users who have the feature; they keep it as the share grows.
    pub share: Ratio,
    /// Users who have it whatever the share: those that match any of these.
    #[cfg_attr(test, schemars(length(max = 32)))]
    pub include: Vec<UserMatch>,
    /// Pause before the next step, or before the rollout is complete.
    pub hold: Span,
    /// Whether the step needs the operator's approval.
    pub approve: bool,
}

/// What happens when the feature fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnFlagFailure {
    /// The feature is turned off, the code stays.
    #[default]
    Kill,
    /// The feature is turned off, then the code is rolled back as well.
    RollBack,
}

impl Default for FeatureFlag {
    fn default() -> Self {
        Self {
            deploy: Rolling::default(),
            steps: default_steps(),
            analysis: AnalysisMode::Background,
            on_inconclusive: OnInconclusive::Pause,
            never_on: false,
            on_failure: OnFlagFailure::Kill,
            exclude_on_failure: Vec::new(),
        }
    }
}

/// 1 %, 10 %, 50 % and all users, an hour each.
pub(super) fn default_steps() -> Vec<FlagStep> {
    let step = |share: f64| FlagStep {
        share: Ratio::clamped(share),
        hold: Span::from_secs(3_600),
        ..FlagStep::default()
    };
    [0.01, 0.1, 0.5, 1.0].map(step).to_vec()
}

/// Those of a plain ramp.
pub(super) fn plain_steps(hold: Span) -> Vec<FlagStep> {
    let step = |share| FlagStep { share: Ratio::clamped(share), hold, ..FlagStep::default() };
    PLAIN_FLAG.map(step).to_vec()
}

/// The steps of a flag, which are written at this path.
pub(super) fn written(path: &'static str, steps: &[FlagStep], walked: bool) -> WrittenRamp {
    let step =
        |it: &FlagStep| ExposureStep { weight: it.share.get(), hold: it.hold, approve: it.approve };
    let steps = steps.iter().map(step).collect();
    WrittenRamp { path, key: "share", steps, walked, last_stays: true }
}

/// None where a step names its users.
pub(super) fn watched(
    path: &'static str,
    steps: &[FlagStep],
    mode: AnalysisMode,
) -> Option<Watched> {
    let known = steps.iter().all(|it| it.include.is_empty());
    written(path, steps, true).watched(mode).filter(|_| known)
}

impl StrategyKind for FeatureFlag {
    fn build(&self) -> Box<dyn Strategy> {
        let mut legs = self.deploy.legs();
        if !self.never_on {
            legs.push(self.ramp());
        }
        let dark = "the code is deployed; the feature stays off";
        Workflow {
            routing: Routing::Instances,
            uses_flag: self.uses_flag(),
            opening: "deploying the code with the feature off",
            arrival: if self.never_on { dark } else { "the last step of the feature is complete" },
            legs,
            back: self.deploy.back(),
            on_failure: self.deploy.on_failure(),
        }
        .boxed()
    }

    fn uses_flag(&self) -> bool {
        true
    }

    fn uses_analysis(&self) -> bool {
        let ramp = !self.never_on && self.analysis != AnalysisMode::None;
        self.deploy.analysis || ramp
    }

    fn ramps(&self) -> Vec<WrittenRamp> {
        vec![written("feature_flag.steps", &self.steps, !self.never_on)]
    }

    fn watched(&self) -> Vec<Watched> {
        watched("feature_flag.steps", &self.steps, self.analysis).into_iter().collect()
    }

    fn way(&self, paces: &dyn Paces) -> RolloutWay {
        let walked = self.ramps().into_iter().filter(|it| it.walked);
        walked.fold(self.deploy.way(paces), |way, it| way.ramp(&it.steps, paces))
    }

    fn crossing(&self) -> Crossing {
        Crossing::Never
    }

    fn upkeep_minutes(&self) -> f64 {
        10.0
    }

    fn noun(&self) -> &'static str {
        "a feature flag"
    }

    fn shipped_words(&self) -> String {
        "behind a feature flag".to_owned()
    }

    fn plain(hold: Span) -> Option<StrategySpec> {
        Some(Self { steps: plain_steps(hold), ..Self::default() }.into())
    }
}

impl FeatureFlag {
    fn ramp(&self) -> Box<dyn Leg> {
        let knob = Flag {
            steps: self.steps.clone(),
            on_failure: self.on_failure,
            exclude: self.exclude_on_failure.clone(),
            excluded: false,
            at: None,
        };
        ramp(knob, self.analysis, self.on_inconclusive)
    }
}

/// The ramp of a flag; the analysis compares users with the feature to those without.
pub(super) fn ramp(
    knob: Flag,
    analysis: AnalysisMode,
    on_inconclusive: OnInconclusive,
) -> Box<dyn Leg> {
    let stop = |step: &FlagStep| Stop {
        hold: step.hold,
        question: step.approve.then(|| format!("approve the feature for {}?", audience(step))),
    };
    let stops = knob.steps.iter().map(stop).collect();
    let gate = Gate::new(true, on_inconclusive);
    Box::new(Ramp::new(knob, stops, analysis, gate))
}

/// The knob of a feature flag: its rule.
#[derive(Clone)]
pub(super) struct Flag {
    pub steps: Vec<FlagStep>,
    pub on_failure: OnFlagFailure,
    /// Users to be excluded at the first failure.
    pub exclude: Vec<UserMatch>,
    pub excluded: bool,
    /// The step that the rule has been turned to.
    pub at: Option<usize>,
}

impl Flag {
    fn rule(&self, step: usize) -> FlagRule {
        let FlagStep { share, include, .. } = &self.steps[step];
        let exclude = if self.excluded { self.exclude.clone() } else { Vec::new() };
        FlagRule { share: *share, include: include.clone(), exclude }
    }
}

impl Knob for Flag {
    fn turn(&mut self, step: usize, _view: &View, actions: &mut Vec<Action>) -> Step {
        self.at = Some(step);
        actions.push(Action::Flag(self.rule(step)));
        actions.push(Action::Note(self.name(step)));
        Step::Done
    }

    fn keep(&mut self, _step: usize, _view: &View, _actions: &mut Vec<Action>) {}

    fn sizes(&self, _group: GroupId, _held: bool) -> bool {
        false
    }

    fn name(&self, step: usize) -> String {
        format!("feature on for {}", audience(&self.steps[step]))
    }

    fn ends_here(&self) -> bool {
        true
    }

    fn renew(&mut self) {}

    fn relieve(&mut self, why: &str, actions: &mut Vec<Action>) -> bool {
        let Some(step) = self.at.filter(|_| !self.excluded && !self.exclude.is_empty()) else {
            return false;
        };
        self.excluded = true;
        actions.push(Action::Flag(self.rule(step)));
        let text = format!("{why}; feature off for {} of users", groups(&self.exclude));
        actions.push(Action::Note(text));
        true
    }

    fn reject(&self, why: String, actions: &mut Vec<Action>) -> Step {
        match self.on_failure {
            OnFlagFailure::RollBack => Step::GoBack(why),
            OnFlagFailure::Kill => {
                actions.push(Action::Flag(FlagRule::off()));
                Step::SwitchedOff(why)
            }
        }
    }
}

/// Who has the feature in a step, as a person reads it.
fn audience(step: &FlagStep) -> String {
    match (step.share.is_zero(), step.include.is_empty()) {
        (true, true) => "nobody".to_owned(),
        (true, false) => format!("{} of users", groups(&step.include)),
        (false, true) => format!("{} of users", text::share(step.share.get())),
        (false, false) => {
            format!("{} of users and {}", text::share(step.share.get()), groups(&step.include))
        }
    }
}

fn groups(matches: &[UserMatch]) -> String {
    text::counted(matches.len() as u64, "group")
}

#[cfg(test)]
mod tests {
    use crate::strategy::script::{Script, play, secs};
    use crate::{
        model::{AnalysisState, Phase},
        units::Span,
    };

    fn spec(more: &str) -> String {
        let steps = r#"[{"include": [{"tier": "beta"}], "hold": "2w"},
            {"share": "100%", "hold": "1h", "approve": true}]"#;
        format!(r#"{{"feature_flag": {{"steps": {steps}{more}}}}}"#)
    }

    const ON: u64 = 100 + 20;
    const WEEKS: u64 = 14 * 86_400;

    fn script() -> Script {
        Script { until: secs(3_000_000), ..Script::default() }
    }

    #[test]
    fn the_code_is_deployed_dark_and_then_the_feature_turned_on() {
        let log = play(&spec(""), &script());
        let end = ON + WEEKS + 60 + 3_600;
        assert_eq!(
            log.lines()[7..],
            [
                format!("{ON} flag 0% +1 -0"),
                format!("{ON} analysis of feature"),
                format!("{} paused", ON + WEEKS),
                format!("{} ask", ON + WEEKS),
                format!("{} progressing", ON + WEEKS + 60),
                format!("{} flag 100% +0 -0", ON + WEEKS + 60),
                format!("{end} no analysis"),
                format!("{end} completed"),
            ]
        );
    }

    #[test]
    fn a_flag_that_never_goes_on_ends_with_the_dark_deployment() {
        let log = play(&spec(r#", "never_on": true"#), &script());
        assert_eq!(log.phases()[1..], [(ON, Phase::Completed)]);
        assert!(!log.lines().iter().any(|it| it.contains("flag")));
    }

    #[test]
    fn a_failed_feature_is_switched_off_and_the_code_stays() {
        let analyses = vec![(Span::from_secs(100), AnalysisState::Failed)];
        let log = play(&spec(""), &Script { analyses, ..script() });
        assert_eq!(
            log.lines()[9..],
            ["220 flag 0% +0 -0", "220 no analysis", "220 rolling back", "220 rolled back"]
        );
        assert_eq!(log.view.candidate().ready(), 4);
    }

    #[test]
    fn one_group_is_excluded_at_the_first_failure_and_all_at_the_second() {
        let more = r#", "exclude_on_failure": [{"region": "south"}]"#;
        let analyses = vec![
            (Span::from_secs(100), AnalysisState::Failed),
            (Span::from_secs(200), AnalysisState::Failed),
        ];
        let log = play(&spec(more), &Script { analyses, ..script() });
        assert_eq!(
            log.lines()[9..],
            [
                "220 flag 0% +1 -1",
                "220 analysis of feature",
                "420 flag 0% +0 -0",
                "420 no analysis",
                "420 rolling back",
                "420 rolled back"
            ]
        );
    }

    #[test]
    fn an_order_to_undo_switches_off_first_and_then_takes_the_code_back() {
        for undo_at in [1_000, 2_500_000] {
            let log = play(&spec(""), &Script { undo_at: Some(secs(undo_at)), ..script() });
            let lines = log.lines();
            let at = lines.iter().position(|it| it.ends_with("rolling back")).unwrap();
            let off = lines.iter().position(|it| it.ends_with("flag 0% +0 -0")).unwrap();
            let code = lines.iter().rposition(|it| it.contains("candidate 0")).unwrap();
            assert!(at < off && off < code, "{lines:?}");
            assert_eq!((log.view.stable().ready(), log.view.candidate().existing), (4, 0));
        }
    }

    #[test]
    fn a_rejected_feature_can_take_the_code_back_as_well() {
        let analyses = vec![(Span::from_secs(100), AnalysisState::Failed)];
        let more = r#", "on_failure": "roll_back""#;
        let log = play(&spec(more), &Script { analyses, ..script() });
        assert_eq!(log.phases().last().map(|it| it.1), Some(Phase::RolledBack));
        assert_eq!((log.view.stable().ready(), log.view.candidate().existing), (4, 0));
    }
}
