//! A canary of the code, then a ramp of its feature.

use serde::{Deserialize, Serialize};

use super::{
    AnalysisMode, Canary, Crossing, FlagStep, OnFailure, OnFlagFailure, OnInconclusive, Paces,
    RolloutWay, Strategy, StrategyKind, StrategySpec, Watched, WrittenRamp,
    feature_flag::{Flag, default_steps, plain_steps, ramp, watched, written},
    traffic::Sizing,
    workflow::Workflow,
};
use crate::{model::UserMatch, units::Span};

/// Canary and flag: the code is shipped as a canary with its feature off; once promoted, the
/// feature is turned on for some users, then for more.
///
/// A bad release is caught by the canary, a bad feature by the flag. When the analysis of the
/// feature fails, the feature is turned off and the code stays. When the operator orders a
/// rollback, the feature is turned off at once and the code is rolled back as well.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CanaryFlag {
    /// How the code is shipped, with the feature off.
    pub canary: Canary,
    /// How the feature is turned on after that.
    pub flag: FlagRamp,
}

/// How a feature is turned on.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct FlagRamp {
    /// The steps; the last one stays.
    #[cfg_attr(test, schemars(length(min = 1, max = 100)))]
    pub steps: Vec<FlagStep>,
    /// When the analysis runs; it compares users with the feature with those without.
    pub analysis: AnalysisMode,
    /// What happens after an inconclusive analysis.
    pub on_inconclusive: OnInconclusive,
    /// What to do when the analysis fails or the operator refuses.
    pub on_failure: OnFlagFailure,
    /// Users who lose the feature at the first failure, as in `feature_flag`.
    #[cfg_attr(test, schemars(length(max = 32)))]
    pub exclude_on_failure: Vec<UserMatch>,
}

impl Default for FlagRamp {
    fn default() -> Self {
        Self {
            steps: default_steps(),
            analysis: AnalysisMode::Background,
            on_inconclusive: OnInconclusive::Pause,
            on_failure: OnFlagFailure::Kill,
            exclude_on_failure: Vec::new(),
        }
    }
}

/// Where the steps of its two halves are written.
const CODE: &str = "canary_flag.canary.steps";
const FEATURE: &str = "canary_flag.flag.steps";

impl StrategyKind for CanaryFlag {
    fn build(&self) -> Box<dyn Strategy> {
        let FlagRamp { steps, analysis, on_inconclusive, on_failure, exclude_on_failure } =
            &self.flag;
        let knob = Flag {
            steps: steps.clone(),
            on_failure: *on_failure,
            exclude: exclude_on_failure.clone(),
            excluded: false,
            at: None,
        };
        let mut legs = self.canary.legs();
        legs.push(ramp(knob, *analysis, *on_inconclusive));
        Workflow {
            routing: self.canary.routing(),
            uses_flag: self.uses_flag(),
            opening: "starting a canary of the code, with the feature off",
            arrival: "the last step of the feature is complete",
            legs,
            back: self.canary.back(),
            on_failure: OnFailure::RollBack,
        }
        .boxed()
    }

    fn uses_flag(&self) -> bool {
        true
    }

    fn uses_analysis(&self) -> bool {
        [self.canary.analysis, self.flag.analysis] != [AnalysisMode::None; 2]
    }

    fn ramps(&self) -> Vec<WrittenRamp> {
        vec![self.canary.ramp(CODE), written(FEATURE, &self.flag.steps, true)]
    }

    fn watched(&self) -> Vec<Watched> {
        let feature = watched(FEATURE, &self.flag.steps, self.flag.analysis);
        self.canary.watched_at(CODE).into_iter().chain(feature).collect()
    }

    fn sized(&self) -> Option<(WrittenRamp, Sizing)> {
        Some((self.canary.ramp(CODE), self.canary.sizing()))
    }

    fn way(&self, paces: &dyn Paces) -> RolloutWay {
        let feature = written(FEATURE, &self.flag.steps, true);
        self.canary.way(paces).ramp(&feature.steps, paces)
    }

    fn crossing(&self) -> Crossing {
        self.canary.crossing_at("canary_flag.canary.by")
    }

    fn upkeep_minutes(&self) -> f64 {
        20.0
    }

    fn noun(&self) -> &'static str {
        "canary with flag"
    }

    fn shipped_words(&self) -> String {
        "by canary, the feature behind a flag".to_owned()
    }

    fn plain(hold: Span) -> Option<StrategySpec> {
        let flag = FlagRamp { steps: plain_steps(hold), ..FlagRamp::default() };
        Some(Self { canary: Canary::plain_of(hold), flag }.into())
    }
}

#[cfg(test)]
mod tests {
    use crate::strategy::script::{Script, play};
    use crate::{
        model::{AnalysisState, Phase},
        units::{Ratio, Span},
    };

    const SPEC: &str = r#"{"canary_flag": {
        "canary": {"steps": [{"weight": "25%", "hold": "5m"}]},
        "flag": {"steps": [{"share": "100%", "hold": "1h"}]}}}"#;

    #[test]
    fn the_feature_goes_on_only_after_the_promotion_of_the_code() {
        assert_eq!(
            play(SPEC, &Script::default()).lines()[4..],
            [
                "410 no analysis",
                "410 candidate 4",
                "420 weight 100%",
                "450 stable 0",
                "450 flag 100% +0 -0",
                "450 analysis of feature",
                "4050 no analysis",
                "4050 completed"
            ]
        );
    }

    #[test]
    fn a_bad_release_goes_back_and_a_bad_feature_goes_off() {
        let failed = (Span::from_secs(100), AnalysisState::Failed);
        let log = play(SPEC, &Script { analyses: vec![failed], ..Script::default() });
        assert_eq!(log.phases().last(), Some(&(245, Phase::RolledBack)));
        assert_eq!((log.weight, log.view.candidate().existing), (Ratio::ZERO, 0));

        let passed = (Span::from_secs(60), AnalysisState::Passed);
        let log = play(SPEC, &Script { analyses: vec![passed, failed], ..Script::default() });
        assert_eq!(log.phases().last(), Some(&(550, Phase::RolledBack)));
        assert_eq!((log.weight, log.view.candidate().ready()), (Ratio::ONE, 4));
    }
}
