//! Expectations that hold, or fail, whatever happens.

use crate::{
    model::{Condition, ConstraintsSpec, EstimateName, Measure, PatternSpec, Statistic},
    scenario::{Plan, Problem, Scenario, path::below, size::most_instances},
};

pub(super) fn lints(plan: &Plan) -> Vec<Problem> {
    let mut lints = Vec::new();
    for (measure, condition) in plan.scenario.expect.conditions() {
        let line = Line { name: measure.name(), condition, range: Range::of(plan, measure) };
        lints.extend(line.problem(&format!("expect.{}", measure.name())));
    }
    for (strategy, conditions) in &plan.estimates {
        for (estimate, condition) in conditions {
            let name = estimate.name();
            let range = Range::of_estimate(plan, *estimate);
            let line = Line { name: &name, condition: *condition, range };
            lints.extend(line.problem(&below(&below("expect", strategy), &name)));
        }
    }
    lints.extend(constraints(plan));
    lints
}

/// Constraints of a tuning.
fn constraints(plan: &Plan) -> Vec<Problem> {
    let Some(spec) = &plan.scenario.tune else { return Vec::new() };
    let ConstraintsSpec { all, good, bad } = &spec.constraints;
    let groups = [("all", all), ("good", good), ("bad", bad)];
    let conditions = groups.into_iter().flat_map(|(group, conditions)| {
        conditions.iter().map(move |(name, condition)| (group, name, *condition))
    });
    let lint = |(group, name, condition): (&str, &String, Condition)| {
        let range = Range::of_estimate(plan, name.parse().ok()?);
        let path = below(&format!("tune.constraints.{group}"), name);
        Line { name, condition, range }.problem(&path)
    };
    conditions.filter_map(lint).collect()
}

/// One line of `expect`.
struct Line<'l> {
    name: &'l str,
    condition: Condition,
    range: Range,
}

impl Line<'_> {
    fn problem(&self, path: &str) -> Option<Problem> {
        let Self { name, condition, range } = self;
        if range.occurs == Occurs::Never {
            let message =
                format!("`{condition}` cannot hold: in this scenario there is no `{name}`");
            let hint = "add what it counts, or leave this line out";
            return Some(Problem::warning(message).path(path).hint(hint));
        }
        let message = match condition.holds_within(range.low, range.high)? {
            true if range.occurs == Occurs::Always => {
                format!("`{condition}` cannot fail: it holds for any `{name}`")
            }
            true => {
                format!("`{condition}` holds for any `{name}`: it fails only where there is none")
            }
            false => format!("`{condition}` cannot hold: `{name}` never has such a value"),
        };
        Some(Problem::warning(message).path(path).hint("a limit that can be met and missed"))
    }
}

/// Between which values a figure lies, whatever happens.
#[derive(Clone, Copy)]
struct Range {
    /// Both ends are included.
    low: f64,
    high: f64,
    occurs: Occurs,
}

/// Which trials have a figure.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Occurs {
    Always,
    /// Those in which something happened.
    Sometimes,
    Never,
}

impl Range {
    const fn counts(high: f64) -> Self {
        Self { low: 0.0, high, occurs: Occurs::Always }
    }

    /// Of something that may not have happened.
    const fn if_any(low: f64, high: f64) -> Self {
        Self { low, high, occurs: Occurs::Sometimes }
    }

    /// A count among so many that a trial may have.
    fn of_those(most: usize) -> Self {
        let occurs = if most == 0 { Occurs::Never } else { Occurs::Sometimes };
        Self { occurs, ..Self::counts(most as f64) }
    }

    fn of_estimate(plan: &Plan, estimate: EstimateName) -> Self {
        match estimate {
            EstimateName::Of(measure, statistic) => {
                let of_one = Self::of(plan, measure);
                let always = of_one.occurs == Occurs::Always;
                if always && statistic != Statistic::Mean {
                    Self { occurs: Occurs::Sometimes, ..of_one }
                } else {
                    of_one
                }
            }
            EstimateName::Cost(_) => Self::if_any(f64::NEG_INFINITY, f64::INFINITY),
            EstimateName::FalseRollback
            | EstimateName::Escaped
            | EstimateName::RolledBack
            | EstimateName::Completed => Self { occurs: Occurs::Always, ..Self::if_any(0.0, 1.0) },
        }
    }

    fn of(plan: &Plan, measure: Measure) -> Self {
        let range = Self::where_there_is_one(plan, measure);
        let ships = plan.scenario.strategy.kind().ships();
        if measure.of_a_rollout() && !ships && range.occurs == Occurs::Always {
            Self { occurs: Occurs::Sometimes, ..range }
        } else {
            range
        }
    }

