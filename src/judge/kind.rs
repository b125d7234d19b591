//! What every judge answers before it judges, from its settings alone.

use serde_json::Value;

use super::{Judge, JudgeSpec, within};
use crate::{
    model::MetricSpec,
    units::{Limit, Span},
};

/// The settings of a judge, and all that is asked of it without a simulation. A default is what holds for
/// a judge that does not say otherwise.
pub trait JudgeKind {
    /// One that has measured nothing yet.
    fn build(&self) -> Box<dyn Judge>;

    /// Every metric that it reads, those of its parts included.
    fn metrics(&self) -> Vec<MetricSpec>;

    /// The windows of its measurements that can be set to another length alone: path within its section,
    /// and length. Windows that must suit another setting, such as a number of steps, are not among
    /// them.
    fn windows(&self) -> Vec<(String, Span)>;

    /// Whether it, or a part of it, has nothing to say where no other release takes traffic at the same
    /// time.
    fn needs_baseline(&self) -> bool;

    /// A limit that can be drawn as a line across the values of a metric. Without it, there is none: what
    /// decides is a statistic, or more than one value.
    fn drawn_limit(&self) -> Option<(MetricSpec, Limit)> {
        None
    }

    /// Which leaks of memory it fails a release for. Without it, what follows from its metrics.
    fn leak_sight(&self, _asked: LeakAsked) -> LeakSight {
        LeakSight::of(&self.metrics())
    }

    /// Limits that a tuning may move, by their keys. Without it, there are none: what other judges are set
    /// to says what is promised or what is usual, and a search must keep to that rather than move it.
    fn tunable(&self) -> Vec<(&'static str, Limit)> {
        Vec::new()
    }

    /// The judge to use in its place. Without it, it may stay.
    fn recommended(&self) -> Option<Recommended> {
        None
    }
}

/// The circumstances of a leak: memory of an instance, and how long a rollout lasts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeakAsked {
    /// Bytes in use without a leak.
    pub base: f64,
    /// Bytes above which an instance is killed.
    pub limit: f64,
    /// Hours until the rollout is complete; above 0.
    pub hours: f64,
}

/// Which leaks a judge sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LeakSight {
    /// It does not look at memory.
    Blind,
    /// Those of more than so many bytes an hour.
    From(f64),
    /// It looks at memory: only a simulation shows what it sees.
    Unknown,
}

impl LeakSight {
    /// Of a judge whose settings allow no arithmetic.
    pub(super) fn of(metrics: &[MetricSpec]) -> Self {
        let memory = |it: &MetricSpec| matches!(it, MetricSpec::Memory | MetricSpec::MemorySlope);
        if metrics.iter().any(memory) { Self::Unknown } else { Self::Blind }
    }
}

/// A judge as a scenario would name it.
#[derive(Clone, Debug, PartialEq)]
pub struct Recommended {
    pub name: &'static str,
    pub settings: Value,
    /// Keys of it that a tuning moves, each from one value to another.
    pub tuned: Vec<(&'static str, Value, Value)>,
}

impl JudgeSpec {
    /// Its windows, as seen from what encloses it.
    pub(super) fn windows_within(&self, path: &str) -> Vec<(String, Span)> {
        let section = format!("{path}.{}", self.name());
        let windows = self.kind().windows().into_iter();
        windows.map(|(field, window)| (within(&section, &field), window)).collect()
    }
}
