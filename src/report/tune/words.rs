//! What a tuning says, in sentences.

use super::{present, recommended, told, with_interval};
use crate::{
    experiment::Figure,
    experiment::tune::{ContestantFound, Held, Part, Reason, Standing, Tuning, UnderIt},
    report::{expect::condition_on, words::harmless},
    units::text::{Unit, count, counted, range, share, things},
};

/// The answer first: what to do and how sure that is; then what it gains, its constraints, how far
/// the search overestimated it, and where it breaks.
pub(super) fn words(tuning: &Tuning) -> Vec<String> {
    let mut said = vec![answer(tuning)];
    said.extend(required(tuning));
    said.extend(gains(tuning));
    said.extend(flattered(tuning));
    said.extend(tied(tuning));
    said.extend(prior(tuning));
    said.extend(breaks(tuning));
    said.push(basis(tuning));
    said
}

/// `the cost of a rollout is $3 ($2 to $4)`, or that there are too few trials to say so.
fn objective(tuning: &Tuning, whose: &str, it: &ContestantFound) -> String {
    let aim = aim(tuning);
    it.objective.as_ref().map_or_else(
        || format!("there are too few trials to estimate {whose} {aim}"),
        |found| {
            let told = with_interval(&tuning.objective.unit, tuning, found);
            format!("{whose} {aim} is {told}")
        },
    )
}

/// The same as a sentence of its own, without its full stop.
fn objective_alone(tuning: &Tuning, it: &ContestantFound) -> String {
    let said = objective(tuning, "their", it);
    let mut letters = said.chars();
    letters.next().map_or_else(String::new, |it| it.to_uppercase().chain(letters).collect())
}

/// `cost_mean` as people say it.
fn aim(tuning: &Tuning) -> String {
    match tuning.objective.name.as_str() {
        "cost_mean" => "cost of a rollout".to_owned(),
        other => format!("`{other}`"),
    }
}

fn answer(tuning: &Tuning) -> String {
    let (Some(best), Some(now)) = (recommended(tuning), present(tuning)) else {
        return "Nothing was tuned.".to_owned();
    };
    let name = harmless(&best.name);
    let versus = best.versus_present.as_ref().map_or_else(String::new, |it| {
        let unit = tuning.objective.unit.as_str();
        let (word, size) = if it.value < 0.0 { ("less", turned(*it)) } else { ("more", *it) };
        let by = with_interval(unit, tuning, &size);
        format!(", {by} {word} than now in the same rollouts")
    });
    match tuning.verdict.reason {
        Reason::Better => format!(
            "Change the settings: with those of `{name}` {}{versus}, and all constraints are \
             certified.",
            objective(tuning, "the", best)
        ),
        Reason::Shown => format!(
            "Change the settings: those of `{name}` are certified to meet all constraints, and \
             the present ones are not. {}{versus}.",
            objective_alone(tuning, best)
        ),
        Reason::NothingBetter => format!(
            "Keep the present settings: no others are both certified and significantly better. {}, and all \
             constraints are certified.",
            objective_alone(tuning, now)
        ),
        Reason::NotCertified => format!(
            "Keep the present settings for now: no settings could be certified to meet all \
             constraints, the present ones included. {}.",
            objective_alone(tuning, now)
        ),
        Reason::NotMeasured => format!(
            "Keep the present settings for now: what is to be minimised could not be measured, for no rollout \
             has a `{}`.",
            tuning.objective.name
        ),
    }
}

/// The same the other way round.
fn turned(it: Figure) -> Figure {
    Figure { value: -it.value, low: -it.high, high: -it.low, n: it.n }
}

/// What is required, and what was found of it.
fn required(tuning: &Tuning) -> Vec<String> {
    let mut said = Vec::new();
    let (Some(best), Some(now)) = (recommended(tuning), present(tuning)) else { return said };
    let held = |it: &ContestantFound| -> String {
        let each = tuning.constraints.iter().zip(&it.constraints);
        each.map(|(wanted, found)| of_one(tuning, wanted, found)).collect::<Vec<_>>().join("; ")
    };
    let name = if best.part == Part::Present { "The present settings" } else { "Recommended" };
    said.push(format!("{name}: {}.", held(best)));
    if best.part != Part::Present {
        said.push(format!("Present: {}.", held(now)));
    }
    if tuning.verdict.reason == Reason::NotCertified
        && let Some(needed) = tuning.verdict.good_needed
    {
        said.push(format!(
            "Certifying the limits on what happens to good releases takes at least {} without a failure; the \
             finalists had up to {}. More trials may certify them: `--budget thorough`, or `--trials {}`.",
            counted(needed, "good release"),
            count(most_good(tuning)),
            enough(tuning)
        ));
    }
    said
}

