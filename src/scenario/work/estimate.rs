//! An estimate and its parts.

use std::fmt;

use crate::units::{Bytes, Span, round_u64, text};

/// What one trial is expected to cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// Requests that arrive.
    pub requests: f64,
    /// Things that happen in the trial.
    pub events: f64,
    /// Time of one core.
    pub cpu: Span,
    /// Memory of the process while it simulates the trial.
    pub memory: Bytes,
    /// What takes the time and the memory, the largest share of the time first.
    pub parts: Vec<Part>,
}

/// A part of the work, and where the scenario asks for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// In words, such as `36 M requests`.
    pub what: String,
    pub path: String,
    pub events: f64,
    pub cpu: Span,
    pub memory: Bytes,
}

/// A part as it is found: numbers that may be beyond all bounds.
pub(super) struct Found {
    pub(super) what: String,
    pub(super) path: String,
    pub(super) events: f64,
    pub(super) nanos: f64,
    pub(super) bytes: f64,
}

impl Found {
    pub(super) fn new(what: String, path: impl Into<String>) -> Self {
        Self { what, path: path.into(), events: 0.0, nanos: 0.0, bytes: 0.0 }
    }

    pub(super) fn events(self, events: f64) -> Self {
        Self { events, ..self }
    }

    pub(super) fn nanos(self, nanos: f64) -> Self {
        Self { nanos, ..self }
    }

    pub(super) fn bytes(self, bytes: f64) -> Self {
        Self { bytes, ..self }
    }

    pub(super) fn part(self) -> Part {
        let Self { what, path, events, nanos, bytes } = self;
        let memory = Bytes::new(round_u64(beyond(bytes)));
        Part { what, path, events, cpu: Span::from_nanos(round_u64(beyond(nanos))), memory }
    }
}

/// What is no number is beyond every bound.
pub(super) const fn beyond(value: f64) -> f64 {
    if value.is_nan() { f64::INFINITY } else { value }
}

/// A long time is as good as no end.
pub(super) const YEAR: Span = Span::from_secs(365 * 86_400);

impl fmt::Display for Work {
    /// `about 36,000 requests, 110,000 events, 9 ms of CPU time and 12 MiB of memory`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "about {} requests, {} events, {} of CPU time and {} of memory",
            text::number(self.requests.min(1e18)),
            text::number(self.events.min(1e18)),
            text::span(self.cpu.min(YEAR)),
            text::bytes(self.memory.get().min(1 << 50) as f64)
        )
    }
}
