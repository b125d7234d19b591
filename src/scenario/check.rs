//! What the schema cannot say: whether the parts of a scenario fit together.
//!
//! Every rule adds its problem and continues, so that all are reported at once.

use super::{Problem, Scenario, listed, path::below, size::most_instances};
use crate::{
    model::{DrainSpec, PatternSpec, RestartSpec, UserMatch},
    units::{Factor, Ratio, Span, text},
};

/// Longest trial.
pub(super) const LENGTH_MAX: Span = Span::from_secs(92 * 86_400);
/// Most workers of all instances together, both releases and those being stopped included.
const WORKERS_MAX: u64 = 1 << 20;
/// Most operations: each request carries the number of its own in a byte.
const OPERATIONS_MAX: usize = 256;
pub(super) const SECOND: Span = Span::from_secs(1);
/// Shortest time-out and deadline: what answers at all needs about so long on a network. Kubernetes counts
/// them in whole seconds.
pub(super) const TIMEOUT_MIN: Span = Span::from_millis(1);

/// All that is wrong with a scenario, but for its tuning and its data files.
pub(super) fn problems_of(scenario: &Scenario) -> Vec<Problem> {
    let mut check = Check { scenario, problems: Vec::new() };
    check.everything();
    check.problems
}

/// A key that a limit comes from and its value, which the file may not have written.
pub(super) fn held(key: &str, value: Span, default: Span) -> String {
    let by = if value == default { ", by default" } else { "," };
    format!("`{key}`{by} `{value}`")
}

pub(super) struct Check<'s> {
    pub(super) scenario: &'s Scenario,
    pub(super) problems: Vec<Problem>,
}