fn most_good(tuning: &Tuning) -> u64 {
    let good = |it: &ContestantFound| -> u64 {
        let classes = it.by_class.iter().zip(&tuning.classes);
        classes.filter(|(_, class)| class.good).map(|(found, _)| found.trials).sum()
    };
    tuning.contestants.iter().map(good).max().unwrap_or(0)
}

/// Trials that are enough by the plan, or twice as many where they were not.
fn enough(tuning: &Tuning) -> u64 {
    let planned = tuning.trials.planned;
    if tuning.verdict.trials_enough > planned { tuning.verdict.trials_enough } else { 2 * planned }
}

fn of_one(tuning: &Tuning, wanted: &crate::experiment::tune::Constraint, found: &Held) -> String {
    use crate::experiment::tune::Releases;
    let unit = Unit::named(&wanted.unit, &tuning.currency);
    let trials = counted(found.n, "trial");
    let value = found.value.map_or_else(
        || format!("too few trials to estimate it, {}", count(found.n)),
        |it| format!("{} in {trials}", unit.value(it)),
    );
    let of = match wanted.releases {
        Releases::Good if wanted.name != "false_rollback" && wanted.name != "unfinished" => {
            " of good releases"
        }
        Releases::Bad if wanted.name != "escaped" => " of bad releases",
        Releases::All | Releases::Good | Releases::Bad => "",
    };
    let bound = match (wanted.beyond_allowed, found.beyond, found.high) {
        (Some(allowed), Some(beyond), Some(high)) => format!(
            ", exceeded in {}, at most {} (95 % confidence), {} allowed",
            share(beyond),
            share(high),
            share(allowed)
        ),
        (_, _, Some(high)) => format!(", at most {} (95 % confidence)", unit.value(high)),
        _ => String::new(),
    };
    let standing = match found.standing {
        Standing::Certified => "certified",
        Standing::Open => "not certified",
        Standing::Broken => "broken",
    };
    let name = wanted.name.replace('_', " ");
    let condition = condition_on(&wanted.condition, unit);
    // a bound has brackets of its own
    format!("{name}{of} {condition}: {standing}, {value}{bound}")
}

/// Against common defaults.
fn gains(tuning: &Tuning) -> Vec<String> {
    let Some(best) = recommended(tuning) else { return Vec::new() };
    let mut said = Vec::new();
    for other in tuning.contestants.iter().filter(|it| it.part == Part::Common) {
        // what is not known of both is left out
        let both = |one: Option<Figure>, two: Option<Figure>, unit: &str| {
            let (one, two) = one.zip(two)?;
            Some((told(unit, tuning, &one), told(unit, tuning, &two)))
        };
        let hurt = both(best.users_hurt, other.users_hurt, "count").map(|(here, there)| {
            format!("{} hurt per rollout instead of {there}", things(&here, "user"))
        });
        let back = both(best.false_rollback, other.false_rollback, "ratio")
            .map(|(here, there)| format!("false rollbacks {here} instead of {there}"));
        let time = both(best.rollout_time, other.rollout_time, "seconds")
            .map(|(here, there)| format!("good releases completed in {here} instead of {there}"));
        let known: Vec<String> = [hurt, back, time].into_iter().flatten().collect();
        if !known.is_empty() {
            said.push(format!("Compared with {}: {}.", harmless(&other.name), known.join(", ")));
        }
    }
    said
}

