//! The mix of releases of a plan: the classes of the scenario, checked and compiled.

use super::{
    LotterySpec, Problem, ReleaseClassSpec, ReleaseSpec, Scenario,
    check::Check,
    path::below,
    preset::{self, Mix},
};
use crate::{
    fault::FaultSpec,
    model::MigrationSpec,
    units::{Ratio, text},
};

/// Name of the class of releases without a defect.
pub const GOOD: &str = "good";
/// Most classes, `good` not counted.
const CLASSES_MAX: usize = 32;

/// The mix of releases of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Lottery {
    /// `good` first, then the others by their names; the chances sum to 1, none is 0 but that of
    /// `good`, which may be.
    pub classes: Vec<ReleaseClass>,
    /// The assumptions of a preset, in sentences with their sources: for every report that uses it.
    pub assumptions: Vec<String>,
}

/// A class of releases that a trial can ship.
#[derive(Clone, Debug, PartialEq)]
pub struct ReleaseClass {
    pub name: String,
    /// Above 0 and at most 1.
    pub chance: f64,
    /// Index into the releases of the plan.
    pub release: usize,
    pub good: bool,
}

impl Lottery {
    pub fn class(&self, name: &str) -> Option<&ReleaseClass> {
        self.classes.iter().find(|it| it.name == name)
    }

    /// The class that a uniform draw in (0, 1) falls on.
    pub fn draw(&self, uniform: f64) -> &ReleaseClass {
        let mut below = 0.0;
        let drawn = self.classes.iter().find(|it| {
            below += it.chance;
            uniform < below
        });
        // the sum of the chances may be slightly below 1
        drawn.unwrap_or_else(|| self.classes.iter().rfind(|it| it.chance > 0.0).expect("a class"))
    }
}

/// The classes with their chances scaled, without those that never come.
pub(super) fn classes(scenario: &Scenario, spec: &LotterySpec) -> Mix {
    let mut mix = spec.preset.map_or_else(Mix::default, |it| preset::mix(scenario, spec, it));
    for (name, class) in &spec.classes {
        mix.classes.insert(name.clone(), (class.chance.get(), class.clone()));
    }
    let total: f64 = mix.classes.values().map(|it| it.0).sum();
    let factor = spec.bad.filter(|_| total > 0.0).map_or(1.0, |it| it.get() / total);
    for (chance, class) in mix.classes.values_mut() {
        *chance *= factor;
        class.chance = Ratio::clamped(*chance);
    }
    mix.classes.retain(|_, (chance, _)| *chance > 0.0);
    mix
}

/// The mix of a scenario that has one, and its releases, the first of them at index `first`.
pub(super) fn compiled(scenario: &Scenario, first: usize) -> Option<(Lottery, Vec<ReleaseSpec>)> {
    let spec = scenario.releases.as_ref()?;
    let Mix { classes, assumptions } = classes(scenario, spec);
    let bad: f64 = classes.values().map(|it| it.0).sum();
    let release = |migration: Option<MigrationSpec>, defects: Vec<FaultSpec>| ReleaseSpec {
        migration: migration.or(scenario.release.migration),
        defects,
        ..scenario.release.clone()
    };
    let mut lottery = vec![ReleaseClass {
        name: GOOD.to_owned(),
        chance: (1.0 - bad).max(0.0),
        release: first,
        good: true,
    }];
    let mut releases = vec![release(None, Vec::new())];
    for (name, (chance, class)) in classes {
        let index = first + releases.len();
        lottery.push(ReleaseClass { name, chance, release: index, good: false });
        releases.push(release(class.migration, class.defects));
    }
    Some((Lottery { classes: lottery, assumptions }, releases))
}

impl Check<'_> {
    pub(super) fn lottery(&mut self) {
        let scenario = self.scenario;
        let Some(spec) = &scenario.releases else { return };
        if spec.preset.is_none() && spec.classes.is_empty() {
            let problem = Problem::error("`releases` needs a `preset` or `classes`");
            self.problems
                .push(problem.path("releases").hint("write `releases: {preset: typical}`"));
        }
        for (name, class) in &spec.classes {
            self.class(&below("releases.classes", name), name, class);
        }
        let mix = classes(scenario, spec);
        let total: f64 = mix.classes.values().map(|it| it.0).sum();
        if total > 1.0 + 1e-9 {
            let message = format!("the chances sum to {}", text::share(total));
            self.refuse_allowing("releases.classes", message, "at most 100 %");
        }
        if let (Some(bad), true) = (spec.bad, mix.classes.is_empty())
            && !bad.is_zero()
        {
            self.refuse(
                "releases.bad",
                format!("`bad` is `{bad}`, but no class has a chance above 0 %"),
            );
        }
        if mix.classes.len() > CLASSES_MAX {
            let message = format!("there are {} classes", mix.classes.len());
            let allowed = format!("at most {CLASSES_MAX}, those of the preset included");
            self.refuse_allowing("releases.classes", message, allowed);
        }
    }

    fn class(&mut self, path: &str, name: &str, class: &ReleaseClassSpec) {
        if name == GOOD {
            let problem = Problem::error("`good` is the name of the class without defects");
            self.problems.push(problem.path(path).hint("give it another name"));
        }
        self.name(path, name);
        if class.defects.is_empty() && class.migration.is_none() && !class.chance.is_zero() {
            self.refuse(path, "this class has no defect and no migration");
        }
        for (index, fault) in class.defects.iter().enumerate() {
            self.fault(&format!("{path}.defects[{index}]"), fault, true);
        }
    }
}
