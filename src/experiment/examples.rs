//! Trials worth looking at: the cheapest, the most expensive and a typical one of each strategy.

use super::{Played, Rollout, Which};
use crate::{kernel::Seed, model::Measure};

/// Rollouts from which the typical one is taken: the first so many.
const TYPICAL_OF: u64 = 1_000;

/// A trial by what is needed to simulate it again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Candidate {
    pub(super) trial: u64,
    pub(super) class: usize,
    pub(super) seed: Seed,
    pub(super) cost: f64,
    pub(super) users_hurt: f64,
}

/// The extremes so far, and the first many.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidates {
    best: Option<Candidate>,
    worst: Option<Candidate>,
    first: Vec<Candidate>,
}

impl Candidates {
    pub(super) fn consider(&mut self, trial: u64, rollout: &Rollout, played: &Played, cost: f64) {
        let users_hurt = played.figure(Measure::users_hurt).unwrap_or(0.0);
        let Rollout { class, seed, .. } = *rollout;
        let it = Candidate { trial, class, seed, cost, users_hurt };
        if self.best.is_none_or(|best| cost < best.cost) {
            self.best = Some(it);
        }
        if self.worst.is_none_or(|worst| cost > worst.cost) {
            self.worst = Some(it);
        }
        if trial < TYPICAL_OF {
            self.first.push(it);
        }
    }

    /// The median counts each class with its chance.
    pub(super) fn chosen(&self, chances: &[f64]) -> Vec<(Which, Candidate)> {
        let median = self.median(chances);
        let all = [(Which::Best, self.best), (Which::Median, median), (Which::Worst, self.worst)];
        all.into_iter().filter_map(|(which, it)| Some((which, it?))).collect()
    }

    fn median(&self, chances: &[f64]) -> Option<Candidate> {
        let mut trials = vec![0_u64; chances.len()];
        for it in &self.first {
            trials[it.class] += 1;
        }
        let weight = |it: &Candidate| chances[it.class] / trials[it.class] as f64;
        let total: f64 = self.first.iter().map(weight).sum();
        let mut sorted = self.first.clone();
        sorted.sort_by(|a, b| a.cost.total_cmp(&b.cost).then(a.trial.cmp(&b.trial)));
        let mut below = 0.0;
        sorted.into_iter().find(|it| {
            below += weight(it);
            below >= 0.5 * total
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Phase;

    fn candidates(costs: &[(usize, f64)]) -> Candidates {
        let mut candidates = Candidates::default();
        let played =
            Played { phase: Phase::Completed, detected: false, pages_at_night: 0, figures: vec![] };
        for (trial, &(class, cost)) in (0..).zip(costs) {
            let rollout = Rollout { class, seed: Seed::new(trial), results: vec![] };
            candidates.consider(trial, &rollout, &played, cost);
        }
        candidates
    }

    #[test]
    fn the_extremes_are_the_first_of_their_kind() {
        let chosen = candidates(&[(0, 2.0), (0, 1.0), (0, 3.0), (0, 1.0), (0, 3.0)]).chosen(&[1.0]);
        let trials: Vec<(Which, u64)> = chosen.iter().map(|(it, of)| (*it, of.trial)).collect();
        assert_eq!(trials, [(Which::Best, 1), (Which::Median, 0), (Which::Worst, 2)]);
    }

    #[test]
    fn a_class_that_is_rare_is_rare_in_the_median_as_well() {
        // as many trials of the rare class as of the common one
        let chosen = candidates(&[(0, 1.0), (1, 9.0), (0, 2.0), (1, 8.0)]).chosen(&[0.9, 0.1]);
        assert_eq!(chosen[1].1.trial, 2);
    }
}
