//! Steps of a canary or of a flag, made of four numbers.

use serde_json::{Value, json};

use super::{
    quantity::{Unit, number, value},
    range::Range,
};
use crate::{
    kernel::math,
    model::RampSpec,
    scenario::{Step, steps},
    strategy::{StrategySpec, WrittenRamp},
    units::round_u64,
};

/// Most steps of a ramp.
const STEPS_MAX: f64 = 20.0;

#[derive(Clone, Debug)]
pub(super) struct Ramp {
    first: Range,
    last: Range,
    steps: Range,
    hold: Range,
    /// The key of a step's share.
    key: &'static str,
    /// One more step follows, for all.
    ends_whole: bool,
}

impl Ramp {
    pub(super) fn of(path: &str, spec: &RampSpec) -> Result<Self, String> {
        let steps = match &spec.steps {
            Value::String(text) => ends(text),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => (spec.steps.clone(), spec.steps.clone()),
        };
        let range = |(from, to): (Value, Value), unit: Unit, name: &str| {
            let range = Range::of(&from, &to, None);
            let range = range.filter(|it| it.unit == unit && it.from > 0.0);
            range.ok_or_else(|| format!("`{name}` is not a range such as {}", example(unit)))
        };
        let written = written_at(path);
        let ramp = Self {
            first: range(ends(&spec.first), Unit::Ratio, "first")?,
            last: range(ends(&spec.last), Unit::Ratio, "last")?,
            steps: range(steps, Unit::Whole, "steps")?,
            hold: range(ends(&spec.hold), Unit::Span, "hold")?,
            key: written.as_ref().map_or("weight", |it| it.key),
            ends_whole: written.is_some_and(|it| it.last_stays),
        };
        if ramp.steps.to > STEPS_MAX {
            return Err(format!("more than {STEPS_MAX} steps"));
        }
        Ok(ramp)
    }

    /// What is not the same everywhere, with its name.
    pub(super) fn parts(&self) -> impl Iterator<Item = (&'static str, Range)> {
        self.all().into_iter().filter(|it| it.1.is_open())
    }

    const fn all(&self) -> [(&'static str, Range); 4] {
        [
            ("first step", self.first),
            ("last step", self.last),
            ("steps", self.steps),
            ("hold", self.hold),
        ]
    }

    /// The steps at a point.
    pub(super) fn at(&self, point: &[f64]) -> Value {
        let mut point = point.iter();
        let [first, last, steps, hold] = self.all().map(|(_, range)| {
            let part = if range.is_open() { point.next().copied().unwrap_or(0.5) } else { 0.5 };
            (range, part)
        });
        let (from, to) = (first.0.at(first.1), last.0.at(last.1).max(first.0.at(first.1)));
        let count = round_u64(steps.0.at(steps.1)).max(1);
        let hold = hold.0.value(hold.1);
        let step = |index: u64| {
            let part = if count == 1 { 0.0 } else { index as f64 / (count - 1) as f64 };
            let weight = math::exp(math::ln(from) + part * (math::ln(to) - math::ln(from)));
            json!({ self.key: value(Unit::Ratio, weight), "hold": hold })
        };
        let mut steps: Vec<Value> = (0..count).map(step).collect();
        if self.ends_whole {
            steps.push(json!({ self.key: "100%", "hold": hold }));
        }
        steps.into()
    }

    /// The position of steps as written: by the first, the last below 100 %, the number and the
    /// mean pause.
    pub(super) fn point(&self, steps: &Value) -> Vec<f64> {
        let empty = Vec::new();
        let steps = steps.as_array().unwrap_or(&empty);
        let of = |step: &Value, key: &str| step.get(key).and_then(number).map_or(0.0, |it| it.1);
        let partial: Vec<f64> =
            steps.iter().map(|it| of(it, self.key)).filter(|it| *it < 1.0 - 1e-9).collect();
        let holds: f64 = steps.iter().map(|it| of(it, "hold")).sum();
        let text = |part: f64| Value::from(format!("{}%", 100.0 * part));
        let mean = holds / steps.len().max(1) as f64;
        let known = [
            partial.first().map(|it| text(*it)),
            partial.last().map(|it| text(*it)),
            Some(Value::from(partial.len())),
            Some(Value::from(crate::units::Span::from_secs_f64(mean).to_string())),
        ];
        let parts = self.all().into_iter().zip(known).filter(|((_, range), _)| range.is_open());
        let part = |((_, range), known): ((&str, Range), Option<Value>)| {
            known.and_then(|it| range.part(&it)).unwrap_or(0.5)
        };
        parts.map(part).collect()
    }
}

/// The ramp of a strategy that is written at a path of the scenario.
fn written_at(path: &str) -> Option<WrittenRamp> {
    let key = |it: Step| if let Step::Key(key) = it { Some(key) } else { None };
    let keys: Vec<String> = steps(path).ok()?.into_iter().filter_map(key).collect();
    let outside = match keys.first()?.as_str() {
        "strategy" => 1,
        "strategies" => 2,
        _ => return None,
    };
    StrategySpec::ramp_at(&keys.get(outside..)?.join("."))
}

/// Both ends of `1%..20%`; twice the same for one value.
fn ends(text: &str) -> (Value, Value) {
    let value = |text: &str| {
        let text = text.trim();
        text.parse::<u64>().map_or_else(|_| Value::from(text), Value::from)
    };
    match text.split_once("..") {
        Some((from, to)) => (value(from), value(to)),
        None => (value(text), value(text)),
    }
}

const fn example(unit: Unit) -> &'static str {
    match unit {
        Unit::Ratio => "`1%..20%`",
        Unit::Whole => "`2..6`",
        Unit::Span | Unit::Factor | Unit::Slope | Unit::Bytes | Unit::Rate | Unit::Number => {
            "`2m..30m`"
        }
    }
}
