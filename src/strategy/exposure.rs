//! What a strategy plans to show to whom, and for how long: for analyses of a rollout without a
//! simulation.

use super::{AnalysisMode, Canary, CanaryBy, CanaryStep, FlagStep, StrategySpec};
use crate::units::Span;

/// The steps of a strategy that an analysis watches.
#[derive(Clone, Debug, PartialEq)]
pub struct Watched {
    /// Where the steps are written, such as `strategy.canary.steps`, without the name of the section.
    pub path: &'static str,
    pub steps: Vec<ExposureStep>,
    /// Whether each step has an analysis of its own.
    pub each_step: bool,
}

/// A step that is held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExposureStep {
    /// Share of the traffic that meets the candidate.
    pub weight: f64,
    pub hold: Span,
}

impl StrategySpec {
    /// The watched steps; none for strategies that have no such steps, or are not watched.
    pub fn watched(&self) -> Vec<Watched> {
        let watched = match self {
            Self::Canary(it) => vec![of_canary("canary.steps", it)],
            Self::FeatureFlag(it) => vec![of_flag("feature_flag.steps", &it.steps, it.analysis)],
            Self::CanaryFlag(it) => vec![
                of_canary("canary_flag.canary.steps", &it.canary),
                of_flag("canary_flag.flag.steps", &it.flag.steps, it.flag.analysis),
            ],
            Self::BlueGreen(it) if it.analysis => {
                let steps = vec![ExposureStep { weight: 1.0, hold: it.bake }];
                vec![Some(Watched { path: "blue_green.bake", steps, each_step: false })]
            }
            Self::AllAtOnce(_) | Self::Recreate(_) | Self::Rolling(_) | Self::BlueGreen(_) => {
                vec![]
            }
        };
        watched.into_iter().flatten().collect()
    }
}

/// None where it goes by attributes: how many users have them is not the strategy's to know.
fn of_canary(path: &'static str, canary: &Canary) -> Option<Watched> {
    if matches!(canary.by, CanaryBy::Attributes(_)) {
        return None;
    }
    let step = |it: &CanaryStep| ExposureStep { weight: it.weight.get(), hold: it.hold };
    watched(path, canary.steps.iter().map(step).collect(), canary.analysis)
}

/// None where a step names its users.
fn of_flag(path: &'static str, steps: &[FlagStep], mode: AnalysisMode) -> Option<Watched> {
    if steps.iter().any(|it| !it.include.is_empty()) {
        return None;
    }
    let step = |it: &FlagStep| ExposureStep { weight: it.share.get(), hold: it.hold };
    watched(path, steps.iter().map(step).collect(), mode)
}

fn watched(path: &'static str, steps: Vec<ExposureStep>, mode: AnalysisMode) -> Option<Watched> {
    let each_step = mode == AnalysisMode::EachStep;
    let some = mode != AnalysisMode::None && !steps.is_empty();
    some.then_some(Watched { path, steps, each_step })
}
