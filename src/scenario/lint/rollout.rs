//! Rollouts that cannot end within the trial, steps that go back, and weights that are out of reach.

use crate::{
    scenario::{Plan, Problem, size::most_instances},
    strategy::{ExposureStep, StrategySpec, WrittenRamp},
    units::{Ratio, Span, text},
};

pub(super) fn lints(plan: &Plan, strategies: &[(String, &StrategySpec)]) -> Vec<Problem> {
    let each = strategies.iter().flat_map(|(path, spec)| {
        let of_steps = falling(path, spec).into_iter().chain(out_of_reach(plan, path, spec));
        of_steps.chain(too_long(plan, path, spec))
    });
    each.collect()
}

/// Largest fleet that there can be.
const FLEET_MAX: u32 = 20_000;

/// From this factor on between what is written and what is reached there is a warning: less is rounding.
const FAR: f64 = 1.5;

/// Weights that come to quite another share of the traffic, as there are only whole instances.
fn out_of_reach(plan: &Plan, strategy: &str, spec: &StrategySpec) -> Vec<Problem> {
    let Some((ramp, sizing)) = spec.kind().sized() else { return Vec::new() };
    let fleet = most_instances(&plan.scenario);
    let lint = |(index, step): (usize, &ExposureStep)| {
        let weight = Ratio::clamped(step.weight);
        let near = |fleet: u32| is_near(step.weight, sizing.share(weight, fleet));
        if near(fleet) {
            return None;
        }
        let (candidate, stable) = sizing.replicas(weight, fleet);
        let reached = text::share(sizing.share(weight, fleet));
        let message = format!(
            "`{weight}` of the instances is out of reach: the step gives the candidate {candidate} of {}, \
             which is {reached}",
            text::counted(u64::from(candidate + stable), "instance")
        );
        let enough = (fleet..=FLEET_MAX).find(|it| near(*it));
        let more = enough.map_or_else(String::new, |it| format!(", or at least {it} instances"));
        let hint = format!("`by: requests` or `by: users`, a weight of about {reached}{more}");
        let path = format!("{strategy}.{}[{index}].{}", ramp.path, ramp.key);
        Some(Problem::warning(message).path(path).hint(hint))
    };
    ramp.steps.iter().enumerate().filter_map(lint).collect()
}

/// Whether a share is about the one that is wanted, for both releases.
fn is_near(wanted: f64, reached: f64) -> bool {
    let about = |one: f64, other: f64| {
        let (least, most) = (one.min(other), one.max(other));
        most <= least * FAR + 1e-12
    };
    about(wanted, reached) && about(1.0 - wanted, 1.0 - reached)
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

/// Trials that end before the longest way of a rollout, of every strategy that there is.
pub fn too_short(plan: &Plan) -> Vec<Problem> {
    let strategies = plan.strategies_by_path();
    strategies.iter().filter_map(|(path, spec)| too_long(plan, path, spec)).collect()
}

/// A trial that ends before the rollout does, or may.
fn too_long(plan: &Plan, strategy: &str, spec: &StrategySpec) -> Option<Problem> {
    let scenario = &plan.scenario;
    let left = scenario.length.saturating_sub(scenario.rollout_at);
    let (least, most) = (plan.shortest_way(spec), plan.longest_way(spec));
    let (verdict, bound, way) = if least.takes() > left {
        ("no rollout of", "at least", least)
    } else if most.takes() > left {
        ("not every rollout of", "up to", most)
    } else {
        return None;
    };
    let (takes, end) = (way.takes(), scenario.rollout_at.saturating_add(way.takes()));
    let message = format!(
        "{verdict} `{strategy}` can be completed: it takes {bound} {} ({}), from {} on, and the trial ends \
         after {}",
        text::span(takes),
        way.words(),
        text::span(scenario.rollout_at),
        text::span(scenario.length)
    );
    // whole seconds, which are enough
    let enough = Span::from_secs(end.nanos().div_ceil(1_000_000_000));
    let hint = format!("more than `length: {enough}`, or a shorter way");
    Some(Problem::warning(message).path("length").hint(hint))
}
