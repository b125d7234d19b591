//! Slope of a series that a few wild points cannot move: how fast memory leaks.

/// Median of the slopes between all pairs of points with different `x` (Theil 1950, Sen 1968);
/// `None` without such a pair. Takes the square of the number of points in time and memory: thin
/// out a series beyond a few thousand.
pub fn theil_sen(points: &[(f64, f64)]) -> Option<f64> {
    let mut slopes = Vec::with_capacity(points.len() * points.len().saturating_sub(1) / 2);
    for (i, (x, y)) in points.iter().enumerate() {
        for (later_x, later_y) in &points[i + 1..] {
            let run = later_x - x;
            if run != 0.0 {
                slopes.push((later_y - y) / run);
            }
        }
    }
    median(&mut slopes)
}

fn median(values: &mut [f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let middle = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = if even { below.iter().copied().max_by(f64::total_cmp) } else { None };
    Some(lower.map_or(*upper, |lower| 0.5 * (lower + *upper)))
}
