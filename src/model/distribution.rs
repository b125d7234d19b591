//! Distributions of time, as a scenario writes them.

use serde::{Deserialize, Serialize};

use crate::units::{Ratio, Span};

/// A distribution of a span of time.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Distribution {
    /// Always the same span.
    Constant(Span),
    /// Exponential, by its mean: memoryless.
    Exponential {
        /// Mean span.
        mean: Span,
    },
    /// Lognormal by its median and one higher quantile: the usual shape of service times.
    #[serde(rename = "lognormal")]
    LogNormal {
        /// Half of the spans are shorter than this.
        median: Span,
        /// The 99th percentile; longer than the median. Without it, `p90` must be
        /// given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        p99: Option<Span>,
        /// The 90th percentile; longer than the median. Without it, `p99` must be
        /// given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        p90: Option<Span>,
    },
    /// Gamma (Erlang for whole shapes), by its mean and shape.
    Gamma {
        /// Mean span.
        mean: Span,
        /// Shape: 1 is exponential, larger is more regular.
        #[cfg_attr(test, schemars(range(min = 0.01, max = 1000.0)))]
        shape: f64,
    },
    /// Weibull by scale and shape.
    Weibull {
        /// Scale: 63 % of the spans are shorter.
        scale: Span,
        /// Shape: 1 is exponential, below 1 has a heavy tail.
        #[cfg_attr(test, schemars(range(min = 0.1, max = 100.0)))]
        shape: f64,
    },
    /// Pareto: a power-law tail.
    Pareto {
        /// Shortest span.
        minimum: Span,
        /// Tail exponent: the mean exists above 1, the variance above 2.
        #[cfg_attr(test, schemars(range(min = 0.1, max = 100.0)))]
        alpha: f64,
    },
    /// Uniform between two bounds.
    Uniform {
        /// Shortest span.
        low: Span,
        /// Longest span.
        high: Span,
    },
    /// Spans measured elsewhere: one column of a CSV file, drawn by interpolating its quantiles.
    Empirical {
        /// CSV file, relative to the scenario's folder and inside it.
        file: String,
        /// Column that holds the spans.
        column: String,
        /// What one unit of the column is; `1ms` when the file is in milliseconds.
        unit: Span,
    },
    /// One of several distributions, each with its share.
    Mixture(Vec<Share>),
}

/// One part of a mixture.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// How often this part is drawn; the shares of a mixture sum to 100 %.
    pub share: Ratio,
    /// What is then drawn.
    pub of: Distribution,
}

impl Distribution {
    /// The same shape with every span so many times as long.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        let long = |span: &Span| span.scale(factor);
        match self {
            Self::Constant(span) => Self::Constant(long(span)),
            Self::Exponential { mean } => Self::Exponential { mean: long(mean) },
            Self::LogNormal { median, p99, p90 } => Self::LogNormal {
                median: long(median),
                p99: p99.as_ref().map(long),
                p90: p90.as_ref().map(long),
            },
            Self::Gamma { mean, shape } => Self::Gamma { mean: long(mean), shape: *shape },
            Self::Weibull { scale, shape } => Self::Weibull { scale: long(scale), shape: *shape },
            Self::Pareto { minimum, alpha } => {
                Self::Pareto { minimum: long(minimum), alpha: *alpha }
            }
            Self::Uniform { low, high } => Self::Uniform { low: long(low), high: long(high) },
            Self::Empirical { file, column, unit } => {
                Self::Empirical { file: file.clone(), column: column.clone(), unit: long(unit) }
            }
            Self::Mixture(parts) => {
                let part = |it: &Share| Share { share: it.share, of: it.of.scaled(factor) };
                Self::Mixture(parts.iter().map(part).collect())
            }
        }
    }
}
