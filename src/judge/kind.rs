//! What every judge answers before it judges, from its settings alone.

use serde_json::Value;

use super::{Judge, JudgeSpec};
use crate::{
    model::MetricSpec,
    units::{Limit, Span},
};

/// The settings of a judge, and all that is asked of it without a simulation. A default is what holds for
/// whoever does not say otherwise.
pub trait JudgeKind {
    /// One that has measured nothing yet.
    fn build(&self) -> Box<dyn Judge>;

    /// Every metric that it reads, those of its parts included.
    fn metrics(&self) -> Vec<MetricSpec>;

    /// The windows of its measurements that can be set to another length alone: path within its section,
    /// and length. Windows that must suit another setting, such as a number of steps, are not among
    /// them.
    fn windows(&self) -> Vec<(String, Span)>;

    /// Whether it, or a part of it, has nothing to say where no other release takes traffic at the same
    /// time.
    fn needs_baseline(&self) -> bool;

    /// A limit that can be drawn as a line across the values of a metric. Without it, there is none: what
    /// decides is a statistic, or more than one value.
    fn drawn_limit(&self) -> Option<(MetricSpec, Limit)> {
        None
    }

    /// Which leaks of memory it fails a release for. Without it, what follows from its metrics.
    fn leak_sight(&self, _asked: LeakAsked) -> LeakSight {
        LeakSight::of(&self.metrics())
    }

    /// Limits that a tuning may move, by their keys. Without it, there are none: what other judges are set
    /// to says what is promised or what is usual, and a search must keep to that rather than move it.
    fn tunable(&self) -> Vec<(&'static str, Limit)> {
        Vec::new()
    }

    /// The judge to use in its place. Without it, it may stay.
    fn recommended(&self) -> Option<Recommended> {
        None
    }
}

/// The circumstances of a leak: memory of an instance, and how long a rollout lasts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeakAsked {
    /// Bytes in use without a leak.
    pub base: f64,
    /// Bytes above which an instance is killed.
    pub limit: f64,
    /// Hours until the rollout is complete; above 0.
    pub hours: f64,
}

/// Which leaks a judge sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LeakSight {
    /// It does not look at memory.
    Blind,
    /// Those of more than so many bytes an hour.
    From(f64),
    /// It looks at memory, and only a simulation tells what it sees.
    Unknown,
}

impl LeakSight {
    /// Of a judge whose settings allow no arithmetic.
    pub(super) fn of(metrics: &[MetricSpec]) -> Self {
        let memory = |it: &MetricSpec| matches!(it, MetricSpec::Memory | MetricSpec::MemorySlope);
        if metrics.iter().any(memory) { Self::Unknown } else { Self::Blind }
    }
}

/// A judge as a scenario would name it.
#[derive(Clone, Debug, PartialEq)]
pub struct Recommended {
    pub name: &'static str,
    pub settings: Value,
    /// Keys of it that a tuning moves, each from one value to another.
    pub tuned: Vec<(&'static str, Value, Value)>,
}

impl JudgeSpec {
    /// Its windows, as seen from what encloses it.
    pub(super) fn windows_within(&self, path: &str) -> Vec<(String, Span)> {
        let section = format!("{path}.{}", self.name());
        let windows = self.kind().windows().into_iter();
        windows.map(|(field, window)| (within(&section, &field), window)).collect()
    }
}

/// The path of a field in a section, the field as seen from there.
pub(super) fn within(section: &str, field: &str) -> String {
    let dot = if field.is_empty() || field.starts_with('[') { "" } else { "." };
    format!("{section}{dot}{field}")
}

#[cfg(test)]
mod old_rules {
    use serde_json::json;

    use super::*;
    use crate::{
        judge::tests::{ASKED, rows},
        units::{Bytes, Ratio},
    };

    fn per_hour(limit: &str) -> Option<f64> {
        let bytes: Bytes = limit.strip_suffix("/h")?.parse().ok()?;
        Some(bytes.get() as f64)
    }

