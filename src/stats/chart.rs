//! Control charts: sums that grow once something has changed, and forget what was before.

/// One-sided cumulative sum (E. S. Page, Biometrika 41 (1954)): `S = max(0, S + increment)`, alarm
/// once `S >= limit`.
///
/// With logarithms of likelihood ratios as increments this is the fastest chart for its mean time
/// between false alarms (G. Lorden 1971, G. V. Moustakides 1986), and that time is at least
/// `e^limit` observations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cusum {
    sum: f64,
    limit: f64,
}

impl Cusum {
    /// `limit` above 0, in the unit of the increments.
    pub const fn new(limit: f64) -> Self {
        Self { sum: 0.0, limit }
    }

    /// Adds an increment; one that is not a number adds nothing.
    pub fn add(&mut self, increment: f64) {
        if !increment.is_nan() {
            self.sum = (self.sum + increment).max(0.0);
        }
    }

    pub const fn sum(&self) -> f64 {
        self.sum
    }

    pub const fn limit(&self) -> f64 {
        self.limit
    }

    pub fn alarms(&self) -> bool {
        self.sum >= self.limit
    }
}

/// Increment for a normal value that is `z` standard deviations above its mean, to find a shift of
/// `2 k` of them: the logarithm of the likelihood ratio is this times `2 k`.
pub fn normal_increment(z: f64, k: f64) -> f64 {
    z - k
}

/// Increment for `count` events of a Poisson variable, mean `usual` or `worse` above it, in events:
/// the logarithm of the likelihood ratio is this times `ln(worse / usual)` (J. M. Lucas,
/// Technometrics 27 (1985)).
pub fn poisson_increment(count: f64, usual: f64, worse: f64) -> f64 {
    count - (worse - usual) / libm::log(worse / usual)
}

/// Logarithm of the likelihood ratio of `hits` among `tries` with chance `worse` against `usual`, both
/// in (0, 1).
pub fn binomial_log_ratio(hits: f64, tries: f64, usual: f64, worse: f64) -> f64 {
    hits * libm::log(worse / usual) + (tries - hits) * (libm::log1p(-worse) - libm::log1p(-usual))
}

/// Exponentially weighted moving average of standardised values (S. W. Roberts, Technometrics 1
/// (1959)): `Z = lambda z + (1 - lambda) Z` from 0, alarm beyond `width sqrt(lambda / (2 - lambda))`, which
/// is `width` of its standard deviations in the long run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ewma {
    average: f64,
    lambda: f64,
    limit: f64,
}

impl Ewma {
    /// `lambda` in (0, 1], `width` above 0.
    pub fn new(lambda: f64, width: f64) -> Self {
        Self { average: 0.0, lambda, limit: width * (lambda / (2.0 - lambda)).sqrt() }
    }

    /// Adds a value in standard deviations from its mean; one that is not finite, or not finitely far away,
    /// changes nothing.
    pub fn add(&mut self, z: f64) {
        let distance = z - self.average;
        if distance.is_finite() {
            self.average += self.lambda * distance;
        }
    }

    pub const fn average(&self) -> f64 {
        self.average
    }

    pub const fn limit(&self) -> f64 {
        self.limit
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;

    #[test]
    fn a_sum_never_falls_below_zero_and_alarms_at_its_limit() {
        let mut chart = Cusum::new(3.0);
        for (increment, sum) in [(-5.0, 0.0), (1.0, 1.0), (f64::NAN, 1.0), (1.5, 2.5), (0.5, 3.0)] {
            assert!(!chart.alarms());
            chart.add(increment);
            assert_eq!(chart.sum(), sum);
        }
        assert!(chart.alarms());
        chart.add(-1.0);
        assert!(!chart.alarms());
    }

    #[test]
    fn the_reference_value_of_a_poisson_chart_is_lucas() {
        // 1.4427 for means 1 and 2
        assert!((poisson_increment(0.0, 1.0, 2.0) + std::f64::consts::LOG2_E).abs() < 1e-10);
    }

    #[test]
    fn likelihood_ratios_of_a_coin_add_up() {
        let ratio = binomial_log_ratio(3.0, 4.0, 0.5, 0.75);
        assert!((ratio - libm::log(27.0 / 16.0)).abs() < 1e-12);
    }

    #[test]
    fn an_average_comes_to_rest_at_what_it_is_fed() {
        let mut chart = Ewma::new(0.2, 3.0);
        assert!((chart.limit() - 1.0).abs() < 1e-15);
        chart.add(1.0);
        assert!((chart.average() - 0.2).abs() < 1e-15);
        chart.add(f64::INFINITY);
        for _ in 0..200 {
            chart.add(2.0);
        }
        assert!((chart.average() - 2.0).abs() < 1e-12);
    }

    #[test]
    fn values_at_both_ends_of_all_numbers_leave_an_average() {
        let mut chart = Ewma::new(1.0, 3.0);
        for z in [f64::MAX, -f64::MAX, f64::MAX, 0.0] {
            chart.add(z);
            assert!(chart.average().is_finite(), "{z}");
        }
    }
}
