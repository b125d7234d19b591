//! What a comparison says, in sentences: page, Markdown and terminal all begin with them.

use super::{
    amount::{interval_of, value_of},
    compare::tables::between,
    cut_off::{cut_off, unfinished},
    lists::{either, listed, quoted, spaced},
    words::harmless,
};
use crate::{
    experiment::{
        Difference, Estimate, FindingResult, Stat, StrategySummary, Summary, trials_until_each_has,
    },
    units::text::{self, Unit, count, counted, share, things},
};

/// The answer first: which strategy costs least and how sure that is; then whom it hurts, what else
/// it does, what the ranking hangs on, and what it rests on. Names are made harmless.
pub(super) fn comparison_words(summary: &Summary) -> Vec<String> {
    let Some(cheapest) = summary.strategies.first() else {
        return vec!["Nothing was compared.".to_owned()];
    };
    if cheapest.estimate("cost", Stat::Mean).is_none() {
        let said = [Some(too_few(summary)), expectations(summary), Some(basis(summary))];
        return said.into_iter().flatten().collect();
    }
    let mut said = vec![answer(summary, cheapest)];
    said.extend(partial(summary));
    said.extend(unfinished(summary));
    said.extend(beaten(summary));
    said.extend(harm(summary, cheapest));
    said.extend(unseen(summary));
    said.extend(mistakes(cheapest, summary));
    said.extend(never_struck(summary));
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
    let name = quoted(&cheapest.name);
    let cost = cheapest.estimate("cost", Stat::Mean).map_or_else(
        || "an unknown amount".to_owned(),
        |it| {
            let value = value_of(it, &summary.currency);
            format!("{} per rollout ({})", harmless(&value), within(summary, it))
        },
    );
    let rivals = rivals(summary);
    if rivals.is_empty() {
        return format!("{name} costs {cost}.");
    }
    let open: Vec<_> = rivals.iter().filter(|(_, it)| !it.decided && !it.alike).collect();
    if let Some(unsure) = cut_off(summary, cheapest, &rivals) {
        return format!("{name} seems to cost least: {cost}, but {unsure}.");
    }
    let nearest = open.iter().min_by(|one, two| one.1.value.total_cmp(&two.1.value));
    let Some(&&(nearest, difference)) = nearest else {
        return format!("{name} costs least: {cost}; {}.", first_rival(summary, &rivals));
    };
    let others: Vec<String> = open.iter().map(|(it, _)| name_of(summary, *it)).collect();
    let apart = if open.len() == 1 {
        let by = amount(summary, difference);
        format!(
            "it and {} cannot be told apart yet: they differ by {by}",
            name_of(summary, nearest)
        )
    } else {
        format!("it cannot be told apart yet from {}", listed(&others))
    };
    format!("{name} seems to cost least: {cost}, but {apart}{}.", remedy(&open))
}

/// By how much the cheapest wins, or which others cost the same.
fn first_rival(summary: &Summary, rivals: &[(usize, &Difference)]) -> String {
    let alike: Vec<String> = rivals
        .iter()
        .filter(|it| it.1.alike && !it.1.decided)
        .map(|it| name_of(summary, it.0))
        .collect();
    if alike.is_empty() {
        let (second, difference) = rivals[0];
        let (by, name) = (amount(summary, difference), name_of(summary, second));
        return format!("{by} less than {name} in the same rollouts");
    }
    let cost = if alike.len() == 1 { "costs" } else { "cost" };
    format!("{} {cost} the same to within {}", listed(&alike), share(summary.tolerance))
}

/// How many more rollouts would tell the cheapest from each of those that are open.
fn remedy(open: &[&(usize, &Difference)]) -> String {
    let most = |of: fn((u64, u64)) -> u64| {
        let each = open.iter().map(|it| it.1.more_trials_range.map(of));
        each.collect::<Option<Vec<u64>>>()?.into_iter().max()
    };
    most(|it| it.0).zip(most(|it| it.1)).map_or_else(String::new, |(from, to)| {
        format!("; about {} more trials would decide in half of the cases", between(from, to))
    })
}

