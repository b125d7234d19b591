//! The search: evenly spread starting points, most of which are given up early, then small steps
//! around the best. Every candidate meets the same releases with the same random draws.

use super::{
    aims::Aims,
    budget::{Budget, CHILDREN, ETA, KEEP, SCREENED, counts, shares},
    tally::{ClassOf, Standing, Tally},
};
use crate::{
    kernel::{Key, Stream, math},
    stats::Sobol,
};

/// Steps of the two rounds of refinement, as parts of the cube.
const STEPS: [f64; 2] = [0.12, 0.06];
/// Points that are tried for each that is wanted: some make no scenario, others the same one.
const TRIES: usize = 8;
/// Share of a limit on a rate that a finalist should not exceed: more could hardly be shown to
/// hold.
const ROOM: f64 = 0.5;
/// How sure it is that what is given up breaks a requirement.
pub(super) const GIVEN_UP: f64 = 0.95;

/// One trial that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    pub stage: Stage,
    /// Index of a candidate; on fresh seeds, of a contestant.
    pub candidate: usize,
    pub class: usize,
    /// Number within the class: the same number gives the same random draws, whatever the
    /// candidate.
    pub number: u64,
}

/// What trials are for. Each has seeds of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Search,
    Fresh,
    /// A variation of the scenario, by its index, on the fresh seeds.
    Robust(usize),
}

/// Simulates jobs and gives what is kept of each; none when it was interrupted.
pub type Play<'p> = dyn FnMut(&[Job]) -> Option<Vec<Vec<f64>>> + 'p;

/// What is searched, and what for.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    pub aims: &'q Aims,
    pub classes: &'q [ClassOf],
    pub budget: &'q Budget,
    /// Names the draws of the search.
    pub key: Key,
    pub dimensions: usize,
}

/// A candidate and what the search found of it.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub point: Vec<f64>,
    pub origin: Origin,
    pub tally: Tally,
    /// Why it was given up; none as long as it was not.
    pub dropped: Option<Dropped>,
}

/// Where a candidate comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The scenario as it is written.
    Present,
    Start,
    /// A step from another one, in this round.
    Child {
        of: usize,
        round: usize,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Dropped {
    /// It almost certainly violates a constraint.
    Broken,
    /// Others are better.
    Worse,
}

/// How far the search was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Trials so far.
    pub trials: u64,
    /// Candidates under way.
    pub alive: usize,
    /// The best estimate of those that nothing speaks against.
    pub best: Option<f64>,
}

/// What the search found.
#[derive(Clone, Debug)]
pub struct Searched {
    pub candidates: Vec<Candidate>,
    /// The finalists, best first.
    pub finalists: Vec<usize>,
    pub steps: Vec<Step>,
    /// By class, how far candidates are apart on the same trials (standard deviation).
    pub spread: Option<Vec<f64>>,
}

struct Search<'q> {
    question: Question<'q>,
    candidates: Vec<Candidate>,
    steps: Vec<Step>,
    trials: u64,
}

/// Searches from the present settings on. `admit` says whether a point makes a scenario that no
/// earlier one made; those that do are candidates, in this order. `None` when it was interrupted.
pub fn search(
    question: Question<'_>,
    present: Vec<f64>,
    admit: &mut dyn FnMut(&[f64]) -> bool,
    play: &mut Play<'_>,
) -> Option<Searched> {
    let mut search = Search { question, candidates: Vec::new(), steps: Vec::new(), trials: 0 };
    search.enter(present, Origin::Present);
    search.start(admit);
    let mut alive: Vec<usize> = (0..search.candidates.len()).collect();
    let mut spread = None;
    let mut goal = vec![0; question.classes.len()];
    for (rung, &trials) in question.budget.rungs.iter().enumerate() {
        goal = counts(trials, &shares(question.classes, spread.as_deref(), 0.5), &goal);
        search.play(&alive, &goal, play)?;
        spread = search.spread(&alive);
        let last = rung + 1 == question.budget.rungs.len();
        let keep = if last { KEEP } else { alive.len().div_ceil(ETA).max(KEEP) };
        alive = search.keep(&alive, keep);
    }
    for (round, step) in STEPS.into_iter().enumerate() {
        let children = search.children(&alive, (round, step), admit);
        let shares = shares(question.classes, spread.as_deref(), 0.5);
        let none = vec![0; question.classes.len()];
        let third = counts(question.budget.child / 3, &shares, &none);
        search.play(&children, &third, play)?;
        let kept = search.keep(&children, KEEP);
        search.play(&kept, &counts(question.budget.child, &shares, &third), play)?;
        alive.extend(kept);
        alive = search.keep(&alive, KEEP);
    }
    let finalists = search.finalists(&alive, play)?;
    Some(Searched { candidates: search.candidates, finalists, steps: search.steps, spread })
}

