//! From a file to a plan, as every command that simulates needs it.

use std::path::Path;

use super::problems;
use crate::scenario::{self, Bound, Plan, Problem, Problems, Scenario, with_settings};

/// A scenario that can be simulated, and what there is to say about it all the same.
pub(super) struct Planned {
    pub(super) plan: Plan,
    pub(super) warnings: Problems,
}

/// Loads, checks and compiles a scenario file of which no trial exceeds the bound, and asks whether its analysis can work.
pub(super) fn plan(file: &Path, bound: Bound) -> Result<Planned, Problems> {
    read(file, &mut |_, _| {}, (bound, true))
}

/// Without that question, for a scenario to which something is added that its file does not say.
pub(super) fn plan_with(
    file: &Path,
    bound: Bound,
    add: &mut dyn FnMut(&mut Scenario, &Plan),
) -> Result<Planned, Problems> {
    read(file, add, (bound, false))
}

/// The scenario as it is to be simulated: completed, with what is chosen of it, and with the settings of the command
/// line, `PATH=VALUE` each, if a trial of it is within the bound. Problems and warnings are reported; none where there are problems.
pub(super) fn plan_as_asked(
    file: &Path,
    add: &mut dyn FnMut(&mut Scenario, &Plan),
    choose: impl FnOnce(Plan) -> anyhow::Result<Plan>,
    (set, bound): (&[String], Bound),
) -> anyhow::Result<Option<Plan>> {
    // with other settings it is another trial
    let written = if set.is_empty() { bound } else { Bound::NONE };
    let completed = plan_with(file, written, add).map(|it| (it.plan, it.warnings));
    let Some(plan) = reported(completed)? else { return Ok(None) };
    let plan = choose(plan)?;
    if set.is_empty() {
        return Ok(Some(plan));
    }
    Ok(reported(with_settings(&plan, folder_of(file), set, bound))?)
}

/// Reports what there is to say about a plan; none where it has problems.
fn reported(found: Result<(Plan, Problems), Problems>) -> std::io::Result<Option<Plan>> {
    let (plan, problems) = match found {
        Ok((plan, warnings)) => (Some(plan), warnings),
        Err(problems) => (None, problems),
    };
    if !problems.is_empty() {
        problems::tell(&problems)?;
    }
    Ok(plan)
}

fn read(
    file: &Path,
    add: &mut dyn FnMut(&mut Scenario, &Plan),
    (bound, linted): (Bound, bool),
) -> Result<Planned, Problems> {
    let loaded = scenario::load::<Scenario>(file)?;
    let name = file.file_stem().map_or_else(|| "scenario".into(), |it| it.to_string_lossy());
    let folder = folder_of(file);
    let (mut plan, mut problems) = scenario::plan_of(&name, loaded.value.clone(), folder);
    // before anything is added: what is added is measured on trials
    problems.extend(plan.as_ref().and_then(|it| bound.refusal(&it.most_work())));
    plan = plan.filter(|_| !problems.iter().any(Problem::is_error));
    if let Some(written) = &plan {
        let mut whole = loaded.value.clone();
        add(&mut whole, written);
        if whole != loaded.value {
            (plan, problems) = scenario::plan_of(&name, whole, folder);
            problems.extend(plan.as_ref().and_then(|it| bound.refusal(&it.most_work())));
            plan = plan.filter(|_| !problems.iter().any(Problem::is_error));
        }
    }
    problems.extend(plan.iter().filter(|_| linted).flat_map(scenario::lint));
    let mut located: Vec<_> = problems.into_iter().map(|it| loaded.placed(it)).collect();
    located.extend(loaded.warnings);
    let problems = Problems::new(loaded.sources, located);
    match plan {
        Some(plan) => Ok(Planned { plan, warnings: problems }),
        None => Err(problems),
    }
}

/// Where the data files of a scenario are.
pub(super) fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
