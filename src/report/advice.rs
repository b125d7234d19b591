//! Advice on how to ship, drawn from a comparison: which strategy, against which others, by how much,
//! and at which price of a hurt user it would be another. The words for it are in `advice_words.rs`.

use serde::Serialize;

use crate::{
    experiment::{CostPart, Difference, Stat, StrategySummary, Summary},
    strategy::StrategySpec,
};

/// Version of the format of `advice.json`.
const FORMAT: u32 = 1;
/// Share of the cheapest's cost up to which a difference does not matter: its interval is within
/// it, or it is not decided and the estimate is within it. A strategy that seems to cost much more
/// is not called as good only because there were few rollouts.
const NO_MATTER: f64 = 0.1;

/// The same where the comparison was to tell costs apart no finer.
pub(super) fn no_matter(summary: &Summary) -> f64 {
    NO_MATTER.max(summary.tolerance)
}

/// What a hurt user costs; the two move together.
const HARM: [&str; 2] = ["hurt_user", "badly_hurt_user"];

/// Advice and its evidence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Advice {
    pub format: u32,
    /// The strategy to ship by: the simplest of those that cost at most 10 %, or the tolerance, more than the cheapest
    /// with 95 % confidence, or cannot be told apart from it and seem to; none where there were too
    /// few rollouts to say anything.
    pub ship_by: Option<Choice>,
    /// Whether that is sure: each other strategy costs more with 95 % confidence, or at most that of the cheapest's
    /// cost more or less, whatever would have become of rollouts that were cut off.
    pub decided: bool,
    /// Share of the rollouts under the cheapest strategy that were cut off by the end of the trial.
    pub cut_off: f64,
    /// The others of these, simplest first.
    pub as_good: Vec<Choice>,
    /// Those that seem to cost more than these, which is not sure yet.
    pub open: Vec<Choice>,
    /// The strategy of the lowest mean cost.
    pub cheapest: Option<Choice>,
    /// About so many more rollouts would tell the cheapest from those that are open.
    pub more_trials: Option<u64>,
    /// The same, from and to, in half of the cases; none where the upper end is out of reach.
    pub more_trials_range: Option<(u64, u64)>,
    /// Each other strategy against the one to ship by, cheapest first.
    pub others: Vec<Against>,
    /// The price of a hurt user at which it would be another, if there is one.
    pub break_even: Option<BreakEven>,
    pub trials: u64,
    pub seed: u64,
    pub complete: bool,
    pub currency: String,
    pub profile: String,
    pub command: String,
    pub assumptions: Vec<String>,
}

/// A strategy and what it comes to, a rollout.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Choice {
    pub name: String,
    pub kind: String,
    pub cost: f64,
    pub cost_low: f64,
    pub cost_high: f64,
    pub users_hurt: f64,
    /// Of releases with something wrong; none where there are none.
    pub users_hurt_by_bad: Option<f64>,
    /// Most instances at a time, as a multiple of the fleet.
    pub capacity: f64,
    /// Mean time of the rollout, in seconds.
    pub rollout_time: Option<f64>,
    /// Mean time until all users are on the new release, of rollouts that were completed, in seconds.
    pub promotion_time: Option<f64>,
    /// Share of the good releases.
    pub false_rollback: Option<f64>,
    /// Share of the bad releases.
    pub escaped: Option<f64>,
}

/// Another strategy against the one to ship by.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Against {
    pub choice: Choice,
    /// What it costs more in the same rollouts, with the interval that holds for all pairs at once;
    /// negative where it costs less.
    pub more: f64,
    pub more_low: f64,
    pub more_high: f64,
    /// Whether that interval leaves out zero.
    pub decided: bool,
    /// What of the cost it has more of, and less of, largest first: name of the price, cost.
    pub parts: Vec<(String, f64)>,
}

/// Where the choice tips. The cost is linear in the prices, so it follows from the mean units.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BreakEven {
    /// The strategy that would be as cheap.
    pub strategy: String,
    pub kind: String,
    /// Price of a hurt user at which it would, that of a badly hurt one in proportion.
    pub hurt_user: f64,
    /// The price that the figures rest on.
    pub price: f64,
}

