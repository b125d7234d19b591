//! Random scenarios, nearly all valid: the published schema walked by chance, and what it cannot say mended.

use rollsim::{
    kernel::Stream,
    scenario::{Bounds, Form, FromFile, List, Scenario, Schemas, Section, Variant, to_yaml},
};
use serde_json::{Map, Value, json};

use super::{
    channels::add_channel, judges::mend_judge, misfits, proxies::mend_balancer,
    scaling::mend_scaling,
};

const SPANS: &[&str] = &["0s", "1ms", "90ms", "1s", "3s", "7s", "15s", "40s", "2m", "6m", "30d"];
/// For what must not be shorter than a second.
const STEPS: &[&str] = &["1s", "1s", "2s", "5s", "15s", "1m", "5m"];
const RATIOS: &[&str] = &["0%", "0.1%", "3%", "10%", "50%", "99.9%", "100%"];
const FACTORS: &[&str] = &["1x", "1.01x", "2x", "10x", "1000x"];
const BYTES: &[&str] = &["0B", "1B", "10KiB", "3MiB", "100MiB", "2GiB"];
const RATES: &[&str] = &["0/s", "1/h", "0.2/s", "3/s", "15/s"];
const AMOUNTS: &[&str] = &["0", "1", "2", "50%", "100%", "1%", "4000"];
const HOURS: &[&str] = &["00:00", "09:30", "23:59"];
/// What `operator/swarm.rs` draws: the operator's actions; and what is drawn at the end: channels, lists of waits.
const ELSEWHERE: &[&str] = &["actions", "channel", "channels", "waits"];
const SERVICES: &[&str] = &["0s", "1ms", "40ms", "300ms", "2s", "30s"];

/// Draws one scenario.
pub(crate) struct Generator<'s> {
    schemas: &'s Schemas,
    stream: Stream,
}

impl<'s> Generator<'s> {
    pub(crate) fn new(schemas: &'s Schemas, stream: Stream) -> Self {
        Self { schemas, stream }
    }

    /// The text of a scenario.
    pub(super) fn text(self) -> String {
        to_yaml(&self.scenario())
    }

    /// A scenario as JSON.
    pub(crate) fn scenario(mut self) -> Value {
        let schemas = self.schemas;
        let mut root = self.value(schemas.root(), "", 0);
        let length = self.pick(&["1s", "2m", "5m", "12m", "20m"]);
        root["title"] = json!("swarm");
        root["length"] = json!(length);
        root["warm_up"] = json!(if length == "1s" { "0s" } else { self.pick(&["0s", "1s", "1m"]) });
        root["rollout_at"] =
            json!(if length == "1s" { "0s" } else { self.pick(&["0s", "40s", "2m"]) });
        root["users"]["attributes"] = json!({"beta": {"yes": "10%", "no": "90%"}});
        root["dependencies"] = json!({"bank": {"latency": self.distribution(0), "errors": "1%"}});
        if self.stream.chance(0.8) {
            root["operations"] = json!({
                "pay": {"share": "50%", "database": self.distribution(0), "calls": ["bank"]},
                "talk": {"share": "50%", "service_time": self.distribution(0)},
            });
        } else {
            root["operations"] = json!({"pay": {"share": "100%"}, "talk": {"share": "0%"}});
        }
        self.mend_fleet(&mut root["fleet"]);
        self.mend_traffic(&mut root["traffic"]);
        mend_releases(&mut root["releases"]);
        misfits::mend_rolls(&mut root);
        if let Some(object) = root.as_object_mut() {
            object.remove("extends");
            object.remove("format");
            object.remove("expect");
            // what is tuned names places of the very scenario
            object.remove("tune");
        }
        add_channel(&mut root, &mut self.stream);
        root
    }

    fn mend_fleet(&mut self, fleet: &mut Value) {
        fleet["instances"] = json!(self.number(1, 8));
        fleet["workers"] = json!(self.number(1, 6));
        fleet["queue"] = json!(self.pick(&["0", "1", "20", "100000"]).parse::<u32>().unwrap_or(0));
        fleet["zones"] = if self.stream.chance(0.5) { json!(["a", "b"]) } else { json!(["a"]) };
        mend_scaling(fleet, &mut self.stream);
        mend_balancer(fleet);
        if !fleet["memory"].is_null() {
            fleet["memory"]["base"] = json!(self.pick(&["0B", "1MiB", "200MiB"]));
            fleet["memory"]["limit"] = json!(self.pick(&["201MiB", "1GiB"]));
        }
        if !fleet["drain"].is_null() {
            let (pre, grace) =
                *self.choose(&[("0s", "0s"), ("0s", "1s"), ("5s", "30s"), ("1m", "1m")]);
            fleet["drain"] = json!({"pre_stop": pre, "grace": grace});
        }
        if !fleet["restart"].is_null() {
            let (first, most) = *self.choose(&[("0s", "0s"), ("1ms", "1s"), ("10s", "5m")]);
            fleet["restart"]["backoff"] = json!(first);
            fleet["restart"]["backoff_max"] = json!(most);
        }
    }

