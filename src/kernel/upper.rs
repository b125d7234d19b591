//! How long something takes at most, but for a small probability.

use super::{
    math,
    sample::{Gamma, Sampler, interpolated, round_u64},
};
use crate::units::Span;

impl Sampler {
    /// A span that is exceeded with at most this probability, which is above 0 and below 1: the quantile of a law that can be
    /// inverted, a little more than it for the others.
    pub fn upper(&self, beyond: f64) -> Span {
        let nanos = match self {
            Self::Constant(nanos) => *nanos as f64,
            Self::Exponential { mean } => -math::ln(beyond) * mean,
            Self::LogNormal { location, sigma } => {
                math::exp(location - sigma * math::normal_quantile(beyond))
            }
            Self::Gamma(gamma) => gamma.upper(beyond),
            Self::Weibull { scale, power } => scale * math::pow(-math::ln(beyond), *power),
            Self::Pareto { minimum, power } => minimum * math::exp(-math::ln(beyond) * power),
            Self::Uniform { low, width } => low + width * (1.0 - beyond),
            Self::Empirical(sorted) => interpolated(sorted, 1.0 - beyond),
            // what each part exceeds with this probability, no mixture of them exceeds more often
            Self::Mixture(parts) => return of_parts(parts, beyond),
        };
        Span::from_nanos(round_u64(nanos))
    }
}

impl Gamma {
    /// By E. B. Wilson and M. M. Hilferty, "The distribution of chi-square", PNAS 17 (1931); one of a shape below 1 is
    /// bounded by the exponential law of its scale.
    fn upper(&self, beyond: f64) -> f64 {
        if self.shape <= 1.0 {
            return -math::ln(beyond) * self.scale;
        }
        let ninth = 1.0 / (9.0 * self.shape);
        let root = 1.0 - ninth - math::normal_quantile(beyond) * ninth.sqrt();
        self.scale * self.shape * root * root * root
    }
}

fn of_parts(parts: &[(f64, Sampler)], beyond: f64) -> Span {
    let mut below = 0.0;
    let mut most = Span::ZERO;
    for (up_to, part) in parts {
        if *up_to > below {
            most = most.max(part.upper(beyond));
        }
        below = *up_to;
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Purpose, Seed, Streams};

    /// Draws of a law that are above what one in a hundred exceeds.
    fn above(sampler: &Sampler) -> usize {
        let key = Streams::new(Seed::DEFAULT).key(Purpose::Startup);
        let most = sampler.upper(0.01).nanos();
        let draws = (0..20_000).map(|it| sampler.sample(&mut key.stream(it)));
        draws.filter(|it| *it > most).count()
    }

    #[test]
    fn a_span_is_exceeded_as_often_as_is_said_or_less() {
        let second = Span::from_secs(1);
        let exact = [
            Sampler::exponential(second),
            Sampler::log_normal(second, 0.8),
            Sampler::gamma(second, 2.0),
            Sampler::gamma(second, 30.0),
            Sampler::weibull(second, 0.7),
            Sampler::pareto(second, 1.5),
            Sampler::uniform(second, Span::from_secs(2)),
            Sampler::empirical(vec![1_000, 5_000, 9_000_000]),
        ];
        for sampler in &exact {
            // 200 are expected; five standard deviations of a count of them are 70
            let count = above(sampler);
            assert!((130..=270).contains(&count), "{sampler:?}: {count}");
        }
        let bounded = [
            Sampler::constant(second),
            Sampler::gamma(second, 0.5),
            Sampler::mixture(vec![(0.5, Sampler::exponential(second)), (0.5, exact[1].clone())]),
        ];
        for sampler in &bounded {
            let count = above(sampler);
            assert!(count <= 270, "{sampler:?}: {count}");
        }
    }
}
