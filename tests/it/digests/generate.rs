//! Draws scenarios to pin: short, each with a few things out of the ordinary, and all together with
//! everything that there is. What has been drawn once is never drawn again.

use std::{
    collections::BTreeMap,
    panic::{self, AssertUnwindSafe},
};

use rollsim::{
    kernel::{Purpose, Seed, Stream, Streams},
    scenario::{Scenario, Schemas, plan_of},
    sim::Trial,
};
use serde_json::{Map, Value, json};

use super::{coverage, jobs, judges, pinned, planned, tell};
use crate::swarm::generator::{Generator, schemas};

/// Largest scenario, in bytes.
const BYTES_MAX: usize = 3_500;
/// Most that a trial may show, and most requests: a few hundredths of a second.
const SIGHTS_MAX: usize = 3_000;
const REQUESTS_MAX: f64 = 12_000.0;
/// Scenarios that ought to have each feature.
const WANTED: usize = 4;
/// Every second scenario is the rarest of so many.
const AMONG: usize = 40;
/// Distance between the seeds of two calls, which never draw the same.
const BATCH: u64 = 1 << 32;

/// So many more scenarios than the `first` that are there.
pub(super) fn scenarios(first: usize, count: usize) -> Vec<String> {
    let schemas = schemas();
    let mut seen: BTreeMap<String, usize> =
        coverage::possible(&schemas).into_iter().map(|it| (it, 0)).collect();
    for (_, text) in pinned::scenarios() {
        let features = features(&schemas, &serde_json::from_str(&text).unwrap());
        note(&mut seen, &features.expect("it was taken once"));
    }
    let from = BATCH * (first as u64 + 1);
    let mut candidates = (from..).filter_map(|seed| {
        let scenario = candidate(&schemas, seed);
        let text = scenario.to_string();
        if text.len() > BYTES_MAX {
            return None;
        }
        let played = panic::catch_unwind(AssertUnwindSafe(|| features(&schemas, &scenario)));
        let features = played.unwrap_or_else(|_| {
            // a bug to look into; the others can be taken all the same
            tell(&[format!("this scenario panics: {text}")]);
            None
        })?;
        // the way of a file checks what the types let through
        planned(&text).is_ok().then_some((text, features))
    });
    let mut taken = Vec::new();
    for number in 0..count {
        let among: Vec<_> =
            candidates.by_ref().take(if number % 2 == 0 { AMONG } else { 1 }).collect();
        let rarest = among.into_iter().max_by_key(|it| rarity(&seen, &it.1));
        let (text, features) = rarest.expect("there is no end of candidates");
        note(&mut seen, &features);
        taken.push(text);
    }
    taken
}

/// How much of what is still wanted a scenario has; what nothing has yet weighs most.
fn rarity(seen: &BTreeMap<String, usize>, features: &coverage::Features) -> usize {
    let missing = |it: &String| WANTED.saturating_sub(seen.get(it).copied().unwrap_or(0));
    features.iter().map(|it| missing(it).pow(2)).sum()
}

fn note(seen: &mut BTreeMap<String, usize>, features: &coverage::Features) {
    for feature in features {
        *seen.entry(feature.clone()).or_default() += 1;
    }
}

/// What a scenario has and shows; none where it cannot be played, or shows too much.
fn features(schemas: &Schemas, scenario: &Value) -> Option<coverage::Features> {
    let mut found = coverage::of_scenario(schemas, scenario);
    let typed: Scenario = serde_json::from_value(scenario.clone()).ok()?;
    let (plan, _) = plan_of("digest", typed, &pinned::folder());
    for job in jobs(0, &plan?) {
        let expected = job.plan.rates.expected(job.plan.scenario.length);
        if expected > REQUESTS_MAX {
            return None;
        }
        let mut sights = 0;
        let trial: Trial<'_> = job.trial();
        let outcome = trial.run_watched(&mut |_| sights += 1);
        if sights > SIGHTS_MAX {
            return None;
        }
        found.extend(coverage::of_outcome(&outcome));
    }
    Some(found)
}

struct Draw {
    stream: Stream,
    /// Whole scenarios to take sections from.
    drawn: [Value; 3],
}

fn candidate(schemas: &Schemas, seed: u64) -> Value {
    let key = Streams::new(Seed::new(seed)).key(Purpose::Cohort);
    let drawn = [0, 1, 2].map(|n| Generator::new(schemas, key.stream(n)).scenario());
    Draw { stream: key.stream(3), drawn }.scenario()
}