    /// Not more requests than a moment of computing.
    fn mend_traffic(&mut self, traffic: &mut Value) {
        traffic["rate"] = json!(self.pick(RATES));
        if !traffic["bursts"].is_null() {
            traffic["bursts"]["factor"] = json!(self.pick(&["0x", "1x", "4x"]));
        }
        let spikes = traffic.get_mut("spikes").and_then(Value::as_array_mut);
        for spike in spikes.into_iter().flatten() {
            spike["factor"] = json!(self.pick(&["0x", "1x", "3x"]));
        }
    }

    fn value(&mut self, schema: &'s Value, key: &str, depth: usize) -> Value {
        if let Some(special) = self.special(schema, key, depth) {
            return special;
        }
        let schemas = self.schemas;
        match schemas.form(schema).form {
            Form::Any | Form::Null => Value::Null,
            Form::Boolean => json!(self.stream.chance(0.5)),
            Form::Integer(bounds) => json!(self.integer(bounds)),
            Form::Number(bounds) => {
                let (low, high) = (bounds.min.unwrap_or(0.0), bounds.max.unwrap_or(1.0));
                json!(*self.choose(&[low, high, 1.0_f64.clamp(low, high), low.midpoint(high)]))
            }
            Form::Text(text) => json!(self.text_of(text.format.unwrap_or(""), key)),
            Form::List(list) => self.list(&list, key, depth),
            Form::Section(section) => self.section(&section, depth),
            Form::Choice(variants) => self.choice(&variants, depth),
            Form::Mixed(schemas) => {
                let schema = *self.choose(&schemas);
                self.value(schema, key, depth)
            }
        }
    }

    /// What takes more than its schema to be right.
    fn special(&mut self, schema: &'s Value, key: &str, depth: usize) -> Option<Value> {
        let matching =
            |it: &mut Self| if it.stream.chance(0.5) { json!({"beta": "yes"}) } else { json!({}) };
        let name = type_name(schema);
        match (name, key) {
            ("Distribution", _) => Some(self.distribution(depth)),
            ("PatternSpec", _) => Some(self.pattern()),
            ("Threshold", _) => Some(self.threshold()),
            ("GateSpec", _) => Some(self.gate(schema, depth)),
            ("AlertSpec", _) => Some(self.alert()),
            ("FaultSpec", _) => {
                let mut fault = self.fault(schema, depth);
                misfits::mend_misfits(&mut fault, key == "defects");
                Some(fault)
            }
            ("ScopeSpec", _) => Some(self.scope()),
            ("WarmUpSpec", _) => {
                Some(json!({"duration": self.pick(SPANS), "slowdown": self.pick(FACTORS)}))
            }
            ("GarbageCollection", _) => {
                Some(json!({"from": self.pick(RATIOS), "slowdown": self.pick(FACTORS)}))
            }
            (_, "include" | "exclude" | "attributes" | "exclude_on_failure") if depth > 1 => {
                Some(json!([matching(self)]))
            }
            (_, "operations") if depth > 1 => Some(json!(*self.choose(&[&["pay"][..], &[]]))),
            (_, "on") => {
                Some(json!(*self.choose(&[&["error"][..], &["timeout", "refused", "error"]])))
            }
            (_, "name") => Some(json!(if self.stream.chance(0.5) { "bank" } else { "a name" })),
            _ => None,
        }
    }

    fn section(&mut self, section: &Section<'s>, depth: usize) -> Value {
        let mut map = Map::new();
        // a part of its own for each section, so that some are nearly empty and some full
        let filled = self.stream.uniform();
        for (key, schema) in section.properties.into_iter().flatten() {
            // drawn beside the scenario, so that scenarios stay what they are
            if ELSEWHERE.contains(&key.as_str()) {
                continue;
            }
            if section.required.contains(&key.as_str()) || self.stream.chance(filled) {
                map.insert(key.clone(), self.value(schema, key, depth + 1));
            }
        }
        Value::Object(map)
    }

