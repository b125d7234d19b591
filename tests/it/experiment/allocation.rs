//! Ten thousand comparisons whose truth is known, each with the looks and the allocation of `--precision`: how often
//! the wrong strategy wins, and how often the figures that are shown hold.

use std::collections::BTreeMap;

use rayon::prelude::*;
use rollsim::{
    experiment::{Estimate, Goal, Ranked, Stat, Summary},
    stats::clopper_pearson,
};

use super::made_up::{World, played, protocol};

const COMPARISONS: u64 = 10_000;
/// As few rollouts as leave room for several looks.
const GOAL: Goal = Goal::Precision { part: 0.05, of: Ranked::Best, most: 1_152 };

/// How a comparison ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ending {
    Best,
    Equal,
    Undecided,
    /// It names a best one that is not, or calls equal what is not.
    Wrong,
}

#[derive(Default)]
struct Found {
    endings: BTreeMap<Ending, u64>,
    /// By what is shown: how often it holds, and how often it is shown.
    held: BTreeMap<String, (u64, u64)>,
}

impl Found {
    fn plus(mut self, other: Self) -> Self {
        for (ending, count) in other.endings {
            *self.endings.entry(ending).or_default() += count;
        }
        for (name, (held, all)) in other.held {
            let of = self.held.entry(name).or_default();
            *of = (of.0 + held, of.1 + all);
        }
        self
    }

    fn count(&mut self, name: &str, (low, high): (f64, f64), truth: f64) {
        let error = 1e-9 * truth.abs() + 1e-12;
        let held = low - error <= truth && truth <= high + error;
        let of = self.held.entry(name.to_owned()).or_default();
        *of = (of.0 + u64::from(held), of.1 + 1);
    }
}

/// Plays one to its end.
fn compared(number: u64) -> Found {
    let world = World::of(number);
    let protocol = protocol(world.harms.len(), &world.chances, GOAL);
    let mut rows: Vec<Vec<f64>> = Vec::new();
    let summary = played(&protocol, |turn| {
        rows.push(world.hurt(turn));
        rows[rows.len() - 1].clone()
    });
    let place = |name: &str| protocol.contestants.iter().position(|it| it.name == name).unwrap();
    let who: Vec<usize> = summary.strategies.iter().map(|it| place(&it.name)).collect();
    let mut found = Found::default();
    found.endings.insert(ending(&world, &summary, &who), 1);
    let trials = |it: usize| summary.strategies[it].estimate("cost", Stat::Mean).unwrap().n;
    let first = |trials: u64| rows.iter().take(usize::try_from(trials).unwrap());
    for (place, (strategy, it)) in who.iter().zip(&summary.strategies).enumerate() {
        let most = first(trials(place)).map(|row| row[*strategy]).fold(0.0, f64::max);
        for estimate in &it.overall {
            shown(&mut found, &world, (*strategy, most), estimate);
        }
    }
    let mut at_once = true;
    for pair in &summary.pairs {
        let (one, two) = (who[pair.first], who[pair.second]);
        let both = trials(pair.first).min(trials(pair.second));
        let each = || first(both).map(|row| row[two] - row[one]);
        let ends = (each().fold(f64::INFINITY, f64::min), each().fold(f64::NEG_INFINITY, f64::max));
        let truth = world.difference((one, two), ends);
        for it in &pair.differences {
            found.count(&format!("difference of {}", it.quantity), (it.low, it.high), truth);
            at_once &= it.low_adjusted - 1e-9 <= truth && truth <= it.high_adjusted + 1e-9;
        }
    }
    let all = if at_once { (0.0, 0.0) } else { (1.0, 1.0) };
    found.count("all differences at once", all, 0.0);
    found
}

/// What is claimed, against the mean of all rollouts that could be.
fn ending(world: &World, summary: &Summary, who: &[usize]) -> Ending {
    let costs: Vec<f64> = who.iter().map(|it| world.mean(*it)).collect();
    let others = summary.pairs.iter().filter(|it| it.first == 0);
    let (mut ending, mut wrong) = (Ending::Best, false);
    for pair in others {
        let (cost, other) = (&pair.differences[0], costs[pair.second]);
        if cost.decided {
            wrong |= other <= costs[0] * (1.0 + 1e-9);
        } else if cost.alike {
            wrong |= (other - costs[0]).abs() > summary.tolerance * other.max(costs[0]);
            ending = ending.max(Ending::Equal);
        } else {
            ending = Ending::Undecided;
        }
    }
    if wrong { Ending::Wrong } else { ending }
}

/// Counts a figure that is shown of a strategy, of which the worst that was seen is known.
fn shown(found: &mut Found, world: &World, (strategy, most): (usize, f64), it: &Estimate) {
    let Estimate { quantity, stat, low, high, .. } = it;
    let ends = (*low, *high);
    let (all, bad) = (0..world.chances.len(), 1..world.chances.len());
    let name = format!("{quantity} {}", stat.name());
    let truth = match (stat, quantity.as_str()) {
        (Stat::Mean, _) => match it.rare {
            Some(rare) => {
                let truth = world.harmed(strategy, all);
                return found.count("rare", (rare.low, rare.high), truth);
            }
            None => world.limited(strategy, most),
        },
        (Stat::Rate, "rolled_back") => world.harmed(strategy, all),
        (Stat::Rate, "completed") => 1.0 - world.harmed(strategy, all),
        (Stat::Rate, "false_rollback") => world.harmed(strategy, 0..1),
        (Stat::Rate, "detected") => world.harmed(strategy, bad),
        (Stat::Rate, "escaped") => 1.0 - world.harmed(strategy, bad),
        (Stat::Rate, _) => 0.0,
        (Stat::P50 | Stat::P95 | Stat::P99, _) => {
            let q = if *stat == Stat::P50 {
                0.5
            } else if *stat == Stat::P95 {
                0.95
            } else {
                0.99
            };
            // the share up to each end; values are kept to 0.4 %
            let below = world.at_most(strategy, low * 0.996) - 1e-9;
            let until = world.at_most(strategy, high * 1.004);
            let held = (below <= q || *low <= 0.0) && q <= until + 1e-9;
            let all = if held { (0.0, 0.0) } else { (1.0, 1.0) };
            return found.count(&name, all, 0.0);
        }
    };
    found.count(&name, ends, truth);
}

#[test]
fn of_ten_thousand_comparisons_one_in_twenty_is_wrong_at_most_and_what_is_shown_holds() {
    let found = (0..COMPARISONS).into_par_iter().map(compared).reduce(Found::default, Found::plus);
    let Found { endings, held } = found;
    let of = |ending| endings.get(&ending).copied().unwrap_or(0);
    let wrong = clopper_pearson(of(Ending::Wrong), COMPARISONS, 0.95);
    assert!(wrong.high <= 0.05, "{endings:?}: {wrong:?} are wrong");
    // none of the three endings is empty
    for ending in [Ending::Best, Ending::Equal, Ending::Undecided] {
        assert!(of(ending) >= COMPARISONS / 50, "{endings:?}");
    }
    let least = held.iter().map(|(name, (held, all))| (name, *held as f64 / *all as f64));
    let short: Vec<_> = least.filter(|it| it.1 < 0.93).collect();
    assert!(short.is_empty(), "{short:?} of {held:?}");
}