impl Draw {
    fn scenario(mut self) -> Value {
        let mut root = self.healthy();
        let kept = [0.1, 0.2, 0.35][self.below(3)];
        let mut whole = self.drawn[0].clone();
        let sections = whole.as_object_mut().unwrap();
        for key in ["title", "length", "rollout_at", "warm_up", "strategy", "strategies"] {
            sections.shift_remove(key);
        }
        for (key, section) in sections.iter() {
            if self.stream.chance(kept) {
                root[key] = section.clone();
            }
        }
        self.make_work(&mut root);
        self.strategies(&mut root);
        self.classes(&mut root);
        self.recorded(&mut root);
        self.seldom(&mut root);
        name_faults(&mut root);
        name_gates(&mut root);
        let text = root.to_string();
        for (sign, key) in [("\"pay\"", "operations"), ("\"bank\"", "dependencies")] {
            if text.contains(sign) && root[key].is_null() {
                root[key] = self.drawn[0][key].clone();
            }
        }
        if root["operations"].to_string().contains("bank") && root["dependencies"].is_null() {
            root["dependencies"] = self.drawn[0]["dependencies"].clone();
        }
        if root["operations"].to_string().contains("\"own\"") {
            root["channels"] = self.drawn[0]["channels"].clone();
        }
        for operation in
            root["operations"].as_object_mut().into_iter().flat_map(|it| it.values_mut())
        {
            if self.stream.chance(0.2) {
                operation["service_time_per"] = json!("request");
            }
        }
        if text.contains("\"beta\"") {
            root["users"]["attributes"] = self.drawn[0]["users"]["attributes"].clone();
        }
        without_null(&mut root);
        root
    }

    /// A bot that does well, with something to see at its release.
    fn healthy(&mut self) -> Value {
        let mut root = json!({
            "title": "digest",
            "length": self.pick(&["3m", "4m", "6m"]),
            "rollout_at": self.pick(&["10s", "20s", "30s"]),
            "fleet": {
                "instances": 2 + self.below(4),
                "workers": 1 + self.below(3),
                "service_time": {"lognormal": {"median": "40ms", "p99": "300ms"}},
                "startup": {"constant": self.pick(&["1s", "3s"])},
                "propagation": "1s",
            },
            "traffic": {"rate": self.pick(&["3/s", "8/s", "20/s"])},
            "users": {"count": 60 + 100 * self.below(3)},
            "telemetry": {"interval": self.pick(&["2s", "5s"])},
            "analysis": judges::analysis(&mut self.stream),
            "strategy": null,
        });
        if self.stream.chance(0.2) {
            return root;
        }
        let effect = match self.below(10) {
            0 | 1 => json!({"errors": {"rate": "8%"}}),
            2 | 3 => json!({"errors": {"rate": "60%"}}),
            4 | 5 => json!({"latency": {"factor": "6x"}}),
            6 => json!({"wrong_answers": {"rate": "20%"}}),
            7 => json!({"poison": {"rate": "5%"}}),
            8 => json!({"skewed_weight": {"factor": "2x"}}),
            _ => json!({"database_slow": {"factor": "4x"}}),
        };
        root["release"] = json!({"defects": [{"effect": effect}]});
        root
    }

    /// Most fleets serve what comes.
    fn make_work(&mut self, root: &mut Value) {
        if self.stream.chance(0.75) {
            root["fleet"]["service_time"] = json!({"exponential": {"mean": "60ms"}});
            let startup =
                [json!({"constant": "2s"}), json!({"uniform": {"low": "1s", "high": "6s"}})];
            root["fleet"]["startup"] = self.choose(&startup).clone();
        }
        if self.stream.chance(0.2) {
            root["fleet"]["balancer"] = json!(self.pick(&["random", "power_of_two", "sticky"]));
        }
        if self.stream.chance(0.15) {
            let jitter = self.pick(&["none", "full", "equal"]);
            let backoff = json!({"base": "50ms", "jitter": jitter});
            root["client"]["retries"] = json!({"max": 2, "backoff": backoff});
            root["client"]["patience"] = json!({"exponential": {"mean": "300ms"}});
        }
        if self.stream.chance(0.7) {
            root["traffic"]["rate"] = json!(self.pick(&["3/s", "8/s", "20/s"]));
        }
        if self.stream.chance(0.8) {
            root["telemetry"]["interval"] = json!("5s");
            root["users"]["count"] = json!(150);
        }
    }

    fn strategies(&mut self, root: &mut Value) {
        let sooner = self.stream.chance(0.8);
        let mut drawn: Vec<Value> = self.drawn.iter().map(|it| it["strategy"].clone()).collect();
        if sooner {
            drawn.iter_mut().for_each(quicken);
        }
        root["strategy"] = drawn.remove(0);
        let mut others = Map::new();
        for (number, strategy) in drawn.into_iter().enumerate() {
            let kind = strategy.as_object().and_then(|it| it.keys().next()).cloned();
            others.insert(format!("{}-{}", kind.unwrap_or_default(), number + 2), strategy);
        }
        root["strategies"] = Value::Object(others);
    }

    fn classes(&mut self, root: &mut Value) {
        if root["releases"].is_null() {
            return;
        }
        if self.stream.chance(0.6) {
            root["releases"]["preset"] = Value::Null;
        }
        let mut class = self.drawn[1]["release"].clone();
        let Some(section) = class.as_object_mut() else { return };
        section.retain(|key, _| key == "defects" || key == "migration");
        section.insert("chance".to_owned(), json!("10%"));
        root["releases"]["classes"] = json!({"odd": class});
    }