    #[expect(clippy::too_many_lines, reason = "a line for each measure")]
    fn where_there_is_one(plan: &Plan, measure: Measure) -> Self {
        let scenario = &plan.scenario;
        let length = scenario.length.as_secs_f64();
        let attempts = requests_max(plan) * tries_max(plan);
        let instances = instances_max(scenario);
        let of_rollout = length - scenario.rollout_at.as_secs_f64();
        match measure {
            Measure::requests => Self::counts(requests_max(plan)),
            Measure::failed
            | Measure::failed_beyond_normal
            | Measure::failed_errors
            | Measure::failed_timeouts
            | Measure::failed_refused
            | Measure::failed_abandoned
            | Measure::failed_by_stopping
            | Measure::lost
            | Measure::duplicated
            | Measure::slow
            | Measure::wrong
            | Measure::queue_max
            | Measure::queue_end => Self::counts(attempts),
            Measure::complaints => Self::counts(attempts + f64::from(scenario.users.count)),
            // an alert is looked at once in each scrape, and every step may ask for approval
            Measure::pages => Self::counts(length * (scenario.alerts.len() as f64 + 100.0)),
            Measure::operator_actions => {
                let times = scenario.operator.policy().iter().map(|it| f64::from(it.times)).sum();
                Self::counts(times)
            }
            // by a request, or by what happens to an instance no more than ten times a second
            Measure::restarts | Measure::oom_kills => {
                Self::counts(attempts + 10.0 * instances * length)
            }
            Measure::users_met
            | Measure::users_met_unmeant
            | Measure::users_hurt
            | Measure::users_hurt_by_release
            | Measure::users_hurt_unmet
            | Measure::users_hurt_undetected
            | Measure::users_hurt_detecting
            | Measure::users_hurt_rolling_back
            | Measure::users_hurt_after_detection
            | Measure::users_hurt_badly => Self::counts(f64::from(scenario.users.count)),
            Measure::failed_share
            | Measure::failed_share_stable
            | Measure::failed_share_candidate
            | Measure::waited_share
            | Measure::rejected_share
            | Measure::abandoned_share
            | Measure::utilisation
            | Measure::instances_up => Self::if_any(0.0, 1.0),
            // every request has failed, of which the objective allows one in a thousand
            Measure::error_budget => Self::if_any(0.0, 1_000.0),
            Measure::attempts_mean => Self::if_any(1.0, f64::from(scenario.attempts_max())),
            Measure::downtime => Self { occurs: Occurs::Always, ..Self::if_any(0.0, length) },
            Measure::latency_mean
            | Measure::latency_p50
            | Measure::latency_p90
            | Measure::latency_p95
            | Measure::latency_p99
            | Measure::latency_p999
            | Measure::latency_mean_stable
            | Measure::latency_p99_stable
            | Measure::latency_mean_candidate
            | Measure::latency_p99_candidate
            | Measure::wait_mean
            | Measure::wait_p90
            | Measure::wait_p95
            | Measure::wait_p99
            | Measure::wait_p999
            | Measure::wait_mean_stable
            | Measure::wait_mean_candidate
            | Measure::sojourn_mean => Self::if_any(0.0, length),
            Measure::latency_quantile | Measure::wait_quantile => {
                let asked = scenario.client.quantile.is_some();
                let occurs = if asked { Occurs::Sometimes } else { Occurs::Never };
                Self { occurs, ..Self::if_any(0.0, length) }
            }
            Measure::mitigation_time => {
                let occurs =
                    if scenario.alerts.is_empty() { Occurs::Never } else { Occurs::Sometimes };
                Self { occurs, ..Self::if_any(0.0, length) }
            }
            Measure::rollout_time | Measure::detection_time | Measure::rollback_time => {
                Self::if_any(0.0, of_rollout)
            }
            Measure::queue_mean => Self::if_any(0.0, attempts),
            Measure::instances_ready_min => Self::if_any(0.0, instances),
            Measure::instance_hours | Measure::instance_hours_extra => {
                Self::counts(instances * length / 3_600.0)
            }
            Measure::instances_peak => {
                Self { low: f64::from(scenario.fleet.instances), ..Self::counts(instances) }
            }
            Measure::defects_struck => {
                let defects = plan.releases.iter().map(|it| it.defects.len());
                Self::of_those(defects.max().unwrap_or(0))
            }
            Measure::incidents_struck => Self::of_those(scenario.incidents.len()),
        }
    }
}

/// More requests than chance ever sends: ten standard deviations of a Poisson process above its mean, at the
/// rate of a burst and of noisy windows.
pub(super) fn requests_max(plan: &Plan) -> f64 {
    let traffic = &plan.scenario.traffic;
    let burst = traffic.bursts.map_or(1.0, |it| it.factor.get().max(1.0));
    let noise = match &traffic.pattern {
        PatternSpec::Profile(it) => 1.0 + 20.0 * it.burstiness.get(),
        PatternSpec::Constant | PatternSpec::DailyWave(_) | PatternSpec::Trace(_) => 1.0,
    };
    let mean = plan.rates.expected(plan.scenario.length) * burst * noise;
    mean + 10.0 * mean.sqrt() + 100.0
}

/// How often a request is tried at most, by client and proxy; what is sent again over a new connection counts.
pub(super) fn tries_max(plan: &Plan) -> f64 {
    let proxy = plan.scenario.fleet.proxy.rules();
    let by_proxy = proxy.retries.map_or(0, |it| it.max);
    2.0 * f64::from(plan.scenario.attempts_max()) * f64::from(1 + by_proxy)
}

/// More instances than there ever are: the fleet is at most doubled by a rollout, and those that are being
/// stopped are no more than several times as many.
fn instances_max(scenario: &Scenario) -> f64 {
    10.0 * f64::from(most_instances(scenario))
}
