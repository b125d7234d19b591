//! Proxies that make sense.

use serde_json::{Map, Value, json};

/// A balancer and probes that `check` lets through. It draws nothing.
pub(super) fn mend_balancer(fleet: &mut Value) {
    if !fleet["share_spread"].is_null() {
        fleet["balancer"] = json!("random");
    }
    fleet.get_mut("proxy").map(mend_proxy);
    for probe in ["liveness", "startup_probe"] {
        if !fleet[probe]["success_threshold"].is_null() {
            fleet[probe]["success_threshold"] = json!(1);
        }
    }
}

fn mend_proxy(proxy: &mut Value) {
    let Some(proxy) = proxy.as_object_mut() else { return };
    let watches = ["health_checks", "outlier_detection"];
    if watches.iter().all(|it| proxy.get(*it).is_none_or(Value::is_null)) {
        proxy.remove("panic_threshold");
    }
    if proxy.get("connect_timeout") == Some(&json!("0s")) {
        proxy.insert("connect_timeout".to_owned(), json!("1s"));
    }
    mend(proxy, "keep_alive", |it| {
        if it.get("idle") == Some(&json!("0s")) {
            it.insert("idle".to_owned(), json!("7s"));
        }
    });
    mend(proxy, "retries", |it| {
        it.insert("wait".to_owned(), json!("0s"));
    });
    mend(proxy, "health_checks", |it| {
        it.remove("phase");
    });
    mend(proxy, "outlier_detection", |it| {
        if it.contains_key("max_ejection") {
            it.insert("base_ejection".to_owned(), json!("0s"));
        }
    });
}

fn mend(proxy: &mut Map<String, Value>, part: &str, how: impl FnOnce(&mut Map<String, Value>)) {
    if let Some(part) = proxy.get_mut(part).and_then(Value::as_object_mut) {
        how(part);
    }
}
