//! How long something takes that has already taken some time: the laws of [`Sampler`] given an age.
//!
//! Where a law can be inverted, one uniform `u` makes one span, as in [`Sampler::sample`]: the
//! survival function there is `u` times what it is at the age. So nothing is lost where the
//! distribution function is 1 to the last bit. The rest is rejection (J. von Neumann): each law has a
//! bound of its survival function at an age, whose logarithm does not underflow, and draws from what
//! it bounds, accepted such that what is accepted follows the law. A mixture draws its part by weight
//! and bound, so that the part is right as well.

#[cfg(test)]
mod tests;

use super::{
    Uniforms, math,
    sample::{Gamma, LONGEST_NANOS, Sampler, round_u64},
};

/// Standard deviations beyond which the normal survival function, 5e-198 there, is not inverted any
/// more: times a uniform it is still far from underflow.
const FAR: f64 = 30.0;

impl Sampler {
    /// A span of those that are longer than `elapsed`, in nanoseconds: the law of [`Self::sample`]
    /// drawn until it is longer, its rounding and its cap of ten years included, and quick at any age.
    ///
    /// Where nothing of the law is longer (a constant, a uniform law or observations that end there; any
    /// law from ten years on) it is `elapsed` itself, so that what waits for it is due at once.
    pub fn beyond<U: Uniforms>(&self, elapsed: u64, stream: &mut U) -> u64 {
        if self.ln_bound(elapsed).is_infinite() {
            return elapsed;
        }
        loop {
            if let Some(nanos) = self.proposed(elapsed, stream) {
                return nanos;
            }
        }
    }

    /// Logarithm of a bound of the probability of being longer than `elapsed`: the probability itself
    /// for all but gamma and the far tail of a lognormal law. Negative infinity where nothing is longer.
    fn ln_bound(&self, elapsed: u64) -> f64 {
        if self.longest() <= elapsed {
            return f64::NEG_INFINITY;
        }
        let from = least_above(elapsed);
        let bound = match self {
            Self::Constant(_) => 0.0,
            Self::Exponential { mean } => -from / mean,
            Self::LogNormal { location, sigma } => {
                ln_normal_bound((math::ln(from) - location) / sigma)
            }
            Self::Gamma(gamma) => gamma.ln_bound(from),
            Self::Weibull { scale, power } => -math::pow(from / scale, 1.0 / power),
            Self::Pareto { minimum, power } => math::ln(minimum / from).min(0.0) / power,
            Self::Uniform { low, width } => math::ln((low + width - from) / width).min(0.0),
            Self::Empirical(sorted) => ln_share(sorted, elapsed),
            Self::Mixture(parts) => return ln_sum(ln_bounds(parts, elapsed)),
        };
        // however unlikely, it is not impossible
        bound.max(f64::MIN)
    }

    /// A draw of what the bound at `elapsed` bounds, unless it is rejected. Something must be longer.
    fn proposed<U: Uniforms>(&self, elapsed: u64, stream: &mut U) -> Option<u64> {
        let from = least_above(elapsed);
        let nanos = match self {
            Self::Constant(nanos) => return Some(*nanos),
            Self::Exponential { mean } => from - math::ln(stream.uniform()) * mean,
            Self::LogNormal { location, sigma } => {
                log_normal_beyond((*location, *sigma), from, stream)?
            }
            Self::Gamma(gamma) => gamma.beyond(from, stream)?,
            Self::Weibull { scale, power } => {
                weibull_beyond((*scale, *power), from, -math::ln(stream.uniform()))
            }
            Self::Pareto { minimum, power } => {
                from.max(*minimum) * math::exp(-math::ln(stream.uniform()) * power)
            }
            Self::Uniform { low, width } => {
                let end = low + width;
                end - (end - from.max(*low)) * stream.uniform()
            }
            Self::Empirical(sorted) => observed_beyond(sorted, elapsed, stream.uniform()),
            Self::Mixture(parts) => {
                return part_beyond(parts, elapsed, stream.uniform()).proposed(elapsed, stream);
            }
        };
        Some(round_u64(nanos).max(elapsed + 1))
    }

