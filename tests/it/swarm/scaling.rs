//! Autoscalers and machines that make sense.

use rollsim::kernel::Stream;
use serde_json::{Map, Value, json};

/// An autoscaler and machines that `check` lets through.
pub(super) fn mend_scaling(fleet: &mut Value, stream: &mut Stream) {
    let standing = fleet["instances"].as_u64().unwrap_or(3);
    if let Some(it) = fleet.get_mut("autoscaler").and_then(Value::as_object_mut) {
        mend_autoscaler(it, stream);
    }
    if let Some(machines) = fleet.get_mut("machines").and_then(Value::as_object_mut) {
        let spare = stream.below(4);
        machines.insert("spare".to_owned(), json!(spare));
        machines.insert("per_machine".to_owned(), json!(1 + stream.below(3)));
        machines.insert("room".to_owned(), json!(standing + spare + stream.below(12)));
    }
}

fn mend_autoscaler(it: &mut Map<String, Value>, stream: &mut Stream) {
    let mut set = |key: &str, value: Value| it.insert(key.to_owned(), value);
    let min = 1 + stream.below(9);
    set("min", json!(min));
    set("max", json!(min + stream.below(7)));
    set("cpu", json!({"per_request": "20ms", "requested": 0.5, "idle": 0.01, "starting": 2.0}));
    for key in ["sync_period", "metrics_resolution"] {
        set(key, json!(pick(stream, &["1s", "5s", "15s", "1m"])));
    }
    if it.get("metrics").and_then(Value::as_array).is_some_and(|it| !it.is_empty()) {
        it.remove("target");
    } else {
        it.remove("metrics");
        it.insert("target".to_owned(), json!(share(stream)));
    }
    let mut of_all = false;
    for metric in it.get_mut("metrics").and_then(Value::as_array_mut).into_iter().flatten() {
        of_all |= metric.get("arrivals").or(metric.get("total_arrivals")).is_some();
        mend_metric(metric, stream);
    }
    if of_all {
        it.insert("per".to_owned(), json!("fleet"));
    }
    if it.get("legacy") == Some(&json!(true)) {
        it.remove("behavior");
    }
    let rules = it.get_mut("behavior").and_then(Value::as_object_mut).into_iter().flatten();
    let policies = rules.filter_map(|it| it.1.get_mut("policies")?.as_array_mut()).flatten();
    for policy in policies {
        let kind = if stream.chance(0.5) { "pods" } else { "percent" };
        let period = pick(stream, &["1s", "15s", "1m"]);
        *policy = json!({kind: 1 + stream.below(100), "period": period});
    }
}

fn mend_metric(metric: &mut Value, stream: &mut Stream) {
    for (name, target) in metric.as_object_mut().into_iter().flatten() {
        let of_workers = matches!(name.as_str(), "busy" | "cpu");
        let rate = pick(stream, &["0.2/s", "1/s", "10/s"]);
        *target = json!(if of_workers { share(stream) } else { rate });
    }
}

fn share(stream: &mut Stream) -> &'static str {
    pick(stream, &["3%", "10%", "50%", "100%"])
}

fn pick(stream: &mut Stream, choices: &[&'static str]) -> &'static str {
    choices[usize::try_from(stream.below(choices.len() as u64)).unwrap_or(0)]
}
