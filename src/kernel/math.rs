//! Elementary functions that give the same bits on every platform.
//!
//! The platform's own differ in the last bit between processors, and one bit flips the order of two
//! events. These use only `+ - * /`, `sqrt` and bit operations, which IEEE 754 fixes and which the
//! compiler neither fuses nor reorders. They are about as fast as the platform's.

/// ln 2 in two parts; the upper has so few bits that its product with an exponent is exact.
const LN2_HI: f64 = 6.931_471_803_691_238e-1;
const LN2_LO: f64 = 1.908_214_929_270_587_7e-10;

/// `e^x` for every `x`: 0 where it underflows, infinite where it overflows. Within 1 ulp or so where
/// the result is normal.
///
/// Splits `x` into `k ln 2 + r` with `|r| <= ln 2 / 2`, and sums Taylor's series of `e^r` to the
/// 13th power (remainder 4e-18) in Estrin's order.
#[inline]
pub fn exp(x: f64) -> f64 {
    /// 1.5 * 2^52: adding it leaves the nearest integer in the low bits of the mantissa.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    if x.abs() < 700.0 {
        let shifted = x * std::f64::consts::LOG2_E + ROUND;
        let k = shifted - ROUND;
        let r = (x - k * LN2_HI) - k * LN2_LO;
        // the shift keeps the low 12 bits: k + 1023, the exponent of 2^k
        let power_of_two = f64::from_bits(shifted.to_bits().wrapping_add(1_023) << 52);
        exp_near_zero(r) * power_of_two
    } else {
        exp_extreme(x)
    }
}

/// The ends of the range, in two factors so that each is a normal number.
#[cold]
fn exp_extreme(x: f64) -> f64 {
    if x.is_nan() {
        x
    } else if x > 710.0 {
        f64::INFINITY
    } else if x < -746.0 {
        0.0
    } else {
        let half = x * 0.5;
        let root = exp(half);
        // halving is exact, so the square has twice the relative error of the root and no more
        root * root
    }
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