impl Advice {
    /// For a bot with a fleet of so many instances.
    pub fn of(summary: &Summary, fleet: u32) -> Self {
        let choice = |index: usize| choice(summary, index, fleet);
        let least = summary.strategies.first().and_then(|it| it.estimate("cost", Stat::Mean));
        // with too few rollouts of a class there is no estimate, and nothing to advise
        let known = least.is_some();
        let least = least.map_or(0.0, |it| it.value);
        let cut_off = summary.strategies.first().map_or(0.0, StrategySummary::unfinished);
        let (mut tied, mut open, mut more_trials) = (vec![0], Vec::new(), None);
        let (mut range, mut reachable) = ((0, 0), true);
        let mut decided = known && summary.complete;
        for pair in summary.pairs.iter().filter(|it| it.first == 0) {
            let Some(it) = cost(&pair.differences) else { continue };
            let alike = no_matter(summary) * least;
            let equal = it.low_adjusted >= -alike && it.high_adjusted <= alike;
            decided &= it.decided || equal && !it.unfinished;
            let at_most = if it.decided { it.high_adjusted } else { it.value };
            if at_most <= alike {
                tied.push(pair.second);
            } else if !it.decided {
                open.push(pair.second);
                more_trials = more_trials.max(it.more_trials);
                reachable &= it.more_trials_range.is_some();
                let (from, to) = it.more_trials_range.unwrap_or_default();
                range = (range.0.max(from), range.1.max(to));
            }
        }
        tied.retain(|it| *it < summary.strategies.len());
        tied.sort_by_key(|it| complexity(&summary.strategies[*it].kind));
        let best = tied.first().copied().filter(|_| known);
        let other = |it: &usize| Some(*it) != best;
        let others = (0..summary.strategies.len()).filter(other);
        let against = |it: usize| against(summary, best?, choice(it), it);
        Self {
            format: FORMAT,
            ship_by: best.map(choice),
            decided,
            cut_off,
            as_good: tied.iter().skip(1).filter(|_| known).map(|it| choice(*it)).collect(),
            open: open.into_iter().map(choice).collect(),
            cheapest: known.then(|| choice(0)),
            more_trials,
            more_trials_range: Some(range).filter(|it| reachable && it.1 > 0),
            others: others.filter_map(against).collect(),
            break_even: best.and_then(|it| break_even(summary, it)),
            trials: summary.trials,
            seed: summary.seed,
            complete: summary.complete,
            currency: summary.currency.clone(),
            profile: summary.profile.clone(),
            command: summary.command.clone(),
            assumptions: summary.assumptions.clone(),
        }
    }

    /// The simplest of the strategies that were simulated, if it is not the one to ship by.
    pub(super) fn simplest(&self) -> Option<&Against> {
        let simplest = self.others.iter().min_by_key(|it| complexity(&it.choice.kind))?;
        let best = complexity(&self.ship_by.as_ref()?.kind);
        (complexity(&simplest.choice.kind) < best).then_some(simplest)
    }
}

/// A kind that is not known any more comes last.
fn complexity(kind: &str) -> usize {
    StrategySpec::named(kind).map_or(usize::MAX, |it| it.complexity())
}

fn cost(differences: &[Difference]) -> Option<&Difference> {
    differences.iter().find(|it| it.quantity == "cost")
}

fn choice(summary: &Summary, index: usize, fleet: u32) -> Choice {
    let strategy = &summary.strategies[index];
    let mean = |quantity| strategy.estimate(quantity, Stat::Mean).map(|it| it.value);
    let rate = |quantity| strategy.estimate(quantity, Stat::Rate).map(|it| it.value);
    let cost = strategy.estimate("cost", Stat::Mean);
    Choice {
        name: strategy.name.clone(),
        kind: strategy.kind.clone(),
        cost: cost.map_or(0.0, |it| it.value),
        cost_low: cost.map_or(0.0, |it| it.low),
        cost_high: cost.map_or(0.0, |it| it.high),
        users_hurt: mean("users_hurt").unwrap_or(0.0),
        users_hurt_by_bad: hurt_by_bad(summary, strategy),
        capacity: mean("instances_peak").unwrap_or(0.0) / f64::from(fleet.max(1)),
        rollout_time: mean("rollout_time"),
        promotion_time: mean("promotion_time"),
        false_rollback: rate("false_rollback"),
        escaped: rate("escaped"),
    }
}

