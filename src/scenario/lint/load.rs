//! A fleet that cannot serve its traffic.

use crate::{
    kernel::Sampler,
    scenario::{Plan, Problem},
    units::{Factor, round_u64, text},
};

/// What the traffic asks for, in busy workers, against those that there are.
struct Load {
    rate: f64,
    /// Mean time that a request keeps a worker busy, in seconds.
    takes: f64,
    workers: f64,
    each: u32,
}

pub(super) fn lints(plan: &Plan) -> Vec<Problem> {
    let scenario = &plan.scenario;
    let fleet = &scenario.fleet;
    let instances =
        fleet.autoscaler.as_ref().map_or(fleet.instances, |it| it.max.max(fleet.instances));
    let quiet = scenario.traffic.bursts.is_some_and(|it| it.factor < Factor::ONE);
    let takes = busy(plan);
    // a mean that is longer than the trial is no measure of it
    if quiet || takes > scenario.length.as_secs_f64() {
        return Vec::new();
    }
    let workers = f64::from(instances) * f64::from(fleet.workers);
    let load = |rate: f64| Load { rate, takes, workers, each: fleet.workers };
    let mean = load(plan.rates.expected(scenario.length) / scenario.length.as_secs_f64());
    if mean.part() > 1.0 {
        return vec![mean.problem("")];
    }
    let by_hour = scenario.traffic.pattern.by_hour();
    let peak = load(if by_hour { plan.rates.peak(scenario.length) } else { 0.0 });
    if peak.part() > 1.0 { vec![peak.problem(" at its busiest hour")] } else { Vec::new() }
}

impl Load {
    fn busy(&self) -> f64 {
        self.rate * self.takes
    }

    fn part(&self) -> f64 {
        self.busy() / self.workers
    }

    fn problem(&self, when: &str) -> Problem {
        let message = format!(
            "the fleet is overloaded{when}: {} requests of {} each keep {} workers busy, which is {} of \
             those that there are",
            text::rate(self.rate),
            text::seconds(self.takes),
            text::rough(self.busy()),
            text::share(self.part())
        );
        let least = round_u64((self.busy() / f64::from(self.each)).floor()) + 1;
        let hint = format!("at least {}, or more `workers`", text::counted(least, "instance"));
        Problem::warning(message).path("fleet.instances").hint(hint)
    }
}

/// Mean time for which a request keeps a worker busy, in seconds: its own work, its query and its calls.
pub(in crate::scenario) fn busy(plan: &Plan) -> f64 {
    let shares = plan.scenario.operations.values().map(|it| it.share.get());
    let shares: Vec<f64> = shares.collect();
    let of_operation = |index: usize| {
        let operation = &plan.operations[index];
        let query = operation.database.as_ref().map_or(0.0, Sampler::mean);
        let calls = operation.calls.iter().map(|it| plan.dependencies[*it].latency.mean());
        operation.service.mean() + query + calls.sum::<f64>()
    };
    let parts = (0..plan.operations.len())
        .map(|index| (shares.get(index).copied().unwrap_or(1.0), index))
        .filter(|(share, _)| *share > 0.0);
    parts.map(|(share, index)| share * of_operation(index)).sum()
}
