//! Mean and spread of values as they come, without keeping them.

/// Count, mean and sum of squared deviations (B. P. Welford, Technometrics 4 (1962)). The last bits
/// depend on the order of the values: fold in one order.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    count: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    pub fn record(&mut self, value: f64) {
        self.count += 1;
        let before = value - self.mean;
        self.mean += before / self.count as f64;
        self.squares += before * (value - self.mean);
    }

    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Zero when there is no value yet.
    pub const fn mean(&self) -> f64 {
        self.mean
    }

    /// Of the population that the values are a sample of; none for fewer than two.
    pub fn variance(&self) -> Option<f64> {
        (self.count > 1).then(|| self.squares / (self.count - 1) as f64)
    }

    /// Of the same values with the opposite sign.
    #[must_use]
    pub fn negated(self) -> Self {
        Self { mean: -self.mean, ..self }
    }

    /// Sum of the squared distances from any point.
    pub(super) fn squares_about(&self, point: f64) -> f64 {
        let shift = self.mean - point;
        self.squares + self.count as f64 * shift * shift
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_variance_are_those_of_the_values() {
        let mut moments = Moments::default();
        for value in [5.0, 1.0, 3.0, 2.0, 4.0] {
            moments.record(value);
        }
        assert_eq!(moments.count(), 5);
        assert!((moments.mean() - 3.0).abs() < 1e-15);
        assert!((moments.variance().unwrap() - 2.5).abs() < 1e-15);
        // 16 + 0 + 4 + 1 + 9 about one
        assert!((moments.squares_about(1.0) - 30.0).abs() < 1e-12);
    }

    #[test]
    fn a_large_offset_costs_no_digits() {
        let mut moments = Moments::default();
        for value in [1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0] {
            moments.record(value);
        }
        assert!((moments.variance().unwrap() - 30.0).abs() < 1e-6);
    }

    #[test]
    fn one_value_has_no_variance() {
        let mut moments = Moments::default();
        moments.record(3.0);
        assert_eq!(moments.variance(), None);
    }
}
