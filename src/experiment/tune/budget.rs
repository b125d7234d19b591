//! How many trials there are, and what they are spent on. Everything is fixed beforehand.

use super::tally::ClassOf;

/// Share of the statements that hold, over all looks together.
pub const CONFIDENCE: f64 = 0.95;
/// Parts of all trials: the starting points, each of two rounds of refinement, good releases alone for
/// those that may become finalists, fresh seeds, robustness.
const HALVING: f64 = 0.22;
const ROUND: f64 = 0.08;
const SCREEN: f64 = 0.12;
const FRESH: f64 = 0.40;
const ROBUST: f64 = 0.10;
/// Of three candidates one is kept (L. Li et al., "Hyperband", JMLR 18 (2018)), but at least so many.
pub(super) const ETA: usize = 3;
pub(super) const KEEP: usize = 6;
/// Children of a round of refinement, together.
pub(super) const CHILDREN: usize = 18;
/// Candidates that may become finalists.
pub(super) const SCREENED: usize = 12;
/// Starting points, at least and at most.
const STARTS: (usize, usize) = (8, 256);
/// Fewest trials of a starting point.
const FEWEST: u64 = 12;
/// Parts of the fresh trials after which results are looked at.
const LOOKS: [f64; 3] = [0.25, 0.5, 1.0];

/// Numbers of trials, known before any is simulated.
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    /// All together.
    pub trials: u64,
    /// Starting points.
    pub starts: usize,
    /// Trials that each survivor has after each rung.
    pub rungs: Vec<u64>,
    /// Trials of a child that is kept; a third of it of one that is not.
    pub child: u64,
    /// Trials of good releases, beside those that it has, of a candidate that may become a finalist.
    pub screen: u64,
    /// Candidates that are judged on fresh seeds.
    pub finalists: usize,
    /// Trials on fresh seeds up to each look, of all contestants together.
    pub looks: Vec<u64>,
    /// Trials for robustness.
    pub robust: u64,
    /// Share of the trials on fresh seeds that simulate good releases.
    pub fresh_good: f64,
}

impl Budget {
    /// Of so many trials, for so many classes and others beside the finalists.
    pub fn of(trials: u64, classes: &[ClassOf], others: usize) -> Self {
        let part = |of: f64| crate::units::round_u64(trials as f64 * of);
        let bad = classes.iter().filter(|it| !it.good).count() as u64;
        let fewest = FEWEST.max(2 * bad);
        let halving = part(HALVING);
        let starts = (STARTS.0..=STARTS.1).rev();
        let affordable = |it: &usize| *it as u64 * fewest * survivors(*it).len() as u64 <= halving;
        let starts = starts.into_iter().find(affordable).unwrap_or(STARTS.0);
        let alive = survivors(starts);
        let each = halving / alive.len() as u64;
        let mut so_far = 0;
        let rungs: Vec<u64> = alive
            .iter()
            .map(|it| {
                so_far += each / *it as u64;
                so_far.max(classes.len() as u64)
            })
            .collect();
        let full = rungs.last().copied().unwrap_or(fewest);
        // a third for all children, the rest for those that are kept
        let cost = CHILDREN as u64 / 3 + 2 * KEEP as u64 / 3;
        let child = (part(ROUND) / cost).min(full).max(classes.len() as u64);
        let finalists = match trials {
            it if it >= 12_000 => KEEP,
            it if it >= 5_000 => 4,
            _ => 3,
        };
        let contestants = (finalists + 1 + others) as u64;
        let needed = super::tally::trials_to_certify(0.01, CONFIDENCE) as f64;
        let fresh_good = (1.3 * needed / (part(FRESH) / contestants) as f64).clamp(0.5, 0.7);
        let looks = LOOKS.map(|it| part(FRESH * it)).to_vec();
        let screen = part(SCREEN) / SCREENED as u64;
        let robust = part(ROBUST);
        Self { trials, starts, rungs, child, screen, finalists, looks, robust, fresh_good }
    }

    /// Looks at the results on fresh seeds.
    pub const fn looked(&self) -> usize {
        self.looks.len()
    }
}