    fn choice(&mut self, variants: &[Variant<'s>], depth: usize) -> Value {
        let of_strategies = variants.iter().any(|it| it.name == "all_at_once");
        let here = variants.iter().filter(|it| !(of_strategies && it.name == "none")).copied();
        let variant = *self.choose(&here.collect::<Vec<_>>());
        match variant.body {
            None => json!(variant.name),
            Some(body) => json!({ variant.name: self.value(body, variant.name, depth + 1) }),
        }
    }

    fn list(&mut self, list: &List<'s>, key: &str, depth: usize) -> Value {
        let low = list.min.unwrap_or(0);
        let high = list.max.unwrap_or(low + 3).min(low + 3);
        let count = usize::try_from(self.number(low, high)).unwrap_or(0);
        (0..count).filter_map(|index| Some(self.value(list.item(index)?, key, depth + 1))).collect()
    }

    fn integer(&mut self, bounds: Bounds<i128>) -> u64 {
        let least = |it: Option<i128>| it.and_then(|it| u64::try_from(it).ok());
        let low = least(bounds.min).unwrap_or(0);
        let high = least(bounds.max).unwrap_or(u64::MAX).min(low + 50_000);
        let small = low.saturating_add(3).min(high);
        *self.choose(&[low, low, small, small, high])
    }

    fn text_of(&mut self, format: &str, key: &str) -> &'static str {
        match format {
            "span" => match key {
                "period" | "interval" | "every" | "random" | "repeat" | "window" => {
                    self.pick(STEPS)
                }
                "length" => self.pick(&["1s", "10s", "2m"]),
                "deadline" | "timeout" => self.pick(&["1ms", "100ms", "1s", "5s", "2m", "30d"]),
                _ => self.pick(SPANS),
            },
            "ratio" => self.pick(RATIOS),
            "factor" => self.pick(FACTORS),
            "bytes" => self.pick(BYTES),
            "rate" => self.pick(RATES),
            "amount" => self.pick(AMOUNTS),
            "hour-of-week" => self.pick(HOURS),
            _ => "a text",
        }
    }

    fn distribution(&mut self, depth: usize) -> Value {
        let time = self.pick(&SERVICES[1..]);
        match self.number(0, if depth > 6 { 6 } else { 7 }) {
            0 | 1 => json!({"constant": self.pick(SERVICES)}),
            2 => json!({"exponential": {"mean": time}}),
            3 => json!({"lognormal": {"median": time, "p99": self.pick(&["30s", "1h", "300d"])}}),
            4 => json!({"gamma": {"mean": time, "shape": *self.choose(&[0.01, 1.0, 1000.0])}}),
            5 => json!({"pareto": {"minimum": time, "alpha": *self.choose(&[0.1, 1.0, 100.0])}}),
            6 => json!({"weibull": {"scale": time, "shape": *self.choose(&[0.1, 1.0, 100.0])}}),
            _ => json!({"mixture": [
                {"share": "30%", "of": self.distribution(depth + 4)},
                {"share": "70%", "of": {"uniform": {"low": "0s", "high": time}}},
            ]}),
        }
    }

    fn pattern(&mut self) -> Value {
        let hours: Vec<&str> = (0..24).map(|_| self.pick(&["0x", "1x", "2x"])).collect();
        match self.number(0, 2) {
            0 => json!("constant"),
            1 => json!({"daily_wave": {"peak": self.pick(HOURS), "swing": self.pick(RATIOS)}}),
            _ => {
                json!({"profile": {"hours": hours, "burstiness": self.pick(&["0x", "0.5x", "2x"])}})
            }
        }
    }

    /// A metric, what it is compared with, and a limit of its kind.
    fn limit(&mut self) -> (Value, &'static str, &'static str) {
        let (metric, limit) = self
            .choose(&[
                (json!("error_rate"), "1%"),
                (json!({"latency": "99%"}), "200ms"),
                (json!({"latency": "0%"}), "0s"),
                (json!("memory"), "50%"),
                (json!("memory_slope"), "1MiB/h"),
                (json!("restarts"), "0"),
                (json!("saturation"), "80%"),
                (json!("complaints"), "1"),
            ])
            .clone();
        let against = self.pick(&["absolute", "difference", "ratio"]);
        (metric, against, if against == "ratio" { "1.5x" } else { limit })
    }

