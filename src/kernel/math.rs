//! Elementary functions that give the same bits on every platform.
//!
//! The platform's own differ in the last bit between processors, and one bit flips the order of two
//! events. These use only `+ - * /`, `sqrt` and bit operations, which IEEE 754 fixes and which the
//! compiler neither fuses nor reorders. They are about as fast as the platform's.

/// ln 2 in two parts; the upper has so few bits that its product with an exponent is exact.
const LN2_HI: f64 = 6.931_471_803_691_238e-1;
const LN2_LO: f64 = 1.908_214_929_270_587_7e-10;

/// `e^x` for every `x`: 0 where it underflows, infinite where it overflows. Within 2 ulp (1.9 the
/// worst of 30,000).
///
/// Splits `x` into `k ln 2 + r` with `|r| <= ln 2 / 2`, and sums Taylor's series of `e^r` to the
/// 13th power (remainder 4e-18) in Estrin's order.
#[inline]
pub fn exp(x: f64) -> f64 {
    if x.abs() < 700.0 {
        let (k, root) = exp_parts(x);
        root * two_to(k)
    } else {
        exp_extreme(x)
    }
}

/// The ends of the range: the power of two in two factors, so that each is a normal number.
#[cold]
fn exp_extreme(x: f64) -> f64 {
    if x.is_nan() {
        x
    } else if x > 710.0 {
        f64::INFINITY
    } else if x < -746.0 {
        0.0
    } else {
        let (k, root) = exp_parts(x);
        root * two_to(k >> 1) * two_to(k - (k >> 1))
    }
}

/// `k` and `e^r`.
#[inline]
fn exp_parts(x: f64) -> (i64, f64) {
    /// 1.5 * 2^52: adding it leaves the nearest integer in the low bits of the mantissa.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let k = shifted - ROUND;
    let r = (x - k * LN2_HI) - k * LN2_LO;
    (shifted.to_bits().wrapping_sub(ROUND.to_bits()).cast_signed(), exp_near_zero(r))
}

/// `2^k` for `-1022 <= k <= 1023`.
#[inline]
const fn two_to(k: i64) -> f64 {
    f64::from_bits(k.wrapping_add(1_023).cast_unsigned() << 52)
}

/// Taylor's series of `e^r` for `|r| <= ln 2 / 2`.
#[inline]
fn exp_near_zero(r: f64) -> f64 {
    let r2 = r * r;
    let r4 = r2 * r2;
    let r8 = r4 * r4;
    let low = (1.0 + r) + r2 * (0.5 + r * 0.166_666_666_666_666_66);
    let middle = (0.041_666_666_666_666_664 + r * 0.008_333_333_333_333_333)
        + r2 * (0.001_388_888_888_888_889 + r * 0.000_198_412_698_412_698_4);
    let high = (2.480_158_730_158_73e-5 + r * 2.755_731_922_398_589_3e-6)
        + r2 * (2.755_731_922_398_589e-7 + r * 2.505_210_838_544_172e-8);
    let top = 2.087_675_698_786_81e-9 + r * 1.605_904_383_682_161_3e-10;
    (low + r4 * middle) + r8 * (high + r4 * top)
}

/// Natural logarithm: negative infinity at 0, not a number below. Within 1 ulp.
///
/// With `x = 2^k (1 + f)`, `1 + f` between `sqrt(1/2)` and `sqrt(2)`, and `s = f / (2 + f)`:
/// `ln(1 + f) = 2 atanh(s) = f - f^2/2 + s (f^2/2 + R)`, `R = 2 s^2/3 + 2 s^4/5 + ...`
#[inline]
pub fn ln(x: f64) -> f64 {
    if (f64::MIN_POSITIVE..f64::INFINITY).contains(&x) { ln_normal(x, 0.0) } else { ln_special(x) }
}