impl Check<'_> {
    fn everything(&mut self) {
        self.times();
        self.fleet();
        self.probes();
        self.proxy();
        self.workers();
        self.traffic();
        self.channels();
        self.named_channels();
        self.at_least("database.timeout", self.scenario.database.timeout, TIMEOUT_MIN);
        self.operations();
        self.users();
        self.release();
        self.lottery();
        self.gates();
        self.strategies();
        self.actions();
        self.cost();
        self.expectations();
    }

    pub(super) fn refuse(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.problems.push(Problem::error(message).path(path));
    }

    pub(super) fn refuse_allowing(
        &mut self,
        path: impl Into<String>,
        message: impl Into<String>,
        allowed: impl Into<String>,
    ) {
        self.problems.push(Problem::error(message).path(path).allowed(allowed));
    }

    pub(super) fn warn(
        &mut self,
        path: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.problems.push(Problem::warning(message).path(path).hint(hint));
    }

    pub(super) fn at_least(&mut self, path: &str, span: Span, least: Span) {
        if span < least {
            self.refuse_allowing(
                path,
                format!("`{span}` is too short"),
                format!("at least {least}"),
            );
        }
    }

    fn times(&mut self) {
        let it = self.scenario;
        self.at_least("length", it.length, SECOND);
        if it.length > LENGTH_MAX {
            let message = format!("`{}` is too long", it.length);
            self.refuse_allowing("length", message, format!("at most {LENGTH_MAX}"));
        }
        if it.warm_up >= it.length {
            let message = format!("the warm-up, `{}`, covers the whole trial", it.warm_up);
            self.refuse_allowing("warm_up", message, format!("less than `{}`", it.length));
        }
        if it.rollout_at > it.length && it.strategy.kind().ships() {
            let message =
                format!("the rollout starts at `{}`, after the end of the trial", it.rollout_at);
            self.refuse_allowing("rollout_at", message, format!("at most `{}`", it.length));
        }
        self.at_least("telemetry.interval", it.telemetry.interval, SECOND);
    }

    fn fleet(&mut self) {
        let fleet = &self.scenario.fleet;
        if !fleet.warm_up.duration.is_zero() {
            self.no_speed_up("fleet.warm_up.slowdown", fleet.warm_up.slowdown);
        }
        if let Some(memory) = fleet.memory {
            if memory.base >= memory.limit {
                let message = format!("the base, `{}`, fills the limit", memory.base);
                self.refuse_allowing(
                    "fleet.memory.base",
                    message,
                    format!("less than `{}`", memory.limit),
                );
            }
            self.no_speed_up(
                "fleet.memory.garbage_collection.slowdown",
                memory.garbage_collection.slowdown,
            );
        }
        if fleet.drain.pre_stop > fleet.drain.grace {
            let message = format!("`{}` is longer than the grace period", fleet.drain.pre_stop);
            self.refuse_allowing(
                "fleet.drain.pre_stop",
                message,
                format!("at most {}", held("grace", fleet.drain.grace, DrainSpec::default().grace)),
            );
        }
        if !fleet.share_spread.is_zero() && !fleet.balancer.draws() {
            self.refuse_allowing(
                "fleet.share_spread",
                "only a balancer that draws its endpoints gives them unequal shares",
                "with `balancer: random` or `balancer: power_of_two`",
            );
        }
        if let Some(scaler) = &fleet.autoscaler {
            self.autoscaler(scaler);
        }
        if let Some(machines) = &fleet.machines {
            self.machines(machines);
        }
        if fleet.restart.backoff_max < fleet.restart.backoff {
            let message = format!("`{}` is shorter than `backoff`", fleet.restart.backoff_max);
            let default = RestartSpec::default().backoff;
            let allowed = format!("at least {}", held("backoff", fleet.restart.backoff, default));
            self.refuse_allowing("fleet.restart.backoff_max", message, allowed);
        }
    }

    fn probes(&mut self) {
        let fleet = &self.scenario.fleet;
        for (path, probe, one_success) in [
            ("fleet.readiness", fleet.readiness, false),
            ("fleet.liveness", fleet.liveness, true),
            ("fleet.startup_probe", fleet.startup_probe, true),
        ] {
            let Some(probe) = probe else { continue };
            self.at_least(&format!("{path}.period"), probe.period, SECOND);
            self.at_least(&format!("{path}.timeout"), probe.timeout, TIMEOUT_MIN);
            if one_success && probe.success_threshold != 1 {
                self.refuse_allowing(
                    format!("{path}.success_threshold"),
                    "one success is always enough for this probe, as in Kubernetes",
                    "1",
                );
            }
        }
    }

    fn no_speed_up(&mut self, path: &str, slowdown: Factor) {
        if slowdown.get() < 1.0 {
            self.refuse_allowing(
                path,
                format!("`{slowdown}` would be a speed-up"),
                "at least `1x`",
            );
        }
    }

    /// Workers and time share the 64 bits of an event's key.
    fn workers(&mut self) {
        let fleet = &self.scenario.fleet;
        let most = most_instances(self.scenario);
        // both releases at full size, and as many being stopped
        let workers = 4 * u64::from(most) * u64::from(fleet.workers);
        let bits = workers.next_power_of_two().trailing_zeros();
        let horizon = u64::MAX >> bits;
        if workers > WORKERS_MAX {
            let message = format!("{most} instances of {} workers are too many", fleet.workers);
            let allowed = format!("at most {} workers in all", WORKERS_MAX / 4);
            self.refuse_allowing("fleet.workers", message, allowed);
        } else if self.scenario.length.nanos() >= horizon - 1 {
            let message = format!("`{}` is too long for so many workers", self.scenario.length);
            let days = horizon / 86_400_000_000_000;
            self.refuse_allowing(
                "length",
                message,
                format!("at most {days}d with {workers} workers"),
            );
        }
    }

    fn traffic(&mut self) {
        let traffic = &self.scenario.traffic;
        if let Some(bursts) = traffic.bursts {
            self.at_least("traffic.bursts.every", bursts.every, SECOND);
            self.at_least("traffic.bursts.length", bursts.length, SECOND);
        }
        if let PatternSpec::Profile(profile) = &traffic.pattern {
            if !profile.days.is_empty() && profile.days.len() != 7 {
                let message = format!("a week has 7 days, not {}", profile.days.len());
                self.refuse_allowing("traffic.pattern.profile.days", message, "7 weights, or none");
            }
            self.some_weight("traffic.pattern.profile.hours", &profile.hours);
            self.some_weight("traffic.pattern.profile.days", &profile.days);
        }
    }

    fn some_weight(&mut self, path: &str, weights: &[Factor]) {
        if !weights.is_empty() && weights.iter().all(|it| it.get() <= 0.0) {
            self.refuse(path, "all weights are zero");
        }
    }

    fn operations(&mut self) {
        let scenario = self.scenario;
        if scenario.operations.len() > OPERATIONS_MAX {
            let message = format!("{} operations are too many", scenario.operations.len());
            self.refuse_allowing("operations", message, format!("at most {OPERATIONS_MAX}"));
        }
        let shares: Vec<Ratio> = scenario.operations.values().map(|it| it.share).collect();
        self.sum_to_one("operations", &shares);
        for (name, operation) in &scenario.operations {
            if let Some(channel) = &operation.channel {
                let path = format!("{}.channel", below("operations", name));
                self.known_channel(path, channel);
            }
            for (index, call) in operation.calls.iter().enumerate() {
                self.known(
                    format!("{}.calls[{index}]", below("operations", name)),
                    "dependency",
                    call,
                    scenario.dependencies.keys(),
                );
            }
        }
    }

    fn users(&mut self) {
        for (name, values) in &self.scenario.users.attributes {
            let path = below("users.attributes", name);
            if values.is_empty() {
                self.refuse(&path, format!("attribute `{name}` has no values"));
            }
            let shares: Vec<Ratio> = values.values().copied().collect();
            self.sum_to_one(&path, &shares);
        }
    }

    /// Shares of a whole.
    fn sum_to_one(&mut self, path: &str, shares: &[Ratio]) {
        let total: f64 = shares.iter().map(|it| it.get()).sum();
        if !shares.is_empty() && (total - 1.0).abs() > 1e-9 {
            let sum = text::share(total);
            self.refuse_allowing(path, format!("the shares sum to {sum}"), "100 %");
        }
    }

    pub(super) fn known<'n>(
        &mut self,
        path: impl Into<String>,
        kind: &str,
        name: &str,
        names: impl Iterator<Item = &'n String>,
    ) {
        let names: Vec<&str> = names.map(String::as_str).collect();
        if names.contains(&name) {
            return;
        }
        let mut problem = Problem::error(format!("there is no {kind} `{name}`")).path(path);
        problem = if names.is_empty() {
            problem.hint(format!("the scenario has no {kind} yet"))
        } else {
            problem.allowed(listed(names.iter().copied()))
        };
        if let Some(near) = super::suggest(name, names) {
            problem = problem.hint(format!("did you mean `{near}`?"));
        }
        self.problems.push(problem);
    }

    pub(super) fn user_match(&mut self, path: &str, users: &UserMatch) {
        let attributes = &self.scenario.users.attributes;
        for (name, value) in users {
            self.known(path, "attribute", name, attributes.keys());
            if let Some(values) = attributes.get(name) {
                self.known(below(path, name), "value", value, values.keys());
            }
        }
    }
}
