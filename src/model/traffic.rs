//! Traffic: how often requests arrive, over the day and in a recorded trace.

use serde::{Deserialize, Serialize};

use crate::units::{Factor, HourOfWeek, Rate, Ratio, Span};

/// Requests that reach the bot: a Poisson process whose rate follows a pattern.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TrafficSpec {
    /// Mean rate of the pattern. Not used with a trace that carries its own counts.
    #[serde(default = "default_rate")]
    pub rate: Rate,
    /// How the rate changes over time.
    #[serde(default)]
    pub pattern: PatternSpec,
    /// Random bursts on top of the pattern. Without it, there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bursts: Option<Burst>,
    /// Planned spikes on top of the pattern.
    #[serde(default)]
    #[cfg_attr(test, schemars(length(max = 1000)))]
    pub spikes: Vec<Spike>,
}

impl Default for TrafficSpec {
    fn default() -> Self {
        Self {
            rate: default_rate(),
            pattern: PatternSpec::Constant,
            bursts: None,
            spikes: Vec::new(),
        }
    }
}

fn default_rate() -> Rate {
    Rate::per_second(10.0)
}

/// How the rate changes over time.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PatternSpec {
    /// The same rate at all times.
    #[default]
    Constant,
    /// A cosine wave over the day.
    DailyWave(DailyWave),
    /// Relative rates by hour of the day and day of the week.
    Profile(Profile),
    /// A recorded trace from a CSV file.
    Trace(TraceSpec),
}

impl PatternSpec {
    /// Whether the requests are those of a recording, whatever the rate.
    pub const fn is_recorded(&self) -> bool {
        match self {
            Self::Trace(_) => true,
            Self::Constant | Self::DailyWave(_) | Self::Profile(_) => false,
        }
    }

    /// Whether the rate follows the hour of the day.
    pub const fn by_hour(&self) -> bool {
        match self {
            Self::DailyWave(_) | Self::Profile(_) => true,
            Self::Constant | Self::Trace(_) => false,
        }
    }

    /// As many times the requests, where the rate does not say how many.
    pub fn scale(&mut self, by: f64) {
        match self {
            Self::Trace(trace) => trace.scale = Factor::clamped(trace.scale.get() * by),
            Self::Constant | Self::DailyWave(_) | Self::Profile(_) => {}
        }
    }
}

/// A cosine wave over the day.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DailyWave {
    /// Busiest time of the day.
    pub peak: HourOfWeek,
    /// How far the rate swings from its mean: at `60%` from 0.4 to 1.6 times the mean.
    pub swing: Ratio,
}

/// Relative rates by hour of the day and day of the week; the mean over a week is the rate.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// 24 weights, from the hour that begins at 00:00.
    #[cfg_attr(test, schemars(length(min = 24, max = 24)))]
    pub hours: Vec<Factor>,
    /// 7 weights, from Monday. All equal when left out.
    #[serde(default)]
    #[cfg_attr(test, schemars(length(max = 7)))]
    pub days: Vec<Factor>,
    /// Coefficient of variation of the rate from one five-minute window to the next, beyond the
    /// profile and beyond Poisson noise (gamma distributed): `0x` is a plain Poisson process.
    #[serde(default = "none")]
    pub burstiness: Factor,
}

fn none() -> Factor {
    Factor::clamped(0.0)
}

/// A recorded trace: a CSV file with a column of times and one of counts or rates.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TraceSpec {
    /// CSV file with a header, relative to the scenario's folder and inside it.
    pub file: String,
    /// Column with the time: seconds, or `YYYY-MM-DD HH:MM:SS`. Rows are in order of time.
    pub time: String,
    /// Column with the requests since this row's time until the next's. Without it,
    /// `rate` must be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<String>,
    /// Column with requests per second from this row's time on. Without it, `count` must be
    /// given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<String>,
    /// Multiplies every rate.
    #[serde(default)]
    pub scale: Factor,
    /// Makes time pass slower: at `2x` the trace takes twice as long, at half the rate.
    #[serde(default)]
    pub stretch: Factor,
    /// Skips this much of the trace.
    #[serde(default)]
    pub skip: Span,
    /// What happens when the trace ends before the trial: start again, or no more requests.
    #[serde(default)]
    pub repeat: bool,
}

/// Random bursts: a two-state process that switches the rate up and down.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Burst {
    /// Rate during a burst, as a multiple of the pattern's.
    pub factor: Factor,
    /// Mean time from the end of a burst to the next (exponential).
    pub every: Span,
    /// Mean length of a burst (exponential).
    pub length: Span,
}

/// A planned spike.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Spike {
    /// When it starts, since the start of the trial.
    pub at: Span,
    /// How long it lasts.
    pub length: Span,
    /// Rate during the spike, as a multiple of what it would be.
    pub factor: Factor,
}