impl Search<'_> {
    fn enter(&mut self, point: Vec<f64>, origin: Origin) -> usize {
        let tally = Tally::new(self.question.classes.len());
        self.candidates.push(Candidate { point, origin, tally, dropped: None });
        self.candidates.len() - 1
    }

    fn start(&mut self, admit: &mut dyn FnMut(&[f64]) -> bool) {
        let mut stream = self.question.key.child(0).stream(0);
        let shifts: Vec<u32> = (0..self.question.dimensions)
            .map(|_| u32::try_from(stream.bits() >> 32).unwrap_or(0))
            .collect();
        let mut sobol = Sobol::shifted(&shifts);
        for _ in 0..TRIES * self.question.budget.starts {
            if self.candidates.len() >= self.question.budget.starts {
                break;
            }
            let point = sobol.point();
            if admit(&point) {
                self.enter(point, Origin::Start);
            }
        }
    }

    /// Brings candidates up to so many trials of each class.
    fn play(&mut self, who: &[usize], goal: &[u64], play: &mut Play<'_>) -> Option<()> {
        let lacks = |it: &usize| {
            missing((Stage::Search, *it), goal, |class| self.candidates[*it].tally.count(class))
        };
        let jobs: Vec<Job> = who.iter().flat_map(lacks).collect();
        let figures = play(&jobs)?;
        self.trials += jobs.len() as u64;
        for (job, figures) in jobs.iter().zip(figures) {
            self.candidates[job.candidate].tally.add(job.class, figures);
        }
        let best = self.order(who).first().and_then(|it| self.objective(*it));
        self.steps.push(Step { trials: self.trials, alive: who.len(), best });
        Some(())
    }

    fn objective(&self, candidate: usize) -> Option<f64> {
        self.candidates[candidate].tally.value(&self.question.aims.objective, self.question.classes)
    }

    /// How many constraints it violates significantly, and how many it does not meet by its
    /// estimate with so much room to spare.
    fn faults(&self, candidate: usize, room: f64) -> (usize, usize) {
        let tally = &self.candidates[candidate].tally;
        let wanted = || self.question.aims.requirements.iter();
        let broken = |it: &&_| {
            tally.judged(it, self.question.classes, GIVEN_UP).standing == Standing::Broken
        };
        let unlikely = |it: &&_| !tally.likely(it, self.question.classes, room);
        (wanted().filter(broken).count(), wanted().filter(unlikely).count())
    }

    /// Best first: those that meet what is required by their estimates, then those that may, then
    /// those that significantly do not; each by the objective. A bound alone would let many through
    /// that break a limit of one in a hundred, for want of good releases to show it, and they are
    /// the ones with the lowest cost of bad releases.
    fn order(&self, who: &[usize]) -> Vec<usize> {
        self.ordered(who, |it| self.faults(it, 1.0))
    }

    fn ordered(&self, who: &[usize], faults: impl Fn(usize) -> (usize, usize)) -> Vec<usize> {
        let mut keyed: Vec<((usize, usize), f64, usize)> = who
            .iter()
            .map(|&it| (faults(it), self.objective(it).unwrap_or(f64::INFINITY), it))
            .collect();
        keyed.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
        keyed.into_iter().map(|it| it.2).collect()
    }

    /// The best of them; the others are given up, and so is what breaks a requirement as long as
    /// enough are left.
    fn keep(&mut self, who: &[usize], most: usize) -> Vec<usize> {
        let order = self.order(who);
        let broken: Vec<bool> = order.iter().map(|it| self.faults(*it, 1.0).0 > 0).collect();
        let sound = broken.iter().filter(|it| !**it).count();
        let keep = most.min(sound.max(KEEP)).min(order.len());
        for (&it, &broken) in order[keep..].iter().zip(&broken[keep..]) {
            self.candidates[it].dropped =
                Some(if broken { Dropped::Broken } else { Dropped::Worse });
        }
        order[..keep].to_vec()
    }

    /// Those that the fresh seeds are to decide about. What is rare among good releases shows only
    /// in many of them: the best and those that were given up as worse while they held what is
    /// required simulate more good releases first, on seeds of the search.
    fn finalists(&mut self, alive: &[usize], play: &mut Play<'_>) -> Option<Vec<usize>> {
        // the present settings come along anyway
        let searched = |it: &usize| self.candidates[*it].origin != Origin::Present;
        let enough = self.question.budget.child / 3;
        let held = |it: &usize| {
            let known = self.candidates[*it].tally.all() >= enough;
            alive.contains(it) || (known && self.faults(*it, 1.0) == (0, 0))
        };
        let all: Vec<usize> = (0..self.candidates.len()).filter(searched).filter(held).collect();
        let mut chosen = self.order(&all);
        chosen.truncate(SCREENED);
        let most = |class: usize| {
            let counts = chosen.iter().map(|it| self.candidates[*it].tally.count(class));
            counts.max().unwrap_or(0)
        };
        let goal = |(class, it): (usize, &ClassOf)| {
            if it.good { most(class) + self.question.budget.screen } else { 0 }
        };
        let goal: Vec<u64> = self.question.classes.iter().enumerate().map(goal).collect();
        self.play(&chosen, &goal, play)?;
        let mut chosen = self.ordered(&chosen, |it| self.faults(it, ROOM));
        chosen.truncate(self.question.budget.finalists);
        Some(chosen)
    }

    /// Standard deviation, within each class, of what sets candidates apart on the same trials.
    fn spread(&self, alive: &[usize]) -> Option<Vec<f64>> {
        let tracked = self.question.aims.objective.tracked;
        let class = |class: usize| {
            let columns: Vec<Vec<f64>> = alive
                .iter()
                .map(|it| self.candidates[*it].tally.column(class, tracked).collect())
                .collect();
            apart(&columns)
        };
        (alive.len() > 1).then(|| (0..self.question.classes.len()).map(class).collect())
    }

    fn children(
        &mut self,
        parents: &[usize],
        (round, step): (usize, f64),
        admit: &mut dyn FnMut(&[f64]) -> bool,
    ) -> Vec<usize> {
        let mut stream = self.question.key.child(1 + round as u64).stream(0);
        let mut children = Vec::new();
        for turn in 0..TRIES * CHILDREN {
            if children.len() >= CHILDREN || parents.is_empty() {
                break;
            }
            let of = parents[turn % parents.len()];
            let mut point = self.candidates[of].point.clone();
            moved(&mut point, step, &mut stream);
            if admit(&point) {
                children.push(self.enter(point, Origin::Child { of, round }));
            }
        }
        children
    }
}

