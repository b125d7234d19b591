//! Whether a mean of bounded values is above a bound, however often one looks.

/// A bet against "the mean is at most `m`": its capital grows where values lie above `m`, and under
/// that hypothesis is expected never to grow, whatever the values depend on, as long as each has a
/// conditional mean of at most `m`. It ever reaches `1 / alpha` with probability at most `alpha`
/// (J. Ville 1939).
///
/// I. Waudby-Smith and A. Ramdas, "Estimating means of bounded random variables by betting", Journal
/// of the Royal Statistical Society B 86 (2024): predictable plug-in stakes, truncated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wager {
    mean: f64,
    log_alpha: f64,
    log_capital: f64,
    count: f64,
    sum: f64,
    squares: f64,
}

/// Share of the capital that a stake may risk at most.
const RISK_MAX: f64 = 0.5;

impl Wager {
    /// Against a mean of at most `mean`, in (0, 1), of values from 0 to 1; stakes are set for a level
    /// `alpha` in (0, 1).
    pub fn against(mean: f64, alpha: f64) -> Self {
        let log_alpha = libm::log(1.0 / alpha);
        Self { mean, log_alpha, log_capital: 0.0, count: 0.0, sum: 0.0, squares: 0.0 }
    }

    /// Simulates on the next value; outside of 0 to 1 it counts as the nearer end, and what is no
    /// number is passed over.
    pub fn add(&mut self, value: f64) {
        if value.is_nan() {
            return;
        }
        let value = value.clamp(0.0, 1.0);
        let next = self.count + 1.0;
        // what was seen before this value alone decides on the stake
        let variance = (0.25 + self.squares) / next;
        let free = (2.0 * self.log_alpha / (variance * next * libm::log1p(next))).sqrt();
        let stake = free.min(RISK_MAX / self.mean);
        self.log_capital += libm::log1p(stake * (value - self.mean));
        self.count = next;
        self.sum += value;
        let centre = (0.5 + self.sum) / (self.count + 1.0);
        self.squares += (value - centre) * (value - centre);
    }

    /// Logarithm of the capital, which was 0.
    pub const fn log_capital(&self) -> f64 {
        self.log_capital
    }

    /// What the logarithm must reach to refuse the hypothesis.
    pub const fn bound(&self) -> f64 {
        self.log_alpha
    }

    /// Values bet on.
    pub const fn count(&self) -> f64 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_stakes_are_those_of_the_paper() {
        // first: sqrt(2 ln 20 / (0.25 ln 2)) = 5.88, truncated to 0.5 / 0.5 = 1; the value 1 wins a half
        let mut wager = Wager::against(0.5, 0.05);
        wager.add(1.0);
        assert!((wager.log_capital() - libm::log(1.5)).abs() < 1e-12);
        // second: again truncated; the value 0 loses a half
        wager.add(0.0);
        assert!((wager.log_capital() - libm::log(0.75)).abs() < 1e-12);
        assert!((wager.bound() - libm::log(20.0)).abs() < 1e-12);
    }

    #[test]
    fn stakes_shrink_with_the_square_root_of_time() {
        let mut wager = Wager::against(0.5, 0.05);
        for index in 0..10_000 {
            wager.add(f64::from(index % 2));
        }
        let before = wager.log_capital();
        wager.add(1.0);
        // sqrt(2 ln 20 / (0.25 10,001 ln 10,002)) = 0.01613, half of it won
        let won = wager.log_capital() - before;
        assert!((won - 0.008_03).abs() < 5e-5, "{won}");
    }

    #[test]
    fn what_lies_outside_counts_as_the_end_and_nothing_bankrupts() {
        let mut wager = Wager::against(0.01, 0.01);
        for value in [f64::INFINITY, f64::NAN, f64::NEG_INFINITY, -3.0, 7.0] {
            wager.add(value);
        }
        assert!(wager.log_capital().is_finite());
        assert!((wager.count() - 4.0).abs() < 1e-12);
    }
}
