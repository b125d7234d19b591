//! What is tuned: the scenario, what may change, and how many trials there are.

use std::{collections::BTreeSet, path::PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    aims::Aims,
    budget::Budget,
    defaults::{Common, common, filled_in},
    search::{Question, Stage},
    tally::ClassOf,
    vary::{self, Variation},
};
use crate::{
    experiment::{
        Prices, ReleaseClass,
        set_up::{assumptions, classes},
    },
    kernel::{Key, Seed},
    scenario::{Plan, Scenario, Space, plan_of, vary as varied},
    units::text::{count, counted},
};

/// Seconds of one core that a request and a trial take, about: what a budget is measured by.
const REQUEST: f64 = 200e-9;
const TRIAL: f64 = 150e-6;

/// How much may be spent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effort {
    /// Seconds of one core, about, at most so many trials.
    Cores {
        seconds: f64,
        most: u64,
    },
    Trials(u64),
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The scenario's file as it was named.
    pub file: String,
    pub seed: u64,
    pub effort: Effort,
    /// The command that makes it again.
    pub command: String,
    /// What was filled in that the scenario does not say.
    pub assumptions: Vec<String>,
    /// Whether the file has an `analysis` of its own.
    pub has_analysis: bool,
    /// Where the scenario's data files are.
    pub folder: PathBuf,
}

/// What is to be done, written down before it is done. Trials made under the same protocol belong
/// together.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Protocol {
    pub format: u32,
    pub rollsim: String,
    pub name: String,
    pub title: String,
    pub file: String,
    pub command: String,
    pub seed: u64,
    pub trials: u64,
    /// The scenario as it is simulated, with what was filled in, and its tuning.
    pub scenario: Value,
    pub assumptions: Vec<String>,
}

/// A tuning that can be simulated.
#[derive(Debug)]
pub struct Study {
    pub(super) protocol: Protocol,
    pub(super) aims: Aims,
    pub(super) space: Space,
    pub(super) classes: Vec<ReleaseClass>,
    pub(super) strata: Vec<ClassOf>,
    pub(super) prices: Prices,
    pub(super) budget: Budget,
    /// The scenario without its tuning, and the same as text.
    pub(super) scenario: Scenario,
    pub(super) written: Value,
    /// With the classes of `releases` written out.
    written_out: Scenario,
    pub(super) common: Vec<(Common, Scenario)>,
    pub(super) has_analysis: bool,
    pub(super) folder: PathBuf,
}

/// Version of the format of `study.json`.
const FORMAT: u32 = 1;
/// Fewest trials that a tuning makes sense with.
pub const TRIALS_MIN: u64 = 200;

impl Study {
    /// Lays it out. The plan is that of a scenario to which everything was added that it does not say.
    pub fn new(plan: &Plan, request: Request) -> Result<Self, String> {
        let mut scenario = plan.scenario.clone();
        let (spec, said) = filled_in(&scenario)?;
        let whole = Scenario { tune: Some(spec.clone()), ..scenario.clone() };
        let problems = crate::scenario::tuning_problems(&whole, &|base, values| {
            varied(base, &plan.name, &request.folder, values)
        });
        if let Some(problem) = problems.first() {
            return Err(format!("{}: {}", problem.path, problem.message));
        }
        scenario.tune = None;
        scenario.expect = crate::model::ExpectSpec::default();
        let written = serde_json::to_value(&scenario).unwrap_or_default();
        let prices = Prices::of(&scenario.cost);
        let classes = classes(plan);
        let strata: Vec<ClassOf> =
            classes.iter().map(|it| ClassOf { chance: it.chance, good: it.good }).collect();
        if !strata.iter().any(|it| it.good) {
            return Err(
                "every release is bad: false rollbacks cannot be measured\nhint: give the \
                 scenario `releases` with a chance for good ones"
                    .to_owned(),
            );
        }
        let common = common(&scenario).into_iter().filter_map(|it| {
            let plan = varied(&scenario, &plan.name, &request.folder, &it.settings).ok()?;
            fits(&plan).then_some((it, plan.scenario))
        });
        let common: Vec<(Common, Scenario)> = common.collect();
        let trials = trials(plan, request.effort);
        let mut told = assumptions(plan, &prices);
        told.extend(request.assumptions);
        told.extend(said);
        let protocol = Protocol {
            format: FORMAT,
            rollsim: env!("CARGO_PKG_VERSION").to_owned(),
            name: plan.name.clone(),
            title: scenario.title.clone(),
            file: request.file,
            command: request.command,
            seed: request.seed,
            trials,
            scenario: serde_json::to_value(&whole).unwrap_or_default(),
            assumptions: told,
        };
        let aims = Aims::of(&spec);
        Ok(Self {
            protocol,
            space: Space::of(&spec),
            budget: Budget::of(trials, &strata, common.len(), aims.limit_on_good()),
            aims,
            classes,
            strata,
            prices,
            written_out: plan.spelled_out(),
            written,
            scenario,
            common,
            has_analysis: request.has_analysis,
            folder: request.folder,
        })
    }