/// That nothing can be estimated yet, for which classes, and what to do about it.
fn too_few(summary: &Summary) -> String {
    /// Trials of a class that its variance takes.
    const NEEDED: u64 = 2;
    let classes = || summary.classes.iter().filter(|it| it.chance > 0.0);
    let short: Vec<_> = classes().filter(|it| it.trials < NEEDED).collect();
    let names: Vec<String> = short.iter().map(|it| quoted(&it.name)).collect();
    let lacking = match short.as_slice() {
        [] => String::new(),
        [class] if class.trials == 0 => format!(": class {} has no trial", names[0]),
        [_] => format!(": class {} has only one trial", names[0]),
        _ => format!(": classes {} have fewer than two trials each", listed(&names)),
    };
    let trials = counted(summary.trials, "rollout");
    if !summary.complete {
        return format!(
            "The comparison was interrupted after {trials}, too few to estimate the cost{lacking}. With \
             `--out`, `--resume` continues it."
        );
    }
    let chances: Vec<f64> = classes().map(|it| it.chance).collect();
    let needed = trials_until_each_has(NEEDED, &chances).max(summary.trials + 1);
    let are = if summary.trials == 1 { "is" } else { "are" };
    format!(
        "{trials} {are} too few to estimate the cost{lacking}. Use at least `--trials {needed}`."
    )
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
    let all_decided = rivals.iter().all(|(_, it)| it.decided || it.alike);
    let told = usize::from(rivals.iter().all(|(_, it)| it.decided));
    let sure: Vec<String> = rivals
        .iter()
        .skip(told)
        .filter(|(_, it)| it.decided)
        .map(|&(second, it)| format!("{} by {}", name_of(summary, second), amount(summary, it)))
        .collect();
    let also = if all_decided { "It also beats" } else { "It significantly beats" };
    (!sure.is_empty()).then(|| format!("{also} {}.", listed(&sure)))
}

/// How many users are hurt, and whether another strategy hurts fewer.
fn harm(summary: &Summary, cheapest: &StrategySummary) -> Option<String> {
    let mean = cheapest.estimate("users_hurt", Stat::Mean)?;
    let mut said = format!("It hurts {}", hurt(summary, mean));
    let tail = match cheapest.estimate("users_hurt", Stat::P95) {
        Some(tail) if tail.value > 0.0 => {
            format!(", {} or more in one rollout in twenty", value_of(tail, ""))
        }
        Some(_) if mean.rare.is_none() => ", none in 19 of 20 rollouts".to_owned(),
        Some(_) | None => String::new(),
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
        said.extend([match least.rare {
            Some(_) => format!("; {name} {verb} fewer: {}", hurt(summary, least)),
            None => format!("; {name} {verb} fewer, {}", hurt(summary, least)),
        }]);
    } else if summary.strategies.len() > 1 {
        said.push_str("; none of the others seems to hurt fewer");
    }
    Some(said + ".")
}

/// `12 users per rollout (95 %: 9 to 15)`; where few rollouts hurt any, `any users in only 2 % of the rollouts`.
fn hurt(summary: &Summary, it: &Estimate) -> String {
    if let Some(rare) = it.rare {
        let share = Unit::Share.among(rare.rate, rare.low, rare.high);
        return format!("any users in only {share} of the rollouts ({})", within(summary, it));
    }
    let figure = value_of(it, "");
    let users = things(figure.strip_suffix(".0").unwrap_or(&figure), "user");
    format!("{users} per rollout ({})", within(summary, it))
}

/// What no rollout has shown.
fn unseen(summary: &Summary) -> Option<String> {
    (summary.unseen > 0.0).then(|| {
        format!(
            "Rollouts worse than any that was simulated: at most {} ({}).",
            share(summary.unseen),
            share(summary.confidence)
        )
    })
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
        refused.map(|it| format!("rolls back {} of the good releases", told(it))),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| format!("It {}.", listed(&parts)))
}

/// In how many trials a defect or an incident never had anything to act on.
fn never_struck(summary: &Summary) -> Vec<String> {
    let defects = |it: &StrategySummary| (it.trials_never_struck, it.trials_with_defects);
    let incidents =
        |it: &StrategySummary| (it.trials_incident_never_struck, it.trials_with_incidents);
    let said = [
        ("The defect never took effect", trials_by_strategy(summary, defects)),
        ("An incident never took effect", trials_by_strategy(summary, incidents)),
    ];
    said.into_iter().filter_map(|(what, which)| Some(format!("{what} {}.", which?))).collect()
}

