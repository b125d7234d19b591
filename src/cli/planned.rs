//! From a file to a plan, as every command that simulates needs it.

use std::path::Path;

use crate::scenario::{self, Loaded, Plan, Problem, Problems, Scenario};

/// A scenario that can be simulated, and what there is to say about it all the same.
pub(super) struct Planned {
    pub(super) plan: Plan,
    pub(super) warnings: Problems,
}

/// Loads, checks and compiles a scenario file.
pub(super) fn plan(file: &Path) -> Result<Planned, Problems> {
    let loaded = scenario::load::<Scenario>(file)?;
    let name = file.file_stem().map_or_else(|| "scenario".into(), |it| it.to_string_lossy());
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let (plan, problems) = scenario::plan_of(&name, loaded.value.clone(), folder);
    let located = problems.into_iter().map(|it| place(&loaded, it)).collect();
    let problems = Problems::new(loaded.sources, located);
    match plan {
        Some(plan) => Ok(Planned { plan, warnings: problems }),
        None => Err(problems),
    }
}

fn place(loaded: &Loaded<Scenario>, problem: Problem) -> Problem {
    let location = loaded.locate(&problem.path);
    problem.at(location)
}