/// The winner's curse.
fn flattered(tuning: &Tuning) -> Option<String> {
    let best = recommended(tuning).filter(|it| it.part == Part::Found)?;
    let (searched, found) = (best.searched?, best.objective.as_ref()?);
    let unit = tuning.objective.unit.as_str();
    let gap = found.value - searched;
    let alone = Unit::named(unit, &tuning.currency);
    Some(format!(
        "The search estimated it at {}, on the seeds on which it was chosen: {} {} than on fresh \
         ones. The best of many looks better than it is, so no figure here comes from the search.",
        alone.value(searched),
        alone.value(gap.abs()),
        if gap >= 0.0 { "less" } else { "more" }
    ))
}

fn tied(tuning: &Tuning) -> Option<String> {
    let others: Vec<String> = tuning
        .verdict
        .tied
        .iter()
        .filter(|it| **it != tuning.verdict.recommended)
        .filter_map(|it| tuning.contestants.get(*it))
        .map(|it| format!("`{}`", harmless(&it.name)))
        .collect();
    (!others.is_empty()).then(|| {
        format!(
            "It cannot be told apart from {}; of these, the one closest to the present settings \
             is recommended.",
            others.join(", ")
        )
    })
}

fn prior(tuning: &Tuning) -> Option<String> {
    let (low, high) = tuning.verdict.bad_range?;
    let now = share(tuning.verdict.bad);
    if matches!(tuning.verdict.reason, Reason::NotCertified | Reason::NotMeasured) {
        return None;
    }
    Some(match (low <= 0.0, high >= 1.0) {
        (true, true) => format!(
            "{now} of the releases are assumed to be bad; it stays the best of the certified \
             settings at any share of bad releases."
        ),
        _ => format!(
            "{now} of the releases are assumed to be bad; it stays the best of the certified \
             settings from {}.",
            range(&share(low), &share(high))
        ),
    })
}

/// Circumstances in which something required breaks.
fn breaks(tuning: &Tuning) -> Vec<String> {
    // an open one counts where its estimate is beyond the limit, though not significantly
    let worst = |it: &UnderIt, wanted: Standing| -> Vec<String> {
        let each = tuning.constraints.iter().zip(&it.constraints);
        let found = each.filter(|(of, found)| match wanted {
            Standing::Broken => found.standing == Standing::Broken,
            Standing::Open | Standing::Certified => {
                found.standing == Standing::Open && exceeds(of, found)
            }
        });
        found
            .map(|(of, found)| {
                let unit = Unit::named(&of.unit, &tuning.currency);
                let value =
                    found.value.map_or_else(String::new, |it| format!(" {}", unit.value(it)));
                let allowed = condition_on(&of.condition, unit);
                let trials = counted(found.n, "trial");
                format!("{}{value} in {trials}, {allowed} allowed", of.name.replace('_', " "))
            })
            .collect()
    };
    let whom = match recommended(tuning) {
        Some(it) if it.part != Part::Present => "the recommended settings",
        _ => "the present settings",
    };
    let mut said = Vec::new();
    for (wanted, verb) in [(Standing::Broken, "break"), (Standing::Open, "may break")] {
        for it in &tuning.robustness {
            let found = it.settings.first().map_or_else(Vec::new, |it| worst(it, wanted));
            let what = match found.as_slice() {
                [] => continue,
                [_] => "a constraint",
                _ => "constraints",
            };
            let found = found.join("; ");
            said.push(format!("Warning: with {}, {whom} {verb} {what}: {found}.", it.name));
        }
    }
    said
}

/// Whether the estimate alone is beyond the limit.
fn exceeds(of: &crate::experiment::tune::Constraint, found: &Held) -> bool {
    let condition = of.condition.parse::<crate::model::Condition>();
    match (of.beyond_allowed, found.beyond, found.value) {
        (Some(allowed), Some(beyond), _) => beyond > allowed,
        (None, _, Some(value)) => condition.is_ok_and(|it| !it.holds(value)),
        _ => false,
    }
}

fn basis(tuning: &Tuning) -> String {
    let spent = tuning.trials;
    format!(
        "{}: {} in the search of {}, {} on fresh seeds, {} under other circumstances; seed {}. Intervals \
         hold with {} over all {} looks together.",
        counted(spent.search + spent.fresh + spent.robustness, "trial"),
        count(spent.search),
        counted(tuning.candidates.len() as u64, "candidate"),
        count(spent.fresh),
        count(spent.robustness),
        tuning.seed,
        share(tuning.confidence),
        tuning.looks
    )
}
