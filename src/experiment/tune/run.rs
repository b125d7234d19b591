//! Simulating a tuning: on all cores, in a fixed order, with what was simulated before in place of
//! the simulator as far as it goes.

use std::{collections::BTreeSet, io, ops::Range};

use serde_json::Value;

use super::{
    fresh::{Contestant, Decision, Role, decide, judge},
    search::{Job, Searched, Stage, missing, search},
    study::Study,
    tally::Tally,
    vary,
};
use crate::{
    experiment::{
        Keep, Played,
        keep::{Jobs, play_all},
    },
    scenario::Scenario,
    sim,
};

/// Trials of one candidate that one thread simulates in a row: its plan is compiled once for all of
/// them.
const CHUNK: usize = 12;

/// What is kept of a trial, as it goes to the file of trials.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    pub job: Job,
    pub seed: u64,
    pub figures: Vec<f64>,
}

/// A scenario that takes part, and what is different in it.
#[derive(Clone, Debug)]
pub(super) struct Entrant {
    pub(super) scenario: Scenario,
    pub(super) settings: Vec<(String, Value)>,
}

/// Everything that was simulated.
#[derive(Debug)]
pub struct TuningRun {
    pub(super) entrants: Vec<Entrant>,
    pub(super) searched: Searched,
    pub(super) contestants: Vec<Contestant>,
    /// In the order of the contestants.
    pub(super) judged: Vec<Entrant>,
    pub(super) decision: Decision,
    /// By variation: the recommended settings, then the present ones where they are others.
    pub(super) robust: Vec<Vec<Tally>>,
}

struct Player<'s, 'k> {
    study: &'s Study,
    pool: &'s rayon::ThreadPool,
    keeper: &'k mut dyn Keep<Trial>,
    failed: Option<io::Error>,
}

/// Simulates it all; none when it was stopped on the way.
pub fn run(
    study: &Study,
    pool: &rayon::ThreadPool,
    keeper: &mut dyn Keep<Trial>,
) -> io::Result<Option<TuningRun>> {
    let mut player = Player { study, pool, keeper, failed: None };
    let played = player.all();
    match player.failed {
        Some(error) => Err(error),
        None => Ok(played),
    }
}

impl Player<'_, '_> {
    fn all(&mut self) -> Option<TuningRun> {
        let study = self.study;
        let question = study.question();
        let present = Entrant { scenario: study.scenario.clone(), settings: Vec::new() };
        let place = study.space.point(&study.written);
        let (entrants, searched) = self.search(present.clone(), place.clone())?;
        let mut roles = vec![(Role::Present, place)];
        let mut judged = vec![present];
        for &it in &searched.finalists {
            roles.push((Role::Found(it), searched.candidates[it].point.clone()));
            judged.push(entrants[it].clone());
        }
        for (index, (common, scenario)) in study.common.iter().enumerate() {
            let written = serde_json::to_value(scenario).unwrap_or_default();
            roles.push((Role::Common(index), study.space.point(&written)));
            judged.push(Entrant { scenario: scenario.clone(), settings: common.settings.clone() });
        }
        let mut play = |jobs: &[Job]| self.play(&judged, jobs);
        let contestants = judge(question, roles, searched.spread.as_deref(), &mut play)?;
        let decision = decide(question, &contestants);
        let robust = self.robust(&judged, &contestants, &decision)?;
        Some(TuningRun { entrants, searched, contestants, judged, decision, robust })
    }

    fn search(&mut self, present: Entrant, place: Vec<f64>) -> Option<(Vec<Entrant>, Searched)> {
        let study = self.study;
        let mut seen = BTreeSet::new();
        // the settings nearest to the present ones would be the same as they are
        let _ = study.prepare(&place, &mut seen);
        let entrants = std::cell::RefCell::new(vec![present]);
        let mut admit = |point: &[f64]| match study.prepare(point, &mut seen) {
            Some((scenario, settings)) => {
                entrants.borrow_mut().push(Entrant { scenario, settings });
                true
            }
            None => false,
        };
        let mut play = |jobs: &[Job]| {
            let entrants = entrants.borrow();
            self.play(&entrants, jobs)
        };
        let searched = search(study.question(), place, &mut admit, &mut play)?;
        Some((entrants.into_inner(), searched))
    }

