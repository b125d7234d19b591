//! Judges at settings of short rollouts: random ones seldom see enough to say anything.

use rollsim::kernel::Stream;
use serde_json::{Value, json};

/// A gate for each; all kinds, and the choices within them.
const JUDGES: &[&str] = &[
    r#"{"threshold": {"metric": "error_rate", "fail_above": "10%", "window": "30s", "min_samples": 5}}"#,
    r#"{"threshold": {"metric": {"latency": "90%"}, "against": "ratio", "fail_above": "1.5x"}}"#,
    r#"{"threshold": {"metric": "error_rate", "against": "difference", "fail_above": "5%", "pass_below": "1%"}}"#,
    r#"{"threshold": {"metric": "error_rate", "fail_above": "10%", "min_failures": 3, "window": "30s"}}"#,
    r#"{"threshold": {"metric": {"slower_than": "200ms"}, "fail_above": "20%", "window": "30s"}}"#,
    r#"{"threshold": {"metric": "memory_slope", "fail_above": "100MiB/h"}}"#,
    r#"{"two_proportion": {"level": "5%", "window": "1m"}}"#,
    r#"{"two_proportion": {"level": "5%", "counts": {"slower_than": "150ms"}, "min_samples": 10}}"#,
    r#"{"fisher": {"level": "5%", "window": "1m", "min_samples": 10}}"#,
    r#"{"bayes": {"certainty": "95%", "ratio": "1.5x", "window": "1m"}}"#,
    r#"{"bayes": {"counts": {"slower_than": "150ms"}, "min_samples": 10}}"#,
    r#"{"welch": {"metric": "error_rate", "level": "5%", "min_points": 3, "step": "5s", "lookback": "1m"}}"#,
    r#"{"welch": {"metric": "saturation", "level": "5%", "min_points": 3, "step": "5s"}}"#,
    r#"{"kayenta": {"metrics": [{"metric": "error_rate", "direction": "increase"}], "step": "5s", "lookback": "1m"}}"#,
    r#"{"kayenta": {"metrics": [
        {"name": "errors", "metric": "error_rate", "direction": "increase", "critical": true, "must_have_data": true,
         "effect_size": {"measure": "cles", "allowed_increase": 0.6, "critical_increase": 0.9}, "groups": ["first"]},
        {"name": "tail", "metric": {"latency": "90%"}, "nan_strategy": "replace", "outliers": "remove",
         "outlier_factor": 2.0, "effect_size": {"allowed_increase": 1.2, "critical_increase": 3.0}, "groups": ["second"]},
        {"name": "load", "metric": "saturation", "direction": "decrease", "muted": true, "outliers": "keep",
         "effect_size": {"measure": "mean_ratio", "allowed_decrease": 0.8, "critical_decrease": 0.2}, "groups": ["second"]}],
        "group_weights": {"first": 60, "second": 40}, "score_thresholds": {"pass": 90, "marginal": 40},
        "step": "5s", "begin_after": "10s", "judgements": 3}}"#,
    r#"{"cusum": {"metric": "error_rate", "find": {"ratio": 2}, "learn": 3, "step": "5s"}}"#,
    r#"{"cusum": {"metric": "error_rate", "find": {"shift": 1.5}, "step": "5s", "limit": 4.5,
        "reference": {"given": {"mean": "1%", "deviation": "2%"}}}}"#,
    r#"{"ewma": {"metric": "error_rate", "learn": 3, "step": "5s", "two_sided": true, "reference": "first"}}"#,
    r#"{"ewma": {"metric": {"latency": "50%"}, "step": "5s", "lambda": 0.3, "width": 2.5,
        "reference": {"given": {"mean": "60ms", "deviation": "20ms"}}}}"#,
    r#"{"burn_rate": {"slo": "99%", "windows": [{"long": "1m", "short": "10s", "rate": "5x"}]}}"#,
    r#"{"burn_rate": {"slo": "95%", "of": "service", "counts": {"slower_than": "200ms"}, "min_samples": 5,
        "windows": [{"long": "2m", "short": "20s", "rate": "2x"}]}}"#,
    r#"{"group_sequential": {"looks": 6, "level": "5%", "spending": "pocock"}}"#,
    r#"{"group_sequential": {"looks": 5, "level": "5%", "spending": "lan_demets_pocock", "sides": "two"}}"#,
    r#"{"group_sequential": {"looks": 5, "spending": "lan_demets_obrien_fleming", "min_samples": 5}}"#,
    r#"{"sprt": {"test": {"two_arm": {"ratio": "3x"}}, "alpha": "5%"}}"#,
    r#"{"sprt": {"test": {"bernoulli": {"p0": "2%", "p1": "20%"}}, "beta": "5%"}}"#,
    r#"{"sprt": {"test": {"poisson": {"rate0": "0.1/s", "rate1": "1/s"}}}}"#,
    r#"{"mixture_sprt": {"level": "5%", "min_events": 3, "tau": "5%"}}"#,
    r#"{"count_test": {"level": "5%", "min_events": 2, "concentration": 5, "sides": "two"}}"#,
    r#"{"count_test": {"level": "5%", "sides": "one", "min_samples": 5}}"#,
    r#"{"e_process": {"tolerated": "1x", "level": "5%", "min_events": 2}}"#,
    r#"{"e_process": {"level": "5%", "errors": false, "slower_than": ["100ms", "300ms"], "sigma": 0.5,
        "dispersion": "1.2x", "kill": false, "min_samples": 20}}"#,
    r#"{"kill": {"min_failures": 5}}"#,
    r#"{"kill": {"min_failures": 4, "above": "10%", "ratio": "3x"}}"#,
    r#"{"drift": {"horizon": "10m", "warm_up": "10s", "step": "5s", "min_points": 10, "level": "5%"}}"#,
    r#"{"drift": {"horizon": "10m", "warm_up": "5s", "step": "5s", "min_points": 10, "beyond_baseline": true}}"#,
    r#"{"betting": {"metric": "saturation", "mean_below": "5%", "level": "5%", "step": "5s"}}"#,
    r#"{"betting": {"metric": {"latency": "50%"}, "against": "difference", "timeout": "2s", "step": "5s"}}"#,
    r#"{"quantile_sequence": {"level": "5%", "best_at": 60}}"#,
    r#"{"quantile_sequence": {"quantile": "90%", "tolerate": "1.2x", "best_at": 100}}"#,
    r#"{"all_of": [{"kill": {"min_failures": 5}}, {"fisher": {"level": "5%"}}]}"#,
    r#"{"any_of": [{"kill": {"min_failures": 20}}, {"threshold": {"metric": "error_rate", "fail_above": "20%"}}]}"#,
    r#"{"weighted": {"judges": [{"weight": 70, "judge": {"threshold": {"metric": "error_rate", "fail_above": "20%"}}},
        {"weight": 30, "judge": {"fisher": {"level": "5%"}}}], "pass": "80%", "marginal": "30%"}}"#,
];

/// A few gates that look every ten seconds. None is known by another name than its judge's.
pub(super) fn analysis(stream: &mut Stream) -> Value {
    let count = 1 + stream.below(3);
    let gates: Vec<Value> = (0..count)
        .map(|number| {
            let judge = JUDGES[usize::try_from(stream.below(JUDGES.len() as u64)).unwrap()];
            let judge: Value = serde_json::from_str(judge).unwrap();
            let kind = judge.as_object().unwrap().keys().next().unwrap();
            let name = format!("{kind} {number}");
            let mut gate = json!({"name": name, "judge": judge});
            for (key, most, chance) in
                [("count", 8, 0.2), ("failure_limit", 3, 0.5), ("inconclusive_limit", 5, 0.5)]
            {
                if stream.chance(chance) {
                    gate[key] = json!(1 + stream.below(most));
                }
            }
            gate["consecutive_error_limit"] = json!(if stream.chance(0.8) { 50 } else { 4 });
            if stream.chance(0.2) {
                gate["dry_run"] = json!(true);
            }
            gate
        })
        .collect();
    let mut analysis = json!({"interval": "10s", "gates": gates});
    if stream.chance(0.3) {
        analysis["initial_delay"] = json!("10s");
    }
    analysis
}