    fn sight(spec: &Value) -> LeakSight {
        let threshold = &spec["threshold"];
        let limit = threshold["fail_above"].as_str().unwrap_or_default();
        let part = limit.parse::<Ratio>().ok().map(Ratio::get);
        let needed = match threshold["metric"].as_str() {
            Some("memory_slope") if threshold["against"] != "ratio" => per_hour(limit),
            Some("memory") => part.map(|it| {
                let begins = if threshold["against"] == "absolute" { ASKED.base } else { 0.0 };
                (it * ASKED.limit - begins).max(0.0) / ASKED.hours
            }),
            _ => None,
        };
        let text = spec.to_string();
        match needed {
            Some(needed) => LeakSight::From(needed),
            None if text.contains("\"memory") || text.contains("\"drift\"") => LeakSight::Unknown,
            None => LeakSight::Blind,
        }
    }

    fn collect(value: &Value, path: &str, found: &mut Vec<(String, Span)>) {
        match value {
            Value::Object(fields) => {
                for (name, inner) in fields {
                    let inside = format!("{path}.{name}");
                    let span = inner.as_str().filter(|_| name == "window");
                    match span.and_then(|it| it.parse().ok()) {
                        Some(span) => found.push((inside, span)),
                        None => collect(inner, &inside, found),
                    }
                }
            }
            Value::Array(entries) => {
                for (index, inner) in entries.iter().enumerate() {
                    collect(inner, &format!("{path}[{index}]"), found);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn recommended(threshold: &Value) -> Option<Value> {
        let absolute = threshold["against"] == "absolute";
        let limit = threshold["fail_above"].as_str().filter(|_| absolute);
        if threshold["metric"] == "error_rate" {
            Some(json!({"e_process": {"level": "0.5%"}}))
        } else if let (Some(limit), true) = (limit, threshold["metric"]["latency"].is_string()) {
            Some(json!({"e_process": {
                "level": "0.5%", "errors": false, "slower_than": [limit], "kill": false
            }}))
        } else {
            None
        }
    }

    /// A kayenta metric or group that is called after memory counted as one of memory in the old rules:
    /// here no name is.
    #[test]
    fn judges_answer_what_was_read_from_their_text() {
        let alone: Vec<Value> = rows().into_iter().map(|it| it.0).collect();
        let pairs = alone.iter().zip(alone.iter().skip(1)).flat_map(|(one, two)| {
            [
                json!({"any_of": [one, two]}),
                json!({"all_of": [two, one]}),
                json!({"weighted": {"judges": [
                    {"weight": 1, "judge": one}, {"weight": 2, "judge": {"any_of": [two]}}]}}),
            ]
        });
        let all: Vec<Value> = alone.iter().cloned().chain(pairs).collect();
        assert!(all.len() > 100);
        for written in &all {
            let spec: JudgeSpec = serde_json::from_value(written.clone()).unwrap();
            let (kind, shown) = (spec.kind(), serde_json::to_value(&spec).unwrap());
            let metrics = kind.metrics();
            let latency = metrics.iter().any(|it| it.of_latency());
            assert_eq!(latency, spec.build().looks_at_latency(), "{written}");
            assert_eq!(kind.leak_sight(ASKED), sight(&shown), "{written}");
            let leaks = |it: &MetricSpec| {
                matches!(it, MetricSpec::Memory | MetricSpec::MemorySlope | MetricSpec::Restarts)
            };
            let text = shown.to_string();
            let named = ["memory", "drift", "restarts"].iter().any(|it| text.contains(it));
            assert_eq!(metrics.iter().any(leaks), named, "{written}");
            let mut windows = Vec::new();
            collect(&shown, "judge", &mut windows);
            assert_eq!(spec.windows_within("judge"), windows, "{written}");
            let threshold = &shown["threshold"];
            let better = kind.recommended().map(|it| json!({ it.name: it.settings }).to_string());
            assert_eq!(better, recommended(threshold).map(|it| it.to_string()), "{written}");
            let moved = kind.tunable().into_iter().map(|(key, it)| (key, json!(it)));
            let both = ["fail_above", "pass_below"].map(|it| (it, threshold[it].clone()));
            let both: Vec<_> = both.into_iter().filter(|it| !it.1.is_null()).collect();
            assert_eq!(moved.collect::<Vec<_>>(), both, "{written}");
            assert!(kind.drawn_limit().is_none() || !threshold.is_null());
        }
    }
}
