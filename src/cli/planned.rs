//! From a file to a plan, as every command that simulates needs it.

use std::path::Path;

use crate::scenario::{self, Plan, Problems, Scenario};

/// A scenario that can be simulated, and what there is to say about it all the same.
pub(super) struct Planned {
    pub(super) plan: Plan,
    pub(super) warnings: Problems,
}

/// Loads, checks and compiles a scenario file, and asks whether its analysis can work.
pub(super) fn plan(file: &Path) -> Result<Planned, Problems> {
    read(file, &mut |_, _| {}, true)
}

/// Without that question, for a scenario to which something is added that its file does not say.
pub(super) fn plan_with(
    file: &Path,
    add: &mut dyn FnMut(&mut Scenario, &Plan),
) -> Result<Planned, Problems> {
    read(file, add, false)
}

fn read(
    file: &Path,
    add: &mut dyn FnMut(&mut Scenario, &Plan),
    linted: bool,
) -> Result<Planned, Problems> {
    let loaded = scenario::load::<Scenario>(file)?;
    let name = file.file_stem().map_or_else(|| "scenario".into(), |it| it.to_string_lossy());
    let folder = folder_of(file);
    let (mut plan, mut problems) = scenario::plan_of(&name, loaded.value.clone(), folder);
    if let Some(written) = &plan {
        let mut whole = loaded.value.clone();
        add(&mut whole, written);
        if whole != loaded.value {
            (plan, problems) = scenario::plan_of(&name, whole, folder);
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
