//! Random policies on random scenarios: requests and instances are conserved, the same seed leaves the same bytes,
//! and what is drawn for an operator moves nothing else.

use std::path::Path;

use rollsim::{
    kernel::{Purpose, Seed, Stream, Streams},
    model::Measure,
    scenario::{Plan, Scenario, load_text, plan_of, to_yaml},
    sim::Trial,
};
use serde_json::{Value, json};

use crate::swarm::generator::{Generator, schemas};

const SCENARIOS: u64 = 80;

fn pick<'v>(stream: &mut Stream, values: &[&'v str]) -> &'v str {
    values[usize::try_from(stream.below(values.len() as u64)).unwrap()]
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

const DEEDS: [&str; 12] = [
    r#""undo""#,
    r#"{"restart": {}}"#,
    r#"{"restart": {"unready": true, "at_once": "100%"}}"#,
    r#"{"restart": {"release": "candidate", "at_once": 2}}"#,
    r#"{"drain": {"worst": 1}}"#,
    r#"{"drain": {"worst": "50%", "lasts": "40s"}}"#,
    r#"{"drain": {"zone": "a", "lasts": "2m"}}"#,
    r#"{"scale": {"by": "2x"}}"#,
    r#"{"scale": {"to": 1}}"#,
    r#"{"freeze": {"lasts": "90s"}}"#,
    r#"{"roll_forward": {}}"#,
    r#"{"roll_forward": {"build": {"constant": "40s"}}}"#,
];

fn action(stream: &mut Stream, first: bool, flagged: bool) -> Value {
    let deed = if flagged && stream.chance(0.2) {
        json!("switch_off")
    } else {
        parsed(pick(stream, &DEEDS))
    };
    let mut action = json!({"do": deed, "times": 1 + stream.below(3)});
    if stream.chance(0.8) {
        action["after"] = json!({"exponential": {"mean": pick(stream, &["1s", "20s", "2m"])}});
    }
    if stream.chance(0.3) {
        action["when"]["rollout"] = parsed(pick(
            stream,
            &[r#"["progressing"]"#, r#"["failed", "completed"]"#, r#"["pending", "paused"]"#],
        ));
    }
    if !first && stream.chance(0.3) {
        action["when"]["still_firing"] = json!(pick(stream, &["0s", "30s", "3m"]));
    }
    action
}

/// A scenario of the swarm, with an alert that fires often and people who act on it.
fn scenario(seed: u64) -> String {
    let streams = Streams::new(Seed::new(seed));
    let schemas = schemas();
    let mut root = Generator::new(&schemas, streams.key(Purpose::Cohort).stream(0)).scenario();
    let mut stream = streams.key(Purpose::Cohort).stream(1);
    root["alerts"] =
        parsed(r#"[{"name": "errors", "metric": "error_rate", "above": "2%", "window": "1m"}]"#);
    root["traffic"]["rate"] = json!("3/s");
    root["fleet"]["errors"] = json!(pick(&mut stream, &["0%", "5%"]));
    let flagged = root["strategy"].get("feature_flag").is_some();
    let count = 1 + stream.below(4);
    let actions: Vec<Value> =
        (0..count).map(|nth| action(&mut stream, nth == 0, flagged)).collect();
    root["operator"] = json!({
        "acknowledge": {"exponential": {"mean": "10s"}},
        "acknowledge_night": {"exponential": {"mean": "10s"}},
        "diagnose": {"exponential": {"mean": "20s"}},
        "actions": actions,
    });
    to_yaml(&root)
}

/// The plan, where the scenario is one.
fn planned(text: &str) -> Option<Plan> {
    let loaded = load_text::<Scenario>("people.yaml", text).ok()?;
    plan_of("people", loaded.value, Path::new(".")).0
}

#[test]
fn random_policies_keep_the_books_and_leave_the_same_bytes_twice() {
    let (mut played, mut acted) = (0, 0.0);
    for seed in 0..SCENARIOS {
        let text = scenario(seed);
        let Some(plan) = planned(&text) else { continue };
        played += 1;
        // every trial checks its books at its end
        let outcome = Trial::new(&plan, Seed::DEFAULT).run();
        acted += outcome.figure(Measure::operator_actions).unwrap();
        let again = Trial::new(&plan, Seed::DEFAULT).run();
        let bytes = |it| serde_json::to_vec(it).unwrap();
        assert!(bytes(&outcome) == bytes(&again), "seed {seed} differs from itself:\n{text}");
    }
    assert!(played > SCENARIOS / 2, "{played} were no plans");
    assert!(acted > f64::from(u32::try_from(played).unwrap()) / 2.0, "{acted} actions in {played}");
}

/// The same, with nothing shipped: whatever is of the rollout goes, the world stays.
#[test]
fn random_worlds_without_a_rollout_keep_the_books() {
    let mut played = 0;
    for seed in 0..SCENARIOS / 2 {
        let mut root: Value = serde_json::to_value(
            load_text::<Scenario>("people.yaml", &scenario(seed)).unwrap().value,
        )
        .unwrap();
        root["strategy"] = json!("none");
        root["strategies"] = json!({});
        let of_people = ["restart", "drain", "scale"];
        let actions = root["operator"]["actions"].as_array_mut().unwrap();
        actions.retain(|it| of_people.iter().any(|name| it["do"].get(name).is_some()));
        for action in actions {
            if let Some(when) = action["when"].as_object_mut() {
                when.remove("still_firing");
            }
        }
        let Some(plan) = planned(&to_yaml(&root)) else { continue };
        played += 1;
        let outcome = Trial::new(&plan, Seed::DEFAULT).run();
        assert!(outcome.figure(Measure::users_met).is_none());
        assert!(outcome.lives.iter().all(|it| it.release == rollsim::model::ReleaseId::STABLE));
    }
    assert!(played > SCENARIOS / 8, "{played} were no plans");
}

/// Paired by construction: another action moves neither requests nor the times of the others, the second time of one
/// that is done twice included.
#[test]
fn another_action_moves_no_draw_of_the_others() {
    let text = |more: &str| {
        format!(
            "title: paired
length: 1h
traffic: {{rate: 5/s}}
fleet: {{instances: 4, errors: 10%}}
alerts: [{{name: errors, metric: error_rate, above: 5%, window: 1m}}]
operator:
  actions:
    - {{do: {{restart: {{at_once: 4}}}}, after: {{exponential: {{mean: 5m}}}}, times: 2}}
    - {{do: {{scale: {{to: 6}}}}, after: {{exponential: {{mean: 9m}}}}}}
{more}strategy: none
"
        )
    };
    let more = "    - {do: {drain: {worst: 1}}, after: {exponential: {mean: 1h}}}\n";
    let times = |text: &str, words: &str| {
        let outcome = Trial::new(&planned(text).unwrap(), Seed::DEFAULT).run();
        let meant = outcome.timeline.iter().filter(|it| it.text.starts_with(words));
        let at: Vec<_> = meant.map(|it| it.at).collect();
        assert!(!at.is_empty(), "{words}");
        (at, outcome.figure(Measure::requests))
    };
    for words in ["restarts", "scales the fleet"] {
        assert_eq!(times(&text(""), words), times(&text(more), words), "{words}");
    }
}
