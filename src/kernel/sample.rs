//! How long things take: compiled distributions of spans.
//!
//! Own samplers on [`super::math`], because published ones call the platform's mathematics as soon as
//! any crate in the build asks for it. All but gamma invert the distribution function, so that one
//! uniform makes one span and paired trials stay paired when a parameter moves.

use crate::units::Span;

use super::{Stream, math};

/// No sample is longer, however heavy the tail: ten years, as long as a scenario may name.
pub(super) const LONGEST_NANOS: f64 = 3_653.0 * 86_400.0 * 1e9;
const NANOS_PER_SECOND: f64 = 1e9;

/// Uniform numbers in the open interval (0, 1), one after the other.
pub trait Uniforms {
    fn uniform(&mut self) -> f64;
}

impl Uniforms for Stream {
    #[inline]
    fn uniform(&mut self) -> f64 {
        Self::uniform(self)
    }
}

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
    pub(super) scale: f64,
    pub(super) shape: f64,
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
    pub fn sample<U: Uniforms>(&self, stream: &mut U) -> u64 {
        match self {
            Self::Constant(nanos) => *nanos,
            Self::Exponential { mean } => round_u64(-math::ln(stream.uniform()) * mean),
            Self::LogNormal { location, sigma } => {
                round_u64(math::exp(location + sigma * math::normal_quantile(stream.uniform())))
            }
            Self::Gamma(gamma) => round_u64(gamma.sample(stream)),
            Self::Weibull { scale, power } => {
                round_u64(scale * math::pow(-math::ln(stream.uniform()), *power))
            }
            Self::Pareto { minimum, power } => {
                round_u64(minimum * math::exp(-math::ln(stream.uniform()) * power))
            }
            Self::Uniform { low, width } => round_u64(low + width * stream.uniform()),
            Self::Empirical(sorted) => round_u64(interpolated(sorted, stream.uniform())),
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
    pub(super) fn sample<U: Uniforms>(&self, stream: &mut U) -> f64 {
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
pub(super) fn interpolated(sorted: &[u64], u: f64) -> f64 {
    let position = u * (sorted.len() - 1) as f64;
    let below = super::index(round_u64(position - 0.5));
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
pub(super) fn round_u64(nanos: f64) -> u64 {
    (nanos.min(LONGEST_NANOS) + 0.5) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Purpose, Seed, Streams, testing::fnv};

    const SECOND: Span = Span::from_secs(1);
    const DRAWS: usize = 400_000;

    fn stream(entity: u64) -> Stream {
        Streams::new(Seed::DEFAULT).key(Purpose::Service).stream(entity)
    }

    fn draws(sampler: &Sampler, count: usize) -> Vec<f64> {
        let mut stream = stream(0);
        (0..count).map(|_| sampler.sample(&mut stream) as f64 / 1e9).collect()
    }

    /// The mean and the shares below the quantiles, within four standard errors.
    #[track_caller]
    fn check(sampler: &Sampler, mean: f64, quantiles: &[(f64, f64)]) {
        let values = draws(sampler, DRAWS);
        let n = values.len() as f64;
        let found = values.iter().sum::<f64>() / n;
        let variance =
            values.iter().map(|value| (value - found) * (value - found)).sum::<f64>() / n;
        assert!((sampler.mean() / mean - 1.0).abs() < 1e-9, "states a mean of {}", sampler.mean());
        assert!((found - mean).abs() < 4.0 * (variance / n).sqrt(), "has a mean of {found}");
        for &(share, quantile) in quantiles {
            let below = values.iter().filter(|value| **value < quantile).count() as f64 / n;
            let error = (share * (1.0 - share) / n).sqrt();
            assert!((below - share).abs() < 4.0 * error, "{below} of {share} below {quantile}");
        }
    }

    #[test]
    fn exponential_spans_follow_their_law() {
        let quantiles = [
            (0.1, 0.105_360_516),
            (0.5, std::f64::consts::LN_2),
            (0.9, std::f64::consts::LN_10),
            (0.99, 4.605_170_186),
        ];
        check(&Sampler::exponential(SECOND), 1.0, &quantiles);
    }

    #[test]
    fn log_normal_spans_follow_their_law() {
        let quantiles =
            [(0.1, 0.277_606_242), (0.5, 1.0), (0.9, 3.602_224_479), (0.99, 10.240_473_660)];
        check(&Sampler::log_normal(SECOND, 1.0), 1.648_721_270_700_128, &quantiles);
    }

    #[test]
    fn gamma_spans_follow_their_law_on_both_sides_of_shape_one() {
        let wide = [
            (0.1, 0.322_061_597),
            (0.5, 0.870_292_038),
            (0.9, 1.847_271_380),
            (0.99, 3.017_254_494),
        ];
        let boosted = [
            (0.1, 0.015_790_774),
            (0.5, 0.454_936_423),
            (0.9, 2.705_543_454),
            (0.99, 6.634_896_601),
        ];
        check(&Sampler::gamma(SECOND, 2.5), 1.0, &wide);
        check(&Sampler::gamma(SECOND, 0.5), 1.0, &boosted);
    }

    #[test]
    fn weibull_spans_follow_their_law() {
        let quantiles = [
            (0.1, 0.040_162_945),
            (0.5, 0.592_390_113),
            (0.9, 3.291_932_972),
            (0.99, 8.861_226_443),
        ];
        check(&Sampler::weibull(SECOND, 0.7), 1.265_823_506_057_283_3, &quantiles);
    }

    #[test]
    fn pareto_spans_follow_their_law() {
        let quantiles = [
            (0.1, 1.043_044_882),
            (0.5, 1.319_507_911),
            (0.9, 2.511_886_432),
            (0.99, 6.309_573_445),
        ];
        check(&Sampler::pareto(SECOND, 2.5), 5.0 / 3.0, &quantiles);
        assert!(Sampler::pareto(SECOND, 1.0).mean().is_infinite());
    }

    #[test]
    fn uniform_and_constant_spans_follow_their_law() {
        let sampler = Sampler::uniform(SECOND, Span::from_secs(3));
        check(&sampler, 2.0, &[(0.25, 1.5), (0.5, 2.0), (0.9, 2.8)]);
        assert_eq!(Sampler::constant(SECOND).sample(&mut stream(0)), 1_000_000_000);
    }

    #[test]
    fn observations_are_interpolated_between_neighbours() {
        // half of the draws between 1 s and 2 s, half between 2 s and 6 s
        let sampler = Sampler::empirical(vec![1_000_000_000, 2_000_000_000, 6_000_000_000]);
        check(&sampler, 2.75, &[(0.25, 1.5), (0.5, 2.0), (0.75, 4.0)]);
        let single = Sampler::empirical(vec![5]);
        assert_eq!(single.sample(&mut stream(0)), 5);
        assert!((single.mean() - 5e-9).abs() < 1e-20);
    }

    #[test]
    fn a_mixture_draws_each_part_by_its_weight() {
        let parts = vec![
            (0.0, Sampler::pareto(SECOND, 0.5)),
            (3.0, Sampler::constant(SECOND)),
            (1.0, Sampler::uniform(Span::from_secs(2), Span::from_secs(4))),
        ];
        check(&Sampler::mixture(parts), 1.5, &[(0.75, 1.5), (0.875, 3.0)]);
    }

    #[test]
    fn no_span_is_longer_than_ten_years() {
        let sampler = Sampler::pareto(SECOND, 0.05);
        let mut stream = stream(0);
        let longest = (0..10_000).map(|_| sampler.sample(&mut stream)).max().unwrap();
        assert_eq!(longest, 315_619_200_000_000_000);
    }

    /// Results that were published must stay repeatable: a change here is a new major version.
    #[test]
    fn not_a_nanosecond_of_any_sampler_may_change() {
        let hash = |sampler: &Sampler| {
            let mut stream = stream(2);
            fnv((0..10_000).map(|_| sampler.sample(&mut stream)))
        };
        let exponential = Sampler::exponential(SECOND);
        let parts = vec![(1.0, exponential.clone()), (2.0, Sampler::constant(SECOND))];
        for (sampler, pinned) in [
            (exponential, 2_235_017_249_413_974_279),
            (Sampler::log_normal(SECOND, 1.0), 11_895_323_115_128_814_063),
            (Sampler::gamma(SECOND, 2.5), 626_237_860_115_120_803),
            (Sampler::gamma(SECOND, 0.5), 17_249_658_114_272_745_346),
            (Sampler::weibull(SECOND, 0.7), 1_342_562_771_594_212_181),
            (Sampler::pareto(SECOND, 2.5), 1_196_129_798_328_620_619),
            (Sampler::uniform(SECOND, Span::from_secs(3)), 1_404_907_818_635_145_147),
            (Sampler::empirical(vec![3, 1_000, 1_000_000]), 2_400_661_803_656_239_248),
            (Sampler::mixture(parts), 15_301_845_208_211_209_243),
        ] {
            assert_eq!(hash(&sampler), pinned, "{sampler:?}");
        }
    }
}
