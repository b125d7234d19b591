//! Requests that may still wait for an attempt when the trial ends, and so are in no figure.

use crate::{
    scenario::{Line, Plan, Problem, check::LENGTH_MAX},
    strategy::StrategySpec,
    units::{Span, text},
};

pub(super) fn lints(plan: &Plan, strategies: &[(String, &StrategySpec)]) -> Vec<Problem> {
    let Some(left) = strategies.iter().filter_map(|it| left_after(plan, it.1)).min() else {
        return Vec::new();
    };
    let shipped = strategies.iter().any(|it| it.1.kind().ships());
    let when = if shipped { " after the rollout" } else { "" };
    let lint = |line: &Line| {
        let over = line.channel.kind().over_after();
        let whole = plan.scenario.length.saturating_sub(left).saturating_add(over);
        let message = format!(
            "a request may be over only after {}, and the trial has {}{when}: what still waits at the end is in \
             no figure",
            text::span(over),
            text::span(left)
        );
        let mut hint = "fewer attempts, shorter waits or a shorter deadline".to_owned();
        if whole <= LENGTH_MAX {
            hint = format!("at least `length: {whole}`, {hint}");
        }
        let problem = Problem::warning(message).path(&line.path).hint(hint);
        (over > left).then_some(problem)
    };
    plan.scenario.used_channels().into_iter().filter_map(|it| lint(&plan.lines[it])).collect()
}

/// What is left of the trial after a rollout that meets with nothing; the trial itself where nothing is shipped. None
/// where it cannot be completed.
fn left_after(plan: &Plan, strategy: &StrategySpec) -> Option<Span> {
    let scenario = &plan.scenario;
    let kind = strategy.kind();
    if !kind.ships() {
        return Some(scenario.length);
    }
    let takes = plan.shortest_way(strategy).takes();
    let left = scenario.length.saturating_sub(scenario.rollout_at.saturating_add(takes));
    (left > Span::ZERO).then_some(left)
}
