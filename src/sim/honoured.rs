//! What `check` refuses of a fault has no effect, and what it accepts has one: every effect with every key
//! of a scope, every trigger and every shape, as a defect and as an incident.

use std::path::Path;

use rayon::prelude::*;
use serde_json::{Value, json};

use super::Trial;
use crate::{
    fault::{EffectSpec, FaultSpec, Target},
    kernel::Seed,
    model::Measure,
    scenario::{Scenario, load_text, plan_of, unchecked},
};

/// A rollout in which every effect shows: a canary by weight, then a flag; hung instances for what lies
/// about readiness, errors that monitoring must see for what hides scrapes.
const BOT: &str = "
format: 2
title: honoured
length: 7m
rollout_at: 1m
fleet:
  instances: 4
  workers: 3
  queue: 20
  zones: [a, b]
  service_time: {exponential: {mean: 60ms}}
  startup: {constant: 4s}
  propagation: 2s
  flag_propagation: 5s
  memory: {base: 100MiB, limit: 200MiB}
  readiness: {period: 1s}
  liveness: {period: 5s}
  restart: {backoff: 5s}
operations:
  ask: {share: 60%, database: {constant: 20ms}, calls: [mail]}
  buy: {share: 40%, database: {constant: 20ms}, calls: [mail]}
dependencies: {mail: {latency: {constant: 15ms}}}
database: {capacity: 6, timeout: 2s}
users: {count: 200, attributes: {tier: {gold: 30%, tin: 70%}}}
client: {deadline: 2s, slow_after: 300ms, retries: {max: 1}}
traffic: {rate: 20/s}
telemetry: {interval: 5s}
alerts: [{name: errors, metric: error_rate, above: 10%, window: 15s}]
operator: {undoes: false}
incidents:
  - {name: standing, when: {at: 80s}, lasts: 1s, repeat: 37s, scope: {instances: 2}, effect: {crash: {}}}
  - {name: standing, when: {at: 4m}, lasts: 40s, scope: {zone: a}, effect: {hang: {}}}
  - {name: standing, when: {at: 6m}, lasts: 40s, effect: {errors: {rate: 40%}}}
strategy:
  canary_flag:
    canary: {analysis: none, steps: [{weight: 50%, hold: 1m}]}
    flag: {analysis: none, steps: [{share: 50%, hold: 1m}, {share: 100%, hold: 1m}]}
";

/// Every effect, strong enough to show.
fn effects() -> Vec<Value> {
    let settings = |name: &str| match name {
        "errors" | "wrong_answers" => json!({"rate": "60%"}),
        "startup_failure" => json!({"rate": "90%"}),
        "poison" => json!({"rate": "2%"}),
        "latency" => json!({"factor": "5x"}),
        "slow_start" | "database_slow" => json!({"factor": "9x"}),
        "skewed_weight" => json!({"factor": "0.2x"}),
        "dependency" => json!({"errors": "40%"}),
        "leak" => json!({"per_request": "1MiB"}),
        _ => json!({}),
    };
    let all = EffectSpec::SHIPPED.iter().map(|name| json!({*name: settings(name)}));
    all.chain([json!({"leak": {"per_hour": "20GiB"}})]).collect()
}

fn triggers() -> [Value; 9] {
    [
        json!("start"),
        json!({"at": "70s"}),
        json!({"age": "20s"}),
        json!({"age_between": {"from": "5s", "to": "30s"}}),
        json!({"requests": 30}),
        json!({"load": "5%"}),
        json!({"load_over": {"above": "5%", "over": "5s"}}),
        json!({"weight": "5%"}),
        json!({"random": "40s"}),
    ]
}

