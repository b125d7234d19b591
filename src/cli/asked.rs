//! What is compared, as a command line asks for it, and simulating it: what `compare` and `advise`
//! share.

use std::path::PathBuf;

use anyhow::{anyhow, bail};

use super::{
    Ending, Printed,
    keeper::Keeper,
    options::Kept,
    planned, problems,
    studies::{self, Comparison},
    work,
};
use crate::{
    experiment::{
        self, Additions, ComparisonRun, Entrant, Goal, LineUp, Ranked, Request, Study, Summary,
        fill_in, set_up, shell_word,
    },
    scenario::{Bound, Plan, Preset, Problems, Scenario, Sources, listed, quoted, too_short},
    units::{self, Ratio},
};

/// Requests that the default may simulate in all: about half a minute on two cores.
const REQUESTS: f64 = 170e6;
/// Rollouts of the default, at least and at most.
const ROLLOUTS: (f64, f64) = (200.0, 20_000.0);
/// Share of the cost to which `auto` decides.
const AUTO: f64 = 0.05;

/// A comparison as it is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    /// Name of the command.
    pub(super) command: &'static str,
    pub(super) files: &'a [PathBuf],
    pub(super) trials: Option<u64>,
    pub(super) precision: Option<&'a str>,
    pub(super) most: Option<u64>,
    pub(super) seed: Option<u64>,
    pub(super) releases: Option<&'a str>,
    pub(super) set: &'a [String],
    /// Those that take part; all where it is empty.
    pub(super) strategies: &'a [String],
    pub(super) line_up: LineUp,
    pub(super) bound: Bound,
}

impl Asked<'_> {
    /// Lays it out; none when a scenario has problems, which were reported.
    pub(super) fn study(&self) -> anyhow::Result<Option<Study>> {
        let preset = self.releases.map(preset).transpose()?;
        let Some(entrants) = entrants(self.files, (preset, self.line_up), (self.set, self.bound))?
        else {
            return Ok(None);
        };
        for entrant in &entrants {
            // those that were added are in no file
            let problems = Problems::new(Sources::default(), too_short(&entrant.plan));
            problems::tell(&problems)?;
        }
        let seed = self.seed.unwrap_or(entrants[0].plan.scenario.seed);
        let goal = self.goal(&entrants)?;
        let command = self.again(seed, goal);
        let preset = self.releases.map(str::to_owned);
        let (set, strategies) = (self.set.to_vec(), self.strategies.to_vec());
        let request = Request { seed, goal, command, preset, set, strategies };
        set_up(entrants, request).map(Some).map_err(|it| anyhow!(it))
    }

    fn goal(&self, entrants: &[Entrant]) -> anyhow::Result<Goal> {
        if let Some(trials) = self.trials {
            return Ok(Goal::Trials(trials));
        }
        let (part, of) = match self.precision {
            None | Some("auto") => (AUTO, Ranked::Best),
            Some(text) => {
                let part = text.parse::<Ratio>().ok().filter(|it| it.get() > 0.0);
                let part = part.ok_or_else(|| {
                    anyhow!(
                        "`--precision {text}` is not a share above zero\nallowed: `auto`, or a \
                         percentage such as `5%`"
                    )
                })?;
                (part.get(), Ranked::All)
            }
        };
        let requests = |it: &Entrant| {
            let expected = it.plan.rates.expected(it.plan.scenario.length);
            expected * it.plan.scenario.strategies().len() as f64
        };
        let each: f64 = entrants.iter().map(requests).sum();
        let affordable = (REQUESTS / each.max(1.0)).clamp(ROLLOUTS.0, ROLLOUTS.1);
        let most = self.most.unwrap_or(units::round_u64(affordable));
        Ok(Goal::Precision { part, of, most })
    }

    /// The command that makes the comparison again; where it is simulated, and in how many parts,
    /// is left out, for it changes nothing.
    fn again(&self, seed: u64, goal: Goal) -> String {
        let files = self.files.iter().map(|it| shell_word(&it.to_string_lossy()));
        let mut words: Vec<String> = files.collect();
        match goal {
            Goal::Trials(trials) => words.push(format!("--trials {trials}")),
            Goal::Precision { most, .. } => {
                words.extend(self.precision.map(|it| format!("--precision {}", shell_word(it))));
                words.extend(self.most.map(|_| format!("--most {most}")));
            }
        }
        if !self.strategies.is_empty() {
            words.push(format!("--strategies {}", shell_word(&self.strategies.join(","))));
        }
        words.extend(self.releases.map(|it| format!("--releases {}", shell_word(it))));
        words.extend(self.set.iter().map(|it| format!("--set {}", shell_word(it))));
        format!("rollsim {} {} --seed {seed} --out DIR", self.command, words.join(" "))
    }
}

/// The scenarios as they are compared; none when one of them has problems, which were reported.
fn entrants(
    files: &[PathBuf],
    (preset, line_up): (Option<Preset>, LineUp),
    (set, bound): (&[String], Bound),
) -> anyhow::Result<Option<Vec<Entrant>>> {
    for setting in set {
        let path = setting.split_once('=').map_or("", |it| it.0).trim();
        if path.starts_with("strateg") {
            bail!(
                "`--set {path}` does not say of which of the strategies\nhint: write it into the file, under \
                 `strategies`"
            );
        }
    }
    let (mut entrants, mut refused) = (Vec::new(), false);
    for file in files {
        let mut assumptions = Vec::new();
        let mut add = |scenario: &mut Scenario, plan: &Plan| {
            assumptions = fill_in(scenario, plan, Additions { preset, line_up });
        };
        let plan = planned::plan_as_asked(file, &mut add, Ok, (set, bound))?;
        refused |= plan.is_none();
        let file = file.to_string_lossy().into_owned();
        entrants.extend(plan.map(|plan| Entrant { file, plan, assumptions }));
    }
    Ok((!refused).then_some(entrants))
}

/// Says how much there is to simulate, of a shard or of all, where it takes long.
pub(super) fn say_work(study: &Study, kept: &Kept, pool: &rayon::ThreadPool) -> anyhow::Result<()> {
    let most = ComparisonRun::new(&study.protocol).most();
    let plans: Vec<&Plan> = study.plans.iter().collect();
    Ok(work::say_of(kept.share(most), &plans, pool.current_num_threads())?)
}

/// Simulates it to its end, or until interrupted; returns what was found, or how it ends where there is nothing to
/// report. It has examples where they are `drawn`.
pub(super) fn play(
    study: &Study,
    (kept, folder, drawn): (&Kept, Option<&Comparison>, bool),
    pool: &rayon::ThreadPool,
    out: &mut Printed,
) -> anyhow::Result<Result<Summary, Ending>> {
    let mut run = ComparisonRun::new(&study.protocol);
    let folder = folder.map(Comparison::folder);
    let split = kept.split(folder)?;
    let into = (folder, kept.begin());
    let most = (kept.share(run.most()), "rollouts");
    let mut keeper = Keeper::new(&study.protocol, into, &split, most)?;
    experiment::play(study, &mut run, pool, &mut keeper).map_err(|it| keeper.failed(it))?;
    let ended = kept.close(keeper, run.is_complete(), out)?;
    Ok(ended.map_or_else(|| Ok(studies::summary(study, &run, drawn)), Err))
}

/// A preset of releases by its name.
pub(super) fn preset(name: &str) -> anyhow::Result<Preset> {
    serde_json::from_value(name.into()).map_err(|_| {
        let allowed = listed(["elite", "typical", "struggling"]);
        anyhow!("there is no preset {}\nallowed: {allowed}", quoted(name))
    })
}
