//! What judges answer from their settings.

use serde_json::{Value, json};

use super::*;
use crate::units::Ratio;

/// A judge, what it reads, the paths of its windows, and whether it needs a baseline.
type Row = (Value, Vec<MetricSpec>, Vec<&'static str>, bool);

const ERRORS: MetricSpec = MetricSpec::ErrorRate;
const SLOWER: MetricSpec = MetricSpec::SlowerThan(Span::from_secs(1));

fn slowest() -> MetricSpec {
    MetricSpec::Latency(Ratio::clamped(0.99))
}

fn on_counts() -> Vec<Row> {
    let slower = json!({"slower_than": "1s"});
    vec![
        (json!({"bayes": {"window": "5m"}}), vec![ERRORS], vec!["window"], true),
        (json!({"bayes": {"counts": slower}}), vec![SLOWER], vec![], true),
        (json!({"burn_rate": {"counts": slower}}), vec![SLOWER], vec![], false),
        (json!({"count_test": {"counts": slower}}), vec![SLOWER], vec![], true),
        (json!({"e_process": {"slower_than": ["1s"]}}), vec![ERRORS, SLOWER], vec![], true),
        (
            json!({"e_process": {"errors": false, "slower_than": ["1s"], "kill": false}}),
            vec![SLOWER],
            vec![],
            true,
        ),
        (
            json!({"e_process": {"errors": false, "slower_than": ["1s"]}}),
            vec![ERRORS, SLOWER],
            vec![],
            true,
        ),
        (json!({"fisher": {"window": "5m"}}), vec![ERRORS], vec!["window"], true),
        (json!({"group_sequential": {"looks": 5}}), vec![ERRORS], vec![], true),
        (json!({"kill": {"counts": slower}}), vec![SLOWER], vec![], false),
        (json!({"mixture_sprt": {"counts": slower}}), vec![SLOWER], vec![], true),
        (
            json!({"sprt": {"test": {"two_arm": {"ratio": "2x"}}, "counts": slower}}),
            vec![SLOWER],
            vec![],
            true,
        ),
        (
            json!({"sprt": {"test": {"bernoulli": {"p0": "1%", "p1": "2%"}}}}),
            vec![ERRORS],
            vec![],
            false,
        ),
        (
            json!({"sprt": {"test": {"poisson": {"rate0": "1/m", "rate1": "9/m"}}}}),
            vec![ERRORS],
            vec![],
            false,
        ),
        (json!({"two_proportion": {"window": "5m"}}), vec![ERRORS], vec!["window"], true),
    ]
}

fn on_values() -> Vec<Row> {
    let usual = json!({"given": {"mean": "50%", "deviation": "5%"}});
    vec![
        (
            json!({"betting": {"metric": "memory", "mean_below": "80%"}}),
            vec![MetricSpec::Memory],
            vec![],
            false,
        ),
        (
            json!({"betting": {"metric": "error_rate", "against": "difference"}}),
            vec![ERRORS],
            vec![],
            true,
        ),
        (json!({"cusum": {"metric": {"latency": "99%"}}}), vec![slowest()], vec![], true),
        (
            json!({"cusum": {"metric": "memory", "reference": "first"}}),
            vec![MetricSpec::Memory],
            vec![],
            false,
        ),
        (json!({"drift": {}}), vec![MetricSpec::Memory], vec![], false),
        (json!({"drift": {"beyond_baseline": true}}), vec![MetricSpec::Memory], vec![], true),
        (
            json!({"ewma": {"metric": "saturation", "reference": usual}}),
            vec![MetricSpec::Saturation],
            vec![],
            false,
        ),
        (json!({"ewma": {"metric": "restarts"}}), vec![MetricSpec::Restarts], vec![], true),
        (
            json!({"kayenta": {"lookback": "1h", "metrics": [
                {"metric": "complaints"}, {"metric": {"latency": "99%"}, "muted": true}]}}),
            vec![MetricSpec::Complaints, slowest()],
            vec![],
            true,
        ),
        (json!({"quantile_sequence": {"quantile": "99%"}}), vec![slowest()], vec![], true),
        (
            json!({"welch": {"metric": "memory_slope", "lookback": "1h"}}),
            vec![MetricSpec::MemorySlope],
            vec![],
            true,
        ),
    ]
}

fn threshold(metric: &Value, against: &str, limit: &str) -> Value {
    json!({"threshold": {"metric": metric, "against": against, "fail_above": limit}})
}

fn thresholds() -> Vec<Row> {
    let of = |metric: &str, against, limit| threshold(&json!(metric), against, limit);
    let window = || vec!["window"];
    vec![
        (of("error_rate", "absolute", "5%"), vec![ERRORS], window(), false),
        (of("error_rate", "difference", "5%"), vec![ERRORS], window(), true),
        (of("memory", "ratio", "2x"), vec![MetricSpec::Memory], window(), true),
        (of("memory_slope", "absolute", "9MiB/h"), vec![MetricSpec::MemorySlope], window(), false),
        (of("restarts", "absolute", "2"), vec![MetricSpec::Restarts], window(), false),
        (threshold(&json!({"slower_than": "1s"}), "absolute", "5%"), vec![SLOWER], window(), false),
        (
            threshold(&json!({"latency": "99%"}), "absolute", "800ms"),
            vec![slowest()],
            window(),
            false,
        ),
    ]
}

fn composed() -> Vec<Row> {
    let alone = threshold(&json!("error_rate"), "absolute", "5%");
    let parts = json!([{"kill": {}}, {"fisher": {"window": "5m"}}]);
    let inner = json!([{"drift": {}}, {"any_of": [alone, {"kill": {}}]}]);
    let weighed = json!([{"weight": 1, "judge": {"burn_rate": {}}},
        {"weight": 2, "judge": {"all_of": [alone]}}]);
    vec![
        (json!({"any_of": parts}), vec![ERRORS, ERRORS], vec!["[1].fisher.window"], true),
        (
            json!({"all_of": inner}),
            vec![MetricSpec::Memory, ERRORS, ERRORS],
            vec!["[1].any_of[0].threshold.window"],
            false,
        ),
        (
            json!({"weighted": {"judges": weighed}}),
            vec![ERRORS, ERRORS],
            vec!["judges[1].judge.all_of[0].threshold.window"],
            false,
        ),
    ]
}

fn rows() -> Vec<Row> {
    [on_counts(), on_values(), thresholds(), composed()].concat()
}

/// Every judge with which something here is asked.
pub(super) fn each() -> impl Iterator<Item = JudgeSpec> {
    rows().into_iter().map(|it| judge(&it.0))
}

fn judge(written: &Value) -> JudgeSpec {
    serde_json::from_value(written.clone()).unwrap()
}

#[test]
fn every_judge_says_what_it_reads_over_which_windows_and_whether_it_compares() {
    let mut met = std::collections::BTreeSet::new();
    for (written, metrics, windows, compares) in rows() {
        let spec = judge(&written);
        let kind = spec.kind();
        assert_eq!(kind.metrics(), metrics, "{written}");
        assert_eq!(kind.needs_baseline(), compares, "{written}");
        let found = kind.windows();
        let paths: Vec<&str> = found.iter().map(|it| it.0.as_str()).collect();
        assert_eq!(paths, windows, "{written}");
        for (path, window) in found {
            let at = path.replace('[', ".").replace(']', "").replace('.', "/");
            let at = format!("/{}/{}", spec.name(), at.trim_start_matches('/'));
            let set = written.pointer(&at).cloned().unwrap_or_else(|| json!("1m"));
            assert_eq!(json!(window), set, "{path} of {written}");
        }
        met.insert(spec.name());
    }
    let missing: Vec<_> = JudgeSpec::SHIPPED.iter().filter(|it| !met.contains(*it)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn windows_are_found_by_their_place_in_the_analysis() {
    let gate = |(written, ..): &Row| json!({"name": "a", "judge": written});
    let gates: Vec<Value> = composed().iter().map(gate).collect();
    let analysis: AnalysisSpec = serde_json::from_value(json!({"gates": gates})).unwrap();
    let found: Vec<String> = analysis.windows().into_iter().map(|it| it.0).collect();
    assert_eq!(
        found,
        [
            "gates[0].judge.any_of[1].fisher.window",
            "gates[1].judge.all_of[1].any_of[0].threshold.window",
            "gates[2].judge.weighted.judges[1].judge.all_of[0].threshold.window",
        ]
    );
}

#[test]
fn a_line_is_drawn_at_the_limit_of_a_threshold_that_stands_for_itself() {
    let drawn = |written: &Value| {
        let found = judge(written).kind().drawn_limit();
        found.map(|(metric, limit)| format!("{metric} {limit}"))
    };
    let errors = json!("error_rate");
    assert_eq!(drawn(&threshold(&errors, "absolute", "5%")).as_deref(), Some("error rate 5%"));
    assert_eq!(drawn(&threshold(&errors, "difference", "5%")), None);
    assert_eq!(drawn(&threshold(&errors, "ratio", "2x")), None);
    let below = json!({"threshold": {"metric": "error_rate", "pass_below": "2%"}});
    assert_eq!(drawn(&below).as_deref(), Some("error rate 2%"));
    let both = json!({"threshold":
        {"metric": "error_rate", "fail_above": "5%", "pass_below": "2%"}});
    assert_eq!(drawn(&both).as_deref(), Some("error rate 5%"));
    assert_eq!(drawn(&json!({"burn_rate": {}})), None);
}

/// 100 MiB in use of 400 MiB, for four hours.
const ASKED: LeakAsked = LeakAsked { base: 104_857_600.0, limit: 419_430_400.0, hours: 4.0 };

#[test]
fn the_leaks_that_a_threshold_sees_follow_from_its_limit() {
    const MIB: f64 = 1_048_576.0;
    let sight = |metric: &str, against: &str, limit: &str| {
        judge(&threshold(&json!(metric), against, limit)).kind().leak_sight(ASKED)
    };
    // from 100 MiB to 360 MiB in four hours
    assert_eq!(sight("memory", "absolute", "90%"), LeakSight::From(65.0 * MIB));
    // 80 MiB more than the baseline, whatever that uses
    assert_eq!(sight("memory", "difference", "20%"), LeakSight::From(20.0 * MIB));
    assert_eq!(sight("memory", "absolute", "10%"), LeakSight::From(0.0));
    assert_eq!(sight("memory", "ratio", "1.5x"), LeakSight::Unknown);
    assert_eq!(sight("memory_slope", "absolute", "20MiB/h"), LeakSight::From(20.0 * MIB));
    assert_eq!(sight("memory_slope", "difference", "5MiB/h"), LeakSight::From(5.0 * MIB));
    assert_eq!(sight("memory_slope", "ratio", "2x"), LeakSight::Unknown);
    assert_eq!(sight("restarts", "absolute", "2"), LeakSight::Blind);
    assert_eq!(sight("error_rate", "absolute", "5%"), LeakSight::Blind);
}

#[test]
fn judges_on_memory_are_not_blind_to_leaks_and_all_others_are() {
    for (written, metrics, ..) in rows() {
        let memory = [MetricSpec::Memory, MetricSpec::MemorySlope];
        let looks = metrics.iter().any(|it| memory.contains(it));
        let sight = judge(&written).kind().leak_sight(ASKED);
        assert_eq!(sight == LeakSight::Blind, !looks, "{written}");
    }
}

#[test]
fn a_tuning_moves_limits_of_thresholds_and_nothing_else() {
    let both = json!({"threshold":
        {"metric": "error_rate", "fail_above": "5%", "pass_below": "2%"}});
    let tunable = judge(&both).kind().tunable();
    let written: Vec<String> = tunable.iter().map(|(key, it)| format!("{key} {it}")).collect();
    assert_eq!(written, ["fail_above 5%", "pass_below 2%"]);
    for (written, ..) in [on_counts(), on_values(), composed()].concat() {
        assert_eq!(judge(&written).kind().tunable(), [], "{written}");
    }
}

#[test]
fn evidence_is_recommended_in_place_of_thresholds_on_errors_and_latency() {
    let of = |written: &Value| judge(written).kind().recommended().map(|it| it.settings);
    let errors = json!({"level": "0.5%"});
    for (against, limit) in [("absolute", "5%"), ("difference", "5%"), ("ratio", "2x")] {
        let written = threshold(&json!("error_rate"), against, limit);
        assert_eq!(of(&written).as_ref(), Some(&errors), "{written}");
    }
    let latency = json!({"latency": "99%"});
    let slower = json!(
        {"level": "0.5%", "errors": false, "slower_than": ["800ms"], "kill": false});
    assert_eq!(of(&threshold(&latency, "absolute", "800ms")), Some(slower));
    assert_eq!(of(&threshold(&latency, "difference", "800ms")), None);
    let below = json!({"threshold": {"metric": latency, "pass_below": "800ms"}});
    assert_eq!(of(&below), None);
    assert_eq!(of(&threshold(&json!("memory"), "absolute", "90%")), None);
    assert_eq!(of(&json!({"fisher": {}})), None);
}

#[test]
fn what_is_recommended_makes_a_judge_with_the_keys_that_are_tuned() {
    let found = rows().into_iter().filter_map(|it| judge(&it.0).kind().recommended());
    let found: Vec<Recommended> = found.collect();
    assert!(!found.is_empty());
    for Recommended { name, settings, tuned } in found {
        judge(&json!({ name: settings }));
        for (key, from, to) in tuned {
            for value in [from, to] {
                let mut settings = settings.clone();
                settings[key] = value;
                assert_eq!(judge(&json!({ name: settings })).name(), name);
            }
        }
    }
}
