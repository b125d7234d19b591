//! The plain strategies, fitted to a bot, for a scenario that names none to compare with.

use crate::{
    judge::{AnalysisSpec, GateSpec, JudgeSpec, Threshold},
    kernel::Seed,
    model::{Against, Measure, MetricSpec},
    scenario::{LotterySpec, Plan, Preset, Scenario},
    sim,
    strategy::{
        AllAtOnce, BlueGreen, Canary, CanaryFlag, CanaryStep, FeatureFlag, FlagRamp, FlagStep,
        Recreate, Rolling, StrategySpec,
    },
    units::{Limit, LimitKind, Ratio, Span},
};

/// Weights of the steps of a plain canary, and of a plain flag ramp.
const CANARY: [f64; 4] = [0.05, 0.1, 0.25, 0.5];
const RAMP: [f64; 4] = [0.01, 0.1, 0.5, 1.0];
/// A step is this long where the trial has room for it.
const STEP: Span = Span::from_secs(900);
/// A step is no shorter.
const STEP_MIN: Span = Span::from_secs(60);

/// What is added to a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Additions {
    /// This preset of releases, whatever the scenario says of them.
    pub preset: Option<Preset>,
    /// The plain strategies, where it has no `strategies`.
    pub strategies: bool,
}

/// Adds what a comparison needs and the scenario does not say: releases of the preset `typical` where
/// nothing is wrong with its release and it has no lottery, the plain strategies, and a plain analysis
/// where there is none. The plan is that of the scenario as it is. Says what was taken for granted.
pub fn fill_in(scenario: &mut Scenario, plan: &Plan, additions: Additions) -> Vec<String> {
    let mut said = Vec::new();
    let release = &scenario.release;
    let nothing_wrong = release.defects.is_empty() && release.migration.is_none();
    let unsaid = scenario.releases.is_none() && nothing_wrong;
    let preset = additions.preset.or(unsaid.then_some(Preset::Typical));
    if preset.is_some() {
        scenario.releases = Some(LotterySpec { preset, ..LotterySpec::default() });
    }
    if additions.strategies && scenario.strategies.is_empty() {
        let hold = hold(scenario);
        let own = scenario.strategy.name();
        for (name, spec) in plain(hold) {
            if name != own {
                scenario.strategies.insert(name.to_owned(), spec);
            }
        }
        said.push(format!(
            "The scenario names no `strategies`: `{own}` is as it is written, the others are plain \
             ones with steps of {hold}."
        ));
    }
    let judged = scenario.strategies().iter().any(|(_, spec)| spec.build().uses_analysis());
    if judged && scenario.analysis.is_none() {
        let Quiet { errors, tail } = Quiet::of(plan);
        let (errors, tail) = (
            Limit::new(LimitKind::Ratio, errors + MORE_ERRORS).rounded(),
            Limit::new(LimitKind::Span, tail * SLOWER).rounded(),
        );
        scenario.analysis = Some(plain_analysis(errors, tail));
        said.push(format!(
            "The scenario has no `analysis`: strategies that use one look every minute at the last \
             5 min and go back at the third look with more than {errors} errors or a 99th percentile \
             of latency above {tail}, of at least 50 attempts. That is 2 % more errors and twice the \
             latency of a simulated hour without a rollout."
        ));
    }
    said
}

/// The longest ramp of the plain ones, canary and then flag, fits into two thirds of what is left of
/// the trial.
fn hold(scenario: &Scenario) -> Span {
    let left = scenario.length.nanos().saturating_sub(scenario.rollout_at.nanos());
    let steps = (CANARY.len() + RAMP.len()) as u64;
    let fits = Span::from_secs(left / 1_000_000_000 * 2 / 3 / steps / 60 * 60);
    fits.clamp(STEP_MIN, STEP)
}

fn plain(hold: Span) -> Vec<(&'static str, StrategySpec)> {
    let step = |weight| CanaryStep { weight: Ratio::clamped(weight), hold, approve: false };
    let flag_step = |share| FlagStep { share: Ratio::clamped(share), hold, ..FlagStep::default() };
    let canary = Canary { steps: CANARY.map(step).to_vec(), ..Canary::default() };
    let ramp = RAMP.map(flag_step).to_vec();
    let flag = FeatureFlag { steps: ramp.clone(), ..FeatureFlag::default() };
    let then = FlagRamp { steps: ramp, ..FlagRamp::default() };
    let kept = BlueGreen { bake: hold, ..BlueGreen::default() };
    vec![
        ("all_at_once", StrategySpec::AllAtOnce(AllAtOnce::default())),
        ("recreate", StrategySpec::Recreate(Recreate::default())),
        ("rolling", StrategySpec::Rolling(Rolling::default())),
        ("blue_green", StrategySpec::BlueGreen(kept)),
        ("canary", StrategySpec::Canary(canary.clone())),
        ("feature_flag", StrategySpec::FeatureFlag(flag)),
        ("canary_flag", StrategySpec::CanaryFlag(CanaryFlag { canary, flag: then })),
    ]
}

/// What errors may come to, beyond those of a quiet day; and latency, as a multiple.
const MORE_ERRORS: f64 = 0.02;
const SLOWER: f64 = 2.0;
/// How much of the scenario tells what a quiet day is.
const QUIET: Span = Span::from_secs(3_600);

/// How the bot does as long as nothing is rolled out.
struct Quiet {
    /// Part of the requests that fail.
    errors: f64,
    /// 99th percentile of latency, in seconds.
    tail: f64,
}

impl Quiet {
    fn of(plan: &Plan) -> Self {
        let mut quiet = plan.clone();
        let scenario = &mut quiet.scenario;
        scenario.length = scenario.length.min(scenario.warm_up + QUIET);
        scenario.rollout_at = scenario.length;
        scenario.incidents.clear();
        let outcome = sim::Trial::new(&quiet, Seed::new(quiet.scenario.seed)).run();
        let figure = |it| outcome.figure(it);
        Self {
            errors: figure(Measure::failed_share).unwrap_or(0.0),
            tail: figure(Measure::latency_p99).unwrap_or(1.0),
        }
    }
}

/// Limits that need no baseline: after a switch or a full ramp there is none.
fn plain_analysis(errors: Limit, tail: Limit) -> AnalysisSpec {
    let gate = |name: &str, metric, limit| GateSpec {
        name: name.to_owned(),
        judge: JudgeSpec::Threshold(Threshold {
            metric,
            against: Against::Absolute,
            fail_above: Some(limit),
            pass_below: None,
            window: Span::from_secs(300),
            min_samples: 50,
        }),
        count: None,
        failure_limit: 2,
        inconclusive_limit: 0,
        consecutive_error_limit: 4,
    };
    let slowest = MetricSpec::Latency(Ratio::clamped(0.99));
    AnalysisSpec {
        interval: Span::from_secs(60),
        initial_delay: Span::ZERO,
        gates: vec![gate("errors", MetricSpec::ErrorRate, errors), gate("latency", slowest, tail)],
    }
}
