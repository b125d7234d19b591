//! The parameters of a tuning as a cube: every coordinate from 0 to 1, and back to the scenario.

mod check;
mod quantity;
mod ramp;
mod range;

pub use check::{Vary, problems as tuning_problems};
pub use quantity::around;

use serde_json::Value;

use self::{quantity::number, ramp::Ramp, range::Range};
use super::{FromFile, Scenario, path, place};
use crate::{
    model::{ParameterSpec, TuneSpec},
    units::round_u64,
};

/// What may change, in the order of the paths: an outer place before those within it.
#[derive(Clone, Debug, Default)]
pub struct Space {
    axes: Vec<Axis>,
    parameters: Vec<Parameter>,
}

/// One coordinate.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// As tables and charts show it.
    pub name: String,
    /// Where in the scenario.
    pub path: String,
    /// Whether neighbouring values have nothing in common.
    pub categorical: bool,
}

#[derive(Clone, Debug)]
enum Parameter {
    Range(String, Range),
    Choices(String, Vec<Value>),
    Ramp(String, Ramp),
}

impl Space {
    /// Of a section that has passed its checks; what does not make sense is left out.
    pub fn of(spec: &TuneSpec) -> Self {
        let mut space = Self::default();
        for (path, parameter) in &spec.parameters {
            if let Ok(parameter) = made(path, parameter) {
                space.axes.extend(parameter.axes());
                space.parameters.push(parameter);
            }
        }
        space
    }

    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// What the scenario says at a point, for every path that is there: inner places depend on what
    /// outer ones choose. `written` is the scenario with its defaults.
    pub fn settings(&self, written: &Value, point: &[f64]) -> Vec<(String, Value)> {
        let mut root = written.clone();
        let mut settings = Vec::new();
        let mut coordinates = point.iter().copied();
        for parameter in &self.parameters {
            let own: Vec<f64> = coordinates.by_ref().take(parameter.axes().len()).collect();
            let (path, value) = parameter.at(&own);
            let places = places(&mut root, path);
            if places.is_empty() {
                continue;
            }
            for place in places {
                *place = value.clone();
            }
            settings.push((path.to_owned(), value));
        }
        settings
    }

    /// Where the scenario as it is written stands, as near as can be; the middle where it is not
    /// set.
    pub fn point(&self, written: &Value) -> Vec<f64> {
        let mut root = written.clone();
        let mut point = Vec::new();
        for parameter in &self.parameters {
            let place = places(&mut root, parameter.path()).into_iter().next();
            point.extend(parameter.parts(place.as_deref().unwrap_or(&Value::Null)));
        }
        point
    }
}

impl Parameter {
    fn path(&self) -> &str {
        match self {
            Self::Range(path, _) | Self::Choices(path, _) | Self::Ramp(path, _) => path,
        }
    }

    fn axes(&self) -> Vec<Axis> {
        let axis = |name: &str, categorical| Axis {
            name: name.to_owned(),
            path: self.path().to_owned(),
            categorical,
        };
        match self {
            Self::Range(path, _) => vec![axis(path, false)],
            Self::Choices(path, _) => vec![axis(path, true)],
            Self::Ramp(path, ramp) => {
                ramp.parts().map(|(name, _)| axis(&format!("{path}: {name}"), false)).collect()
            }
        }
    }

    fn at(&self, point: &[f64]) -> (&str, Value) {
        let first = point.first().copied().unwrap_or(0.0);
        match self {
            Self::Range(path, range) => (path, range.value(first)),
            Self::Choices(path, values) => {
                let count = values.len();
                let index = usize::try_from(round_u64((first * count as f64 - 0.5).max(0.0)));
                (path, values[index.unwrap_or(0).min(count - 1)].clone())
            }
            Self::Ramp(path, ramp) => (path, ramp.at(point)),
        }
    }

    fn parts(&self, value: &Value) -> Vec<f64> {
        match self {
            Self::Range(_, range) => vec![range.part(value).unwrap_or(0.5)],
            Self::Choices(_, values) => {
                let found = values.iter().position(|it| agrees(it, value));
                let part = |at: usize| (at as f64 + 0.5) / values.len() as f64;
                vec![found.map_or(0.5, part)]
            }
            Self::Ramp(_, ramp) => ramp.point(value),
        }
    }
}

/// Every value that a path leads to; none where it leads nowhere.
fn places<'v>(root: &'v mut Value, path: &str) -> Vec<&'v mut Value> {
    place::places(root, path, Scenario::schemas()).unwrap_or_default()
}

/// Whether a scenario with its defaults says the same as a text without them.
fn agrees(written: &Value, whole: &Value) -> bool {
    match (written, whole) {
        (Value::Object(part), Value::Object(whole)) => {
            part.iter().all(|(key, it)| whole.get(key).is_some_and(|whole| agrees(it, whole)))
        }
        (Value::Array(part), Value::Array(whole)) => {
            part.len() == whole.len() && part.iter().zip(whole).all(|(a, b)| agrees(a, b))
        }
        (part, whole) => part == whole || number(part).is_some() && number(part) == number(whole),
    }
}

/// A parameter, or what is wrong with it.
fn made(path: &str, spec: &ParameterSpec) -> Result<Parameter, String> {
    path::steps(path).map_err(|it| it.problem(path).message)?;
    let path = path.to_owned();
    match (&spec.from, &spec.to, &spec.choices, &spec.ramp) {
        (Some(from), Some(to), None, None) => {
            let range = Range::of(from, to, spec.scale);
            let refused = "`from` and `to` must be two numbers of one unit, the smaller first";
            Ok(Parameter::Range(path, range.ok_or(refused)?))
        }
        (None, None, Some(choices), None) if choices.is_empty() => {
            Err("`choices` is empty".to_owned())
        }
        (None, None, Some(choices), None) => Ok(Parameter::Choices(path, choices.clone())),
        (None, None, None, Some(ramp)) => {
            let ramp = Ramp::of(&path, ramp)?;
            Ok(Parameter::Ramp(path, ramp))
        }
        _ => Err("a parameter has either `from` and `to`, or `choices`, or `ramp`".to_owned()),
    }
}

#[cfg(test)]
mod tests;
