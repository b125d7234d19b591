//! Slope of a series that a few wild points cannot move: how fast memory leaks.

/// Median of the slopes between all pairs of points with different `x` (Theil 1950, Sen 1968);
/// `None` without such a pair. Takes the square of the number of points in time and memory: thin
/// out a series beyond a few thousand.
pub fn theil_sen(points: &[(f64, f64)]) -> Option<f64> {
    median(&mut between(points))
}

/// The slopes themselves, in order.
pub(super) fn slopes(points: &[(f64, f64)]) -> Vec<f64> {
    let mut slopes = between(points);
    slopes.sort_unstable_by(f64::total_cmp);
    slopes
}

fn between(points: &[(f64, f64)]) -> Vec<f64> {
    let mut slopes = Vec::with_capacity(points.len() * points.len().saturating_sub(1) / 2);
    for (i, (x, y)) in points.iter().enumerate() {
        for (later_x, later_y) in &points[i + 1..] {
            let run = later_x - x;
            if run != 0.0 {
                slopes.push((later_y - y) / run);
            }
        }
    }
    slopes
}

pub(super) fn median(values: &mut [f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let middle = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = if even { below.iter().copied().max_by(f64::total_cmp) } else { None };
    Some(lower.map_or(*upper, |lower| 0.5 * (lower + *upper)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(values: &[f64], expected: f64) {
        let points: Vec<(f64, f64)> =
            values.iter().enumerate().map(|(x, &y)| (x as f64, y)).collect();
        let slope = theil_sen(&points).unwrap();
        assert!((slope - expected).abs() < 1e-11, "{slope} instead of {expected}");
    }

    /// Values and slopes computed with `scipy.stats.theilslopes`.
    #[test]
    fn slopes_agree_with_a_published_implementation() {
        check(
            &[
                102.5, 100.5, 99.4, 97.4, 102.0, 100.9, 99.3, 102.4, 103.9, 97.6, 102.2, 102.8,
                102.4, 104.5, 102.7, 99.7, 109.2, 102.0, 104.8, 105.8, 103.8, 98.5, 98.8, 100.9,
                102.5, 99.7, 100.7, 101.8, 101.8, 103.3,
            ],
            0.044_444_444_444_4,
        );
        check(
            &[
                100.88, 100.4, 99.55, 100.42, 100.53, 100.16, 100.89, 100.63, 100.12, 99.96,
                100.57, 99.91, 98.93, 100.08, 99.41, 100.81, 100.37, 100.63, 100.95, 100.36,
                100.39, 100.64, 101.63, 100.36, 100.27, 100.56, 100.9, 100.43, 100.42, 101.0,
                101.62, 101.3, 99.79, 100.63, 101.36, 100.19, 100.84, 101.11, 100.22, 100.1,
                100.41, 101.49, 100.77, 100.98, 100.56, 100.88, 99.93, 100.72, 101.13, 100.18,
                101.0, 100.94, 101.45, 99.76, 101.01, 101.26, 101.07, 101.31, 100.54, 102.1,
            ],
            0.013_779_761_904_8,
        );
    }

    #[test]
    fn an_even_number_of_slopes_has_its_median_in_the_middle() {
        // between two points of a parabola the slope is the sum of their x: 1, 2, 3, 5, 6, 7
        let points = [(0.0, 0.0), (1.0, 1.0), (2.0, 4.0), (5.0, 25.0)];
        assert_eq!(theil_sen(&points), Some(4.0));
    }

    #[test]
    fn a_few_wild_points_do_not_move_the_slope() {
        let mut points: Vec<(f64, f64)> =
            (0..20).map(|n| (f64::from(n), 3.0 * f64::from(n))).collect();
        points[4].1 = 1e9;
        points[17].1 = -1e9;
        assert!((theil_sen(&points).unwrap() - 3.0).abs() < 1e-12);
    }

    #[test]
    fn points_above_each_other_have_no_slope() {
        assert_eq!(theil_sen(&[]), None);
        assert_eq!(theil_sen(&[(1.0, 2.0), (1.0, 3.0)]), None);
    }
}
