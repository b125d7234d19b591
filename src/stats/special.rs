//! Quantiles and tails of the normal, Student's t and beta distributions.
//!
//! On `libm` called directly: pure Rust, the same bits everywhere, and not worth own code where
//! nothing is hot.

/// Above so many degrees of freedom Fisher's expansion is exact to 1e-15 and the incomplete beta
/// function is not.
const MANY_DEGREES: f64 = 1e5;

/// The value that a standard normal variable exceeds with probability `p`, for `p` in (0, 0.5].
///
/// Starts from Abramowitz and Stegun 26.2.23 (error below 4.5e-4) and takes two steps of Halley's
/// method, each of which triples the correct digits.
pub fn normal_upper(p: f64) -> f64 {
    let t = (-2.0 * libm::log(p)).sqrt();
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let below = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let mut z = t - above / below;
    for _ in 0..2 {
        let tail = 0.5 * libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2);
        let density = libm::exp(-0.5 * z * z) / (2.0 * std::f64::consts::PI).sqrt();
        let newton = (tail - p) / density;
        z += newton / (1.0 - 0.5 * newton * z);
    }
    z
}

/// The value that Student's t exceeds with probability `p` in (0, 0.5], for `degrees` above 0.
///
/// With `x = degrees / (degrees + t^2)`, the upper tail is half of the incomplete beta function
/// `I_x(degrees / 2, 1 / 2)` (Abramowitz and Stegun 26.7.1); for many degrees the expansion 26.7.5.
pub(super) fn student_upper(p: f64, degrees: f64) -> f64 {
    if degrees > MANY_DEGREES {
        let z = normal_upper(p);
        let z2 = z * z;
        let first = z * (z2 + 1.0) / 4.0;
        let second = z * ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0;
        let third = z * (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0;
        return z + (first + (second + third / degrees) / degrees) / degrees;
    }
    // in terms of 1 - x, which stays accurate where x is near 1
    let complement = beta_quantile(1.0 - 2.0 * p, 0.5, 0.5 * degrees);
    (degrees * complement / (1.0 - complement)).sqrt()
}

/// Chance that Student's t exceeds `t`, for `degrees` above 0 (Abramowitz and Stegun 26.7.1). Not for
/// more degrees than [`MANY_DEGREES`], where the normal tail is taken: off by less than 1e-5 of it
/// where it is of any use.
pub(super) fn student_tail(t: f64, degrees: f64) -> f64 {
    if degrees > MANY_DEGREES {
        return normal_tail(t);
    }
    if t.is_infinite() {
        return if t > 0.0 { 0.0 } else { 1.0 };
    }
    let half = 0.5 * incomplete_beta(degrees / (degrees + t * t), 0.5 * degrees, 0.5);
    if t > 0.0 { half } else { 1.0 - half }
}

/// The `p` quantile of the beta distribution, `p` in (0, 1), both parameters above 0.
///
/// Bisects the regularised incomplete beta function over the bits of the float, which are in order:
/// 62 steps find the last bit, however small the quantile.
pub(super) fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64.to_bits(), 1.0_f64.to_bits());
    while high - low > 1 {
        let middle = low.midpoint(high);
        if incomplete_beta(f64::from_bits(middle), a, b) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::from_bits(high)
}

/// Regularised incomplete beta function `I_x(a, b)` by its continued fraction (Abramowitz and
/// Stegun 26.5.8), on the side of the mean where it converges fast.
pub(super) fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let log_front = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b)
        + a * libm::log(x)
        + b * libm::log1p(-x);
    let front = libm::exp(log_front);
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(x, a, b) / a
    } else {
        1.0 - front * beta_fraction(1.0 - x, b, a) / b
    }
}

/// Lentz's evaluation of the continued fraction. Needs about `sqrt(max(a, b))` steps.
fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    const STEPS_MAX: u32 = 100_000;
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut above = 1.0;
    let mut below = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = below;
    for step in 1..=STEPS_MAX {
        let step = f64::from(step);
        let twice = a + 2.0 * step;
        let even = step * (b - step) * x / ((twice - 1.0) * twice);
        below = 1.0 / away_from_zero(1.0 + even * below);
        above = away_from_zero(1.0 + even / above);
        fraction *= below * above;
        let odd = -(a + step) * (a + b + step) * x / (twice * (twice + 1.0));
        below = 1.0 / away_from_zero(1.0 + odd * below);
        above = away_from_zero(1.0 + odd / above);
        fraction *= below * above;
        if (below * above - 1.0).abs() < 1e-16 {
            break;
        }
    }
    fraction
}

/// The probability that a standard normal variable exceeds `z`; relative error about 1e-15.
pub fn normal_tail(z: f64) -> f64 {
    0.5 * libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2)
}

/// The logarithm of the beta function, both parameters above 0; absolute error about 1e-15 times the
/// larger parameter, and 1e-14 at least.
///
/// By Stirling's formula where a parameter is large: the difference of three logarithms of the gamma
/// function would lose six digits more at counts of 1e9.
pub(super) fn ln_beta(a: f64, b: f64) -> f64 {
    const LARGE: f64 = 10.0;
    let (small, large) = (a.min(b), a.max(b));
    let share = small / (small + large);
    if small >= LARGE {
        let rest = stirling_rest(small) + stirling_rest(large) - stirling_rest(small + large);
        return 0.5 * libm::log(2.0 * std::f64::consts::PI / large)
            + rest
            + (small - 0.5) * libm::log(share)
            + large * libm::log1p(-share);
    }
    if large >= LARGE {
        let rest = stirling_rest(large) - stirling_rest(small + large);
        return libm::lgamma(small) + rest + small - small * libm::log(small + large)
            + (large - 0.5) * libm::log1p(-share);
    }
    libm::lgamma(small) + libm::lgamma(large) - libm::lgamma(small + large)
}

