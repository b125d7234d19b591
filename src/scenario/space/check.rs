//! Whether a tuning can be simulated: names, ranges, and the scenarios at their ends.

use serde_json::Value;

use super::{Parameter, Space, made, places};
use crate::{
    model::{Condition, EstimateName, TuneSpec},
    scenario::{
        FromFile, Plan, Problem, Scenario,
        path::{below, within},
        place, quoted, suggest,
    },
    stats::SOBOL_DIMENSIONS_MAX,
    units::LimitKind,
};

/// The plan of a scenario with other values at some paths.
pub type Vary<'v> = &'v dyn Fn(&Scenario, &[(String, Value)]) -> Result<Plan, Vec<Problem>>;

/// Everything that is wrong with the `tune` of a scenario, which is right otherwise. `vary` tries
/// out what a tuning might simulate.
pub fn problems(scenario: &Scenario, vary: Vary<'_>) -> Vec<Problem> {
    let Some(spec) = &scenario.tune else { return Vec::new() };
    let mut problems = names(spec);
    let mut plain = scenario.clone();
    plain.tune = None;
    let written = serde_json::to_value(&plain).unwrap_or_default();
    for (path, parameter) in &spec.parameters {
        let at = path_of(path);
        if let Some(key) = without_effect(path) {
            let message = format!("no rollout depends on {}", quoted(key));
            problems.push(
                Problem::error(message).path(at).hint("tune what a rollout is simulated with"),
            );
            continue;
        }
        match made(path, parameter) {
            Err(why) => problems.push(Problem::error(why).path(at)),
            Ok(_) => problems.extend(nowhere(spec, path, &written).map(|it| it.path(at))),
        }
    }
    let space = Space::of(spec);
    if space.axes().len() > SOBOL_DIMENSIONS_MAX {
        let message = format!("there are {} numbers to tune", space.axes().len());
        let allowed = format!("at most {SOBOL_DIMENSIONS_MAX}; a ramp has up to four");
        problems.push(Problem::error(message).path("tune.parameters").allowed(allowed));
    }
    if problems.is_empty() {
        problems = runnable(&space, (&plain, &written), vary);
    }
    problems
}

/// The section of a path that names, judges or prices rollouts and changes none.
fn without_effect(path: &str) -> Option<&str> {
    let key = path.split(['.', '[']).next()?;
    ["title", "seed", "expect", "cost"].contains(&key).then_some(key)
}

fn path_of(parameter: &str) -> String {
    below("tune.parameters", parameter)
}

/// Where the path leads nowhere, neither in the scenario nor under one of the choices.
fn nowhere(spec: &TuneSpec, path: &str, written: &Value) -> Option<Problem> {
    let found = place::places(&mut written.clone(), path, Scenario::schemas()).map(drop);
    let mut problem = *found.err()?;
    let outer = spec.parameters.iter().filter(|(outer, _)| within(path, outer));
    let choices = outer.filter_map(|(outer, it)| Some((outer, it.choices.as_ref()?)));
    let under_a_choice = choices.into_iter().any(|(outer, choices)| {
        choices.iter().any(|choice| {
            let mut root = written.clone();
            for place in places(&mut root, outer) {
                *place = choice.clone();
            }
            !places(&mut root, path).is_empty()
        })
    });
    let hint = "`rollsim check --print FILE` shows the scenario with every default";
    problem.hint.get_or_insert_with(|| hint.to_owned());
    (!under_a_choice).then_some(problem)
}

/// Names of estimates, and limits of their kind.
fn names(spec: &TuneSpec) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Err(malformed) = spec.objective().parse::<EstimateName>() {
        problems.push(no_estimate("tune.objective".to_owned(), spec.objective(), &malformed));
    }
    let groups = [
        ("all", &spec.constraints.all),
        ("good", &spec.constraints.good),
        ("bad", &spec.constraints.bad),
    ];
    for (group, conditions) in groups {
        for (name, condition) in conditions {
            let path = below(&format!("tune.constraints.{group}"), name);
            match name.parse::<EstimateName>() {
                Err(malformed) => problems.push(no_estimate(path, name, &malformed)),
                Ok(it) => problems.extend(wrong_limit(path, it.kind(), *condition)),
            }
        }
    }
    problems
}

fn no_estimate(path: String, name: &str, why: &crate::units::Malformed) -> Problem {
    let names: Vec<String> = EstimateName::all().map(|it| it.to_string()).collect();
    let problem = Problem::error(why.problem.clone()).path(path).allowed(why.allowed);
    match suggest(name, names.iter().map(String::as_str)) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem,
    }
}

fn wrong_limit(path: String, wanted: LimitKind, condition: Condition) -> Option<Problem> {
    let (low, high) = condition.limits();
    let fits = low.kind() == wanted && high.is_none_or(|it| it.kind() == wanted);
    let message = format!("`{condition}` is in another unit");
    (!fits).then(|| Problem::error(message).path(path))
}

/// Both ends of all ranges at once and their middle must be scenarios that can be simulated; where
/// they are not, every parameter is tried by itself to find the one at fault.
fn runnable(space: &Space, (plain, written): (&Scenario, &Value), vary: Vary<'_>) -> Vec<Problem> {
    let axes = space.axes().len();
    let tried = |point: &[f64], of: &str| {
        let mut settings = space.settings(written, point);
        // by itself, under what encloses it
        settings.retain(|(path, _)| of.is_empty() || within(of, path));
        vary(plain, &settings).err().and_then(|it| it.into_iter().next())
    };
    if [0.0, 0.5, 1.0].iter().all(|part| tried(&vec![*part; axes], "").is_none()) {
        return Vec::new();
    }
    let present = space.point(written);
    let mut problems = Vec::new();
    let mut first = 0;
    for parameter in &space.parameters {
        let own = first..first + parameter.axes().len();
        first = own.end;
        for part in parts(parameter) {
            let mut point = present.clone();
            point[own.clone()].fill(part);
            let Some(why) = tried(&point, parameter.path()) else { continue };
            let (_, value) = parameter.at(&point[own.clone()]);
            let shown = crate::scenario::to_yaml_line(&value);
            let own = within(&why.path, parameter.path());
            let why = if own { why } else { why.elsewhere() };
            let message = format!("{} gives no valid scenario: {}", quoted(&shown), why.message);
            let mut problem = Problem::error(message).path(path_of(parameter.path()));
            problem.allowed = why.allowed;
            problems.push(problem);
            break;
        }
    }
    problems
}

/// Where a parameter is tried: at the ends and the middle, or at each of its choices.
fn parts(parameter: &Parameter) -> Vec<f64> {
    match parameter {
        Parameter::Choices(_, values) => {
            (0..values.len()).map(|it| (it as f64 + 0.5) / values.len() as f64).collect()
        }
        Parameter::Range(..) | Parameter::Ramp(..) => vec![0.0, 0.5, 1.0],
    }
}