#[cold]
fn ln_special(x: f64) -> f64 {
    const TWO_TO_54: f64 = 18_014_398_509_481_984.0;
    if x == 0.0 {
        f64::NEG_INFINITY
    } else if x < 0.0 || x.is_nan() {
        f64::NAN
    } else if x.is_infinite() {
        x
    } else {
        ln_normal(x * TWO_TO_54, -54.0)
    }
}

#[inline]
fn ln_normal(x: f64, exponent: f64) -> f64 {
    let from_root = x.to_bits().wrapping_sub(std::f64::consts::FRAC_1_SQRT_2.to_bits());
    let whole = from_root.cast_signed() >> 52;
    let k = exponent + whole as f64;
    let f = f64::from_bits(x.to_bits().wrapping_sub(whole.cast_unsigned() << 52)) - 1.0;
    let s = f / (2.0 + f);
    let half_square = 0.5 * f * f;
    let rest = s * (half_square + atanh_rest(s * s));
    k * LN2_HI - ((half_square - (rest + k * LN2_LO)) - f)
}

/// `2 z/3 + 2 z^2/5 + ...` for `z = s^2 <= 0.0295`, to the 10th power (remainder 1e-18).
#[inline]
fn atanh_rest(z: f64) -> f64 {
    let z2 = z * z;
    let z4 = z2 * z2;
    let low = (0.666_666_666_666_666_6 + z * 0.4)
        + z2 * (0.285_714_285_714_285_7 + z * 0.222_222_222_222_222_2);
    let middle = (0.181_818_181_818_181_82 + z * 0.153_846_153_846_153_85)
        + z2 * (0.133_333_333_333_333_33 + z * 0.117_647_058_823_529_41);
    let high = 0.105_263_157_894_736_84 + z * 0.095_238_095_238_095_23;
    z * (low + z4 * (middle + z4 * high))
}

/// `base^exponent` for a base of at least 0; exact where the exponent is 0 or the base 0 or 1. The
/// relative error is that of [`exp`] plus `|exponent ln base|` times 1e-16.
#[inline]
pub fn pow(base: f64, exponent: f64) -> f64 {
    if exponent == 0.0 { 1.0 } else { exp(exponent * ln(base)) }
}

/// The value that a standard normal variable stays below with probability `p`, for `p` in (0, 1);
/// infinite at the ends. Relative error about 1e-16.
///
/// M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied
/// Statistics 37 (1988), routine PPND16.
#[inline]
pub fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * polynomial(&CENTRE_ABOVE, r) / polynomial(&CENTRE_BELOW, r);
    }
    let outside = if q < 0.0 { p } else { 1.0 - p };
    let distance = tail_distance(outside);
    if q < 0.0 { -distance } else { distance }
}

/// How far from zero the two tails of probability `p` begin, for `p` below 0.075.
fn tail_distance(p: f64) -> f64 {
    if p <= 0.0 {
        return f64::INFINITY;
    }
    let r = (-ln(p)).sqrt();
    if r <= 5.0 {
        polynomial(&TAIL_ABOVE, r - 1.6) / polynomial(&TAIL_BELOW, r - 1.6)
    } else {
        polynomial(&FAR_ABOVE, r - 5.0) / polynomial(&FAR_BELOW, r - 5.0)
    }
}

/// Seventh degree, coefficients from the constant upwards, in Estrin's order.
#[inline]
fn polynomial(c: &[f64; 8], x: f64) -> f64 {
    let x2 = x * x;
    let low = (c[0] + c[1] * x) + x2 * (c[2] + c[3] * x);
    let high = (c[4] + c[5] * x) + x2 * (c[6] + c[7] * x);
    low + x2 * x2 * high
}