    /// The longest span that it gives.
    fn longest(&self) -> u64 {
        match self {
            Self::Constant(nanos) => *nanos,
            Self::LogNormal { location, sigma } if *sigma <= 0.0 => round_u64(math::exp(*location)),
            Self::Uniform { low, width } => round_u64(low + width),
            Self::Empirical(sorted) => round_u64(sorted[sorted.len() - 1] as f64),
            Self::Mixture(parts) => parts.iter().map(|it| it.1.longest()).max().unwrap_or(0),
            Self::Exponential { .. }
            | Self::LogNormal { .. }
            | Self::Gamma(_)
            | Self::Weibull { .. }
            | Self::Pareto { .. } => round_u64(LONGEST_NANOS),
        }
    }
}

/// The least value that is rounded to more than `elapsed`.
fn least_above(elapsed: u64) -> f64 {
    elapsed as f64 + 0.5
}

/// Probability that a standard normal variable is above `score`.
fn normal_survival(score: f64) -> f64 {
    0.5 * libm::erfc(score * std::f64::consts::FRAC_1_SQRT_2)
}

/// Logarithm of that probability; in the far tail of a bound of it, the density divided by the score
/// (Mills' ratio is below `1 / score`).
fn ln_normal_bound(score: f64) -> f64 {
    if score > FAR {
        -0.5 * score * score - math::ln(score * std::f64::consts::TAU.sqrt())
    } else {
        math::ln(normal_survival(score))
    }
}

/// A lognormal value by location and sigma, given that it is above `from`.
///
/// In the far tail by G. Marsaglia, "Generating a variable from the tail of the normal distribution",
/// Technometrics 6 (1964): `z = (score^2 - 2 ln u)^(1/2)` is accepted with probability `score / z`. See
/// L. Devroye, "Non-Uniform Random Variate Generation" (1986), section IX.1.2.
fn log_normal_beyond<U: Uniforms>(
    (location, sigma): (f64, f64),
    from: f64,
    stream: &mut U,
) -> Option<f64> {
    let score = (math::ln(from) - location) / sigma;
    if score > FAR {
        let squares = -2.0 * math::ln(stream.uniform());
        let root = (score * score + squares).sqrt();
        let further = squares / (root + score);
        let accepted = stream.uniform() * (score + further) <= score;
        return accepted.then(|| from * math::exp(sigma * further));
    }
    let beyond = stream.uniform() * normal_survival(score);
    Some(math::exp(location - sigma * math::normal_quantile(beyond)).max(from))
}

/// A Weibull value by scale and power, given that it is above `from`, of a unit exponential one: where
/// the cumulative hazard is so much more.
fn weibull_beyond((scale, power): (f64, f64), from: f64, exponential: f64) -> f64 {
    let hazard = math::pow(from / scale, 1.0 / power);
    if hazard < 1.0 {
        scale * math::pow(hazard + exponential, power)
    } else {
        // the sum may have no digits left for the difference
        from + from * libm::expm1(power * libm::log1p(exponential / hazard))
    }
}

impl Gamma {
    /// The tail beyond an age, in units of the scale, lies below an exponential law: the density divided
    /// by `e^(-rate x)` is largest at `peak`. Gives `peak` and `1 - rate`.
    ///
    /// From shape 1 on the rate is the one with the least area: J. S. Dagpunar, "Sampling of variates
    /// from a truncated gamma distribution", J. Stat. Comput. Simul. 8 (1978). Below, the power falls,
    /// so that the rate is 1: L. Devroye, "Non-Uniform Random Variate Generation" (1986), section IX.3.
    fn envelope(&self, age: f64) -> (f64, f64) {
        if self.shape < 1.0 {
            return (age, 0.0);
        }
        let gap = age - self.shape;
        let peak = 0.5 * (age + self.shape + (gap * gap + 4.0 * age).sqrt());
        (peak, (self.shape - 1.0) / peak)
    }

