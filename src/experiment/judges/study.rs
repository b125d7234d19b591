//! Simulating rollouts of every world, and what each gate made of them.

use std::{collections::BTreeMap, io, path::Path};

use super::{
    JUDGES_FORMAT, JudgeFound, Judges, Stopped, WorldOfJudges,
    row::{self, JudgesColumns, JudgesRow},
    worlds::worlds,
};
use crate::{
    experiment::{
        Keep,
        keep::{Jobs, play_all},
    },
    kernel::Seed,
    scenario::{Plan, vary},
    stats::wilson,
};

const CONFIDENCE: f64 = 0.95;
/// Rollouts of each world that are laid out at a time.
const BATCH: u64 = 1_000;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct JudgesAsked {
    pub command: String,
    pub seed: u64,
    pub trials: u64,
}

/// What is to be simulated: the same seeds in every world.
#[derive(Debug)]
pub struct JudgesStudy {
    asked: JudgesAsked,
    base: Plan,
    worlds: Vec<WorldOfJudges>,
    plans: Vec<Plan>,
    gates: usize,
}

impl JudgesStudy {
    /// Lays it out; says why where there is nothing to compare, or a world cannot be simulated.
    pub fn new(base: Plan, folder: &Path, asked: JudgesAsked) -> Result<Self, String> {
        let uses = base.scenario.strategy.kind().uses_analysis();
        let Some(analysis) = base.scenario.analysis.as_ref().filter(|_| uses) else {
            let why = "this strategy uses no analysis: there are no judges to compare";
            return Err(why.to_owned());
        };
        let gates = analysis.gates.len();
        let (mut plans, mut about) = (Vec::new(), Vec::new());
        for (world, values) in worlds(&base.scenario) {
            let varied = vary(&base.scenario, &base.name, folder, &values);
            let why = |it: &crate::scenario::Problem| {
                format!("`{}` gives no valid scenario: {}", world.name, it.message)
            };
            plans.push(varied.map_err(|it| it.first().map_or_else(String::new, why))?);
            about.push(world);
        }
        Ok(Self { asked, base, worlds: about, plans, gates })
    }

    /// How many rollouts there are in all.
    pub fn planned(&self) -> u64 {
        self.asked.trials * self.plans.len() as u64
    }

    pub const fn columns(&self) -> JudgesColumns {
        JudgesColumns { gates: self.gates }
    }

    /// What it comes to after so many rollouts.
    fn found(&self, tallies: &[Vec<StopCounts>], played: u64) -> Judges {
        let gates = self.base.scenario.analysis.iter().flat_map(|it| &it.gates);
        let of_gate = |(index, gate): (usize, &crate::judge::GateSpec)| JudgeFound {
            name: gate.name.clone(),
            judge: gate.judge.name().to_owned(),
            found: tallies.iter().map(|it| it[index].found()).collect(),
        };
        Judges {
            format: JUDGES_FORMAT,
            rollsim: env!("CARGO_PKG_VERSION").to_owned(),
            name: self.base.name.clone(),
            title: self.base.scenario.title.clone(),
            seed: self.asked.seed,
            command: self.asked.command.clone(),
            trials: self.asked.trials,
            complete: played == self.planned(),
            confidence: CONFIDENCE,
            judges: gates.enumerate().map(of_gate).collect(),
            worlds: self.worlds.clone(),
        }
    }
}

/// Simulates all worlds until it is done or interrupted, and gathers what each gate would have done.
pub fn play_judges(
    study: &JudgesStudy,
    pool: &rayon::ThreadPool,
    keeper: &mut dyn Keep<JudgesRow>,
) -> io::Result<Judges> {
    let worlds = study.plans.len();
    let mut tallies = vec![vec![StopCounts::default(); study.gates]; worlds];
    let mut played = 0;
    let mut first = 0;
    while first < study.asked.trials {
        let end = study.asked.trials.min(first + BATCH);
        // the worlds of a trial one after the other
        let jobs: Vec<(usize, u64, Seed)> = (first..end)
            .map(|trial| (trial, Seed::new(study.asked.seed).replication(trial)))
            .flat_map(|(trial, seed)| (0..worlds).map(move |world| (world, trial, seed)))
            .collect();
        let mut before = Vec::with_capacity(jobs.len());
        for job in &jobs {
            before.push(keeper.before(&|it| (it.world, it.trial, it.seed) == *job)?);
        }
        let play = |job: &usize| row::play(&study.plans[jobs[*job].0], study.gates, jobs[*job]);
        let work = |left: &[usize]| left.iter().map(play).collect();
        let take = |_, row: JudgesRow| {
            for (tally, after) in tallies[row.world].iter_mut().zip(row.stopped_after) {
                tally.add(after);
            }
            played += 1;
        };
        let part = Jobs::single(before).of(keeper.part());
        if !play_all(pool, keeper, part, work, take)? {
            break;
        }
        first = end;
    }
    Ok(study.found(&tallies, played))
}

/// How often, and after how many seconds.
#[derive(Clone, Debug, Default)]
struct StopCounts {
    trials: u64,
    stopped: u64,
    after: BTreeMap<u64, u64>,
}

impl StopCounts {
    fn add(&mut self, objection: Option<u64>) {
        self.trials += 1;
        if let Some(seconds) = objection {
            self.stopped += 1;
            *self.after.entry(seconds).or_default() += 1;
        }
    }

    /// The least time within which this part of all that were stopped was.
    fn quantile(&self, part: f64) -> Option<f64> {
        let mut below = 0;
        let wanted = part * self.stopped as f64;
        self.after.iter().find_map(|(seconds, count)| {
            below += count;
            (below as f64 >= wanted).then_some(*seconds as f64)
        })
    }

    fn found(&self) -> Stopped {
        let interval = wilson(self.stopped, self.trials.max(1), CONFIDENCE);
        Stopped {
            trials: self.trials,
            stopped: self.stopped,
            share: self.stopped as f64 / self.trials.max(1) as f64,
            low: interval.low,
            high: interval.high,
            after_p50: self.quantile(0.5),
            after_p90: self.quantile(0.9),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_tells_shares_and_times() {
        let mut tally = StopCounts::default();
        for objection in [Some(60), None, Some(120), Some(60), None, None, Some(600), None] {
            tally.add(objection);
        }
        let found = tally.found();
        assert_eq!((found.trials, found.stopped), (8, 4));
        assert_eq!((found.after_p50, found.after_p90), (Some(60.0), Some(600.0)));
        assert!((found.share - 0.5).abs() < 1e-12 && found.low < 0.25 && found.high > 0.75);
    }
}
