//! What is asked about a trial, for all parts of its work.

use crate::{
    model::TrafficSpec,
    scenario::{Plan, Scenario, lint::busy as busy_for, size::most_instances},
    strategy::StrategySpec,
    units::Span,
};

/// Instances during a rollout, as a multiple of the fleet: on average over a trial.
const DURING_ROLLOUT: f64 = 1.3;
/// Busy workers that an autoscaler aims at, about.
const AIM: f64 = 0.6;

/// What the traffic asks for, whatever the strategy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traffic {
    /// Requests that arrive, and the highest rate at which they do.
    pub(super) requests: f64,
    pub(super) peak: f64,
    /// Seconds for which a request keeps a worker busy.
    pub(super) takes: f64,
}

impl Traffic {
    pub(super) fn of(plan: &Plan) -> Self {
        let (length, rates) = (plan.scenario.length, &plan.rates);
        let (mean, most) = bursts(&plan.scenario.traffic);
        let peak = rates.peak(length) * rates.highest_spike(length) * most;
        Self { requests: rates.expected(length) * mean, peak, takes: busy_for(plan) }
    }
}

/// What the parts are asked about.
pub(super) struct Asked<'p> {
    pub(super) plan: &'p Plan,
    pub(super) strategy: &'p StrategySpec,
    /// Length of the trial, and what of it comes after the rollout begins, in seconds.
    pub(super) length: f64,
    pub(super) after: f64,
    /// Requests that arrive, and the highest rate at which they do.
    pub(super) requests: f64,
    pub(super) peak: f64,
    /// Seconds for which a request keeps a worker busy.
    pub(super) takes: f64,
    /// Instances that there are at a time, those of a rollout included.
    pub(super) instances: f64,
    /// Workers that the traffic keeps busy, as a multiple of those that there are.
    pub(super) load: f64,
}

impl<'p> Asked<'p> {
    pub(super) fn of(plan: &'p Plan, strategy: &'p StrategySpec, traffic: Traffic) -> Self {
        let scenario = &plan.scenario;
        let length = scenario.length.as_secs_f64();
        let after = scenario.length.saturating_sub(scenario.rollout_at).as_secs_f64();
        let Traffic { requests, peak, takes } = traffic;
        let busy = takes * requests / length.max(1e-9);
        let workers = f64::from(scenario.fleet.workers);
        let (instances, most) = instances(scenario, busy / workers);
        let ships = strategy.kind().ships();
        let instances = instances * if ships { DURING_ROLLOUT } else { 1.0 };
        let after = if ships { after } else { 0.0 };
        let load = busy / (workers * most);
        Self { plan, strategy, length, after, requests, peak, takes, instances, load }
    }

    pub(super) fn times(&self, span: Span) -> f64 {
        self.length / span.as_secs_f64().max(1e-9)
    }
}

/// How many times the rate the bursts make of it: on average, and at most.
pub(super) fn bursts(traffic: &TrafficSpec) -> (f64, f64) {
    let Some(spec) = traffic.bursts else { return (1.0, 1.0) };
    let (every, length) = (spec.every.as_secs_f64(), spec.length.as_secs_f64());
    let factor = spec.factor.get();
    ((every + length * factor) / (every + length).max(1e-9), factor.max(1.0))
}

/// Instances of the fleet: between what the load asks for and the most that there can be; and these.
fn instances(scenario: &Scenario, busy: f64) -> (f64, f64) {
    let own = f64::from(scenario.fleet.instances);
    let most = f64::from(most_instances(scenario)).max(own);
    let wanted = (busy / AIM).clamp(own, most);
    (f64::midpoint(wanted, most), most)
}