    /// That its trials cannot certify anything, as far as is known before any is simulated.
    pub fn too_few(&self) -> Option<String> {
        let Budget { trials, good_needed, good_each, .. } = self.budget;
        let enough = self.budget.enough(self.common.len());
        (good_each < good_needed).then(|| {
            format!(
                "{} can hardly certify any settings: each finalist has about {} and a limit on what happens to \
                 these takes at least {} without a failure\nhint: `--trials {enough}`",
                counted(trials, "trial"),
                counted(good_each, "good release"),
                count(good_needed)
            )
        })
    }

    pub(super) fn question(&self) -> Question<'_> {
        Question {
            aims: &self.aims,
            classes: &self.strata,
            budget: &self.budget,
            key: Key::of_bits(self.protocol.seed).child(SEARCH),
            dimensions: self.space.axes().len(),
        }
    }

    /// What a point says, where it makes a scenario that fits into its trial and was not `seen`.
    pub(super) fn prepare(
        &self,
        point: &[f64],
        seen: &mut BTreeSet<String>,
    ) -> Option<(Scenario, Vec<(String, Value)>)> {
        let settings = self.space.settings(&self.written, point);
        if !seen.insert(serde_json::to_string(&settings).unwrap_or_default()) {
            return None;
        }
        let plan = varied(&self.scenario, &self.protocol.name, &self.folder, &settings).ok()?;
        fits(&plan).then_some((plan.scenario, settings))
    }

    /// Whether anything is different under other circumstances.
    pub(super) fn is_changed_by(&self, it: Variation) -> bool {
        it.changes(&self.scenario, &self.written_out, self.classes.iter().any(|it| it.good))
    }

    /// The plan that a job simulates.
    pub(super) fn plan(&self, scenario: &Scenario, stage: Stage) -> Plan {
        let variation = match stage {
            Stage::Robust(index) => vary::ALL.get(index).copied(),
            Stage::Search | Stage::Fresh => None,
        };
        let scenario = match variation {
            Some(it) => Variation::of(it, scenario.clone(), &self.written_out),
            None => scenario.clone(),
        };
        let (plan, problems) = plan_of(&self.protocol.name, scenario, &self.folder);
        let mut plan = plan.unwrap_or_else(|| panic!("a checked scenario is one: {problems:?}"));
        if let Some(variation) = variation {
            variation.touch(&mut plan, self.classes.iter().find(|it| it.good).map(|it| it.release));
        }
        plan
    }

    /// Seed of a trial: by stage, class and number alone, so that all candidates have the same
    /// random draws, and no seed that is judged was used by the search.
    pub(super) const fn seed_of(&self, stage: Stage, class: usize, number: u64) -> Seed {
        let stage = match stage {
            Stage::Search => 0,
            Stage::Fresh | Stage::Robust(_) => 1,
        };
        let index = (stage << STAGE_BITS) | ((class as u64) << NUMBER_BITS) | number;
        Seed::new(self.protocol.seed).replication(index)
    }

    pub const fn protocol(&self) -> &Protocol {
        &self.protocol
    }

    /// Trials that it can come to.
    pub const fn most(&self) -> u64 {
        self.protocol.trials
    }

    /// Names of what is kept of every trial.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.aims.tracked.iter().map(|it| it.name())
    }

    /// Name of a class of releases.
    pub fn class_name(&self, class: usize) -> &str {
        &self.classes[class].name
    }

    /// Index of a class by its name.
    pub fn class_named(&self, name: &str) -> Option<usize> {
        self.classes.iter().position(|it| it.name == name)
    }
}

/// Names the draws of the search.
const SEARCH: u64 = 0x7475_6E65;
const NUMBER_BITS: u32 = 40;
const STAGE_BITS: u32 = 56;

fn trials(plan: &Plan, effort: Effort) -> u64 {
    match effort {
        Effort::Trials(trials) => trials,
        Effort::Cores { seconds, most } => {
            let requests = plan.rates.expected(plan.scenario.length);
            let affordable = seconds / (requests * REQUEST + TRIAL);
            crate::units::round_u64(affordable).clamp(TRIALS_MIN.min(most), most)
        }
    }
}

/// Whether a rollout can be over before the trial is: by the shortest way, as `check` asks.
pub(super) fn fits(plan: &Plan) -> bool {
    let left = plan.scenario.length.saturating_sub(plan.scenario.rollout_at);
    plan.shortest_way(&plan.scenario.strategy).takes() <= left
}
