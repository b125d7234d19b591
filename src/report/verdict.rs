//! What a comparison says, in sentences: page, Markdown and terminal all begin with them.

use super::{
    amount::{interval_of, value_of},
    words::harmless,
};
use crate::{
    experiment::{Difference, Estimate, FindingResult, Stat, StrategySummary, Summary},
    units::text::{self, Unit, counted, rough, share, things},
};

/// The answer first: which strategy costs least and how sure that is; then whom it hurts, what else
/// it does, what the ranking hangs on, and what it rests on. Names are made harmless.
pub fn comparison_words(summary: &Summary) -> Vec<String> {
    let Some(cheapest) = summary.strategies.first() else {
        return vec!["Nothing was compared.".to_owned()];
    };
    let mut said = vec![answer(summary, cheapest)];
    said.extend(partial(summary));
    said.extend(beaten(summary));
    said.extend(harm(summary, cheapest));
    said.extend(mistakes(cheapest, summary));
    said.extend(made_of(cheapest));
    said.extend(prices(summary));
    said.extend(expectations(summary));
    said.push(basis(summary));
    said
}

/// Differences in cost between the cheapest strategy and the others: index of the other, difference.
fn rivals(summary: &Summary) -> Vec<(usize, &Difference)> {
    let of_first = summary.pairs.iter().filter(|it| it.first == 0);
    let cost = of_first.filter_map(|pair| {
        let found = pair.differences.iter().find(|it| it.quantity == "cost");
        found.map(|it| (pair.second, it))
    });
    cost.filter(|(second, _)| *second < summary.strategies.len()).collect()
}

fn answer(summary: &Summary, cheapest: &StrategySummary) -> String {
    let name = sentence_case(&cheapest.name);
    let cost = cheapest.estimate("cost", Stat::Mean).map_or_else(
        || "an unknown amount".to_owned(),
        |it| {
            let value = value_of(it, &summary.currency);
            format!("{} a rollout ({})", harmless(&value), within(summary, it))
        },
    );
    let rivals = rivals(summary);
    let open: Vec<_> = rivals.iter().filter(|(_, it)| !it.decided).collect();
    if rivals.is_empty() {
        return format!("{name} costs {cost}.");
    }
    let Some(&&(nearest, difference)) =
        open.iter().min_by(|one, two| one.1.value.total_cmp(&two.1.value))
    else {
        let (second, difference) = rivals[0];
        let by = amount(summary, difference);
        return format!(
            "{name} costs least: {cost}; {by} less than {} in the same rollouts.",
            name_of(summary, second)
        );
    };
    let others: Vec<String> = open.iter().map(|(it, _)| name_of(summary, *it)).collect();
    let more = open.iter().map(|(_, it)| it.more_trials).max().flatten();
    let remedy = more.map_or_else(String::new, |it| {
        format!("; about {} more trials would decide", rough(it as f64))
    });
    let apart = if open.len() == 1 {
        let by = amount(summary, difference);
        format!(
            "it and {} cannot be told apart yet (they differ by {by})",
            name_of(summary, nearest)
        )
    } else {
        format!("it cannot be told apart yet from {}", listed(&others))
    };
    format!("{name} seems to cost least: {cost}, but {apart}{remedy}.")
}

fn partial(summary: &Summary) -> Option<String> {
    (!summary.complete).then(|| {
        format!(
            "This is a partial result: the comparison was interrupted after {}, so its intervals \
             are wider than requested.",
            counted(summary.trials, "rollout")
        )
    })
}

/// Which others the cheapest beats.
fn beaten(summary: &Summary) -> Option<String> {
    let rivals = rivals(summary);
    let all_decided = rivals.iter().all(|(_, it)| it.decided);
    let told = usize::from(all_decided);
    let sure: Vec<String> = rivals
        .iter()
        .skip(told)
        .filter(|(_, it)| it.decided)
        .map(|&(second, it)| format!("{} by {}", name_of(summary, second), amount(summary, it)))
        .collect();
    let also = if all_decided { "It also beats" } else { "It clearly beats" };
    (!sure.is_empty()).then(|| format!("{also} {}.", listed(&sure)))
}

/// How many users are hurt, and whether another strategy hurts fewer.
fn harm(summary: &Summary, cheapest: &StrategySummary) -> Option<String> {
    let mean = cheapest.estimate("users_hurt", Stat::Mean)?;
    let hurt = |it: &Estimate| {
        let users = things(&value_of(it, ""), "user");
        format!("{users} a rollout ({})", within(summary, it))
    };
    let mut said = format!("It hurts {}", hurt(mean));
    let tail = match cheapest.estimate("users_hurt", Stat::P95) {
        Some(tail) if tail.value > 0.0 => {
            format!(", {} or more in one rollout in twenty", value_of(tail, ""))
        }
        Some(_) => ", none in 19 of 20 rollouts".to_owned(),
        None => String::new(),
    };
    said.push_str(&tail);
    let means = summary.strategies.iter().enumerate().filter_map(|(index, it)| {
        let mean = it.estimate("users_hurt", Stat::Mean)?;
        Some((index, mean))
    });
    let (gentlest, least) = means.min_by(|one, two| one.1.value.total_cmp(&two.1.value))?;
    if gentlest != 0 {
        let verb = if surely_hurts_fewer(summary, gentlest) { "hurts" } else { "seems to hurt" };
        let name = name_of(summary, gentlest);
        said.extend([format!("; {name} {verb} fewer, {}", hurt(least))]);
    } else if summary.strategies.len() > 1 {
        said.push_str("; none of the others seems to hurt fewer");
    }
    Some(said + ".")
}

