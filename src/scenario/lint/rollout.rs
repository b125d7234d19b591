//! Rollouts that cannot end within the trial, and steps that go back.

use crate::{
    scenario::{Plan, Problem},
    strategy::{StrategySpec, WrittenRamp},
    units::{Ratio, Span, text},
};

pub(super) fn lints(plan: &Plan, strategies: &[(String, &StrategySpec)]) -> Vec<Problem> {
    let each = strategies
        .iter()
        .flat_map(|(path, spec)| falling(path, spec).into_iter().chain(too_long(plan, path, spec)));
    each.collect()
}

/// Steps that give the candidate less than the step before.
fn falling(strategy: &str, spec: &StrategySpec) -> Vec<Problem> {
    let mut lints = Vec::new();
    for ramp in spec.kind().ramps().into_iter().filter(|it| it.walked) {
        let WrittenRamp { path, key, steps, .. } = ramp;
        let pairs = steps.windows(2).map(|pair| [pair[0].weight, pair[1].weight]).enumerate();
        for (index, pair) in pairs.filter(|(_, pair)| pair[1] < pair[0]) {
            let [before, after] = pair.map(Ratio::clamped);
            let message = format!("the step goes back from `{before}` to `{after}`");
            let problem = Problem::warning(message)
                .path(format!("{strategy}.{path}[{}].{key}", index + 1))
                .hint("each step at least as large as the one before");
            lints.push(problem);
        }
    }
    lints
}

/// A trial that ends before the rollout can.
fn too_long(plan: &Plan, strategy: &str, spec: &StrategySpec) -> Option<Problem> {
    let scenario = &plan.scenario;
    let fewest = scenario.fleet.autoscaler.as_ref().map_or(u32::MAX, |it| it.min);
    let takes = spec.kind().takes_at_least(scenario.fleet.instances.min(fewest));
    let end = scenario.rollout_at.saturating_add(takes);
    if takes == Span::ZERO || end <= scenario.length {
        return None;
    }
    let message = format!(
        "no rollout of `{strategy}` can be completed: it takes at least {} by its own pauses, from {} \
         on, and the trial ends after {}",
        text::span(takes),
        text::span(scenario.rollout_at),
        text::span(scenario.length)
    );
    let hint = format!("more than `length: {end}`, or shorter pauses");
    Some(Problem::warning(message).path("length").hint(hint))
}
