//! Evidence that may be looked at as often as one likes: likelihood ratios and mixtures of them.
//!
//! All in logarithms, so that neither a catastrophe nor a billion requests overflows. What is judged
//! by them, and when, is the judges' business.

use std::sync::LazyLock;

use super::special::{ln_beta, ln_beta_upper, normal_upper};

/// Points of the mixture over rate ratios: 64 exponentials a look, and within 1e-4 of the integral
/// in the logarithm wherever that is below 20.
const POINTS: usize = 64;

/// Quantiles of the half-normal distribution at the middles of `POINTS` equal parts.
static HALF_NORMAL: LazyLock<[f64; POINTS]> = LazyLock::new(|| {
    std::array::from_fn(|j| normal_upper(0.5 - (j as f64 + 0.5) / (2.0 * POINTS as f64)))
});

/// Evidence that one arm's events are more than a tolerated number of times as frequent as the
/// other's, whatever their common rate does and however the traffic is shared.
///
/// In a step in which the arm has the share `w` of the traffic, each event is its own with
/// probability `w r / (1 - w + w r)` if its rate is `r` times the other's. Against the tolerated
/// `r0` that gives the likelihood ratio `k ln(r/r0) - n ln((1 - w + w r) / (1 - w + w r0))` for `k`
/// of `n` events, which is a supermartingale for every true ratio up to `r0`, as is its mean over
/// ratios `r0 exp(sigma |Z|)` for a standard normal `Z`. So the chance that it ever reaches
/// `1 / level` is at most `level` (Ville's inequality).
#[derive(Clone, Debug)]
pub struct RatioEvidence {
    tolerated: f64,
    /// Ratios of the mixture and the logarithms of what they are above the tolerated one.
    ratios: [f64; POINTS],
    excess: [f64; POINTS],
    /// Events of the arm so far.
    own: f64,
    /// Quotients of the second term so far: their product since the logarithm was last taken, and before.
    products: [f64; POINTS],
    logs: [f64; POINTS],
}

/// Products are kept below the square root of the largest number.
const LOG_PRODUCT_MAX: f64 = 350.0;
const PRODUCT_MAX: f64 = 1e150;

impl RatioEvidence {
    /// `tolerated` above 0; `sigma`, the spread of the logarithm of the ratios looked for, above 0.
    pub fn new(tolerated: f64, sigma: f64) -> Self {
        let excess = HALF_NORMAL.map(|quantile| sigma * quantile);
        let ratios = excess.map(|excess| tolerated * libm::exp(excess));
        let (products, logs) = ([1.0; POINTS], [0.0; POINTS]);
        Self { tolerated, ratios, excess, own: 0.0, products, logs }
    }

    /// Adds a step: with a share of the traffic in 0 to 1, `own` of `all` events were the arm's. A
    /// step without events is no evidence, and costs nothing; one with few costs a few
    /// multiplications a point, since logarithms are only taken of products.
    pub fn add(&mut self, share: f64, own: u64, all: u64) {
        if all == 0 {
            return;
        }
        self.own += own as f64;
        let null = 1.0 - share + share * self.tolerated;
        let quotients = self.ratios.map(|ratio| (1.0 - share + share * ratio) / null);
        // no quotient is above what its ratio is above the tolerated one
        if all as f64 * self.excess[POINTS - 1] > LOG_PRODUCT_MAX {
            for (log, quotient) in self.logs.iter_mut().zip(&quotients) {
                *log += all as f64 * libm::log(*quotient);
            }
            return;
        }
        multiply(&mut self.products, quotients, all);
        if self.products[POINTS - 1] > PRODUCT_MAX {
            self.logs = self.logarithms();
            self.products = [1.0; POINTS];
        }
    }

    /// Logarithm of the evidence; 0 when there is none. Events that come `dispersion` at a time
    /// count as one.
    pub fn log_e(&self, dispersion: f64) -> f64 {
        let mut logs = self.logarithms();
        for (log, excess) in logs.iter_mut().zip(&self.excess) {
            *log = (self.own * excess - *log) / dispersion;
        }
        ln_mean_exp(&logs)
    }

    fn logarithms(&self) -> [f64; POINTS] {
        std::array::from_fn(|point| self.logs[point] + libm::log(self.products[point]))
    }
}

