//! What can be measured of a release.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::units::{LimitKind, Ratio, Span, text};

/// What is measured, from scraped telemetry alone.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MetricSpec {
    /// Share of the attempts that failed as the balancer saw them: errors, time-outs, refusals.
    ErrorRate,
    /// This quantile of the latency of the attempts that succeeded. Limits are times, such as `250ms`.
    Latency(Ratio),
    /// Share of the attempts that succeeded which took longer than this, to 3 %.
    SlowerThan(Span),
    /// Mean memory in use, as a share of the limit.
    Memory,
    /// Slope of the mean memory in use over the window (Theil-Sen), bytes per hour.
    MemorySlope,
    /// Restarts of instances in the window.
    Restarts,
    /// Busy part of the workers, mean over the scrapes of the window.
    Saturation,
    /// Complaints of users in the window; known only for the service as a whole.
    Complaints,
}

/// What a measured value is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// The limit itself.
    #[default]
    Absolute,
    /// The baseline's value at the same time: the limit is the difference, in the metric's unit.
    Difference,
    /// The baseline's value at the same time: the limit is the quotient, such as `1.5x`.
    Ratio,
}

impl MetricSpec {
    /// Whether it is taken of latencies, which are only kept where a judge or alert reads them.
    pub const fn of_latency(self) -> bool {
        matches!(self, Self::Latency(_) | Self::SlowerThan(_))
    }

    /// The kind of limit that this metric takes against a given yardstick.
    pub const fn limit_kind(self, against: Against) -> LimitKind {
        match (against, self) {
            (Against::Ratio, _) => LimitKind::Factor,
            (_, Self::ErrorRate | Self::SlowerThan(_) | Self::Memory | Self::Saturation) => {
                LimitKind::Ratio
            }
            (_, Self::Latency(_)) => LimitKind::Span,
            (_, Self::MemorySlope) => LimitKind::Slope,
            (_, Self::Restarts | Self::Complaints) => LimitKind::Count,
        }
    }
}

impl fmt::Display for MetricSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ErrorRate => f.write_str("error rate"),
            Self::Latency(quantile) => {
                write!(f, "p{} latency", text::number(quantile.get() * 100.0))
            }
            Self::SlowerThan(span) => write!(f, "part slower than {}", text::span(*span)),
            Self::Memory => f.write_str("memory"),
            Self::MemorySlope => f.write_str("memory slope"),
            Self::Restarts => f.write_str("restarts"),
            Self::Saturation => f.write_str("saturation"),
            Self::Complaints => f.write_str("complaints"),
        }
    }
}
