//! Student's test for two means whose variances differ.

use super::{Moments, special::student_tail};

/// What the test comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Welch {
    /// Difference of the means in its standard errors.
    pub t: f64,
    /// Degrees of freedom, by Satterthwaite's formula.
    pub degrees: f64,
}

impl Welch {
    /// Tests whether the mean of `x` is above that of `y` (B. L. Welch, Biometrika 34 (1947)); none
    /// with fewer than two values on a side, or with values too large to square. Two constant sides
    /// are equal, or infinitely far apart.
    pub fn of(x: &Moments, y: &Moments) -> Option<Self> {
        let (from_x, from_y) = (x.variance()? / x.count() as f64, y.variance()? / y.count() as f64);
        let variance = from_x + from_y;
        let difference = x.mean() - y.mean();
        if !(variance.is_finite() && difference.is_finite()) {
            return None;
        }
        if variance <= 0.0 {
            let degrees = (x.count() + y.count() - 2) as f64;
            let t = if difference == 0.0 { 0.0 } else { difference.signum() * f64::INFINITY };
            return Some(Self { t, degrees });
        }
        // shares of the variance, so that neither tiny nor huge values leave the range of floats
        let (share_x, share_y) = (from_x / variance, from_y / variance);
        let (less_x, less_y) = ((x.count() - 1) as f64, (y.count() - 1) as f64);
        let degrees = 1.0 / (share_x * share_x / less_x + share_y * share_y / less_y);
        Some(Self { t: difference / variance.sqrt(), degrees })
    }

    /// Chance of a `t` at least as large where the means are equal.
    pub fn p_above(&self) -> f64 {
        student_tail(self.t, self.degrees)
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;

    fn moments(values: &[f64]) -> Moments {
        let mut moments = Moments::default();
        for &value in values {
            moments.record(value);
        }
        moments
    }

    /// Two of the three examples at `en.wikipedia.org/wiki/Welch's_t-test`, which have two-sided p.
    #[test]
    fn published_examples_come_out() {
        let a = [
            27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7,
            21.4,
        ];
        let b = [
            27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 20.5,
            24.4,
        ];
        let test = Welch::of(&moments(&b), &moments(&a)).unwrap();
        assert!((test.t - 2.46).abs() < 0.005, "{test:?}");
        assert!((test.degrees - 25.0).abs() < 0.05, "{test:?}");
        assert!((2.0 * test.p_above() - 0.021).abs() < 0.0005, "{test:?}");
    }

    #[test]
    fn constant_sides_are_equal_or_far_apart() {
        let (ones, twos) = (moments(&[1.0, 1.0]), moments(&[2.0, 2.0]));
        assert_eq!(Welch::of(&ones, &ones).unwrap().p_above(), 0.5);
        assert_eq!(Welch::of(&twos, &ones).unwrap().p_above(), 0.0);
        assert_eq!(Welch::of(&ones, &twos).unwrap().p_above(), 1.0);
        assert_eq!(Welch::of(&moments(&[1.0]), &twos), None);
        assert_eq!(Welch::of(&moments(&[1e200, -1e200]), &twos), None);
    }
}