/// In so many of so many trials under which strategies, those of which the same is true together; nothing where it is
/// none under any.
fn trials_by_strategy(
    summary: &Summary,
    of: impl Fn(&StrategySummary) -> (u64, u64),
) -> Option<String> {
    let mut alike: Vec<((u64, u64), Vec<String>)> = Vec::new();
    for it in summary.strategies.iter().filter(|it| of(it).0 > 0) {
        entry(&mut alike, |known| *known == of(it), of(it)).push(quoted(&it.name));
    }
    let told = alike.iter().map(|((some, all), names)| {
        let trials = match (some, all) {
            (1, 1) => "in the only trial".to_owned(),
            (some, all) if some == all => format!("in all {}", counted(*all, "trial")),
            (some, all) => format!("in {} of {}", count(*some), counted(*all, "trial")),
        };
        let every = names.len() > 1 && names.len() == summary.strategies.len();
        let whose = if every { "every strategy".to_owned() } else { listed(names) };
        format!("{trials} under {whose}")
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| listed(&told))
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

/// Factors, each with the prices that are multiplied by it.
type ByFactor = Vec<(f64, Vec<String>)>;

/// At which prices another strategy would be cheapest.
fn prices(summary: &Summary) -> Option<String> {
    if summary.sensitivity.is_empty() || summary.strategies.len() < 2 {
        return None;
    }
    // by strategy, then by factor, each in the order in which it is first found
    let mut turned: Vec<(usize, ByFactor)> = Vec::new();
    for it in &summary.sensitivity {
        let Some(&first) = it.order.first().filter(|&&it| it != 0) else { continue };
        let of_strategy = entry(&mut turned, |it| *it == first, first);
        let of_factor = entry(of_strategy, |at| (at - it.factor).abs() < 1e-9, it.factor);
        of_factor.push(quoted(&it.price));
    }
    let told = turned.iter().map(|(strategy, factors)| {
        let each = factors.iter().enumerate().map(|(index, (factor, prices))| {
            let start = if index == 0 { "if the price of" } else { "or that of" };
            // the verb of the first is that of the others
            let verb = if index == 0 { " were" } else { "" };
            format!("{start} {}{verb} {}", either(prices), multiple(*factor))
        });
        format!("{}, {}", name_of(summary, *strategy), each.collect::<Vec<_>>().join(", "))
    });
    let told: Vec<String> = told.collect();
    Some(if told.is_empty() {
        "It stays cheapest when any single price is halved or doubled.".to_owned()
    } else {
        format!("At another price another strategy would be cheapest: {}.", told.join("; "))
    })
}

/// The list that belongs to a key, made where it is missing.
fn entry<K, V>(all: &mut Vec<(K, Vec<V>)>, is_it: impl Fn(&K) -> bool, key: K) -> &mut Vec<V> {
    let at = all.iter().position(|it| is_it(&it.0)).unwrap_or(all.len());
    if at == all.len() {
        all.push((key, Vec::new()));
    }
    &mut all[at].1
}

fn expectations(summary: &Summary) -> Option<String> {
    let number = |result| summary.findings.iter().filter(|it| it.result == result).count();
    let cut_off = summary.findings.iter().filter(|it| it.unfinished.is_some()).count();
    let open = number(FindingResult::NotEnoughTrials) - cut_off;
    let need = if open == 1 { "needs" } else { "need" };
    let parts: Vec<String> = [
        (number(FindingResult::Failed), "failed".to_owned()),
        (open, format!("{need} more trials to decide")),
        (cut_off, "cannot be decided, as rollouts were cut off".to_owned()),
        (number(FindingResult::Passed), "passed".to_owned()),
    ]
    .into_iter()
    .filter(|&(number, _)| number > 0)
    .map(|(number, what)| format!("{number} {what}"))
    .collect();
    let all = counted(summary.findings.len() as u64, "expectation");
    (!parts.is_empty()).then(|| format!("Of {all}, {}.", listed(&parts)))
}

fn basis(summary: &Summary) -> String {
    let strategies = counted(summary.strategies.len() as u64, "strategy");
    let at_most = if summary.left_out().is_empty() { "" } else { "at most " };
    format!(
        "Based on {}, each simulated under {at_most}{strategies}, with seed {} and the prices of profile \
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
    quoted(&summary.strategies[index].name)
}

/// `half the price`, `twice the price`, `3 times the price`.
pub(super) fn times(factor: f64) -> String {
    match factor {
        it if (it - 0.5).abs() < 1e-9 => "half the price".to_owned(),
        it if (it - 2.0).abs() < 1e-9 => "twice the price".to_owned(),
        it => format!("{} times the price", text::number(it)),
    }
}

/// `half`, `double`, `3 times as high`.
fn multiple(factor: f64) -> String {
    match factor {
        it if (it - 0.5).abs() < 1e-9 => "half".to_owned(),
        it if (it - 2.0).abs() < 1e-9 => "double".to_owned(),
        it => format!("{} times as high", text::number(it)),
    }
}
