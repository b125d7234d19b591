//! The judgement: finalists, the present settings and common defaults on seeds that the search never
//! saw, all on the same ones.

use super::{
    aims::{Aims, How},
    budget::{confidence, counts, shares},
    search::{Job, Play, Question, Stage, missing},
    tally::{ClassOf, Standing, Tally},
};
use crate::kernel::Key;

/// Resamples for the odds of being the best.
const RESAMPLES: u64 = 400;
/// Names their draws.
const RESAMPLING: u64 = 0x7455_6E65_4F64_6473;

/// Who is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The scenario as it is written.
    Present,
    /// A candidate of the search.
    Found(usize),
    /// Settings that many start from, by their index.
    Common(usize),
}

/// One that is judged.
#[derive(Clone, Debug)]
pub struct Contestant {
    pub role: Role,
    /// Its place in the cube.
    pub point: Vec<f64>,
    pub tally: Tally,
    /// It was given up before the last look.
    pub stopped: bool,
}

/// Why it is recommended what is recommended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It is significantly better than the present settings, and both are shown to hold what is
    /// required.
    Better,
    /// It is shown to hold what is required, and the present settings are not.
    Shown,
    /// Nothing is significantly better than the present settings.
    NothingBetter,
    /// Nothing could be shown to hold what is required.
    NotCertified,
    /// No trial of any contestant has what is to be minimised.
    NotMeasured,
}

/// What follows.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    pub reason: Reason,
    /// Index of the contestant with the best estimate of those shown to hold what is required.
    pub winner: Option<usize>,
    /// Index of the contestant that is recommended.
    pub recommended: usize,
    /// Those that cannot be told from the winner, itself included.
    pub tied: Vec<usize>,
}

/// Simulates the contestants, the present settings among them, until it is decided or the budget
/// ends. `None` when it was interrupted.
pub fn judge(
    question: Question<'_>,
    contestants: Vec<(Role, Vec<f64>)>,
    spread: Option<&[f64]>,
    play: &mut Play<'_>,
) -> Option<Vec<Contestant>> {
    let classes = question.classes;
    let enter = |(role, point): (Role, Vec<f64>)| Contestant {
        role,
        point,
        tally: Tally::new(classes.len()),
        stopped: false,
    };
    let mut all: Vec<Contestant> = contestants.into_iter().map(enter).collect();
    let shares = shares(classes, spread, question.budget.fresh_good);
    let (mut spent, mut each) = (0, 0);
    let mut goal = vec![0; classes.len()];
    let looks = question.budget.looks.len();
    for (look, &until) in question.budget.looks.iter().enumerate() {
        // common defaults are there to be compared with: they need not be shown to hold anything
        let resting = |it: &Contestant| matches!(it.role, Role::Common(_)) && look + 1 == looks;
        let who: Vec<usize> =
            (0..all.len()).filter(|it| !all[*it].stopped && !resting(&all[*it])).collect();
        each += until.saturating_sub(spent) / who.len().max(1) as u64;
        spent = until;
        goal = counts(each, &shares, &goal);
        let lacks =
            |it: &usize| missing((Stage::Fresh, *it), &goal, |class| all[*it].tally.count(class));
        let jobs: Vec<Job> = who.iter().flat_map(lacks).collect();
        let figures = play(&jobs)?;
        for (job, figures) in jobs.iter().zip(figures) {
            all[job.candidate].tally.add(job.class, figures);
        }
        if stop(question, &mut all) {
            break;
        }
    }
    Some(all)
}

/// Gives up what is significantly worse or violates a constraint; whether all is decided.
fn stop(question: Question<'_>, all: &mut [Contestant]) -> bool {
    let standing: Vec<Standing> = all.iter().map(|it| standing(question, &it.tally)).collect();
    let open = |it: &usize| !all[*it].stopped && standing[*it] != Standing::Broken;
    let mut order: Vec<usize> = (0..all.len()).filter(open).collect();
    order.sort_by(|a, b| objective(question, &all[*a]).total_cmp(&objective(question, &all[*b])));
    let certified = order.iter().copied().find(|it| standing[*it] == Standing::Certified);
    let level = confidence().of_a_look();
    let both = 1.0 - 2.0 * (1.0 - level) / all.len() as f64;
    let worse = |it: usize, than: usize| {
        let about = (question.classes, both);
        let found = all[it].tally.difference(&all[than].tally, &question.aims.objective, about);
        found.is_some_and(|it| it.interval.low > 0.0)
    };
    let found = |it: &usize| matches!(all[*it].role, Role::Found(_)) && !all[*it].stopped;
    let lost: Vec<usize> = (0..all.len())
        .filter(found)
        .filter(|&it| {
            let beaten = certified.is_some_and(|best| best != it && worse(it, best));
            standing[it] == Standing::Broken || beaten
        })
        .collect();
    let present = all.iter().position(|it| it.role == Role::Present).unwrap_or(0);
    let told_apart = certified.is_some_and(|best| best == present || worse(present, best));
    let left = (0..all.len()).filter(|it| found(it) && !lost.contains(it)).count();
    for it in lost {
        all[it].stopped = true;
    }
    certified.is_some() && left <= 1 && told_apart
}

/// How it stands with all requirements together: as with the worst.
pub(super) fn standing(question: Question<'_>, tally: &Tally) -> Standing {
    let level = confidence().of_a_look();
    let wanted = question.aims.requirements.iter();
    let each = wanted.map(|it| tally.judged(it, question.classes, level).standing);
    each.max().unwrap_or(Standing::Certified)
}

fn objective(question: Question<'_>, it: &Contestant) -> f64 {
    let value = it.tally.value(&question.aims.objective, question.classes);
    value.unwrap_or(f64::INFINITY)
}

