//! A comparison under way: which rollouts are simulated next, and when it is enough.

use super::{
    Bill, Confidence, Contestant, Fold, Goal, Played, Protocol, Ranked, Rollout, Schedule, Turn,
    estimate::{differences, differing},
    examples::Candidates,
    fold::COMPARED,
    goal::LOOKS_MAX,
    schedule::{best_shares, first_shares},
};
use crate::{model::Price, stats::stratified::variances};

/// Share of the intervals that hold the truth.
const LEVEL: f64 = 0.95;
/// Most rollouts that are laid out at once.
pub(super) const ROUND: u32 = 4_096;

/// A comparison under way.
#[derive(Debug)]
pub struct ComparisonRun<'s> {
    protocol: &'s Protocol,
    /// Trials after which it is looked at: so many as its rollouts have under all strategies.
    looks: Vec<u64>,
    schedule: Schedule,
    pub(super) fold: Fold,
    pub(super) candidates: Vec<Candidates>,
    played: u64,
    /// Trials that were simulated.
    spent: u64,
    enough: bool,
}

/// Rollouts to simulate next.
#[derive(Clone, Debug)]
pub struct Round {
    /// Number of the first.
    pub first: u64,
    pub turns: Vec<Turn>,
    /// The strategies under which they are simulated.
    pub playing: Vec<bool>,
}

impl<'s> ComparisonRun<'s> {
    pub fn new(protocol: &'s Protocol) -> Self {
        let (contestants, classes) = (&protocol.contestants, &protocol.classes);
        let entered = contestants.iter().map(Contestant::entered).collect();
        let each = contestants.len() as u64;
        Self {
            protocol,
            looks: protocol.goal.looks(classes.len()).into_iter().map(|it| it * each).collect(),
            schedule: Schedule::new(first_shares(&protocol.chances())),
            fold: Fold::new(entered, classes, Price::ALL.len()),
            candidates: vec![Candidates::default(); contestants.len()],
            played: 0,
            spent: 0,
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

    /// Rollouts that it can come to, under the strategies that are still in it: what those that are out leave is spent
    /// on them.
    pub fn most(&self) -> u64 {
        self.played + self.left(self.looks.last().copied().unwrap_or(0))
    }

    /// Rollouts until so many trials have been simulated.
    fn left(&self, trials: u64) -> u64 {
        let each = self.fold.playing().iter().filter(|it| **it).count() as u64;
        trials.saturating_sub(self.spent).div_ceil(each.max(1))
    }

    /// Whether each strategy is still in it.
    pub(super) fn playing(&self) -> Vec<bool> {
        self.fold.playing()
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
        let turns = self.until_look().take(ROUND as usize).collect();
        Some(Round { first: self.played, turns, playing: self.fold.playing() })
    }

    /// All that come before the results are looked at again; none when it is enough.
    pub(super) fn until_look(&self) -> impl Iterator<Item = Turn> + use<> {
        let next_look = self.looks.iter().copied().find(|it| *it > self.spent);
        let next_look = next_look.filter(|_| !self.is_complete());
        let mut schedule = self.schedule.clone();
        (0..self.left(next_look.unwrap_or(0))).map(move |_| schedule.turn())
    }

    /// Takes a rollout that was simulated before, if it is the one that comes next.
    pub fn take_again(&mut self, rollout: &Rollout) -> bool {
        let next = self.schedule.clone().turn();
        let fits = !self.is_complete()
            && self.protocol.is_of(rollout, next)
            && rollout.is_under(&self.fold.playing());
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
        let bill = |(it, by): (&Option<Played>, &Contestant)| {
            it.as_ref().map(|it| self.protocol.prices.bill(it, good, by.upkeep))
        };
        let bills: Vec<Option<Bill>> = by.map(bill).collect();
        let results = rollout.results.iter().zip(&bills).zip(&mut self.candidates);
        for ((played, bill), candidates) in results {
            let Some((played, bill)) = played.as_ref().zip(bill.as_ref()) else { continue };
            candidates.consider(self.played, rollout, played, bill.cost);
        }
        self.fold.add(rollout, &bills);
        self.played += 1;
        let before = self.spent;
        self.spent += bills.iter().flatten().count() as u64;
        let due = |it: &u64| before < *it && *it <= self.spent;
        if self.looks.iter().any(due) && !self.is_complete() {
            self.look();
        }
    }

    /// Looks whether it is enough; which strategies are out of it, and where further trials tell most.
    fn look(&mut self) {
        let Goal::Precision { of, .. } = self.protocol.goal else { return };
        let playing = self.fold.playing();
        let order: Vec<usize> = self.fold.order().into_iter().filter(|it| playing[*it]).collect();
        let pairs: Vec<(usize, usize)> = match of {
            Ranked::Best => order[1..].iter().map(|it| (order[0], *it)).collect(),
            Ranked::All => order.windows(2).map(|it| (it[0], it[1])).collect(),
        };
        let open: Vec<(usize, usize)> = pairs.into_iter().filter(|it| !self.decided(*it)).collect();
        self.enough = open.is_empty();
        let out: Vec<usize> = order.iter().copied().filter(|it| self.is_out(*it, &order)).collect();
        for it in out {
            self.fold.leave(it);
        }
        let chances = self.protocol.chances();
        self.schedule.share(best_shares(&chances, &self.deviations(&open)));
    }

    /// Whether more rollouts of a strategy cannot change what is said in the end: of those that are `left`, it costs more
    /// than each that may be the best; or, where the order of all is asked for, its place among them is known.
    fn is_out(&self, strategy: usize, left: &[usize]) -> bool {
        let Goal::Precision { of, .. } = self.protocol.goal else { return false };
        let costs_more = |it: usize, than: usize| {
            let found = differences(&self.fold, (than, it), self.demands());
            found.is_some_and(|it| it[0].decided && it[0].value > 0.0)
        };
        let others = || left.iter().copied().filter(|it| *it != strategy);
        match of {
            Ranked::Best => {
                let may_be_best = |it: &usize| *it == left[0] || !costs_more(*it, left[0]);
                strategy != left[0]
                    && others().filter(may_be_best).all(|it| costs_more(strategy, it))
            }
            Ranked::All => others().all(|it| self.decided((strategy, it))),
        }
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

    /// Of each class, the largest standard deviation of a cost difference on which the answer rests, as a part of
    /// what has to be told apart there: a pair that is nearly decided needs few trials, however much it varies.
    fn deviations(&self, open: &[(usize, usize)]) -> Vec<f64> {
        let of_cost = COMPARED.iter().position(|it| it.name() == "cost").unwrap_or(0);
        let mut largest = vec![0.0_f64; self.protocol.classes.len()];
        for &(one, other) in open {
            let strata = differing(&self.fold.versus(one, other, of_cost));
            let parts = strata.iter().map(|it| it.weight * it.values.mean());
            let difference = parts.sum::<f64>().abs();
            let cost = self.fold.mean_cost(one).max(self.fold.mean_cost(other));
            // either it is not zero or it is within the tolerance
            let decides = difference.max(self.protocol.goal.tolerance() * cost - difference);
            let decides = decides.max(f64::MIN_POSITIVE);
            for (largest, variance) in largest.iter_mut().zip(variances(&strata)) {
                *largest = largest.max(variance.unwrap_or(0.0).sqrt() / decides);
            }
        }
        largest
    }
}