    /// Up to the mean it bounds by 1, later by the area of the envelope.
    fn ln_bound(&self, from: f64) -> f64 {
        let age = from / self.scale;
        if age < self.shape {
            return 0.0;
        }
        let (peak, slope) = self.envelope(age);
        let highest = (self.shape - 1.0) * math::ln(peak) - slope * peak;
        let rate = 1.0 - slope;
        highest - rate * age - math::ln(rate) - libm::lgamma(self.shape)
    }

    /// A value, unless it is rejected: a plain one up to the mean, later one of the envelope.
    fn beyond<U: Uniforms>(&self, from: f64, stream: &mut U) -> Option<f64> {
        let age = from / self.scale;
        if age < self.shape {
            let plain = self.sample(stream);
            return (plain >= from).then_some(plain);
        }
        let (peak, slope) = self.envelope(age);
        let further = -math::ln(stream.uniform()) / (1.0 - slope);
        let at = age + further;
        let share = (self.shape - 1.0) * math::ln(at / peak) - slope * (at - peak);
        (math::ln(stream.uniform()) < share).then_some(from + self.scale * further)
    }
}

/// Gaps between sorted observations that lie beyond `elapsed`, the one that it is in by its rest. At least
/// one observation must be beyond.
fn gaps_beyond(sorted: &[u64], elapsed: u64) -> f64 {
    let over = sorted.partition_point(|it| *it <= elapsed);
    let whole = (sorted.len() - 1 - over) as f64;
    if over == 0 {
        return whole;
    }
    let (low, high) = (sorted[over - 1] as f64, sorted[over] as f64);
    whole + (high - least_above(elapsed)) / (high - low)
}

fn ln_share(sorted: &[u64], elapsed: u64) -> f64 {
    if elapsed < sorted[0] {
        return 0.0;
    }
    math::ln(gaps_beyond(sorted, elapsed) / (sorted.len() - 1) as f64)
}

/// Interpolated observations, counted in gaps from the last one down.
fn observed_beyond(sorted: &[u64], elapsed: u64, u: f64) -> f64 {
    let last = sorted.len() - 1;
    let position = gaps_beyond(sorted, elapsed) * u;
    let whole = super::index(round_u64(position - 0.5)).min(last);
    let (high, low) = (sorted[last - whole] as f64, sorted[last.saturating_sub(whole + 1)] as f64);
    high - (high - low) * (position - whole as f64)
}

/// Of each part: logarithm of its weight times its bound.
fn ln_bounds(parts: &[(f64, Sampler)], elapsed: u64) -> impl Iterator<Item = f64> + Clone {
    let mut below = 0.0;
    parts.iter().map(move |(up_to, part)| {
        let weight = up_to - std::mem::replace(&mut below, *up_to);
        math::ln(weight) + part.ln_bound(elapsed)
    })
}

/// Logarithm of a sum, of the logarithms of what is summed.
fn ln_sum(logarithms: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = logarithms.clone().fold(f64::NEG_INFINITY, f64::max);
    if largest.is_infinite() {
        return largest;
    }
    largest + math::ln(logarithms.map(|it| math::exp(it - largest)).sum())
}

/// A part in proportion to its weight and its bound. One of them must have both.
fn part_beyond(parts: &[(f64, Sampler)], elapsed: u64, u: f64) -> &Sampler {
    let total = ln_sum(ln_bounds(parts, elapsed));
    let (mut found, mut left) = (&parts[0].1, u);
    for (bound, (_, part)) in ln_bounds(parts, elapsed).zip(parts) {
        // rounding may leave something of `u` behind the last one, and a part without a chance is not drawn
        if bound.is_infinite() {
            continue;
        }
        found = part;
        left -= math::exp(bound - total);
        if left < 0.0 {
            break;
        }
    }
    found
}