const CENTRE_ABOVE: [f64; 8] = [
    3.387_132_872_796_366_5,
    133.141_667_891_784_38,
    1_971.590_950_306_551_3,
    13_731.693_765_509_46,
    45_921.953_931_549_87,
    67_265.770_927_008_7,
    33_430.575_583_588_13,
    2_509.080_928_730_122_7,
];
const CENTRE_BELOW: [f64; 8] = [
    1.0,
    42.313_330_701_600_91,
    687.187_007_492_057_9,
    5_394.196_021_424_751,
    21_213.794_301_586_597,
    39_307.895_800_092_71,
    28_729.085_735_721_943,
    5_226.495_278_852_854,
];
const TAIL_ABOVE: [f64; 8] = [
    1.423_437_110_749_683_5,
    4.630_337_846_156_546,
    5.769_497_221_460_691,
    3.647_848_324_763_204_5,
    1.270_458_252_452_368_4,
    0.241_780_725_177_450_6,
    0.022_723_844_989_269_184,
    0.000_774_545_014_278_341_4,
];
const TAIL_BELOW: [f64; 8] = [
    1.0,
    2.053_191_626_637_759,
    1.676_384_830_183_803_8,
    0.689_767_334_985_1,
    0.148_103_976_427_480_08,
    0.015_198_666_563_616_457,
    0.000_547_593_808_499_534_5,
    1.050_750_071_644_416_9e-9,
];
const FAR_ABOVE: [f64; 8] = [
    6.657_904_643_501_103,
    5.463_784_911_164_114,
    1.784_826_539_917_291_3,
    0.296_560_571_828_504_87,
    0.026_532_189_526_576_124,
    0.001_242_660_947_388_078_4,
    2.711_555_568_743_487_6e-5,
    2.010_334_399_292_288_1e-7,
];
const FAR_BELOW: [f64; 8] = [
    1.0,
    0.599_832_206_555_888,
    0.136_929_880_922_735_8,
    0.014_875_361_290_850_615,
    0.000_786_869_131_145_613_3,
    1.846_318_317_510_054_8e-5,
    1.421_511_758_316_446e-7,
    2.044_263_103_389_939_7e-15,
];

#[cfg(test)]
mod tests {
    use std::f64::consts::{E, LN_2, LN_10, SQRT_2};

    use super::*;
    use crate::kernel::{Purpose, Seed, Stream, Streams, testing::fnv};

    fn stream() -> Stream {
        Streams::new(Seed::DEFAULT).key(Purpose::Luck).stream(0)
    }

    /// Steps between two floats of the same sign.
    fn ulps(a: f64, b: f64) -> u64 {
        a.to_bits().abs_diff(b.to_bits())
    }

    #[track_caller]
    fn check(got: f64, expected: f64, allowed: u64) {
        assert!(ulps(got, expected) <= allowed, "{got:e} instead of {expected:e}");
    }

    #[test]
    fn the_exponential_matches_forty_digit_values() {
        for (x, expected) in [
            (1.0, E),
            (-1.0, 0.367_879_441_171_442_33),
            (0.1, 1.105_170_918_075_647_7),
            (10.0, 22_026.465_794_806_718),
            (-50.25, 1.502_111_891_943_152_2e-22),
            (700.5, 1.672_185_962_067_498_4e304),
            (709.75, 1.739_836_873_264_160_5e308),
            (-708.5, 2.006_132_305_331_306e-308),
            (-730.0, 9.226_315e-318),
            (-745.0, 5e-324),
            (1e-9, 1.000_000_001),
            (0.0, 1.0),
        ] {
            check(exp(x), expected, 2);
        }
    }

    #[test]
    fn the_exponential_underflows_overflows_and_passes_on_what_is_not_a_number() {
        for x in [-746.5, -1e300, f64::NEG_INFINITY] {
            assert_eq!(exp(x).to_bits(), 0.0_f64.to_bits());
        }
        for x in [709.8, 1e300, f64::INFINITY] {
            assert_eq!(exp(x).to_bits(), f64::INFINITY.to_bits());
        }
        assert!(exp(f64::NAN).is_nan());
    }

