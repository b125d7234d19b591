//! Expectations that hold, or fail, whatever happens.

use crate::{
    model::{
        Condition, ConstraintsSpec, EstimateName, Measure, MeasureRange, PatternSpec, Statistic,
    },
    scenario::{Plan, Problem, Scenario, path::below, size::most_instances},
};

/// The largest value that a measure or an estimate can have in a trial, whatever happens; infinite where there is no
/// bound.
pub fn highest(plan: &Plan, estimate: EstimateName) -> f64 {
    Range::of_estimate(plan, estimate).high
}

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
            | EstimateName::Completed
            | EstimateName::Unfinished => Self { occurs: Occurs::Always, ..Self::if_any(0.0, 1.0) },
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

    fn where_there_is_one(plan: &Plan, measure: Measure) -> Self {
        let scenario = &plan.scenario;
        let length = scenario.length.as_secs_f64();
        let attempts = requests_max(plan) * tries_max(plan);
        let instances = instances_max(scenario);
        let users = f64::from(scenario.users.count);
        let times = || scenario.operator.policy().iter().map(|it| f64::from(it.times)).sum();
        let time_where = |it: bool| {
            let occurs = if it { Occurs::Sometimes } else { Occurs::Never };
            Self { occurs, ..Self::if_any(0.0, length) }
        };
        match measure.range() {
            MeasureRange::Requests => Self::counts(requests_max(plan)),
            MeasureRange::Attempts => Self::counts(attempts),
            MeasureRange::MeanAttempts => Self::if_any(0.0, attempts),
            MeasureRange::Users => Self::counts(users),
            MeasureRange::Complaints => Self::counts(attempts + users),
            // an alert is looked at once in each scrape, and every step may ask for approval
            MeasureRange::Pages => Self::counts(length * (scenario.alerts.len() as f64 + 100.0)),
            MeasureRange::Actions => Self::counts(times()),
            // by a request, or by what happens to an instance no more than ten times a second
            MeasureRange::Restarts => Self::counts(attempts + 10.0 * instances * length),
            MeasureRange::Share => Self::if_any(0.0, 1.0),
            // every request has failed, of which the objective allows one in a thousand
            MeasureRange::Budget => Self::if_any(0.0, 1_000.0),
            MeasureRange::Tries => Self::if_any(1.0, f64::from(scenario.attempts_max())),
            MeasureRange::Length => Self { occurs: Occurs::Always, ..Self::if_any(0.0, length) },
            MeasureRange::Time => Self::if_any(0.0, length),
            MeasureRange::TimeAsked => time_where(scenario.client.quantile.is_some()),
            MeasureRange::TimeOfAlerts => time_where(!scenario.alerts.is_empty()),
            MeasureRange::TimeOfRollout => {
                Self::if_any(0.0, length - scenario.rollout_at.as_secs_f64())
            }
            MeasureRange::Instances => Self::if_any(0.0, instances),
            MeasureRange::Peak => {
                Self { low: f64::from(scenario.fleet.instances), ..Self::counts(instances) }
            }
            MeasureRange::InstanceHours => Self::counts(instances * length / 3_600.0),
            MeasureRange::Defects => {
                let defects = plan.releases.iter().map(|it| it.defects.len());
                Self::of_those(defects.max().unwrap_or(0))
            }
            MeasureRange::Incidents => Self::of_those(scenario.incidents.len()),
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