    fn threshold(&mut self) -> Value {
        let (metric, against, limit) = self.limit();
        let side = self.pick(&["fail_above", "pass_below"]);
        let window = self.pick(&["5m", "30m", "30d"]);
        let samples = self.number(0, 30);
        json!({"metric": metric, "against": against, side: limit, "window": window, "min_samples": samples})
    }

    fn gate(&mut self, schema: &'s Value, depth: usize) -> Value {
        let Form::Section(section) = self.schemas.form(schema).form else { return Value::Null };
        let mut gate = self.section(&section, depth);
        mend_judge(&mut gate["judge"]);
        gate
    }

    fn alert(&mut self) -> Value {
        let (metric, against, limit) = self.limit();
        let hold = self.pick(&["0s", "1s", "1m"]);
        json!({"name": "alert", "metric": metric, "against": against, "above": limit, "window": "5m", "for": hold})
    }

    fn scope(&mut self) -> Value {
        let mut scope = Map::new();
        for (key, value) in [
            ("instances", json!(self.pick(&["3%", "50%", "100%", "1", "2"]))),
            ("zone", json!("a")),
            ("operation", json!("pay")),
            ("users", json!({"beta": "yes"})),
        ] {
            if self.stream.chance(0.2) {
                scope.insert(key.to_owned(), value);
            }
        }
        Value::Object(scope)
    }

    fn fault(&mut self, schema: &'s Value, depth: usize) -> Value {
        let Form::Section(section) = self.schemas.form(schema).form else { return Value::Null };
        let mut fault = self.section(&section, depth);
        if let Some(object) = fault.as_object_mut() {
            object.remove("repeat");
            object.remove("lasts");
            if object
                .get("scope_one_of")
                .is_some_and(|it| it.as_array().is_some_and(|it| !it.is_empty()))
            {
                object.remove("scope");
            }
        }
        self.mend_draws(&mut fault);
        if let Some(name) = fault["effect"].get_mut("dependency").and_then(|it| it.get_mut("name"))
        {
            *name = json!("bank");
        }
        let random = fault["when"].get("random").is_some();
        if random || self.stream.chance(0.5) {
            let (lasts, repeat) =
                *self.choose(&[("1ms", "1s"), ("1s", "2s"), ("20s", "1m"), ("30d", "60d")]);
            fault["lasts"] = json!(lasts);
            if self.stream.chance(0.4) {
                fault["repeat"] = json!(repeat);
            }
        }
        fault
    }

    /// What is drawn of a fault lies between bounds in their order.
    fn mend_draws(&mut self, fault: &mut Value) {
        if fault.get("severity").is_some_and(|it| !it.is_null()) {
            let bounds = json!({"from": "1%", "to": self.pick(&["1%", "40%", "100%"])});
            let law = self.pick(&["uniform", "log_uniform", "is"]);
            fault["severity"] = json!({law: if law == "is" { json!("3%") } else { bounds }});
        }
        if fault["when"].get("age_between").is_some() {
            let to = self.pick(&["1s", "40s", "6m"]);
            fault["when"] = json!({"age_between": {"from": "1s", "to": to}});
        }
    }

    fn pick(&mut self, choices: &[&'static str]) -> &'static str {
        self.choose::<&'static str>(choices)
    }

    fn choose<'c, T>(&mut self, choices: &'c [T]) -> &'c T {
        let index = self.stream.below(choices.len() as u64);
        &choices[usize::try_from(index).unwrap_or(0)]
    }

    fn number(&mut self, low: u64, high: u64) -> u64 {
        low + self.stream.below(high - low + 1)
    }
}

/// Classes whose chances leave something for good releases, beside a preset.
fn mend_releases(releases: &mut Value) {
    if releases.is_null() {
        return;
    }
    if releases["preset"].is_null() {
        releases["preset"] = json!("typical");
    }
    let classes = releases.get_mut("classes").and_then(Value::as_object_mut);
    for (_, class) in classes.into_iter().flatten() {
        class["chance"] = json!("1%");
    }
}

/// The schema that scenarios are drawn from.
pub(crate) fn schemas() -> Schemas {
    Scenario::schemas().clone()
}

/// Name of the type that a schema refers to, perhaps as one of several.
pub(crate) fn type_name(schema: &Value) -> &str {
    refers_to(schema)
        .or_else(|| schema.get("anyOf")?.as_array()?.iter().find_map(refers_to))
        .unwrap_or("")
}

fn refers_to(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/$defs/")
}
