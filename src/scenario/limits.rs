//! The second half of [`super::check`]: its analysis, and the names that its parts use.

use serde_json::Value;

use super::{
    Problem,
    check::{Check, SECOND, held},
    path::below,
    quoted, suggest,
};
use crate::{
    model::{
        Against, Amount, Condition, Distribution, EstimateName, Measure, MetricSpec, ScrapeSpec,
        UserMatch,
    },
    strategy::StrategySpec,
    units::{Limit, LimitKind, Malformed, Span, text},
};

/// Longest name of a strategy or of a class of releases.
const NAME_CHARS_MAX: usize = 40;

impl Check<'_> {
    pub(super) fn gates(&mut self) {
        let scenario = self.scenario;
        let interval = scenario.telemetry.interval;
        for (index, alert) in scenario.alerts.iter().enumerate() {
            let path = format!("alerts[{index}]");
            self.limit(&format!("{path}.above"), alert.metric, alert.against, alert.above);
            if alert.window < interval {
                let message = format!("`{}` is too short", alert.window);
                let default = ScrapeSpec::default().interval;
                let allowed = format!("at least {}", held("telemetry.interval", interval, default));
                self.refuse_allowing(format!("{path}.window"), message, allowed);
            }
        }
        let Some(analysis) = &scenario.analysis else { return };
        self.at_least("analysis.interval", analysis.interval, SECOND);
        for (index, gate) in analysis.gates.iter().enumerate() {
            let path = format!("analysis.gates[{index}].judge.{}", gate.judge.name());
            for flaw in gate.judge.build().flaws(interval) {
                let flaw = flaw.within(&path);
                let mut problem = Problem::error(flaw.message).path(flaw.field);
                problem.allowed = Some(flaw.allowed).filter(|it| !it.is_empty());
                self.problems.push(problem);
            }
        }
    }

    fn limit(&mut self, path: &str, metric: MetricSpec, against: Against, limit: Limit) {
        let wanted = metric.limit_kind(against);
        if limit.kind() != wanted {
            let message = format!("`{limit}` is not a limit of the {metric}");
            self.refuse_allowing(path, message, wanted.example());
        }
    }

    /// The strategy, and those that it is compared with.
    pub(super) fn strategies(&mut self) {
        let scenario = self.scenario;
        self.strategy("strategy", &scenario.strategy);
        let own = scenario.strategy.name();
        let ships = |it: &StrategySpec| it.kind().ships();
        if !ships(&scenario.strategy) {
            self.nothing_shipped();
        }
        for (name, strategy) in &scenario.strategies {
            let path = below("strategies", name);
            self.strategy(&path, strategy);
            if !ships(strategy) {
                let message = "it ships nothing, so that there is no rollout to compare";
                self.refuse(&path, message);
            }
            if name == own {
                let problem = Problem::error(format!("`{own}` is already the name of `strategy`"));
                self.problems.push(problem.path(path).hint("give it a name of its own"));
            } else if name == "phase" || Measure::ALL.iter().any(|it| it.name() == name) {
                let problem = Problem::error(format!("`{name}` is the name of a measure"));
                self.problems.push(problem.path(path).hint("give the strategy another name"));
            } else {
                self.name(&path, name);
            }
        }
    }

    /// What belongs to a rollout has no effect where there is none.
    fn nothing_shipped(&mut self) {
        let scenario = self.scenario;
        let own = scenario.strategy.name();
        if !scenario.strategies.is_empty() {
            let message =
                format!("`strategy: {own}` ships nothing, so that no rollout compares to it");
            let problem = Problem::error(message).path("strategies");
            self.problems.push(problem.hint("a strategy that ships, or no `strategies`"));
        }
        let nothing = [
            (!scenario.release.defects.is_empty(), "release.defects"),
            (scenario.release.migration.is_some(), "release.migration"),
            (scenario.releases.is_some(), "releases"),
            (scenario.analysis.is_some(), "analysis"),
        ];
        for (_, path) in nothing.into_iter().filter(|it| it.0) {
            let message = format!("`strategy: {own}` ships nothing: this has no effect");
            self.problems.push(Problem::warning(message).path(path));
        }
    }

    fn strategy(&mut self, path: &str, spec: &StrategySpec) {
        if spec.kind().uses_analysis() && self.scenario.analysis.is_none() {
            let problem = Problem::warning(
                "the strategy uses an analysis, but the scenario has no `analysis`",
            )
            .path(path)
            .hint("add an `analysis` section, or turn the strategy's `analysis` off");
            self.problems.push(problem);
        }
        let spec = serde_json::to_value(spec).unwrap_or_default();
        self.names_in_strategy(path, &spec);
        self.progress_deadlines(path, &spec);
        self.room_to_roll(path, &spec);
    }

    /// A rolling update that may have neither one instance more nor one fewer. Kubernetes refuses it where
    /// both are zero as they are written; where `max_unavailable` is only rounded to zero, it is one.
    fn room_to_roll(&mut self, path: &str, spec: &Value) {
        let Value::Object(map) = spec else { return };
        let zero = |key: &str| {
            let amount =
                map.get(key).and_then(|it| serde_json::from_value::<Amount>(it.clone()).ok());
            amount.filter(|it| it.rounded_up(1) == 0)
        };
        if let (Some(surge), Some(unavailable)) = (zero("max_surge"), zero("max_unavailable")) {
            let message = format!(
                "no instance can be replaced: `{unavailable}` may be unavailable, and `max_surge` is `{surge}`"
            );
            let allowed = "above 0 here, or above 0 in `max_surge`, as in Kubernetes";
            self.refuse_allowing(below(path, "max_unavailable"), message, allowed);
        }
        for (key, inner) in map {
            self.room_to_roll(&below(path, key), inner);
        }
    }

    /// Deadlines that no new instance can meet. Kubernetes refuses those that are not longer than `min_ready`.
    fn progress_deadlines(&mut self, path: &str, spec: &Value) {
        let Value::Object(map) = spec else { return };
        let span = |key: &str| map.get(key)?.as_str()?.parse::<Span>().ok();
        let ready = span("min_ready").unwrap_or(Span::ZERO);
        // other distributions may be as short as nothing
        let start = &self.scenario.fleet.startup;
        let start = if let Distribution::Constant(it) = start { *it } else { Span::ZERO };
        let least = start.saturating_add(ready);
        if let Some(deadline) = span("progress_deadline").filter(|it| *it < least || *it <= ready) {
            let message = format!(
                "every rollout is given up: a new instance is available after {} at the earliest, and it \
                 has {}",
                text::span(least),
                text::span(deadline)
            );
            let hint = "more than `fleet.startup` and `min_ready` together";
            self.warn(below(path, "progress_deadline"), message, hint);
        }
        for (key, inner) in map {
            self.progress_deadlines(&below(path, key), inner);
        }
    }

    /// A name that tables and charts show.
    pub(super) fn name(&mut self, path: &str, name: &str) {
        let count = name.chars().count();
        if count == 0 || count > NAME_CHARS_MAX || name.chars().any(char::is_control) {
            let message = format!("{} is not a valid name", quoted(name));
            let allowed = format!("1 to {NAME_CHARS_MAX} printable characters");
            self.refuse_allowing(path, message, allowed);
        }
    }

    pub(super) fn cost(&mut self) {
        let currency = &self.scenario.cost.currency;
        if currency.chars().any(char::is_control) {
            let message = format!("{} cannot be printed", quoted(currency));
            self.refuse_allowing("cost.currency", message, "printable characters");
        }
    }

    /// Attributes and operations that any strategy names, wherever it names them.
    fn names_in_strategy(&mut self, path: &str, value: &Value) {
        match value {
            Value::Object(map) => {
                for (key, inner) in map {
                    self.names_under(key, &below(path, key), inner);
                }
            }
            Value::Array(items) => {
                for (index, inner) in items.iter().enumerate() {
                    self.names_in_strategy(&format!("{path}[{index}]"), inner);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn names_under(&mut self, key: &str, path: &str, value: &Value) {
        match key {
            "include" | "exclude" | "attributes" | "exclude_on_failure" => {
                self.user_matches(path, value);
            }
            "operations" => self.operations_in_strategy(path, value),
            _ => self.names_in_strategy(path, value),
        }
    }

    fn user_matches(&mut self, path: &str, value: &Value) {
        let matches: Vec<UserMatch> = serde_json::from_value(value.clone()).unwrap_or_default();
        for (index, users) in matches.iter().enumerate() {
            self.user_match(&format!("{path}[{index}]"), users);
        }
    }

    fn operations_in_strategy(&mut self, path: &str, value: &Value) {
        let names: Vec<String> = serde_json::from_value(value.clone()).unwrap_or_default();
        let scenario = self.scenario;
        for (index, name) in names.iter().enumerate() {
            let known = scenario.operations.keys();
            self.known(format!("{path}[{index}]"), "operation", name, known);
        }
    }

    pub(super) fn expectations(&mut self) {
        for (measure, condition) in self.scenario.expect.conditions() {
            let path = format!("expect.{}", measure.name());
            self.measures(&path, measure.name(), measure.kind(), condition);
        }
        self.estimates();
    }

    /// Expectations on what `compare` estimates of each strategy.
    fn estimates(&mut self) {
        let scenario = self.scenario;
        let strategies = scenario.strategies();
        for (strategy, conditions) in &scenario.expect.strategies {
            let path = below("expect", strategy);
            let names: Vec<String> = strategies.iter().map(|it| it.0.to_owned()).collect();
            self.known(&path, "strategy", strategy, names.iter());
            for (name, condition) in conditions {
                let path = below(&path, name);
                match name.parse::<EstimateName>() {
                    Ok(estimate) => self.measures(&path, name, estimate.kind(), *condition),
                    Err(malformed) => self.no_estimate(path, name, malformed),
                }
            }
        }
    }

    fn no_estimate(&mut self, path: String, name: &str, malformed: Malformed) {
        let mut problem = Problem::error(malformed.problem).path(path).allowed(malformed.allowed);
        let names: Vec<String> = EstimateName::all().map(|it| it.to_string()).collect();
        if let Some(near) = suggest(name, names.iter().map(String::as_str)) {
            problem = problem.hint(format!("did you mean `{near}`?"));
        }
        self.problems.push(problem);
    }

    /// Whether the limits of a condition have the unit of what they limit.
    fn measures(&mut self, path: &str, name: &str, kind: LimitKind, condition: Condition) {
        let (first, second) = condition.limits();
        let fits = |it: Limit| it.kind() == kind || zero_fits(it);
        if !(fits(first) && second.is_none_or(fits)) {
            let message = format!("`{condition}` does not measure `{name}`");
            self.refuse_allowing(path, message, kind.example());
        }
    }
}

/// Zero is zero in any unit.
fn zero_fits(limit: Limit) -> bool {
    limit.kind() == LimitKind::Count && limit.value() <= 0.0
}
