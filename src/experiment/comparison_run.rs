//! A comparison under way: which rollouts are simulated next, and when it is enough.

use super::{
    Bill, Confidence, Contestant, Fold, Goal, Protocol, Ranked, Rollout, Schedule, Turn,
    estimate::differences,
    examples::Candidates,
    fold::COMPARED,
    goal::LOOKS_MAX,
    schedule::{best_shares, first_shares},
};
use crate::model::Price;

/// Share of the intervals that hold the truth.
const LEVEL: f64 = 0.95;
/// Most rollouts that are laid out at once.
pub(super) const ROUND: u32 = 4_096;

/// A comparison under way.
#[derive(Debug)]
pub struct ComparisonRun<'s> {
    protocol: &'s Protocol,
    looks: Vec<u64>,
    schedule: Schedule,
    pub(super) fold: Fold,
    pub(super) candidates: Vec<Candidates>,
    played: u64,
    enough: bool,
}

/// Rollouts to simulate next.
#[derive(Clone, Debug)]
pub struct Round {
    /// Number of the first.
    pub first: u64,
    pub turns: Vec<Turn>,
}

impl<'s> ComparisonRun<'s> {
    pub fn new(protocol: &'s Protocol) -> Self {
        let (contestants, classes) = (&protocol.contestants, &protocol.classes);
        let entered = contestants.iter().map(Contestant::entered).collect();
        Self {
            protocol,
            looks: protocol.goal.looks(classes.len()),
            schedule: Schedule::new(first_shares(&protocol.chances())),
            fold: Fold::new(entered, classes, Price::ALL.len()),
            candidates: vec![Candidates::default(); contestants.len()],
            played: 0,
            enough: false,
        }
    }

    pub fn confidence(&self) -> Confidence {
        Confidence { level: LEVEL, looks: u32::try_from(self.looks.len()).unwrap_or(LOOKS_MAX) }
    }

    /// Rollouts that have been taken.
    pub const fn played(&self) -> u64 {
        self.played
    }

    /// Rollouts that it can come to.
    pub const fn most(&self) -> u64 {
        self.protocol.goal.most()
    }

    /// Whether all was simulated that was asked for.
    pub fn is_complete(&self) -> bool {
        self.enough || self.played >= self.most()
    }

    /// The rollouts to simulate next; none when it is enough. All must be taken, in their order,
    /// before the next round is asked for.
    pub fn round(&self) -> Option<Round> {
        if self.is_complete() {
            return None;
        }
        Some(Round { first: self.played, turns: self.until_look().take(ROUND as usize).collect() })
    }

    /// All that come before the results are looked at again; none when it is enough.
    pub(super) fn until_look(&self) -> impl Iterator<Item = Turn> + use<> {
        let next_look = self.looks.iter().copied().find(|it| *it > self.played);
        let until = next_look.filter(|_| !self.is_complete()).unwrap_or(self.played);
        let mut schedule = self.schedule.clone();
        (self.played..until).map(move |_| schedule.turn())
    }

    /// Takes a rollout that was simulated before, if it is the one that comes next.
    pub fn take_again(&mut self, rollout: &Rollout) -> bool {
        let next = self.schedule.clone().turn();
        let fits = !self.is_complete() && self.protocol.is_of(rollout, next);
        if fits {
            self.take(rollout);
        }
        fits
    }

    /// Takes the next rollout.
    pub fn take(&mut self, rollout: &Rollout) {
        let turn = self.schedule.turn();
        assert_eq!(turn.class, rollout.class, "rollouts come in the order of the schedule");
        let good = self.protocol.classes[turn.class].good;
        let by = rollout.results.iter().zip(&self.protocol.contestants);
        let bill = |(it, by): (_, &Contestant)| self.protocol.prices.bill(it, good, by.upkeep);
        let bills: Vec<Bill> = by.map(bill).collect();
        for (strategy, candidates) in self.candidates.iter_mut().enumerate() {
            let (played, bill) = (&rollout.results[strategy], &bills[strategy]);
            candidates.consider(self.played, rollout, played, bill.cost);
        }
        self.fold.add(rollout, &bills);
        self.played += 1;
        if self.looks.contains(&self.played) && self.played < self.most() {
            self.look();
        }
    }

    /// Looks whether it is enough, and where further trials tell most.
    fn look(&mut self) {
        let Goal::Precision { of, .. } = self.protocol.goal else { return };
        let order = self.fold.order();
        self.enough = match of {
            Ranked::Best => order[1..].iter().all(|it| self.decided((order[0], *it))),
            Ranked::All => order.windows(2).all(|it| self.decided((it[0], it[1]))),
        };
        let chances = self.protocol.chances();
        self.schedule.share(best_shares(&chances, &self.deviations(&order)));
    }

    /// Whether the order of two strategies is known, or they cost the same, or more rollouts cannot tell.
    fn decided(&self, pair: (usize, usize)) -> bool {
        let found = differences(&self.fold, pair, self.demands());
        found.is_some_and(|it| it[0].decided || it[0].alike || it[0].unfinished)
    }

    /// How sure it has to be, and of what.
    pub(super) fn demands(&self) -> (Confidence, f64) {
        (self.confidence(), self.protocol.goal.tolerance())
    }

    /// Of each class, the largest standard deviation of a cost difference to the best strategy.
    fn deviations(&self, order: &[usize]) -> Vec<f64> {
        let cost = COMPARED.iter().position(|it| it.name() == "cost").unwrap_or(0);
        let mut largest = vec![0.0_f64; self.protocol.classes.len()];
        for &other in &order[1..] {
            let versus = self.fold.versus(order[0], other, cost);
            for (largest, stratum) in largest.iter_mut().zip(versus) {
                let variance = stratum.values.difference.variance().unwrap_or(0.0);
                *largest = largest.max(variance.sqrt());
            }
        }
        largest
    }
}