fn scopes() -> [(&'static str, Value); 6] {
    [
        ("operation", json!("buy")),
        ("users", json!({"tier": "gold"})),
        ("feature", json!(true)),
        ("instances", json!("50%")),
        ("instances", json!(1)),
        ("zone", json!("b")),
    ]
}

/// Every figure of a trial with a fault, whatever its checks would say.
fn played(fault: Option<&Value>, defect: bool) -> Vec<Option<u64>> {
    let mut scenario = load_text::<Scenario>("bot.yaml", BOT).unwrap().value;
    let faults = if defect { &mut scenario.release.defects } else { &mut scenario.incidents };
    faults.extend(fault.map(|it| serde_json::from_value::<FaultSpec>(it.clone()).unwrap()));
    let plan = unchecked(scenario);
    let outcome = Trial::new(&plan, Seed::DEFAULT).figures_only().run();
    // that a defect was there is not what it did
    let felt = Measure::ALL
        .iter()
        .filter(|it| !matches!(it, Measure::defects_struck | Measure::incidents_struck));
    felt.map(|it| outcome.figure(*it).map(f64::to_bits)).collect()
}

/// Whether a field of a fault is refused.
fn is_refused(fault: &Value, field: &str, defect: bool) -> bool {
    let fault: FaultSpec = serde_json::from_value(fault.clone()).unwrap();
    fault.misfits(defect).iter().any(|it| it.field == field)
}

fn target(effect: &Value) -> Target {
    let effect: EffectSpec = serde_json::from_value(effect.clone()).unwrap();
    effect.kind().target()
}

/// A fault; the same without the key; what is said where the key is refused or accepted and should not be.
struct Case {
    with: Value,
    without: Option<Value>,
    field: String,
    defect: bool,
}

impl Case {
    /// A refused key that has an effect, or an accepted one that has none.
    fn wrong(&self) -> Option<String> {
        let Self { with, without, field, defect } = self;
        let same = played(Some(with), *defect) == played(without.as_ref(), *defect);
        let refused = is_refused(with, field, *defect);
        let kind = if *defect { "defect" } else { "incident" };
        let but = if refused { "refused, and has an effect" } else { "accepted, without effect" };
        (same != refused).then(|| format!("{kind} {with}: `{field}` is {but}"))
    }
}

#[track_caller]
fn check(cases: &[Case], least: usize) {
    assert!(cases.len() >= least, "{}", cases.len());
    let wrong: Vec<String> = cases.par_iter().filter_map(Case::wrong).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// The same with a key more.
fn and(fault: &Value, key: &str, value: Value) -> Value {
    let mut fault = fault.clone();
    fault[key] = value;
    fault
}

#[test]
fn scopes_are_refused_exactly_where_they_have_no_effect() {
    let mut cases = Vec::new();
    for (effect, defect) in effects().into_iter().flat_map(|it| [(it.clone(), true), (it, false)]) {
        let fault = json!({"effect": effect, "when": {"at": "70s"}});
        for (key, value) in scopes() {
            // which instances carry a defect of what is shared decides for how long it is there, not whom
            // it affects
            let carried = defect && target(&effect) == Target::Shared;
            if carried && ["instances", "zone"].contains(&key) {
                continue;
            }
            // a number of starts is refused for what it does not do: it is not that number
            if target(&effect) == Target::Starts && value.is_number() {
                continue;
            }
            let with = and(&fault, "scope", json!({ key: value }));
            let field = format!("scope.{key}");
            cases.push(Case { with, without: Some(fault.clone()), field, defect });
        }
    }
    check(&cases, 190);
}

#[test]
fn triggers_are_refused_exactly_where_they_start_nothing() {
    let mut cases = Vec::new();
    for (effect, defect) in effects().into_iter().flat_map(|it| [(it.clone(), true), (it, false)]) {
        for when in triggers() {
            let lasts = when.get("random").is_some() && effect.get("crash").is_none();
            let mut with = json!({"effect": effect, "when": when});
            if lasts {
                with["lasts"] = json!("15s");
            }
            cases.push(Case { with, without: None, field: "when".to_owned(), defect });
        }
    }
    check(&cases, 320);
}

#[test]
fn shapes_are_refused_exactly_where_they_change_nothing() {
    let mut cases = Vec::new();
    for (effect, defect) in effects().into_iter().flat_map(|it| [(it.clone(), true), (it, false)]) {
        let fault = json!({"effect": effect, "when": {"at": "65s"}});
        let mut add = |with: Value, without: &Value, field: &str| {
            let (without, field) = (Some(without.clone()), field.to_owned());
            cases.push(Case { with, without, field, defect });
        };
        add(and(&fault, "ramp", json!("2m")), &fault, "ramp");
        add(and(&fault, "severity", json!({"is": "30%"})), &fault, "severity");
        let lasting = and(&fault, "lasts", json!("20s"));
        add(lasting.clone(), &fault, "lasts");
        let repeated = and(&lasting, "repeat", json!("60s"));
        add(repeated, &lasting, "repeat");
        let random = and(&lasting, "when", json!({"random": "40s"}));
        add(and(&random, "repeat", json!("30s")), &random, "repeat");
    }
    check(&cases, 170);
}

#[test]
fn what_starts_with_each_process_has_no_shape_of_its_own() {
    for effect in
        [json!({"slow_start": {"factor": "9x"}}), json!({"startup_failure": {"rate": "60%"}})]
    {
        let fault = json!({"effect": effect});
        let none = played(None, true);
        let lasting = and(&fault, "lasts", json!("1s"));
        assert_ne!(played(Some(&fault), true), none);
        assert_eq!(played(Some(&lasting), true), played(Some(&fault), true));
        assert!(is_refused(&lasting, "lasts", true));
        let ramped = and(&fault, "ramp", json!("1m"));
        assert_eq!(played(Some(&ramped), true), none);
        assert!(is_refused(&ramped, "ramp", true));
    }
}

#[test]
fn the_bot_itself_is_right_and_a_planted_answer_is_noticed() {
    let scenario = load_text::<Scenario>("bot.yaml", BOT).unwrap().value;
    assert!(plan_of("bot", scenario, Path::new(".")).0.is_some());
    // as if an accepted key were refused, and the other way round
    let fault = json!({"effect": {"errors": {"rate": "60%"}}, "when": {"at": "70s"}});
    let with = and(&fault, "scope", json!({"operation": "buy"}));
    let planted =
        Case { with, without: Some(fault), field: "scope.users".to_owned(), defect: true };
    assert!(planted.wrong().is_none());
    let planted = Case { without: None, ..planted };
    assert!(planted.wrong().is_none());
    let same = Case { with: planted.with.clone(), without: Some(planted.with.clone()), ..planted };
    assert!(same.wrong().is_some());
}