    #[test]
    fn the_logarithm_matches_forty_digit_values() {
        for (x, expected) in [
            (2.0, LN_2),
            (0.5, -LN_2),
            (10.0, LN_10),
            (1e-300, -690.775_527_898_213_7),
            (5e-324, -744.440_071_921_381_2),
            (f64::MAX, 709.782_712_893_384),
            (0.999_999, -1.000_000_500_029_089e-6),
            (1.000_000_1, 9.999_999_505_838_704e-8),
            (0.707_106_781_186_547_5, -0.346_573_590_279_972_75),
            (SQRT_2, 0.346_573_590_279_972_7),
            (1.0, 0.0),
        ] {
            check(ln(x), expected, 1);
        }
        assert_eq!(ln(0.0).to_bits(), f64::NEG_INFINITY.to_bits());
        assert_eq!(ln(f64::INFINITY).to_bits(), f64::INFINITY.to_bits());
        assert!(ln(-1.0).is_nan() && ln(f64::NAN).is_nan());
    }

    #[test]
    fn powers_match_forty_digit_values() {
        for (base, exponent, expected) in [
            (2.0, 10.0, 1_024.0),
            (0.3, 0.7, 0.430_511_620_249_934_2),
            (7.5, -2.5, 0.006_491_526_607_468_635),
            (1e-9, 0.5, 3.162_277_660_168_379_5e-5),
            (1e6, 1.2, 15_848_931.924_611_125),
        ] {
            check(pow(base, exponent), expected, 16);
        }
        for (base, exponent, exact) in
            [(0.0, 0.0, 1.0), (5.0, 0.0, 1.0), (0.0, 2.0, 0.0), (1.0, 1e9, 1.0)]
        {
            check(pow(base, exponent), exact, 0);
        }
        assert!(pow(0.0, -1.0).is_infinite());
    }

    #[test]
    fn normal_quantiles_match_forty_digit_values() {
        for (p, expected) in [
            (0.5, 0.0),
            (0.5001, 2.506_628_300_880_074_7e-4),
            (0.975, 1.959_963_984_540_053_8),
            (0.25, -0.674_489_750_196_081_7),
            (0.9, 1.281_551_565_544_600_6),
            (0.99, 2.326_347_874_040_840_8),
            (0.001, -3.090_232_306_167_813_6),
            (1e-6, -4.753_424_308_822_899),
            (1e-15, -7.941_345_326_170_997),
            (1e-300, -37.047_096_299_361_2),
        ] {
            check(normal_quantile(p), expected, 8);
        }
        assert!(normal_quantile(0.0).is_infinite() && normal_quantile(1.0).is_infinite());
    }

    #[test]
    fn the_exponential_and_the_logarithm_agree_with_another_library_over_their_range() {
        let mut stream = stream();
        for _ in 0..200_000 {
            let x = (stream.uniform() - 0.5) * 1_416.0;
            check(exp(x), libm::exp(x), 4);
            check(exp(x * 1e-3), libm::exp(x * 1e-3), 4);
            let anywhere = f64::from_bits(stream.below(f64::INFINITY.to_bits()));
            check(ln(anywhere), libm::log(anywhere), 4);
            let near_one = 0.5 + stream.uniform();
            check(ln(near_one), libm::log(near_one), 4);
        }
    }

    /// Any platform, compiler or edit that moves a single bit of these moves every trial.
    #[test]
    fn not_a_bit_of_the_elementary_functions_may_change() {
        let hash = |function: fn(f64) -> f64| {
            let mut stream = stream();
            fnv((0..100_000).map(|_| function(stream.uniform()).to_bits()))
        };
        assert_eq!(hash(|u| exp(1_400.0 * (u - 0.5))), 13_492_390_799_364_467_457);
        assert_eq!(hash(ln), 14_570_437_791_581_868_765);
        assert_eq!(hash(|u| pow(100.0 * u, 0.7)), 6_234_131_068_690_119_669);
        assert_eq!(hash(normal_quantile), 16_093_668_464_546_493_916);
    }
}