/// Mean over the bad classes, each with its chance.
fn hurt_by_bad(summary: &Summary, strategy: &StrategySummary) -> Option<f64> {
    let bad = summary.classes.iter().enumerate().filter(|(_, it)| !it.good);
    let each = bad.filter_map(|(index, class)| {
        let hurt = strategy.estimate_of(index, "users_hurt", Stat::Mean)?;
        Some((class.chance, class.chance * hurt.value))
    });
    let (chance, hurt) = each.fold((0.0, 0.0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
    (chance > 0.0).then(|| hurt / chance)
}

/// What another strategy costs more than the best, from the pair of both in either order.
fn against(summary: &Summary, best: usize, other: Choice, at: usize) -> Option<Against> {
    let (first, second) = (best.min(at), best.max(at));
    let pair = summary.pairs.iter().find(|it| (it.first, it.second) == (first, second))?;
    let it = cost(&pair.differences)?;
    let (more, more_low, more_high) = if best == first {
        (it.value, it.low_adjusted, it.high_adjusted)
    } else {
        (-it.value, -it.high_adjusted, -it.low_adjusted)
    };
    let parts = parts(&summary.strategies[best], &summary.strategies[at]);
    Some(Against { choice: other, more, more_low, more_high, decided: it.decided, parts })
}

/// What of the cost the other has more of than the best, by size.
fn parts(best: &StrategySummary, other: &StrategySummary) -> Vec<(String, f64)> {
    let mut names: Vec<&str> = Vec::new();
    for part in best.cost_parts.iter().chain(&other.cost_parts) {
        if !names.contains(&part.name.as_str()) {
            names.push(&part.name);
        }
    }
    let more = |it: &str| part(&other.cost_parts, it) - part(&best.cost_parts, it);
    let mut parts: Vec<(String, f64)> =
        names.into_iter().map(|it| (it.to_owned(), more(it))).collect();
    parts.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    parts
}

fn part(parts: &[CostPart], name: &str) -> f64 {
    parts.iter().find(|it| it.name == name).map_or(0.0, |it| it.cost)
}

/// Where the best is not the simplest: the price below which the simplest is as cheap. Where it is: the
/// price above which another is, which for one that cannot be told apart may be below today's.
///
/// With `h` what the cost of hurt users differs by and `r` what the rest does, both at today's price
/// `p`, the difference at the price `f p` is `r + f h`, which is zero at `f = -r / h`.
fn break_even(summary: &Summary, best: usize) -> Option<BreakEven> {
    let price = summary.prices.iter().find(|it| it.name == HARM[0])?.price;
    let order = |it: &usize| complexity(&summary.strategies[*it].kind);
    let simplest = (0..summary.strategies.len()).min_by_key(order)?;
    let tips = |other: usize| {
        let (one, two) = (&summary.strategies[best], &summary.strategies[other]);
        let total = |it: &StrategySummary| it.cost_parts.iter().map(|it| it.cost).sum::<f64>();
        let harm = |it: &StrategySummary| HARM.iter().map(|name| part(&it.cost_parts, name)).sum();
        let (one_harm, two_harm): (f64, f64) = (harm(one), harm(two));
        let harm = two_harm - one_harm;
        let rest = total(two) - two_harm - (total(one) - one_harm);
        let factor = -rest / harm;
        // of two that hurt about as many, no price of a hurt user decides
        let matters = factor.is_finite() && harm.abs() > NO_MATTER * one_harm;
        matters.then_some((factor, harm, other))
    };
    let found = if order(&best) == order(&simplest) {
        let above = |it: &(f64, f64, usize)| it.0 > 0.0 && it.1 < 0.0;
        let others = (0..summary.strategies.len()).filter_map(tips).filter(above);
        others.min_by(|a, b| a.0.total_cmp(&b.0))
    } else {
        tips(simplest).filter(|it| it.0 > 0.0 && it.0 < 1.0 && it.1 > 0.0)
    };
    let (factor, _, other) = found?;
    let StrategySummary { name, kind, .. } = &summary.strategies[other];
    (price > 0.0).then(|| BreakEven {
        strategy: name.clone(),
        kind: kind.clone(),
        hurt_user: factor * price,
        price,
    })
}
