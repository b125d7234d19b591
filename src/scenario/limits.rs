//! The second half of [`super::check`]: what the rollout is judged by, and what its parts name.

use serde_json::Value;

use super::{
    Problem,
    check::{Check, SECOND},
};
use crate::{
    judge::{JudgeSpec, Threshold},
    model::{Against, MetricSpec, UserMatch},
    units::{Limit, LimitKind},
};

impl Check<'_> {
    pub(super) fn gates(&mut self) {
        let scenario = self.scenario;
        let interval = scenario.telemetry.interval;
        for (index, alert) in scenario.alerts.iter().enumerate() {
            let path = format!("alerts[{index}]");
            self.limit(&format!("{path}.above"), alert.metric, alert.against, alert.above);
            self.at_least(&format!("{path}.window"), alert.window, interval);
        }
        let Some(analysis) = &scenario.analysis else { return };
        self.at_least("analysis.interval", analysis.interval, SECOND);
        for (index, gate) in analysis.gates.iter().enumerate() {
            let JudgeSpec::Threshold(judge) = &gate.judge;
            let path = format!("analysis.gates[{index}].judge.threshold");
            if judge.fail_above.is_none() && judge.pass_below.is_none() {
                let message = "a threshold needs `fail_above` or `pass_below`";
                self.refuse(&path, message);
            }
            for (name, limit) in
                [("fail_above", judge.fail_above), ("pass_below", judge.pass_below)]
            {
                self.limit_if_any(&format!("{path}.{name}"), judge, limit);
            }
            self.at_least(&format!("{path}.window"), judge.window, interval);
        }
    }

    fn limit_if_any(&mut self, path: &str, judge: &Threshold, limit: Option<Limit>) {
        if let Some(limit) = limit {
            self.limit(path, judge.metric, judge.against, limit);
        }
    }

    fn limit(&mut self, path: &str, metric: MetricSpec, against: Against, limit: Limit) {
        let wanted = metric.limit_kind(against);
        if limit.kind() != wanted {
            let message = format!("`{limit}` is not a limit of the {metric}");
            self.refuse_allowing(path, message, example(wanted));
        }
    }

    pub(super) fn strategy(&mut self) {
        let strategy = self.scenario.strategy.build();
        if strategy.uses_analysis() && self.scenario.analysis.is_none() {
            let problem = Problem::warning("nothing watches this rollout: there is no `analysis`")
                .path("strategy")
                .hint("add an `analysis` section, or turn the strategy's `analysis` off");
            self.problems.push(problem);
        }
        let spec = serde_json::to_value(&self.scenario.strategy).unwrap_or_default();
        self.names_in_strategy("strategy", &spec);
    }

    /// Attributes and operations that any strategy names, wherever it names them.
    fn names_in_strategy(&mut self, path: &str, value: &Value) {
        match value {
            Value::Object(map) => {
                for (key, inner) in map {
                    self.names_under(key, &format!("{path}.{key}"), inner);
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
            let (first, second) = condition.limits();
            let fits = |it: Limit| it.kind() == measure.kind() || zero_fits(it);
            if !(fits(first) && second.is_none_or(fits)) {
                let message = format!("`{condition}` does not measure `{}`", measure.name());
                let path = format!("expect.{}", measure.name());
                self.refuse_allowing(path, message, example(measure.kind()));
            }
        }
    }
}

/// Zero is zero in any unit.
fn zero_fits(limit: Limit) -> bool {
    limit.kind() == LimitKind::Count && limit.value() <= 0.0
}

fn example(kind: LimitKind) -> &'static str {
    match kind {
        LimitKind::Ratio => "a percentage, such as `2%`",
        LimitKind::Span => "a span of time, such as `500ms`",
        LimitKind::Factor => "a factor, such as `1.5x`",
        LimitKind::Slope => "bytes an hour, such as `20MiB/h`",
        LimitKind::Count => "a count, such as `3`",
    }
}