/// What Stirling's formula leaves of the logarithm of the gamma function, `x` at least 10
/// (Abramowitz and Stegun 6.1.41).
fn stirling_rest(x: f64) -> f64 {
    let square = 1.0 / (x * x);
    let far = 1.0 / 1_188.0 - square * (691.0 / 360_360.0);
    let middle = 1.0 / 1_260.0 - square * (1.0 / 1_680.0 - square * far);
    (1.0 / 12.0 - square * (1.0 / 360.0 - square * middle)) / x
}

/// The logarithm of the probability that a beta variable exceeds `x`; both parameters above 0. Minus
/// infinity where the variable cannot, or where nothing above 1e-308 is left on the near side.
///
/// The continued fraction of [`incomplete_beta`], on the far side without leaving the logarithm.
pub(super) fn ln_beta_upper(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return f64::NEG_INFINITY;
    }
    let log_front = a * libm::log(x) + b * libm::log1p(-x) - ln_beta(a, b);
    if x < (a + 1.0) / (a + b + 2.0) {
        let below = libm::exp(log_front) * beta_fraction(x, a, b) / a;
        libm::log1p(-below.clamp(0.0, 1.0))
    } else {
        (log_front + libm::log(beta_fraction(1.0 - x, b, a) / b)).min(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(got: f64, expected: f64, relative: f64) {
        assert!((got / expected - 1.0).abs() < relative, "{got} instead of {expected}");
    }

    #[test]
    fn normal_tails_match_forty_digit_values() {
        check(normal_upper(0.025), 1.959_963_984_540_054, 1e-14);
        check(normal_upper(0.1), 1.281_551_565_544_600_6, 1e-14);
        check(normal_upper(0.01), 2.326_347_874_040_841, 1e-14);
        check(normal_upper(1e-6), 4.753_424_308_822_899, 1e-14);
        assert!(normal_upper(0.5).abs() < 1e-15);
    }

    #[test]
    fn tails_and_beta_functions_match_forty_digit_values_far_out_and_at_a_billion() {
        check(normal_tail(3.0), 0.001_349_898_031_630_094_5, 1e-14);
        check(normal_tail(10.0), 7.619_853_024_160_526e-24, 1e-13);
        for (a, b, expected) in [
            (0.1, 0.9, 2.319_088_891_468_949),
            (3.0, 2.0, -2.484_906_649_788_000_3),
            (0.5, 50.0, -1.381_146_601_451_041_1),
            (12.0, 30.0, -25.274_864_968_419_81),
            (1_000.5, 20.0, -99.013_902_051_539_88),
            (1e6, 2e6, -1_909_548.290_968_533),
            (1e9, 3e9, -2_249_340_587.774_087),
            (0.01, 1e9, 4.392_247_219_677_507),
        ] {
            check(ln_beta(a, b), expected, 1e-13);
            check(ln_beta(b, a), expected, 1e-13);
        }
        for (x, a, b, expected) in [
            (0.1, 1.0, 9.0, -0.948_244_640_920_436_8),
            (0.1, 16.0, 115.0, -0.257_210_701_294_307_97),
            (0.1, 2.0, 200.0, -18.027_580_693_841_84),
            (0.5, 1_000.0, 900.0, -0.010_920_494_766_999_785),
            (0.9, 20.0, 1_000.0, -2_212.488_588_736_571),
        ] {
            check(ln_beta_upper(x, a, b), expected, 1e-9);
        }
    }

    #[test]
    fn tails_are_the_inverse_of_the_quantiles() {
        for degrees in [1.0, 4.5, 30.0, 1e4] {
            for p in [0.4, 0.025, 1e-6] {
                check(student_tail(student_upper(p, degrees), degrees), p, 1e-5);
                let below = student_tail(-student_upper(p, degrees), degrees);
                check(below, 1.0 - p, 1e-5);
            }
        }
        check(normal_tail(normal_upper(1e-6)), 1e-6, 1e-12);
        check(student_tail(0.0, 7.0), 0.5, 1e-15);
    }

    #[test]
    fn student_tails_match_forty_digit_values_for_few_and_many_degrees() {
        for (degrees, at_95, at_99, at_999) in [
            (1.0, 12.706_204_736_174_705, 63.656_741_162_871_58, 636.619_248_768_719_7),
            (2.0, 4.302_652_729_749_464, 9.924_843_200_918_293, 31.599_054_576_443_62),
            (5.0, 2.570_581_835_636_315_5, 4.032_142_983_555_228, 6.868_826_625_881_11),
            (10.0, 2.228_138_851_986_275, 3.169_272_672_616_951_3, 4.586_893_858_702_636),
            (30.0, 2.042_272_456_301_238, 2.749_995_653_567_225_4, 3.645_958_635_042_022),
            (1e3, 1.962_339_080_826_408_5, 2.580_754_698_065_951, 3.300_282_648_423_913),
            (1e5, 1.959_987_707_534_609_7, 2.575_878_469_908_375, 3.290_624_031_411_882_6),
        ] {
            check(student_upper(0.025, degrees), at_95, 1e-9);
            check(student_upper(0.005, degrees), at_99, 1e-9);
            check(student_upper(0.0005, degrees), at_999, 1e-9);
        }
        check(student_upper(0.025, 1e6), 1.959_966_356_814_107, 1e-14);
        check(student_upper(0.025, 1e7), 1.959_964_221_767_205_5, 1e-14);
    }
}
