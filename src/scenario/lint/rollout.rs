//! Rollouts that cannot end within the trial, and steps that go back.

use crate::{
    scenario::{Plan, Problem},
    strategy::StrategySpec,
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
    for (path, shares) in spec.ramps() {
        let key = if path.contains("flag.steps") { "share" } else { "weight" };
        for (index, pair) in shares.windows(2).enumerate().filter(|(_, pair)| pair[1] < pair[0]) {
            let [before, after] = [pair[0], pair[1]].map(Ratio::clamped);
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
    let takes = spec.takes_at_least(scenario.fleet.instances.min(fewest));
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