    /// Measured traffic and times, now and then.
    fn recorded(&mut self, root: &mut Value) {
        if self.stream.chance(0.1) {
            let mut trace = json!({"file": "recorded.csv", "time": "at"});
            let column = *self.choose(&[("count", "n"), ("rate", "rate")]);
            trace[column.0] = json!(column.1);
            let options = [
                ("scale", json!("2x")),
                ("stretch", json!("0.5x")),
                ("skip", json!("30s")),
                ("repeat", json!(true)),
            ];
            for (key, value) in options.into_iter().filter(|_| self.stream.chance(0.5)) {
                trace[key] = value;
            }
            root["traffic"]["pattern"] = json!({"trace": trace});
        }
        if self.stream.chance(0.08) {
            root["fleet"]["service_time"] =
                json!({"empirical": {"file": "recorded.csv", "column": "ms", "unit": "1ms"}});
        }
        if self.stream.chance(0.05) {
            root["fleet"]["startup"] = json!({"lognormal": {"median": "2s", "p90": "6s"}});
        }
    }

    /// What the generator never draws, or what a random scenario seldom survives.
    fn seldom(&mut self, root: &mut Value) {
        if self.stream.chance(0.1) {
            root["warm_up"] = json!("5s");
        }
        let leaks = root["analysis"].to_string().contains("drift");
        if (leaks || self.stream.chance(0.1)) && root["fleet"]["memory"].is_null() {
            root["fleet"]["memory"] = json!({"base": "100MiB", "limit": "300MiB"});
            let leak = [json!({"per_hour": "1GiB"}), json!({"per_request": "200KiB"})];
            let leak = json!({"effect": {"leak": self.choose(&leak).clone()}});
            if let Some(defects) = root["release"]["defects"].as_array_mut() {
                defects.push(leak);
            }
        }
        let profile = root["traffic"].get_mut("pattern").and_then(|it| it.get_mut("profile"));
        if let Some(profile) = profile {
            profile["days"] = json!(["1x", "0.5x", "2x", "1x", "1x", "1x", "0x"]);
        }
        for alert in root["alerts"].as_array_mut().into_iter().flatten() {
            alert["min_samples"] = json!(5);
        }
        let part = self.stream.chance(0.3).then(|| self.pick(&["30%", "60%"]));
        let flagged = root.to_string().contains("_flag");
        let defects = root["release"].get_mut("defects").and_then(Value::as_array_mut);
        if let Some(first) = defects.into_iter().flatten().next()
            && first["scope_one_of"].is_null()
        {
            if flagged {
                first["scope"]["feature"] = json!(true);
            }
            if let Some(part) = part {
                first["scope"]["instances"] = json!(part);
            }
        }
    }

    fn below(&mut self, n: u64) -> usize {
        usize::try_from(self.stream.below(n)).unwrap()
    }

    fn pick(&mut self, choices: &[&'static str]) -> &'static str {
        self.choose::<&'static str>(choices)
    }

    fn choose<'c, T>(&mut self, choices: &'c [T]) -> &'c T {
        let index = self.below(choices.len() as u64);
        &choices[index]
    }
}

/// Waits as short as the trial: a strategy that holds for a month shows nothing.
fn quicken(value: &mut Value) {
    match value {
        Value::String(text) => {
            let shorter = match text.as_str() {
                "30d" => "20s",
                "6m" => "30s",
                "5m" => "25s",
                "2m" => "15s",
                "40s" => "10s",
                _ => return,
            };
            shorter.clone_into(text);
        }
        Value::Array(items) => items.iter_mut().for_each(quicken),
        Value::Object(map) => map.values_mut().for_each(quicken),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A fault that has a name goes by its effect's, so that it is known when it strikes.
fn name_faults(value: &mut Value) {
    if let Some(items) = value.as_array_mut() {
        items.iter_mut().for_each(name_faults);
    }
    let Some(map) = value.as_object_mut() else { return };
    let kind = map.get("effect").and_then(Value::as_object).and_then(|it| it.keys().next());
    let plain = map.get("effect").and_then(Value::as_str).map(str::to_owned);
    if let (Some(kind), Some(name)) = (kind.cloned().or(plain), map.get_mut("name")) {
        *name = json!(format!("{kind} by name"));
    }
    map.values_mut().for_each(name_faults);
}

fn name_gates(root: &mut Value) {
    let gates = root["analysis"]["gates"].as_array_mut();
    for (number, gate) in gates.into_iter().flatten().enumerate() {
        let kind = gate["judge"].as_object().and_then(|it| it.keys().next()).cloned();
        gate["name"] = json!(format!("{} {number}", kind.unwrap_or_default()));
    }
}

fn without_null(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, it| !it.is_null());
            map.values_mut().for_each(without_null);
        }
        Value::Array(items) => items.iter_mut().for_each(without_null),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