/// Whether a strategy hurts fewer users than the cheapest in the same rollouts, for all pairs at once.
fn surely_hurts_fewer(summary: &Summary, other: usize) -> bool {
    let mut of_pair = summary.pairs.iter().filter(|it| (it.first, it.second) == (0, other));
    let found = of_pair.find_map(|it| it.differences.iter().find(|it| it.quantity == "users_hurt"));
    found.is_some_and(|it| it.decided && it.value < 0.0)
}

fn mistakes(cheapest: &StrategySummary, summary: &Summary) -> Option<String> {
    let escaped = cheapest.estimate("escaped", Stat::Rate);
    let refused = cheapest.estimate("false_rollback", Stat::Rate);
    let told = |it: &Estimate| format!("{} ({})", value_of(it, ""), within(summary, it));
    let parts: Vec<String> = [
        escaped.map(|it| format!("lets {} of the bad releases through", told(it))),
        refused.map(|it| format!("rolls back {} of the good ones", told(it))),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| format!("It {}.", listed(&parts)))
}

/// What the cheapest strategy's cost consists of, down to a tenth of it.
fn made_of(cheapest: &StrategySummary) -> Option<String> {
    const WORTH_TELLING: f64 = 0.1;
    let total: f64 = cheapest.cost_parts.iter().map(|it| it.cost).sum();
    let parts: Vec<String> = cheapest
        .cost_parts
        .iter()
        .filter(|it| total > 0.0 && it.cost >= WORTH_TELLING * total)
        .map(|it| format!("{} {}", spaced(&it.name), share(it.cost / total)))
        .collect();
    (!parts.is_empty()).then(|| format!("Parts of its cost: {}.", listed(&parts)))
}

/// At which prices another strategy would be cheapest.
fn prices(summary: &Summary) -> Option<String> {
    let turned: Vec<String> = summary
        .sensitivity
        .iter()
        .filter_map(|it| {
            let first = *it.order.first().filter(|&&it| it != 0)?;
            let name = summary.strategies.get(first).map(|it| harmless(&it.name))?;
            Some(format!("{name} at {} of “{}”", times(it.factor), spaced(&it.price)))
        })
        .collect();
    if summary.sensitivity.is_empty() || summary.strategies.len() < 2 {
        return None;
    }
    Some(if turned.is_empty() {
        "It stays cheapest when any single price is halved or doubled.".to_owned()
    } else {
        format!("At other prices another strategy would be cheapest: {}.", listed(&turned))
    })
}

fn expectations(summary: &Summary) -> Option<String> {
    let number = |result| summary.findings.iter().filter(|it| it.result == result).count();
    let parts: Vec<String> = [
        (FindingResult::Failed, "failed"),
        (FindingResult::NotEnoughTrials, "cannot be decided without more trials"),
        (FindingResult::Passed, "passed"),
    ]
    .into_iter()
    .filter(|&(result, _)| number(result) > 0)
    .map(|(result, what)| format!("{} {what}", number(result)))
    .collect();
    (!parts.is_empty()).then(|| format!("Of the expectations, {}.", listed(&parts)))
}

fn basis(summary: &Summary) -> String {
    let strategies = counted(summary.strategies.len() as u64, "strategy");
    format!(
        "Based on {}, each simulated under {strategies}, with seed {} and the prices of profile \
         {}.",
        counted(summary.trials, "simulated rollout"),
        summary.seed,
        harmless(&summary.profile)
    )
}

/// `95 %: $10.9 to $13.8`.
fn within(summary: &Summary, estimate: &Estimate) -> String {
    let interval = harmless(&interval_of(estimate, &summary.currency));
    format!("{}: {interval}", share(summary.confidence))
}

/// `$40 ($28 to $52)`, with the interval that holds for all pairs at once.
fn amount(summary: &Summary, it: &Difference) -> String {
    let unit = Unit::Money(&summary.currency);
    harmless(&unit.with_interval(it.value, it.low_adjusted, it.high_adjusted))
}

fn name_of(summary: &Summary, index: usize) -> String {
    harmless(&summary.strategies[index].name)
}

/// `half the price`, `twice the price`, `3 times the price`.
pub(super) fn times(factor: f64) -> String {
    match factor {
        it if (it - 0.5).abs() < 1e-9 => "half the price".to_owned(),
        it if (it - 2.0).abs() < 1e-9 => "twice the price".to_owned(),
        it => format!("{} times the price", text::number(it)),
    }
}

/// A name of the file format as words: `hurt user`.
pub(super) fn spaced(name: &str) -> String {
    harmless(name).replace('_', " ")
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// A name at the start of a sentence.
pub(super) fn sentence_case(name: &str) -> String {
    let name = harmless(name);
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |it| it.to_uppercase().chain(letters).collect())
}