    /// The recommended and the present settings under other circumstances.
    fn robust(
        &mut self,
        judged: &[Entrant],
        contestants: &[Contestant],
        decision: &Decision,
    ) -> Option<Vec<Vec<Tally>>> {
        let study = self.study;
        let present = contestants.iter().position(|it| it.role == Role::Present).unwrap_or(0);
        let mut who = vec![decision.recommended];
        if decision.recommended != present {
            who.push(present);
        }
        let each = study.budget.robust / (vary::ALL.len() * who.len()) as u64;
        let shares = super::budget::shares(&study.strata, None, 0.5);
        let goal = super::budget::counts(each, &shares, &vec![0; shares.len()]);
        let mut found = Vec::new();
        for variation in 0..vary::ALL.len() {
            if !study.is_changed_by(vary::ALL[variation]) {
                found.push(Vec::new());
                continue;
            }
            let stage = Stage::Robust(variation);
            let jobs_of = |candidate: &usize| missing((stage, *candidate), &goal, |_| 0);
            let jobs: Vec<Job> = who.iter().flat_map(jobs_of).collect();
            let figures = self.play(judged, &jobs)?;
            let mut tallies = vec![Tally::new(shares.len()); who.len()];
            for (job, figures) in jobs.iter().zip(figures) {
                let at = who.iter().position(|it| *it == job.candidate).unwrap_or(0);
                tallies[at].add(job.class, figures);
            }
            found.push(tallies);
        }
        Some(found)
    }

    /// What is kept of each job; none when it was stopped, or could not be kept.
    fn play(&mut self, entrants: &[Entrant], jobs: &[Job]) -> Option<Vec<Vec<f64>>> {
        match self.try_play(entrants, jobs) {
            Ok(figures) => figures,
            Err(error) => {
                self.failed = Some(error);
                None
            }
        }
    }

    fn try_play(
        &mut self,
        entrants: &[Entrant],
        jobs: &[Job],
    ) -> io::Result<Option<Vec<Vec<f64>>>> {
        let study = self.study;
        let seed = |it: &Job| study.seed_of(it.stage, it.class, it.number).get();
        let mut before = Vec::with_capacity(jobs.len());
        for job in jobs {
            let fits = |it: &Trial| (it.job, it.seed) == (*job, seed(job));
            before.push(self.keeper.before(&fits)?);
        }
        let work = |left: &[usize]| {
            let left: Vec<Job> = left.iter().map(|it| jobs[*it]).collect();
            let trial =
                |(job, figures): (&Job, Vec<f64>)| Trial { job: *job, seed: seed(job), figures };
            left.iter().zip(play_chunk(study, entrants, &left)).map(trial).collect()
        };
        let mut figures = Vec::with_capacity(jobs.len());
        let take = |_, it: Trial| figures.push(it.figures);
        let jobs = Jobs::in_chunks(before, chunks(jobs)).of(self.keeper.part());
        let complete = play_all(self.pool, self.keeper, jobs, work, take)?;
        Ok(complete.then_some(figures))
    }
}

/// Jobs that have a plan in common, in short rows.
fn chunks(jobs: &[Job]) -> Vec<Range<usize>> {
    let alike = |one: &Job, two: &Job| (one.stage, one.candidate) == (two.stage, two.candidate);
    let mut begin = 0;
    let chunk = |it: &[Job]| {
        begin += it.len();
        begin - it.len()..begin
    };
    jobs.chunk_by(alike).flat_map(|it| it.chunks(CHUNK)).map(chunk).collect()
}

fn play_chunk(study: &Study, entrants: &[Entrant], jobs: &[Job]) -> Vec<Vec<f64>> {
    let Some(first) = jobs.first() else { return Vec::new() };
    let plan = study.plan(&entrants[first.candidate].scenario, first.stage);
    let upkeep = plan.scenario.strategy.kind().upkeep_minutes();
    let play = |job: &Job| {
        let class = &study.classes[job.class];
        let seed = study.seed_of(job.stage, job.class, job.number);
        let outcome = sim::Trial::new(&plan, seed).release(class.release).figures_only().run();
        let played = Played {
            phase: outcome.phase,
            detected: outcome.detected.is_some(),
            pages_at_night: plan.scenario.operator.by_day_and_night(&outcome.pages_by_hour).1,
            figures: outcome.figures,
        };
        study.aims.figures(&played, (class.good, &study.prices, upkeep))
    };
    jobs.iter().map(play).collect()
}
