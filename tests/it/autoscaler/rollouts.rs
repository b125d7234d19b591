//! A fleet that changes its size while a release is rolled out.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rollsim::{
    kernel::{Purpose, Seed, Stream, Streams},
    model::{Measure, Phase, ReleaseId},
    sim,
};
use serde_json::json;

use super::{fleet, run, sizes};
use crate::{
    swarm::{
        generator::{Generator, schemas},
        setting,
    },
    trials::plan,
};

/// What once ended with fewer instances than the fleet is meant to have.
#[test]
fn a_size_that_changes_while_the_rollout_waits_is_kept_to() {
    for strategy in ["all_at_once: {}", "blue_green: {bake: 1m, keep_old: 1m, analysis: false}"] {
        let text = format!(
            "title: four, not three
length: 3m
rollout_at: 10s
fleet: {{startup: {{constant: 2s}}, autoscaler: {{min: 4, max: 4, target: 3%}}}}
release: {{migration: {{}}}}
strategy: {{{strategy}}}
"
        );
        let outcome = run(&text);
        let last = outcome.series.points.last().unwrap();
        assert_eq!(last.ready.iter().sum::<u32>(), 4, "{strategy}");
    }
}

/// A load that doubles and falls back while the release is rolled out.
fn wave(strategy: &str) -> String {
    format!(
        "title: a wave\nlength: 1h\nrollout_at: 10m\n{}traffic: {{rate: 50/s, spikes: [{{at: 12m, length: 15m, factor: 2x}}]}}\nstrategy: {{{strategy}}}\n",
        fleet(5, 2, "min: 2, max: 40, target: 50%, shrink_after: 1m")
    )
}

const STRATEGIES: [&str; 9] = [
    "all_at_once: {}",
    "recreate: {}",
    "rolling: {}",
    "rolling: {batch: 1, wait: 3m}",
    "blue_green: {analysis: false, bake: 20m, keep_old: 30m}",
    "canary: {analysis: none, steps: [{weight: 20%, hold: 5m}, {weight: 60%, hold: 15m}]}",
    "canary: {by: instances, analysis: none, steps: [{weight: 20%, hold: 5m}, {weight: 60%, hold: 15m}]}",
    "feature_flag: {analysis: none, steps: [{share: 50%, hold: 20m}]}",
    "canary_flag: {canary: {analysis: none, steps: [{weight: 20%, hold: 5m}]}, flag: {analysis: none, steps: [{share: 50%, hold: 20m}]}}",
];

#[test]
fn every_strategy_follows_the_fleet_and_ends_with_all_of_it() {
    for strategy in STRATEGIES {
        let outcome = run(&wave(strategy));
        assert_eq!(outcome.phase, Phase::Completed, "{strategy}");
        let sizes = sizes(&outcome);
        let largest = sizes.iter().map(|it| it.1).max().unwrap();
        assert!((10..=16).contains(&largest), "{strategy}: {sizes:?}");
        let last = sizes.last().unwrap().1;
        let ready = outcome.series.points.last().unwrap().ready;
        assert_eq!(ready, [0, last], "{strategy}: {sizes:?}");
        assert!(outcome.figure(Measure::instances_up).unwrap() <= 1.0, "{strategy}");
        // once the fleet has grown, those who serve keep up with it
        let at = |second: u64| {
            let points = &outcome.series.points;
            points.iter().rfind(|it| it.at.nanos() <= second * 1_000_000_000).unwrap()
        };
        let busiest = at(1_500).saturation;
        assert!(busiest < 0.75, "{strategy}: {busiest} busy; {sizes:?}");
    }
}

#[test]
fn a_growing_fleet_is_shared_in_proportion_and_not_given_to_the_new_release() {
    // five in batches of one, three minutes apart: at 12 min one is new, and the load doubles
    let outcome = run(&wave("rolling: {batch: 1, wait: 3m}"));
    let points = &outcome.series.points;
    let soon = points.iter().find(|it| it.at.nanos() >= 770_000_000_000).unwrap();
    let (old, new) = (soon.ready[ReleaseId::STABLE], soon.ready[ReleaseId::CANDIDATE]);
    assert!(old + new >= 8 && old > new, "{old} old and {new} new");
}

fn scenario(seed: u64) -> serde_json::Value {
    let schemas = schemas();
    let key = Streams::new(Seed::new(seed)).key(Purpose::Cohort);
    let mut drawn = Generator::new(&schemas, key.stream(0)).scenario();
    let mut stream: Stream = key.stream(1);
    let mut number = |low: u64, high: u64| low + stream.below(high - low + 1);
    let min = number(1, 6);
    let mut autoscaler = drawn["fleet"]["autoscaler"].clone();
    if autoscaler.is_null() {
        autoscaler = json!({"target": format!("{}%", number(3, 50)), "shrink_after": "30s"});
    }
    autoscaler["min"] = json!(min);
    autoscaler["max"] = json!(min + number(0, 6));
    let mut root = json!({
        "title": "scaled",
        "length": "6m",
        "rollout_at": format!("{}s", number(10, 60)),
        "fleet": {
            "instances": number(1, 6),
            "workers": number(1, 3),
            "service_time": {"exponential": {"mean": "80ms"}},
            "startup": {"uniform": {"low": "1s", "high": "9s"}},
            "autoscaler": autoscaler,
        },
        "traffic": {"rate": "15/s", "spikes": [{"at": "90s", "length": "1m", "factor": "4x"}]},
        "users": {"count": 50},
        "strategy": drawn["strategy"].take(),
        "operator": {"approve": {"constant": "20s"}, "acknowledge": {"constant": "20s"}},
    });
    if number(0, 2) == 0 {
        root["release"] = json!({"migration": {"duration": "40s"}});
    }
    if number(0, 2) == 0 {
        root["release"]["defects"] = json!([{"when": {"age": "20s"}, "effect": {"crash": {}}}]);
    }
    if number(0, 2) == 0 {
        root["fleet"]["machines"] = json!({"provision": {"constant": "25s"}, "per_machine": 2});
    }
    let text = root["strategy"].to_string();
    if text.contains("\"beta\"") {
        root["users"]["attributes"] = json!({"beta": {"yes": "10%", "no": "90%"}});
    }
    if text.contains("\"pay\"") {
        root["operations"] = json!({"pay": {"share": "100%"}});
    }
    root
}

/// The checker's laws hold in each: instances are conserved, a finished rollout leaves a whole fleet, and
/// a rollout under way waits for something.
#[test]
fn random_rollouts_under_autoscalers_keep_the_laws() {
    let (mut played, mut failures, mut grown) = (0, Vec::new(), 0);
    for seed in 0..setting("ROLLSIM_SWARM", 300) {
        let text = rollsim::scenario::to_yaml(&scenario(seed));
        let loaded = rollsim::scenario::load_text::<rollsim::scenario::Scenario>("s.yaml", &text);
        let Ok(loaded) = loaded else { continue };
        let (plan, _) = rollsim::scenario::plan_of("s", loaded.value, std::path::Path::new("."));
        let Some(plan) = plan else { continue };
        played += 1;
        match catch_unwind(AssertUnwindSafe(|| sim::run(&plan, Seed::new(seed)))) {
            Ok(outcome) => grown += usize::from(!sizes(&outcome).is_empty()),
            Err(_) => failures.push(format!("seed {seed}:\n{text}")),
        }
    }
    assert!(failures.is_empty(), "{} panic:\n{}", failures.len(), failures[0]);
    assert!(played > 200 && grown > 100, "{played} played, {grown} with another size");
    assert!(plan(&wave("rolling: {}")).scenario.fleet.autoscaler.is_some());
}
