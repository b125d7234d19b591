//! From plans to a study.

use super::{
    Contestant, Expected, Goal, Prices, Protocol, ReleaseClass, Study, about::about, shell_word,
};
use crate::{
    model::EstimateName,
    scenario::{Plan, highest, listed, quoted, suggest},
};

/// Version of the format of `study.json`.
const FORMAT: u32 = 1;
/// Most strategies in one comparison.
pub const CONTESTANTS_MAX: usize = 32;

/// A scenario that takes part.
#[derive(Clone, Debug)]
pub struct Entrant {
    /// As it was named.
    pub file: String,
    pub plan: Plan,
    /// What was filled in for it.
    pub assumptions: Vec<String>,
}

/// What was asked for.
#[derive(Clone, Debug)]
pub struct Request {
    pub seed: u64,
    pub goal: Goal,
    /// The command that makes it again.
    pub command: String,
    /// Preset of releases that was asked for in place of the scenario's.
    pub preset: Option<String>,
    /// Settings in place of the scenario's.
    pub set: Vec<String>,
    /// Names of the strategies that take part; all where it is empty.
    pub strategies: Vec<String>,
}

/// Lays out the comparison of every strategy of every scenario; of several scenarios the first says
/// what is common. Says what does not fit together.
pub fn set_up(entrants: Vec<Entrant>, request: Request) -> Result<Study, String> {
    let Some(first) = entrants.first() else { return Err("there is no scenario".to_owned()) };
    let classes = classes(&first.plan);
    for other in &entrants[1..] {
        if self::classes(&other.plan) != classes {
            return Err(format!(
                "`{}` and `{}` ship different releases, so that their rollouts cannot be paired\n\
                 hint: give both the same `release` and `releases`, for example by `extends`",
                first.file, other.file
            ));
        }
    }
    let (name, title) = (first.plan.name.clone(), first.plan.scenario.title.clone());
    let prices = Prices::of(&first.plan.scenario.cost);
    let mut assumptions = assumptions(&first.plan, &prices);
    let files: Vec<String> = entrants.iter().map(|it| it.file.clone()).collect();
    let several = entrants.len() > 1;
    let (mut contestants, mut plans, mut expected) = (Vec::new(), Vec::new(), Vec::new());
    let mut left_out = Vec::new();
    let mut firsts = Vec::new();
    for entrant in entrants {
        let first = plans.len();
        for said in entrant.assumptions {
            if !assumptions.contains(&said) {
                assumptions.push(said);
            }
        }
        for (name, spec) in entrant.plan.scenario.strategies() {
            let plan = entrant.plan.with_strategy(spec);
            let full = named(&entrant.plan, name, several);
            if !request.strategies.is_empty() && !request.strategies.contains(&full) {
                left_out.push(full);
                continue;
            }
            let of_it = entrant.plan.estimates.get(name).into_iter().flatten();
            expected.extend(of_it.map(|(estimate, condition)| Expected {
                strategy: full.clone(),
                estimate: estimate.name(),
                condition: *condition,
                most: most(&plan, *estimate),
            }));
            contestants.push(contestant((&entrant.file, &request.set), full, name, &plan));
            plans.push(plan);
            firsts.push(first);
        }
    }
    if plans.len() > CONTESTANTS_MAX {
        return Err(format!("{} strategies are too many: at most {CONTESTANTS_MAX}", plans.len()));
    }
    refuse_unknown(&request.strategies, &contestants, &left_out)?;
    let Request { seed, goal, command, preset, set, strategies } = request;
    let rollsim = env!("CARGO_PKG_VERSION").to_owned();
    let protocol = Protocol {
        format: FORMAT,
        rollsim,
        name,
        title,
        command,
        files,
        seed,
        goal,
        preset,
        set,
        strategies,
        contestants,
        classes,
        prices,
        expected,
        assumptions,
    };
    Ok(Study { protocol, plans, firsts })
}

/// Says which of the strategies that are to take part there are not.
fn refuse_unknown(
    wanted: &[String],
    taken: &[Contestant],
    left_out: &[String],
) -> Result<(), String> {
    let known: Vec<&str> = taken
        .iter()
        .map(|it| it.name.as_str())
        .chain(left_out.iter().map(String::as_str))
        .collect();
    let Some(unknown) = wanted.iter().find(|it| !known.contains(&it.as_str())) else {
        return Ok(());
    };
    let near = suggest(unknown, known.iter().copied());
    let hint = near.map_or_else(String::new, |near| format!("\nhint: did you mean `{near}`?"));
    Err(format!(
        "there is no strategy {} to compare\nallowed: {}{hint}",
        quoted(unknown),
        listed(known.iter().copied())
    ))
}

/// The largest that an estimate can be of a trial under this plan.
fn most(plan: &Plan, estimate: EstimateName) -> Option<f64> {
    let most = if matches!(estimate, EstimateName::Cost(_)) {
        Prices::of(&plan.scenario.cost).most(plan)
    } else {
        highest(plan, estimate)
    };
    most.is_finite().then_some(most)
}

/// A strategy by its own name, and by its file's where there are several.
fn named(plan: &Plan, name: &str, several: bool) -> String {
    if !several {
        name.to_owned()
    } else if plan.scenario.strategies.is_empty() {
        plan.name.clone()
    } else {
        format!("{}: {name}", plan.name)
    }
}

fn contestant((file, set): (&str, &[String]), full: String, name: &str, plan: &Plan) -> Contestant {
    let set = set.iter().map(|it| format!(" --set {}", shell_word(it)));
    let set: String = set.collect();
    Contestant {
        name: full,
        kind: plan.scenario.strategy.name().to_owned(),
        upkeep: plan.scenario.strategy.kind().upkeep_minutes(),
        command: format!("rollsim run {} --strategy {}{set}", shell_word(file), shell_word(name)),
        scenario: serde_json::to_value(&plan.scenario).unwrap_or_default(),
    }
}

/// The classes of releases, or the release as it is written.
pub(super) fn classes(plan: &Plan) -> Vec<ReleaseClass> {
    let Some(lottery) = &plan.lottery else {
        let release = &plan.releases[0];
        let good = release.defects.is_empty();
        let name = if good { "good" } else { "as written" };
        let (name, about) = (name.to_owned(), about(release));
        return vec![ReleaseClass { name, chance: 1.0, good, release: 0, about }];
    };
    let possible = lottery.classes.iter().filter(|it| it.chance > 0.0);
    let class = |it: &crate::scenario::ReleaseClass| ReleaseClass {
        name: it.name.clone(),
        chance: it.chance,
        good: it.good,
        release: it.release,
        about: about(&plan.releases[it.release]),
    };
    possible.map(class).collect()
}

pub(super) fn assumptions(plan: &Plan, prices: &Prices) -> Vec<String> {
    let mut said = plan.lottery.as_ref().map_or_else(Vec::new, |it| it.assumptions.clone());
    let own = if prices.own().is_empty() {
        String::new()
    } else {
        format!("; the scenario sets {} itself", prices.own().join(", "))
    };
    said.push(format!(
        "Prices are those of the profile `{}`, which are judgement{own}.",
        prices.profile().name()
    ));
    said
}