/// What to recommend: of those that cannot be told from the best, the one nearest to the present
/// settings.
pub fn decide(question: Question<'_>, all: &[Contestant]) -> Decision {
    let present = all.iter().position(|it| it.role == Role::Present).unwrap_or(0);
    if all.iter().all(|it| objective(question, it).is_infinite()) {
        let reason = Reason::NotMeasured;
        return Decision { reason, winner: None, recommended: present, tied: Vec::new() };
    }
    let sound = |it: &usize| {
        !all[*it].stopped && standing(question, &all[*it].tally) == Standing::Certified
    };
    let mut eligible: Vec<usize> = (0..all.len()).filter(sound).collect();
    eligible
        .sort_by(|a, b| objective(question, &all[*a]).total_cmp(&objective(question, &all[*b])));
    let Some(&winner) = eligible.first() else {
        let reason = Reason::NotCertified;
        return Decision { reason, winner: None, recommended: present, tied: Vec::new() };
    };
    let about = (question.classes, confidence().of_all(eligible.len() - 1));
    let same = |it: &usize| {
        let aim = &question.aims.objective;
        let found = all[*it].tally.difference(&all[winner].tally, aim, about);
        found.is_none_or(|it| it.interval.low <= 0.0)
    };
    let tied: Vec<usize> =
        eligible.iter().copied().filter(|it| *it == winner || same(it)).collect();
    let away = |it: &usize| distance(&all[*it].point, &all[present].point);
    let nearest = tied.iter().copied().min_by(|a, b| away(a).total_cmp(&away(b)));
    let (reason, recommended) = if tied.contains(&present) {
        (Reason::NothingBetter, present)
    } else if eligible.contains(&present) {
        (Reason::Better, nearest.unwrap_or(winner))
    } else {
        (Reason::Shown, nearest.unwrap_or(winner))
    };
    Decision { reason, winner: Some(winner), recommended, tied }
}

fn distance(one: &[f64], two: &[f64]) -> f64 {
    one.iter().zip(two).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
}

/// Share of the bad releases for which no other contestant that may be taken has a lower estimate
/// than the recommended one, those aside that cannot be told from it. The objective is a mean over
/// the classes, and so linear in their chances. None where it is not.
pub(super) fn prior_range(
    question: Question<'_>,
    all: &[Contestant],
    decision: &Decision,
) -> Option<(f64, f64)> {
    if question.aims.objective.how != How::Mean {
        return None;
    }
    let now: f64 = question.classes.iter().filter(|it| !it.good).map(|it| it.chance).sum();
    let by = |it: usize| {
        let value = |good: bool| {
            let mut classes = question.classes.to_vec();
            classes.iter_mut().filter(|it| it.good != good).for_each(|it| it.chance = 0.0);
            all[it].tally.value(&question.aims.objective, &classes)
        };
        Some((value(true)?, value(false)?))
    };
    let mine = by(decision.recommended)?;
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for (other, it) in all.iter().enumerate() {
        let sound = standing(question, &it.tally) == Standing::Certified;
        let taken = other == decision.recommended || decision.tied.contains(&other);
        if taken || !sound || matches!(it.role, Role::Common(_)) {
            continue;
        }
        let theirs = by(other)?;
        let (good, bad) = (mine.0 - theirs.0, mine.1 - theirs.1);
        // mine is lower where good + part (bad - good) is below zero
        let crossing = good / (good - bad);
        if !(0.0..=1.0).contains(&crossing) {
            continue;
        }
        if crossing <= now { low = low.max(crossing) } else { high = high.min(crossing) }
    }
    Some((low, high))
}

/// Three things that are small at their best, by contestant: objective, false rollbacks, rollout time.
pub(super) type Corner = [f64; 3];

/// Which of them no other beats in all three.
pub(super) fn front(corners: &[Corner]) -> Vec<bool> {
    let beats = |one: &Corner, two: &Corner| {
        one.iter().zip(two).all(|(a, b)| a <= b) && one.iter().zip(two).any(|(a, b)| a < b)
    };
    corners.iter().map(|it| !corners.iter().any(|other| beats(other, it))).collect()
}

/// How likely each contestant is the best by the objective, and on the front: parts of resampled trials,
/// the same ones for all.
pub(super) fn odds(
    question: Question<'_>,
    all: &[Contestant],
    corner: &dyn Fn(&Tally) -> Option<Corner>,
) -> Vec<(f64, f64)> {
    let classes: &[ClassOf] = question.classes;
    let aims: &Aims = question.aims;
    let common = |class: usize| all.iter().map(|it| it.tally.count(class)).min().unwrap_or(0);
    let common: Vec<u64> = (0..classes.len()).map(common).collect();
    let mut found = vec![(0.0, 0.0); all.len()];
    for sample in 0..RESAMPLES {
        let key = Key::of_bits(RESAMPLING).child(sample);
        let draw = |class: usize, index: u64| {
            key.child(class as u64).stream(index).below(common[class].max(1))
        };
        let again: Vec<Tally> = all.iter().map(|it| it.tally.redrawn(&common, &draw)).collect();
        let values: Vec<f64> = again
            .iter()
            .map(|it| it.value(&aims.objective, classes).unwrap_or(f64::INFINITY))
            .collect();
        let best = (0..all.len()).min_by(|a, b| values[*a].total_cmp(&values[*b])).unwrap_or(0);
        found[best].0 += 1.0 / RESAMPLES as f64;
        let corners: Vec<Corner> =
            again.iter().map(|it| corner(it).unwrap_or([f64::INFINITY; 3])).collect();
        for (found, on) in found.iter_mut().zip(front(&corners)) {
            found.1 += if on { 1.0 / RESAMPLES as f64 } else { 0.0 };
        }
    }
    found
}
