//! The arithmetic against tables that were made by running Kubernetes' own code, v1.36.2:
//! `tests/it/oracles/kubernetes/README.md` says how.

use std::{fs, io::Read, path::Path};

use flate2::read::GzDecoder;
use serde_json::Value;

use super::{
    behavior::{Decision, History, Limit},
    replicas::{
        Condition, Initialization, Pod, Proposal, Sample, Target, Tolerance, by_instance, by_share,
        by_total, largest,
    },
};
use crate::{
    model::{
        AutoscalerScope, AutoscalerSpec, BehaviorSpec, ScalingPolicy, ScalingRules, SelectPolicy,
    },
    units::{Ratio, Span, narrow},
};

/// Rows of a table, and those of the table beside the repository, of which ours may be a part.
fn rows(name: &str) -> Vec<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let packed = root.join(format!("tests/it/oracles/kubernetes/{name}.jsonl.gz"));
    let mut text = String::new();
    GzDecoder::new(fs::File::open(packed).unwrap()).read_to_string(&mut text).unwrap();
    let shared = root.join(format!("../shared/oracles/golden/{name}.jsonl"));
    text.push_str(&fs::read_to_string(shared).unwrap_or_default());
    let rows = text.lines().map(|it| serde_json::from_str::<Value>(it).unwrap());
    rows.filter(|it| it.get("_").is_none()).collect()
}

/// Every row comes out as it did in Kubernetes.
#[track_caller]
fn check(name: &str, at_least: usize, holds: impl Fn(&Value) -> Result<(), String>) {
    let rows = rows(name);
    assert!(rows.len() >= at_least, "{name} has {} rows", rows.len());
    let wrong: Vec<String> =
        rows.iter().filter_map(|it| holds(it).err().map(|why| format!("{why}: {it}"))).collect();
    let first = wrong.iter().take(3).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {} rows of {name} differ:\n{first}", wrong.len(), rows.len());
}

fn same<T: PartialEq + std::fmt::Debug + Copy>(
    what: &str,
    ours: T,
    theirs: T,
) -> Result<(), String> {
    if ours == theirs { Ok(()) } else { Err(format!("{what} {ours:?}, not {theirs:?}")) }
}

fn number(of: &Value, key: &str) -> u64 {
    of[key].as_u64().unwrap_or_else(|| panic!("{key} of {of}"))
}

fn size(of: &Value, key: &str) -> u32 {
    u32::try_from(number(of, key)).unwrap()
}

fn seconds(of: &Value) -> Option<Span> {
    of.as_u64().map(Span::from_secs)
}

fn tolerance(of: &Value) -> Tolerance {
    Tolerance { down: of[0].as_f64().unwrap(), up: of[1].as_f64().unwrap() }
}

fn pod(row: &Value) -> Pod {
    let text = |index: usize| row[index].as_str().unwrap();
    let condition = (text(2) != "-")
        .then(|| Condition { ready: text(2) != "F", age: seconds(&row[4]).unwrap() });
    let sample = row[5].as_u64().map(|value| Sample {
        value,
        age: seconds(&row[6]).unwrap(),
        window: seconds(&row[7]).unwrap(),
    });
    Pod {
        ignored: row[1].as_bool().unwrap() || text(0) == "F",
        pending: text(0) == "P",
        condition,
        age: seconds(&row[3]),
        sample,
        request: row[8].as_u64().unwrap(),
    }
}

/// The replicas and the value are those of the row, or there are none on either side.
fn proposes(row: &Value, ours: Option<Proposal>, value: &str) -> Result<(), String> {
    same("replicas", ours.map(|it| u64::from(it.replicas)), row["out"].as_u64())?;
    same("value", ours.map(|it| it.value), row[value].as_u64())
}

fn by_pods(row: &Value, target: Target, cpu: bool) -> Option<Proposal> {
    let pods: Vec<Pod> = row["pods"].as_array().unwrap().iter().map(pod).collect();
    let initialization = cpu.then(|| Initialization {
        period: Span::from_secs(number(row, "cpu_init_s")),
        readiness_delay: Span::from_secs(number(row, "ready_delay_s")),
    });
    by_instance(&pods, size(row, "cur"), target, tolerance(&row["tol"]), initialization)
}

#[test]
fn the_processor_use_in_cores_is_followed_as_kubernetes_does() {
    check("hpa_calc_raw_cpu", 500, |row| {
        proposes(row, by_pods(row, Target::Value(number(row, "target")), true), "usage")
    });
}

#[test]
fn the_processor_use_of_what_is_requested_is_followed_as_kubernetes_does() {
    check("hpa_calc_utilization_cpu", 500, |row| {
        let target = Target::Utilization(number(row, "target"));
        proposes(row, by_pods(row, target, true), "utilization")
    });
}

#[test]
fn metrics_of_instances_are_followed_as_kubernetes_does() {
    check("hpa_calc_pods_metric", 500, |row| {
        proposes(row, by_pods(row, Target::Value(number(row, "target")), false), "usage")
    });
}

#[test]
fn metrics_of_the_whole_service_are_followed_as_kubernetes_does() {
    check("hpa_calc_external_object", 500, |row| {
        let usage = row["usage"].as_array().unwrap().iter().map(|it| it.as_u64().unwrap()).sum();
        let (target, current) = (number(row, "target"), size(row, "cur"));
        let tolerance = Tolerance { down: 0.1, up: 0.1 };
        let ours = if row["f"].as_str().unwrap().contains("PerPod") {
            Some(by_share(usage, target, current, tolerance))
        } else {
            let ready = (number(row, "total") > 0).then(|| size(row, "ready"));
            by_total(usage, target, current, ready, tolerance)
        };
        proposes(row, ours, "out_usage")
    });
}

