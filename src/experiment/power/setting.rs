//! What there is to see at all: traffic, steps and time, from the scenario and one rollout of a good
//! release.

use super::{LeakFound, Setting, cell::Cell};
use crate::{
    judge::{AnalysisSpec, LeakAsked, LeakSight},
    kernel::Seed,
    model::Phase,
    scenario::Plan,
    sim,
    strategy::{StrategyKind, WrittenRamp},
    units::Span,
};

/// How long a good release bakes: when its rollout begins and how long it takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bake {
    pub(super) from: Span,
    pub(super) took: Span,
}

/// Seeds that are tried for one rollout that goes through.
const TRIES: u64 = 8;
const SECONDS_PER_HOUR: f64 = 3_600.0;
/// Smallest rate of errors that a bot is taken to have, as the presets of releases have it.
const BASE_ERRORS_MIN: f64 = 0.001;

impl Bake {
    /// As one rollout of the good release shows it; the longest of a few where all are rolled back.
    pub(super) fn of(good: &Cell, seed: Seed) -> Self {
        let from = good.plan.scenario.rollout_at;
        let mut longest = Span::ZERO;
        for trial in 0..TRIES {
            let played = sim::Trial::new(&good.plan, seed.replication(trial));
            let outcome = played.figures_only().until_settled().run();
            let end =
                outcome.rested.map_or(good.plan.scenario.length, |it| Span::from_nanos(it.nanos()));
            longest = longest.max(end.saturating_sub(from));
            if outcome.phase == Phase::Completed {
                break;
            }
        }
        Self { from, took: longest }
    }

    pub(super) const fn end(self) -> Span {
        self.from.saturating_add(self.took)
    }

    /// Bytes per hour that fill an instance's memory within it; none where memory is not modelled.
    pub(super) fn fills(self, plan: &Plan) -> Option<f64> {
        let memory = plan.scenario.fleet.memory?;
        let room = memory.limit.get().saturating_sub(memory.base.get()) as f64;
        let hours = self.took.as_secs_f64() / SECONDS_PER_HOUR;
        (room > 0.0 && hours > 0.0).then(|| room / hours)
    }
}

/// The facts that the words begin with.
pub(super) fn setting(plan: &Plan, bake: Bake) -> Setting {
    let scenario = &plan.scenario;
    let requests = plan.rates.expected(bake.end()) - plan.rates.expected(bake.from);
    let judged = scenario.strategy.kind().uses_analysis() && scenario.analysis.is_some();
    Setting {
        strategy: scenario.strategy.name().to_owned(),
        judged,
        rate: requests / bake.took.as_secs_f64().max(1.0),
        first_step: first_step(scenario.strategy.kind()).map(|it| it.1),
        interval: scenario.analysis.as_ref().filter(|_| judged).map(|it| it.interval.as_secs_f64()),
        bake: bake.took.as_secs_f64(),
        base_errors: base_errors(plan),
    }
}

/// Where the first step's weight is set, what it is, and what the next one's is.
pub(super) fn first_step(strategy: &dyn StrategyKind) -> Option<(String, f64, f64)> {
    let ramp = strategy.ramps().into_iter().next()?;
    let WrittenRamp { path, key, steps, .. } = &ramp;
    let next = steps.get(1).map_or(1.0, |it| it.weight);
    Some((format!("strategy.{path}[0].{key}"), steps.first()?.weight, next))
}

/// The shortest step that holds the traffic for a while.
pub(super) fn shortest_hold(strategy: &dyn StrategyKind) -> Option<Span> {
    let steps = strategy.ramps().into_iter().flat_map(|it| it.steps);
    steps.map(|it| it.hold).filter(|it| !it.is_zero()).min()
}

/// The leak that the arithmetic says cannot be seen.
pub(super) fn leak(plan: &Plan, bake: Bake) -> Option<LeakFound> {
    let memory = plan.scenario.fleet.memory?;
    let fills = bake.fills(plan)?;
    let room = memory.limit.get().saturating_sub(memory.base.get()) as f64;
    let hours = bake.took.as_secs_f64() / SECONDS_PER_HOUR;
    let judged = plan.scenario.strategy.kind().uses_analysis();
    let analysis = plan.scenario.analysis.as_ref().filter(|_| judged);
    let (mut gates, mut others) = (Vec::new(), Vec::new());
    let (base, limit) = (memory.base.get() as f64, memory.limit.get() as f64);
    let asked = LeakAsked { base, limit, hours };
    for gate in analysis.iter().flat_map(|it| &it.gates) {
        match gate.judge.kind().leak_sight(asked) {
            LeakSight::From(rate) => gates.push((gate.name.clone(), rate)),
            LeakSight::Unknown => others.push(gate.name.clone()),
            LeakSight::Blind => {}
        }
    }
    let never = gates.iter().map(|it| it.1).fold(fills, f64::min);
    Some(LeakFound { room, fills, gates, others, never, played: None })
}

/// Every window of a judge of this analysis: where it is set, and what it is.
pub(super) fn windows(plan: &Plan) -> Vec<(String, Span)> {
    let windows = plan.scenario.analysis.iter().flat_map(AnalysisSpec::windows);
    windows.map(|(path, window)| (format!("analysis.{path}"), window)).collect()
}

/// Share of the requests that fail on a normal day, as far as defects are measured by it.
pub(super) fn base_errors(plan: &Plan) -> f64 {
    plan.scenario.fleet.errors.get().max(BASE_ERRORS_MIN)
}
