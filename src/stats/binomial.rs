//! Counts of independent events: how likely more of them are than allowed.

use super::special::incomplete_beta;

/// P(more than `k` of `n` events happen), each with probability `p`: the regularised incomplete beta
/// function `I_p(k + 1, n - k)` (Abramowitz and Stegun 26.5.24).
pub fn binomial_above(n: u64, p: f64, k: u64) -> f64 {
    if k >= n || p <= 0.0 {
        return 0.0;
    }
    incomplete_beta(p.min(1.0), k as f64 + 1.0, (n - k) as f64)
}

/// P(more than `limit` of independent events happen), each with a probability of its own (the
/// Poisson-binomial distribution), by going through them one by one.
pub fn any_above(chances: &[f64], limit: u32) -> f64 {
    let limit = limit as usize;
    if limit >= chances.len() {
        return 0.0;
    }
    // P(so many so far), as long as they are within the limit
    let mut within = vec![0.0; limit + 1];
    within[0] = 1.0;
    for p in chances {
        for count in (0..=limit).rev() {
            let one_less = if count == 0 { 0.0 } else { within[count - 1] };
            within[count] = within[count] * (1.0 - p) + one_less * p;
        }
    }
    (1.0 - within.iter().sum::<f64>()).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values from tables of the binomial distribution: P(X <= k) for n = 10, p = 0.3 and n = 20,
    /// p = 0.05.
    #[test]
    fn tails_match_the_printed_tables() {
        for (n, p, k, at_most) in [
            (10, 0.3, 2, 0.3828),
            (10, 0.3, 5, 0.9527),
            (20, 0.05, 1, 0.7358),
            (20, 0.05, 0, 0.3585),
        ] {
            let above = binomial_above(n, p, k);
            assert!((1.0 - above - at_most).abs() < 5.1e-5, "{n} {p} {k}: {above}");
        }
        assert!(binomial_above(5, 0.5, 5) <= 0.0);
        assert!(binomial_above(5, 0.0, 0) <= 0.0);
        assert!((binomial_above(5, 1.0, 4) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn events_with_chances_of_their_own_add_up() {
        // 0.1 and 0.2: none with 0.72, both with 0.02
        assert!((any_above(&[0.1, 0.2], 0) - 0.28).abs() < 1e-12);
        assert!((any_above(&[0.1, 0.2], 1) - 0.02).abs() < 1e-12);
        assert!(any_above(&[0.1, 0.2], 2) <= 0.0);
        assert!((any_above(&[0.3; 10], 2) - 0.6172).abs() < 5.1e-5);
    }
}