/// Moves a random half of the coordinates, at least one.
fn moved(point: &mut [f64], step: f64, stream: &mut Stream) {
    let mut any = false;
    let last = point.len().saturating_sub(1);
    for (index, it) in point.iter_mut().enumerate() {
        if stream.chance(0.5) || (index == last && !any) {
            *it = reflected(*it + step * math::normal_quantile(stream.uniform()));
            any = true;
        }
    }
}

/// The trials that a candidate lacks of each class.
pub(super) fn missing(
    (stage, candidate): (Stage, usize),
    goal: &[u64],
    has: impl Fn(usize) -> u64,
) -> Vec<Job> {
    let of_class = |(class, &goal): (usize, &u64)| {
        let job = move |number| Job { stage, candidate, class, number };
        (has(class)..goal).map(job).collect::<Vec<_>>()
    };
    goal.iter().enumerate().flat_map(of_class).collect()
}

/// Back into the cube where a step leads out of it.
fn reflected(it: f64) -> f64 {
    let folded = (it.abs() % 2.0).min(2.0);
    if folded > 1.0 { 2.0 - folded } else { folded }
}

/// Root mean square of what is left of each trial without its own mean and that of its candidate.
fn apart(columns: &[Vec<f64>]) -> f64 {
    let trials = columns.iter().map(Vec::len).min().unwrap_or(0);
    if trials < 2 || columns.len() < 2 {
        return 0.0;
    }
    let finite = |it: f64| if it.is_finite() { it } else { 0.0 };
    let at = |candidate: usize, trial: usize| finite(columns[candidate][trial]);
    let of_trial = |trial: usize| {
        (0..columns.len()).map(|it| at(it, trial)).sum::<f64>() / columns.len() as f64
    };
    let of_candidate =
        |candidate: usize| (0..trials).map(|it| at(candidate, it)).sum::<f64>() / trials as f64;
    let by_trial: Vec<f64> = (0..trials).map(of_trial).collect();
    let by_candidate: Vec<f64> = (0..columns.len()).map(of_candidate).collect();
    let mean = by_trial.iter().sum::<f64>() / trials as f64;
    let mut squares = 0.0;
    for (candidate, own) in by_candidate.iter().enumerate() {
        for (trial, common) in by_trial.iter().enumerate() {
            let left = at(candidate, trial) - own - common + mean;
            squares += left * left;
        }
    }
    (squares / ((columns.len() - 1) * (trials - 1)) as f64).sqrt()
}

#[cfg(test)]
mod tests;
