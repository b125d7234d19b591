//! Where a function changes its sign.

/// Rounding error of one, as R has it.
const EPSILON: f64 = 2.220_446_049_250_313e-16;

/// A root between two points at which the function has different signs, to an absolute tolerance.
///
/// R. P. Brent, "Algorithms for Minimization without Derivatives" (1973), chapter 4, as netlib's
/// `zeroin` and R's `uniroot` have it: the step is the inverse quadratic, the secant or half of the
/// bracket, and never less than half of the tolerance. So the answer may be off by the tolerance,
/// and which way depends on the path; code that reproduces R's figures to the last digit needs this
/// path and no better root. After `steps` steps, or at a value that is not a number, it is the best
/// so far.
pub(super) fn zero(
    function: impl Fn(f64) -> f64,
    (low, high): (f64, f64),
    tolerance: f64,
    steps: u32,
) -> f64 {
    let (mut before, mut at_before) = (low, function(low));
    let (mut best, mut at_best) = (high, function(high));
    if at_before == 0.0 {
        return before;
    }
    let (mut across, mut at_across) = (before, at_before);
    for _ in 0..steps {
        let last_step = best - before;
        if at_across.abs() < at_best.abs() {
            (before, best, across) = (best, across, best);
            (at_before, at_best, at_across) = (at_best, at_across, at_best);
        }
        let least = 2.0 * EPSILON * best.abs() + 0.5 * tolerance;
        let half = 0.5 * (across - best);
        if half.abs() <= least || at_best == 0.0 || !(at_best.is_finite() && half.is_finite()) {
            return best;
        }
        let mut step = half;
        if last_step.abs() >= least && at_before.abs() > at_best.abs() {
            let points = [(before, at_before), (best, at_best), (across, at_across)];
            if let Some(it) = interpolated(points, last_step, least) {
                step = it;
            }
        }
        if step.abs() < least {
            step = if step > 0.0 { least } else { -least };
        }
        (before, at_before) = (best, at_best);
        best += step;
        at_best = function(best);
        if (at_best > 0.0 && at_across > 0.0) || (at_best < 0.0 && at_across < 0.0) {
            (across, at_across) = (before, at_before);
        }
    }
    best
}

/// The step of the secant through two points, or of the inverse quadratic through three; none where
/// it would leave the bracket or hardly shrink it.
fn interpolated(points: [(f64, f64); 3], last_step: f64, least: f64) -> Option<f64> {
    let [(before, at_before), (best, at_best), (across, at_across)] = points;
    let bracket = across - best;
    #[expect(clippy::float_cmp, reason = "a copy of the same value, or another point")]
    let two_points = before == across;
    let (mut above, mut below) = if two_points {
        let quotient = at_best / at_before;
        (bracket * quotient, 1.0 - quotient)
    } else {
        let (q, first, second) = (at_before / at_across, at_best / at_across, at_best / at_before);
        let above = second * (bracket * q * (q - first) - (best - before) * (first - 1.0));
        (above, (q - 1.0) * (first - 1.0) * (second - 1.0))
    };
    if above > 0.0 {
        below = -below;
    } else {
        above = -above;
    }
    let inside = above < 0.75 * bracket * below - 0.5 * (least * below).abs();
    (inside && above < (0.5 * last_step * below).abs()).then(|| above / below)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;

    #[test]
    fn roots_are_found_to_the_tolerance() {
        let root = zero(|x| x * x - 2.0, (0.0, 2.0), 1e-13, 100);
        assert!((root - std::f64::consts::SQRT_2).abs() < 1e-12);
        let coarse = zero(|x| x * x * x - x - 2.0, (1.0, 2.0), 1e-3, 100);
        assert!((coarse - 1.521_379_706_804_567_6).abs() < 1e-3);
        // a step function has its root where it steps
        let step = zero(|x| if x < 0.3 { -1.0 } else { 1.0 }, (-5.0, 7.0), 1e-6, 1000);
        assert!((step - 0.3).abs() < 1e-6);
    }

    #[test]
    fn an_end_that_is_a_root_is_the_answer_and_nonsense_ends_at_once() {
        assert_eq!(zero(|x| x - 1.0, (1.0, 4.0), 1e-6, 100), 1.0);
        assert_eq!(zero(|x| x - 4.0, (1.0, 4.0), 1e-6, 100), 4.0);
        assert_eq!(zero(|_| f64::NAN, (1.0, 4.0), 1e-6, 100), 4.0);
        assert!(zero(|x| x, (f64::NEG_INFINITY, f64::INFINITY), 1e-6, 100).is_infinite());
    }
}
