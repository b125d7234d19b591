//! Uniform numbers that have something in common with those of another stream.

use super::{Stream, Uniforms, math};

/// Uniforms with a Gaussian copula: each is uniform, and the normal scores of any two of the family have a
/// given correlation.
///
/// The family is the plain stream of an entity and any number of these. Let `z` be the normal score of the
/// plain stream, `e` and `f` independent ones, and `r` the correlation. Then `h = r^(1/2) z + (1 - r)^(1/2) e` is
/// what all have in common, and `r^(1/2) h + (1 - r)^(1/2) f` has the correlation `r` with `z` and with any other of its
/// kind. See R. B. Nelsen, "An Introduction to Copulas" (2006), section 2.3.
#[derive(Clone, Debug)]
pub struct Correlated {
    /// Square roots of the correlation and of the rest.
    common: f64,
    own: f64,
    /// The plain stream, one that the whole family shares, and one of its own.
    streams: [Stream; 3],
}

impl Correlated {
    /// `correlation` from 0 to 1; the plain stream, one that the whole family shares, and one of its own.
    pub fn new(correlation: f64, streams: [Stream; 3]) -> Self {
        Self { common: correlation.sqrt(), own: (1.0 - correlation).sqrt(), streams }
    }
}

impl Uniforms for Correlated {
    fn uniform(&mut self) -> f64 {
        let [plain, shared, own] =
            self.streams.each_mut().map(|it| math::normal_quantile(it.uniform()));
        let common = self.common * plain + self.own * shared;
        let score = self.common * common + self.own * own;
        let uniform = 0.5 * libm::erfc(-score * std::f64::consts::FRAC_1_SQRT_2);
        uniform.clamp(f64::MIN_POSITIVE, 1.0 - f64::EPSILON / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Purpose, Sampler, Seed, Streams};
    use crate::units::Span;

    /// Logarithms of lognormal spans with median 1 s and sigma 0.8: of the plain stream, and of two others.
    fn family(correlation: f64, entity: u64) -> [f64; 3] {
        let key = Streams::new(Seed::DEFAULT).key(Purpose::Service);
        let sampler = Sampler::log_normal(Span::from_secs(1), 0.8);
        let log = |nanos: u64| libm::log(nanos as f64 / 1e9);
        let other = |nth: u64| {
            let streams =
                [key.stream(entity), key.child(0).stream(entity), key.child(nth).stream(entity)];
            log(sampler.sample(&mut Correlated::new(correlation, streams)))
        };
        [log(sampler.sample(&mut key.stream(entity))), other(1), other(2)]
    }

    #[test]
    fn each_follows_its_own_law_and_any_two_have_the_correlation() {
        const COUNT: u64 = 100_000;
        for correlation in [0.0, 0.3, 0.6, 1.0] {
            let (mut sums, mut squares) = ([0.0; 3], [0.0; 3]);
            let mut products = [0.0; 3];
            for it in (0..COUNT).map(|entity| family(correlation, entity)) {
                let pairs = [it[0] * it[1], it[0] * it[2], it[1] * it[2]];
                products.iter_mut().zip(pairs).for_each(|(sum, it)| *sum += it);
                sums.iter_mut().zip(it).for_each(|(sum, it)| *sum += it);
                squares.iter_mut().zip(it).for_each(|(sum, it)| *sum += it * it);
            }
            // standard errors: of a mean 0.0025, of a variance 0.0029, of a correlation at most 0.0032
            let n = COUNT as f64;
            for nth in 0..3 {
                assert!((sums[nth] / n).abs() < 0.01, "{correlation}: {}", sums[nth] / n);
                assert!((squares[nth] / n - 0.64).abs() < 0.012, "{}", squares[nth] / n);
                let found = products[nth] / n / 0.64;
                assert!((found - correlation).abs() < 0.014, "{correlation}: {found}");
            }
        }
    }
}
