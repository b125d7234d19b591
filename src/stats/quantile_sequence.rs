//! Whether two arms have the same quantile, however often one looks.

use super::special::ln_beta;

/// Evidence against "the part `p` of all values lies at or below this one", from how many do, valid at
/// every count: the beta-binomial mixture of S. R. Howard, A. Ramdas and others,
/// "Time-uniform, nonparametric, nonasymptotic confidence sequences", Annals of Statistics 49 (2021),
/// two-sided, which S. R. Howard and A. Ramdas, Bernoulli 28 (2022), use for quantiles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuantileMixture {
    p: f64,
    /// Parameters of the beta distribution that the share is mixed over: its mean is `p`.
    at_most: f64,
    above: f64,
}

/// Values that lie at or below a point, at least and at most, among all of an arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rank {
    pub least: u64,
    pub most: u64,
    pub all: u64,
}

impl QuantileMixture {
    /// For the quantile `p` in (0, 1), tightest at about `best_at` values and at the level `alpha`.
    pub fn new(p: f64, best_at: f64, alpha: f64) -> Self {
        let spread = p * (1.0 - p);
        let r = (best_rho(spread * best_at, alpha) - spread).max(1e-3 * spread);
        Self { p, at_most: r / (1.0 - p), above: r / p }
    }

    /// Logarithm of the evidence that the share of values at or below a point is not `p`, from so many
    /// of them; negative where it is about `p`.
    pub fn log_evidence(&self, at_most: f64, all: f64) -> f64 {
        let above = all - at_most;
        ln_beta(self.at_most + at_most, self.above + above)
            - ln_beta(self.at_most, self.above)
            - at_most * libm::log(self.p)
            - above * libm::log1p(-self.p)
    }

    /// The least evidence that any rank between the two bounds gives.
    pub fn least_evidence(&self, rank: Rank) -> f64 {
        let all = rank.all as f64;
        // it falls towards the share at which the mixture is about even, and rises behind
        let even = (self.p * all).clamp(rank.least as f64, rank.most as f64);
        self.log_evidence(even, all)
    }
}

/// Evidence that two arms do not have the quantile in common: of all values that it might be, the least
/// sum of the evidence of both. Each pair of ranks is of one stretch of values; together the stretches
/// must hold every value in question. Refuse at the level `alpha` from `ln(1 / alpha)` on (Howard's
/// `QuantileABTest`; the product of two supermartingales is one).
pub fn two_arm_evidence(
    mixture: &QuantileMixture,
    stretches: impl Iterator<Item = [Rank; 2]>,
) -> Option<f64> {
    stretches
        .map(|ranks| ranks.into_iter().map(|it| mixture.least_evidence(it)).sum::<f64>())
        .min_by(f64::total_cmp)
}

/// The normal mixture's parameter that makes its two-sided bound tightest at the variance `v`:
/// Howard et al., proposition 3, to first order.
fn best_rho(v: f64, alpha: f64) -> f64 {
    let twice = 2.0 * libm::log(1.0 / alpha);
    v / (twice + libm::log1p(twice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_the_quotient_of_a_mixture_of_coins_and_a_coin() {
        // with both parameters 1 and 3 of 4 heads: B(4, 2) / B(1, 1) / (1/2)^4 = 16 / 20
        let coin = QuantileMixture { p: 0.5, at_most: 1.0, above: 1.0 };
        assert!((coin.log_evidence(3.0, 4.0) - libm::log(0.8)).abs() < 1e-12);
        // whatever came, the expected evidence is 1
        let binomial = [1.0, 4.0, 6.0, 4.0, 1.0];
        let sum: f64 = (0..5_u32)
            .zip(binomial)
            .map(|(k, ways)| ways / 16.0 * libm::exp(coin.log_evidence(f64::from(k), 4.0)))
            .sum();
        assert!((sum - 1.0).abs() < 1e-12);
    }

    #[test]
    fn ranks_that_may_be_even_give_least() {
        let mixture = QuantileMixture::new(0.9, 1_000.0, 0.05);
        let rank = |least: u64, most: u64| Rank { least, most, all: 1_000 };
        let even = mixture.least_evidence(rank(900, 900));
        assert!((mixture.least_evidence(rank(850, 950)) - even).abs() < 1e-12);
        assert!(even < 0.0 && mixture.least_evidence(rank(800, 850)) > 0.0);
    }
}
