//! Which parameters matter, from the starting points of the search.

/// Equal parts of a range that are compared.
const BINS: usize = 5;

/// Share of the variance of the values' ranks that the means of the bins of a coordinate explain,
/// adjusted for how much they would by chance: from 0 to 1.
pub(super) fn explained(coordinates: &[f64], values: &[f64]) -> f64 {
    let ranks = ranks(values);
    let n = ranks.len();
    if n < 3 * BINS {
        return 0.0;
    }
    let bin = |it: f64| {
        let at = crate::units::round_u64((it * BINS as f64 - 0.5).max(0.0));
        usize::try_from(at).unwrap_or(0).min(BINS - 1)
    };
    let mut sums = [(0.0, 0.0); BINS];
    for (coordinate, rank) in coordinates.iter().zip(&ranks) {
        let sum = &mut sums[bin(*coordinate)];
        sum.0 += 1.0;
        sum.1 += rank;
    }
    let mean = ranks.iter().sum::<f64>() / n as f64;
    let total: f64 = ranks.iter().map(|it| (it - mean) * (it - mean)).sum();
    if total <= 0.0 {
        return 0.0;
    }
    let used = sums.iter().filter(|it| it.0 > 0.0);
    let between: f64 =
        used.clone().map(|it| it.0 * (it.1 / it.0 - mean) * (it.1 / it.0 - mean)).sum();
    let (groups, n) = (used.count() as f64, n as f64);
    let within = (total - between) / (n - groups);
    ((between - (groups - 1.0) * within) / (total + within)).clamp(0.0, 1.0)
}

/// Spearman's rank correlation.
pub(super) fn spearman(coordinates: &[f64], values: &[f64]) -> f64 {
    let (a, b) = (ranks(coordinates), ranks(values));
    let mean = |it: &[f64]| it.iter().sum::<f64>() / it.len().max(1) as f64;
    let (ma, mb) = (mean(&a), mean(&b));
    let sum = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
        a.iter().zip(&b).map(|(x, y)| f(x - ma, y - mb)).sum()
    };
    let spread = (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt();
    if spread > 0.0 { sum(&|x, y| x * y) / spread } else { 0.0 }
}

/// From 1; the mean of their places for equal values.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let equal = |a: &usize, b: &usize| values[*a].total_cmp(&values[*b]).is_eq();
    let mut before = 0;
    for group in order.chunk_by(equal) {
        let rank = before as f64 + 0.5 * (group.len() as f64 + 1.0);
        for it in group {
            ranks[*it] = rank;
        }
        before += group.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_the_values_matters_and_the_rest_does_not() {
        let n = 200;
        let first: Vec<f64> = (0..n).map(|it| f64::from(it) / f64::from(n)).collect();
        let other: Vec<f64> = (0..n).map(|it| f64::from(it * 77 % n) / f64::from(n)).collect();
        let bent: Vec<f64> = first.iter().map(|it| (it - 0.5) * (it - 0.5)).collect();
        assert!(explained(&first, &bent) > 0.8);
        assert!(explained(&other, &bent) < 0.05);
        // a valley has no direction
        assert!(spearman(&first, &bent).abs() < 0.05);
        assert!((spearman(&first, &first) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn equal_values_share_their_rank() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
    }
}
