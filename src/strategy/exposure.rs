//! What a strategy plans to show to whom, and for how long: for analyses of a rollout without a
//! simulation.

use super::{AnalysisMode, Canary, CanaryBy, CanaryStep, FlagStep, Rolling, StrategySpec};
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
    /// Every ramp of shares, watched or not: the path of its steps, without the name of the section, and
    /// the share of each.
    pub fn ramps(&self) -> Vec<(&'static str, Vec<f64>)> {
        let weights = |it: &Canary| it.steps.iter().map(|step| step.weight.get()).collect();
        let shares = |it: &[FlagStep]| it.iter().map(|step| step.share.get()).collect();
        match self {
            Self::Canary(it) => vec![("canary.steps", weights(it))],
            Self::FeatureFlag(it) if !it.never_on => {
                vec![("feature_flag.steps", shares(&it.steps))]
            }
            Self::CanaryFlag(it) => vec![
                ("canary_flag.canary.steps", weights(&it.canary)),
                ("canary_flag.flag.steps", shares(&it.flag.steps)),
            ],
            Self::AllAtOnce(_)
            | Self::Recreate(_)
            | Self::Rolling(_)
            | Self::BlueGreen(_)
            | Self::FeatureFlag(_)
            | Self::NoRollout => Vec::new(),
        }
    }

    /// What a rollout of so many instances takes at least, by the pauses that it is written with: when
    /// all else is done in no time.
    pub fn takes_at_least(&self, fleet: u32) -> Span {
        match self {
            Self::AllAtOnce(_) | Self::Recreate(_) | Self::NoRollout => Span::ZERO,
            Self::Rolling(it) => of_batches(it, fleet),
            Self::BlueGreen(it) => sum([it.min_ready, it.switch_command, it.bake.max(it.keep_old)]),
            Self::Canary(it) => of_weights(it),
            Self::FeatureFlag(it) if it.never_on => of_batches(&it.deploy, fleet),
            Self::FeatureFlag(it) => sum([of_batches(&it.deploy, fleet), of_shares(&it.steps)]),
            Self::CanaryFlag(it) => sum([of_weights(&it.canary), of_shares(&it.flag.steps)]),
        }
    }

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
            Self::AllAtOnce(_)
            | Self::Recreate(_)
            | Self::Rolling(_)
            | Self::BlueGreen(_)
            | Self::NoRollout => vec![],
        };
        watched.into_iter().flatten().collect()
    }
}

fn sum(spans: impl IntoIterator<Item = Span>) -> Span {
    spans.into_iter().fold(Span::ZERO, Span::saturating_add)
}

/// The pauses after each batch.
fn of_batches(rolling: &Rolling, fleet: u32) -> Span {
    let batches = rolling.batch.map_or(0, |it| fleet.div_ceil(it.max(1)));
    sum((0..batches).map(|_| rolling.wait).chain([rolling.min_ready]))
}

fn of_weights(canary: &Canary) -> Span {
    sum(canary.steps.iter().map(|it| it.hold).chain([canary.min_ready]))
}

fn of_shares(steps: &[FlagStep]) -> Span {
    sum(steps.iter().map(|it| it.hold))
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