fn spec(min: u32, max: u32) -> AutoscalerSpec {
    AutoscalerSpec {
        min,
        max,
        target: None,
        metrics: Vec::new(),
        cpu: None,
        shrink_after: Span::from_secs(300),
        tolerance: Ratio::clamped(0.1),
        behavior: BehaviorSpec::default(),
        legacy: true,
        sync_period: Span::from_secs(15),
        cpu_initialization_period: Span::from_secs(300),
        initial_readiness_delay: Span::from_secs(30),
        metrics_resolution: Span::from_secs(15),
        metrics_lag: Span::ZERO,
        per: AutoscalerScope::Fleet,
    }
}

#[test]
fn several_metrics_are_weighed_as_kubernetes_does() {
    check("hpa_multi_metric", 200, |row| {
        let current = size(row, "cur");
        let tolerance = Tolerance { down: 0.1, up: 0.1 };
        let usages = row["usage_milli"].as_array().unwrap().iter();
        let proposals: Vec<Option<Proposal>> =
            usages.map(|it| it.as_u64().map(|it| by_share(it, 1000, current, tolerance))).collect();
        let recommended = largest(&proposals, current).map(|it| it.1.replicas);
        // nothing had been recommended before
        let decision = History::default().decide(&spec(1, 1000), 0, current, recommended);
        same("replicas", decision.replicas, size(row, "out"))
    });
}

fn rules(of: &Value) -> ScalingRules {
    let policy = |it: &Value| {
        let value = it[1].as_u64().map(|it| u32::try_from(it).unwrap());
        let pods = it[0] == "Pods";
        ScalingPolicy {
            pods: value.filter(|_| pods),
            percent: value.filter(|_| !pods),
            period: seconds(&it[2]).unwrap(),
        }
    };
    ScalingRules {
        stabilization_window: seconds(&of["window_s"]),
        policies: of["policies"]
            .as_array()
            .map_or(Vec::new(), |it| it.iter().map(policy).collect()),
        select_policy: match of["select"].as_str() {
            None | Some("Max") => SelectPolicy::Max,
            Some("Min") => SelectPolicy::Min,
            Some("Disabled") => SelectPolicy::Disabled,
            Some(other) => panic!("{other}"),
        },
        tolerance: of["tolerance"].as_f64().map(Ratio::clamped),
    }
}

/// The reason of Kubernetes' condition `ScalingLimited`, as the tables shorten it.
fn reason(limit: Limit) -> &'static str {
    match limit {
        Limit::Nothing => "ok",
        Limit::UpPolicies => "up",
        Limit::DownPolicies => "down",
        Limit::Min => "min",
        Limit::Max => "max",
    }
}

fn trace(row: &Value) -> Result<(), String> {
    let mut spec = spec(size(row, "min"), size(row, "max"));
    spec.shrink_after = Span::from_secs(number(row, "ctl_downscale_window_s"));
    spec.tolerance = Ratio::clamped(row["tolerance"].as_f64().unwrap());
    if let Some(behavior) = row.get("behavior") {
        spec.legacy = false;
        spec.behavior = BehaviorSpec {
            scale_up: rules(&behavior["scaleUp"]),
            scale_down: rules(&behavior["scaleDown"]),
        };
    }
    let of = |own: Option<Ratio>| own.unwrap_or(spec.tolerance).get();
    let tolerance = Tolerance {
        down: of(spec.behavior.scale_down.tolerance),
        up: of(spec.behavior.scale_up.tolerance),
    };
    let manual = row.get("manual").and_then(Value::as_array);
    let set_by_hand = |sync: usize| {
        let found = manual?.iter().rfind(|it| it[0].as_u64() == Some(sync as u64))?;
        found[1].as_u64().map(|it| u32::try_from(it).unwrap())
    };
    let mut current = size(row, "init");
    let mut history = None;
    let mut limit = "-";
    for (sync, usage) in row["usage_milli"].as_array().unwrap().iter().enumerate() {
        let millis = row["t_ms"][sync].as_u64().unwrap_or(15_000 * sync as u64);
        let now = millis * 1_000_000;
        current = set_by_hand(sync).unwrap_or(current);
        let history = history.get_or_insert_with(|| History::new(now, current));
        let proposal = by_share(usage.as_u64().unwrap(), 1000, current, tolerance);
        let Decision { replicas, limit: met } =
            history.decide(&spec, now, current, Some(proposal.replicas));
        current = replicas;
        limit = met.map_or(limit, reason);
        let at = |what: &str| format!("{what} after sync {sync}");
        same(&at("replicas"), u64::from(current), row["replicas"][sync].as_u64().unwrap())?;
        same(&at("limit"), limit, row["limit"][sync].as_str().unwrap())?;
    }
    same("syncs", narrow(row["replicas"].as_array().unwrap().len()), 45)
}

#[test]
fn changes_without_a_behavior_are_limited_as_kubernetes_does() {
    check("hpa_traces_legacy", 75, trace);
}

#[test]
fn changes_with_a_behavior_are_limited_as_kubernetes_does() {
    check("hpa_traces_behavior", 175, trace);
}