/// Confidence of a one-sided statement at each look, so that all looks together keep [`CONFIDENCE`].
pub fn confidence_of_a_look(looks: usize) -> f64 {
    1.0 - (1.0 - CONFIDENCE) / looks.max(1) as f64
}

/// Candidates that simulate each rung.
pub(super) fn survivors(starts: usize) -> Vec<usize> {
    let mut alive = vec![starts];
    while let Some(&last) = alive.last().filter(|it| **it > KEEP) {
        alive.push(last.div_ceil(ETA).max(KEEP));
    }
    alive
}

/// Parts of the trials of each class: the good ones have theirs, the rest goes by chance times spread
/// (J. Neyman 1934), or by the root of the chance as long as no spread is known; none goes without.
pub(super) fn shares(classes: &[ClassOf], spread: Option<&[f64]>, good: f64) -> Vec<f64> {
    const LEAST: f64 = 0.3;
    let part = |of_good: bool| {
        let any = |wanted: bool| classes.iter().any(|it| it.good == wanted);
        match (any(true), any(false)) {
            (true, true) if of_good => good,
            (true, true) => 1.0 - good,
            _ => 1.0,
        }
    };
    let weight = |(class, it): (usize, &ClassOf)| {
        spread.map_or(it.chance.sqrt(), |spread| it.chance * spread[class])
    };
    let weights: Vec<f64> = classes.iter().enumerate().map(weight).collect();
    let shares = classes.iter().zip(&weights).map(|(it, weight)| {
        let alike = || classes.iter().zip(&weights).filter(|(other, _)| other.good == it.good);
        let (count, total) = (alike().count() as f64, alike().map(|it| it.1).sum::<f64>());
        let own = if total > 0.0 { weight / total } else { 1.0 / count };
        part(it.good) * (LEAST / count + (1.0 - LEAST) * own)
    });
    shares.collect()
}

/// So many trials by their shares, none below what there is and none below two where that is possible.
pub(super) fn counts(trials: u64, shares: &[f64], before: &[u64]) -> Vec<u64> {
    let fewest = if trials >= 3 * shares.len() as u64 { 2 } else { 1 };
    let count = |(share, before): (&f64, &u64)| {
        crate::units::round_u64(share * trials as f64).max(fewest).max(*before)
    };
    shares.iter().zip(before).map(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes() -> Vec<ClassOf> {
        let bad = |chance| ClassOf { chance, good: false };
        vec![ClassOf { chance: 0.9, good: true }, bad(0.05), bad(0.04), bad(0.01)]
    }

    #[test]
    fn a_third_goes_on_until_six_are_left() {
        assert_eq!(survivors(256), [256, 86, 29, 10, 6]);
        assert_eq!(survivors(8), [8, 6]);
        assert_eq!(survivors(6), [6]);
    }

    #[test]
    fn no_budget_is_overspent() {
        for trials in [300, 1_000, 4_000, 20_000, 100_000] {
            let budget = Budget::of(trials, &classes(), 3);
            let alive = survivors(budget.starts);
            let (mut spent, mut before) = (0, 0);
            for (alive, so_far) in alive.iter().zip(&budget.rungs) {
                spent += *alive as u64 * (so_far - before);
                before = *so_far;
            }
            let child = budget.child;
            spent += 2 * (CHILDREN as u64 * (child / 3) + KEEP as u64 * (child - child / 3));
            spent += SCREENED as u64 * budget.screen;
            spent += budget.looks[2] + budget.robust;
            assert!(spent <= trials + trials / 8 + 200, "{spent} of {trials}: {budget:?}");
        }
    }

    #[test]
    fn good_releases_have_half_and_nobody_has_nothing() {
        let shares = shares(&classes(), Some(&[1.0, 0.0, 1.0, 0.0]), 0.5);
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!((shares[0] - 0.5).abs() < 1e-12);
        assert!(shares[2] > 0.35 && shares[1] > 0.049 && shares[3] > 0.049, "{shares:?}");
        assert_eq!(counts(100, &shares, &[0, 40, 0, 0])[1], 40);
    }
}
