//! How long things take: compiled distributions of spans.
//!
//! Own samplers on [`super::math`], because published ones call the platform's mathematics as soon as
//! any crate in the build asks for it. All but gamma invert the distribution function, so that one
//! uniform makes one span and paired trials stay paired when a parameter moves.

use crate::units::Span;

use super::{Stream, math};

/// No sample is longer, however heavy the tail: ten years, as long as a scenario may name.
const LONGEST_NANOS: f64 = 3_653.0 * 86_400.0 * 1e9;
const NANOS_PER_SECOND: f64 = 1e9;

/// A distribution of spans, ready to draw from. Build it with one of the constructors; they expect
/// parameters that a scenario's check has passed.
#[derive(Clone, Debug, PartialEq)]
pub enum Sampler {
    /// Always the same, in nanoseconds.
    Constant(u64),
    /// Mean in nanoseconds.
    Exponential {
        mean: f64,
    },
    /// `e^(location + sigma z)` nanoseconds, `z` standard normal.
    LogNormal {
        location: f64,
        sigma: f64,
    },
    Gamma(Gamma),
    /// `scale (-ln u)^power` nanoseconds.
    Weibull {
        scale: f64,
        power: f64,
    },
    /// `minimum u^-power` nanoseconds.
    Pareto {
        minimum: f64,
        power: f64,
    },
    /// Equally likely from `low` to `low + width` nanoseconds.
    Uniform {
        low: f64,
        width: f64,
    },
    /// Sorted observations in nanoseconds, interpolated.
    Empirical(Vec<u64>),
    /// Parts with the cumulative probability up to and including each.
    Mixture(Vec<(f64, Self)>),
}

/// Constants of Marsaglia and Tsang's method, see [`Sampler::gamma`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gamma {
    /// Nanoseconds.
    scale: f64,
    shape: f64,
    d: f64,
    c: f64,
}

impl Sampler {
    pub const fn constant(span: Span) -> Self {
        Self::Constant(span.nanos())
    }

    pub fn exponential(mean: Span) -> Self {
        Self::Exponential { mean: nanos(mean) }
    }

    /// Half of all samples are below the median; `sigma`, finite and at least 0, is the standard
    /// deviation of the logarithm (service times: 0.5 to 1.5). The median must be above zero.
    pub fn log_normal(median: Span, sigma: f64) -> Self {
        Self::LogNormal { location: math::ln(nanos(median)), sigma }
    }

    /// Shape above 0: 1 is the exponential, more is narrower. G. Marsaglia, W. W. Tsang, "A simple
    /// method for generating gamma variables", ACM TOMS 26 (2000); below 1 it draws with shape + 1
    /// and multiplies by `u^(1/shape)`.
    pub fn gamma(mean: Span, shape: f64) -> Self {
        let d = if shape < 1.0 { shape + 1.0 } else { shape } - 1.0 / 3.0;
        Self::Gamma(Gamma { scale: nanos(mean) / shape, shape, d, c: 1.0 / (9.0 * d).sqrt() })
    }

    /// 63 % of all samples are below the scale; shape above 0, below 1 has a heavy tail.
    pub fn weibull(scale: Span, shape: f64) -> Self {
        Self::Weibull { scale: nanos(scale), power: 1.0 / shape }
    }

    /// Beyond `x` with probability `(minimum / x)^alpha`; alpha above 0, the mean exists above 1.
    pub fn pareto(minimum: Span, alpha: f64) -> Self {
        Self::Pareto { minimum: nanos(minimum), power: 1.0 / alpha }
    }

    /// From `low` to `high`, which must not be below it.
    pub fn uniform(low: Span, high: Span) -> Self {
        Self::Uniform { low: nanos(low), width: nanos(high) - nanos(low) }
    }

    /// At least one observation, sorted. The quantile function is linear between neighbours: the
    /// `i`-th of `n` is the quantile `i / (n - 1)`.
    pub fn empirical(sorted_nanos: Vec<u64>) -> Self {
        assert!(!sorted_nanos.is_empty(), "a distribution needs an observation");
        assert!(sorted_nanos.is_sorted(), "observations come sorted");
        Self::Empirical(sorted_nanos)
    }

    /// Each part with its weight, at least 0 and not all 0; weights need not sum to 1.
    pub fn mixture(parts: Vec<(f64, Self)>) -> Self {
        let total: f64 = parts.iter().map(|(weight, _)| weight).sum();
        assert!(total > 0.0, "a mixture needs a part with a weight");
        let mut so_far = 0.0;
        let cumulate = |(weight, part)| {
            so_far += weight;
            (so_far / total, part)
        };
        Self::Mixture(parts.into_iter().map(cumulate).collect())
    }