/// Multiplies by a power of each factor, by squares.
fn multiply(products: &mut [f64; POINTS], mut factors: [f64; POINTS], mut times: u64) {
    while times > 0 {
        if times % 2 == 1 {
            for (product, factor) in products.iter_mut().zip(&factors) {
                *product *= factor;
            }
        }
        times /= 2;
        for factor in &mut factors {
            *factor *= *factor;
        }
    }
}

/// Logarithm of the mean of exponentials; 0 for none. The mean of several pieces of evidence is
/// evidence as good as one of them, however they depend on each other.
pub fn ln_mean_exp(logs: &[f64]) -> f64 {
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !largest.is_finite() {
        return if logs.is_empty() { 0.0 } else { largest };
    }
    let sum: f64 = logs.iter().map(|log| libm::exp(log - largest)).sum();
    largest + libm::log(sum / logs.len() as f64)
}

/// Logarithm of Wald's likelihood ratio of `p1` to `p0`, both within 0 to 1 without the ends, when
/// `failures` of `attempts` failed.
pub fn bernoulli_ratio(failures: u64, attempts: u64, p0: f64, p1: f64) -> f64 {
    let successes = attempts.saturating_sub(failures) as f64;
    failures as f64 * libm::log(p1 / p0) + successes * (libm::log1p(-p1) - libm::log1p(-p0))
}

/// The same for events that come at `rate1` and not at `rate0`, both above 0 and in the unit of
/// `elapsed`.
pub fn poisson_ratio(events: u64, elapsed: f64, rate0: f64, rate1: f64) -> f64 {
    events as f64 * libm::log(rate1 / rate0) - (rate1 - rate0) * elapsed
}

/// The same for `own` of `all` events in an arm with this share of the traffic, if its rate is
/// `ratio` (above 0) times the other arm's and not the same.
pub fn two_arm_ratio(own: u64, all: u64, share: f64, ratio: f64) -> f64 {
    own as f64 * libm::log(ratio) - all as f64 * libm::log(1.0 - share + share * ratio)
}

/// Logarithm of the likelihood ratio of a normal difference mixed over effects of spread `tau`
/// (Johari, Koomen, Pekelis, Walsh 2017), for a difference with this variance; both above 0.
pub fn normal_mixture(difference: f64, variance: f64, tau: f64) -> f64 {
    let (square, tau) = (difference * difference, tau * tau);
    let whole = variance + tau;
    0.5 * libm::log(variance / whole) + 0.5 * square / variance * (tau / whole)
}

/// Logarithm of the evidence that the part of the events that fall into an arm is not its share of
/// the traffic, `own` of `all` events being the arm's (Lindon and Malek 2022, two arms): the mixture
/// over a beta distribution around the share, as sure of it as `concentration` (above 0) events
/// would be. None where the share is not between 0 and 1.
pub fn count_evidence(share: f64, concentration: f64, own: u64, all: u64) -> Option<f64> {
    let mixture = Mixture::new(share, concentration, own, all)?;
    Some(mixture.two_sided())
}

/// The same, that more than its share falls into the arm: the mixture is cut off at the share.
pub fn count_evidence_above(share: f64, concentration: f64, own: u64, all: u64) -> Option<f64> {
    let mixture = Mixture::new(share, concentration, own, all)?;
    let after = ln_beta_upper(share, mixture.own, mixture.other);
    let before = ln_beta_upper(share, mixture.prior_own, mixture.prior_other);
    Some(mixture.two_sided() + after - before)
}

/// A beta distribution around a share before the events, and after them.
struct Mixture {
    prior_own: f64,
    prior_other: f64,
    own: f64,
    other: f64,
    share: f64,
}

impl Mixture {
    fn new(share: f64, concentration: f64, own: u64, all: u64) -> Option<Self> {
        let inside = share > 0.0 && share < 1.0;
        let (prior_own, prior_other) = (concentration * share, concentration * (1.0 - share));
        if !(inside && prior_own > f64::MIN_POSITIVE && prior_other > f64::MIN_POSITIVE) {
            return None;
        }
        let (hits, misses) = (own as f64, all.saturating_sub(own) as f64);
        let (own, other) = (prior_own + hits, prior_other + misses);
        Some(Self { prior_own, prior_other, own, other, share })
    }

    fn two_sided(&self) -> f64 {
        let hits = self.own - self.prior_own;
        let misses = self.other - self.prior_other;
        ln_beta(self.own, self.other)
            - ln_beta(self.prior_own, self.prior_other)
            - hits * libm::log(self.share)
            - misses * libm::log1p(-self.share)
    }
}
