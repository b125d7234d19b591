//! How many trials there are, and what they are spent on. Everything is fixed beforehand.

use super::tally::ClassOf;
use crate::experiment::Confidence;

/// Share of the statements that hold, over all looks together.
pub const CONFIDENCE: f64 = 0.95;
/// Most of the fresh trials that simulate good releases, and how many more than would be enough if every one went
/// well.
const GOOD_MOST: f64 = 0.7;
const SPARE: f64 = 1.3;
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
    /// Good releases that have to go well to certify what is required of them.
    pub good_needed: u64,
    /// Those that each contestant has on fresh seeds where none is given up before the end.
    pub good_each: u64,
}

impl Budget {
    /// Of so many trials, for so many classes and others beside the finalists, where a rate of good releases is to be
    /// certified that is no larger than `limit`. Where the trials are too few for the usual finalists there are fewer.
    pub fn of(trials: u64, classes: &[ClassOf], others: usize, limit: f64) -> Self {
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
        let usual = match trials {
            it if it >= 12_000 => KEEP,
            it if it >= 5_000 => 4,
            _ => 3,
        };
        let good_needed = good_needed(limit);
        let (fresh, needed) = (part(FRESH) as f64, good_needed as f64);
        let fresh_each = |finalists: usize| fresh / (finalists + 1 + others) as f64;
        let enough = |it: &usize| GOOD_MOST * fresh_each(*it) >= needed;
        let finalists = (1..=usual).rev().find(enough).unwrap_or(usual);
        let fresh_good = (SPARE * needed / fresh_each(finalists)).clamp(0.5, GOOD_MOST);
        let good_each = crate::units::round_u64((fresh_good * fresh_each(finalists)).floor());
        let looks = LOOKS.map(|it| part(FRESH * it)).to_vec();
        let screen = part(SCREEN) / SCREENED as u64;
        let robust = part(ROBUST);
        Self {
            trials,
            starts,
            rungs,
            child,
            screen,
            finalists,
            looks,
            robust,
            fresh_good,
            good_needed,
            good_each,
        }
    }

    /// Trials that give one finalist and the `others` enough good releases to certify what is required of them,
    /// some failures included.
    pub fn enough(&self, others: usize) -> u64 {
        let wanted = SPARE * self.good_needed as f64 * (2 + others) as f64;
        100 * crate::units::round_u64((wanted / (GOOD_MOST * FRESH) / 100.0).ceil())
    }
}

/// How sure each statement is about the results on fresh seeds, at each of its looks.
pub fn confidence() -> Confidence {
    Confidence { level: CONFIDENCE, looks: crate::units::narrow(LOOKS.len()) }
}

/// Good releases that must go well, without a single failure, until a rate of theirs is shown to be at most this at a
/// look. The one answer to how many trials certify: what plans them, what judges them and what reports them ask it.
fn good_needed(limit: f64) -> u64 {
    super::tally::trials_to_certify(limit, confidence().of_a_look())
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
            let budget = Budget::of(trials, &classes(), 3, 0.01);
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

    /// 0.05 / 3 is missed by ln(60) / -ln(0.99) = 407.4 good releases in a row.
    #[test]
    fn there_are_as_many_finalists_as_can_be_certified() {
        let budget = |trials| Budget::of(trials, &classes(), 3, 0.01);
        let (few, some, many) = (budget(4_000), budget(12_000), budget(100_000));
        assert!([&few, &some, &many].iter().all(|it| it.good_needed == 408));
        // 1,600 fresh trials of five contestants are 224 good ones each at most
        assert!(few.good_each < 408 && few.finalists == 3, "{few:?}");
        assert!(some.good_each >= 408 && (1..KEEP).contains(&some.finalists), "{some:?}");
        assert!(many.good_each >= 408 && many.finalists == KEEP, "{many:?}");
        let enough = budget(few.enough(3));
        assert!(enough.good_each >= 408 && enough.trials < 12_000, "{enough:?}");
        let strict = Budget::of(12_000, &classes(), 3, 0.001);
        assert!(strict.good_each < strict.good_needed, "{strict:?}");
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