    /// A span in nanoseconds, at most ten years.
    #[inline]
    pub fn sample(&self, stream: &mut Stream) -> u64 {
        match self {
            Self::Constant(nanos) => *nanos,
            Self::Exponential { mean } => whole(-math::ln(stream.uniform()) * mean),
            Self::LogNormal { location, sigma } => {
                whole(math::exp(location + sigma * math::normal_quantile(stream.uniform())))
            }
            Self::Gamma(gamma) => whole(gamma.sample(stream)),
            Self::Weibull { scale, power } => {
                whole(scale * math::pow(-math::ln(stream.uniform()), *power))
            }
            Self::Pareto { minimum, power } => {
                whole(minimum * math::exp(-math::ln(stream.uniform()) * power))
            }
            Self::Uniform { low, width } => whole(low + width * stream.uniform()),
            Self::Empirical(sorted) => whole(interpolated(sorted, stream.uniform())),
            Self::Mixture(parts) => part(parts, stream.uniform()).sample(stream),
        }
    }

    /// The mean in seconds, before the cap of ten years; infinite where it does not exist.
    pub fn mean(&self) -> f64 {
        let nanos = match self {
            Self::Constant(nanos) => *nanos as f64,
            Self::Exponential { mean } => *mean,
            Self::LogNormal { location, sigma } => math::exp(location + 0.5 * sigma * sigma),
            Self::Gamma(gamma) => gamma.scale * gamma.shape,
            Self::Weibull { scale, power } => scale * libm::tgamma(1.0 + power),
            Self::Pareto { power, .. } if *power >= 1.0 => f64::INFINITY,
            Self::Pareto { minimum, power } => minimum / (1.0 - power),
            Self::Uniform { low, width } => low + 0.5 * width,
            Self::Empirical(sorted) => mean_of_polyline(sorted),
            Self::Mixture(parts) => return mean_of_mixture(parts),
        };
        nanos / NANOS_PER_SECOND
    }
}

impl Gamma {
    fn sample(&self, stream: &mut Stream) -> f64 {
        let cubed = loop {
            let z = math::normal_quantile(stream.uniform());
            let root = 1.0 + self.c * z;
            if root <= 0.0 {
                continue;
            }
            let v = root * root * root;
            let accepted = 0.5 * z * z + self.d * (1.0 - v + math::ln(v));
            if math::ln(stream.uniform()) < accepted {
                break v;
            }
        };
        let boost =
            if self.shape < 1.0 { math::pow(stream.uniform(), 1.0 / self.shape) } else { 1.0 };
        self.scale * self.d * cubed * boost
    }
}

/// Quantile `u` of sorted observations.
fn interpolated(sorted: &[u64], u: f64) -> f64 {
    let position = u * (sorted.len() - 1) as f64;
    let below = super::index(whole(position - 0.5));
    let above = (below + 1).min(sorted.len() - 1);
    let (low, high) = (sorted[below] as f64, sorted[above] as f64);
    low + (high - low) * (position - below as f64)
}

fn part(parts: &[(f64, Sampler)], u: f64) -> &Sampler {
    let found = parts.iter().find(|(up_to, _)| u < *up_to);
    // rounding may leave the last sum a little below 1
    &found.unwrap_or(&parts[parts.len() - 1]).1
}

fn mean_of_polyline(sorted: &[u64]) -> f64 {
    let total: u128 = sorted.iter().copied().map(u128::from).sum();
    let ends = (sorted[0] as f64 + sorted[sorted.len() - 1] as f64) * 0.5;
    if sorted.len() == 1 { ends } else { (total as f64 - ends) / (sorted.len() - 1) as f64 }
}

fn mean_of_mixture(parts: &[(f64, Sampler)]) -> f64 {
    let mut below = 0.0;
    let mut mean = 0.0;
    for (up_to, part) in parts {
        // a part that is never drawn must not contribute 0 times infinity
        if *up_to > below {
            mean += (up_to - below) * part.mean();
        }
        below = *up_to;
    }
    mean
}

fn nanos(span: Span) -> f64 {
    span.nanos() as f64
}

/// Rounds to whole nanoseconds from 0 to ten years.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates at 0 and is capped above"
)]
fn whole(nanos: f64) -> u64 {
    (nanos.min(LONGEST_NANOS) + 0.5) as u64
}
