//! The search and the judgement on made-up candidates, whose truth is known.

use std::cell::RefCell;

use super::*;
use crate::{
    experiment::tune::{
        Contestant, Decision, Reason, Role, Tracked, decide,
        fresh::{judge, standing},
    },
    model::TuneSpec,
};

/// Two parameters. The first is a threshold: small ones stop good releases, large ones let bad ones do
/// harm. The second only wastes. The best that may be had is where the false rollbacks are half a per
/// cent, at 0.5, and the second at 0.3.
fn truth(point: &[f64]) -> (f64, f64) {
    let false_rollback = 0.08 * libm::exp(-5.5 * point[0]);
    let harm = 10.0 + 60.0 * point[0] * point[0] + 40.0 * (point[1] - 0.3) * (point[1] - 0.3);
    (false_rollback, harm)
}

const LIMIT: f64 = 0.01;
const CLASSES: [ClassOf; 3] = [
    ClassOf { chance: 0.8, good: true },
    ClassOf { chance: 0.15, good: false },
    ClassOf { chance: 0.05, good: false },
];

fn aims() -> Aims {
    let mut spec = TuneSpec::usual();
    spec.objective = "users_hurt_mean".to_owned();
    Aims::of(&spec)
}

/// The true mean of the objective: good releases hurt no user.
fn objective(point: &[f64]) -> f64 {
    0.2 * truth(point).1
}

/// How the made-up trials are drawn.
#[derive(Clone, Copy)]
struct World {
    seed: u64,
    /// Whether all candidates have the same random draws.
    paired: bool,
}

impl World {
    /// What is kept of a trial: cost, back, completed, unfinished, users hurt, rollout time.
    fn play(self, point: &[f64], job: Job) -> Vec<f64> {
        let stage = u64::from(job.stage != Stage::Search);
        let mut key = Key::of_bits(self.seed).child(stage).child(job.class as u64);
        if !self.paired {
            key = key.child(job.candidate as u64 + 1);
        }
        let mut stream = key.stream(job.number);
        let (false_rollback, harm) = truth(point);
        let luck = stream.uniform();
        // how bad a release is matters far more than who meets it
        let severity = -2.0 * math::ln(stream.uniform());
        let good = CLASSES[job.class].good;
        let back = good && luck < false_rollback;
        let hurt = if good { 0.0 } else { harm * severity / 2.0 };
        vec![hurt, f64::from(u8::from(back)), 1.0, 0.0, hurt, 600.0]
    }
}

struct Found {
    searched: Searched,
    contestants: Vec<Contestant>,
    decision: Decision,
    trials: u64,
}

const PRESENT: [f64; 2] = [0.8, 0.8];

/// Searches and judges in a world.
fn tuned(world: World, trials: u64) -> Found {
    let (aims, budget) = (aims(), Budget::of(trials, &CLASSES, 0, 0.01));
    let key = Key::of_bits(world.seed ^ 0xABCD);
    let question = Question { aims: &aims, classes: &CLASSES, budget: &budget, key, dimensions: 2 };
    let played = RefCell::new(0);
    let points = RefCell::new(vec![PRESENT.to_vec()]);
    let mut admit = |point: &[f64]| {
        points.borrow_mut().push(point.to_vec());
        true
    };
    let mut play = |jobs: &[Job]| {
        *played.borrow_mut() += jobs.len() as u64;
        let points = points.borrow();
        Some(jobs.iter().map(|it| world.play(&points[it.candidate], *it)).collect())
    };
    let searched = search(question, PRESENT.to_vec(), &mut admit, &mut play).unwrap();
    let mut who = vec![(Role::Present, PRESENT.to_vec())];
    let finalists = searched.finalists.iter();
    who.extend(finalists.map(|it| (Role::Found(*it), searched.candidates[*it].point.clone())));
    let places: Vec<Vec<f64>> = who.iter().map(|it| it.1.clone()).collect();
    let mut play = |jobs: &[Job]| {
        *played.borrow_mut() += jobs.len() as u64;
        Some(jobs.iter().map(|it| world.play(&places[it.candidate], *it)).collect())
    };
    let contestants = judge(question, who, searched.spread.as_deref(), &mut play).unwrap();
    let decision = decide(question, &contestants);
    for it in &contestants {
        let sure = standing(question, &it.tally) == Standing::Certified;
        assert!(!sure || it.tally.count(0) >= 408, "no limit of 1 % is shown on fewer");
    }
    Found { searched, contestants, decision, trials: played.into_inner() }
}

/// One recommendation in 20 may break the limit; of 40 that is more than 6 with odds of 1 in 500. In
/// this world the limit shows late and pulls against the objective, so that the present settings often
/// stay: what is recommended instead is better, and never worse.
#[test]
fn what_is_recommended_holds_what_is_required_and_is_never_worse() {
    let (mut broken, mut better) = (0, 0);
    for seed in 0..40 {
        let found = tuned(World { seed, paired: true }, 20_000);
        assert!(found.trials <= 21_000, "{}", found.trials);
        let chosen = &found.contestants[found.decision.recommended].point;
        broken += u32::from(truth(chosen).0 > LIMIT);
        assert!(objective(chosen) <= objective(&PRESENT), "{chosen:?}");
        better += u32::from(found.decision.reason == Reason::Better);
    }
    assert!(broken <= 2, "{broken} of 40 break the limit");
    assert!(better > 0, "nothing better is ever found");
}

/// The planted counterpart: taking the best estimate that looks good enough takes a broken one.
#[test]
fn estimates_without_a_bound_take_what_breaks_the_limit() {
    let mut broken = 0;
    for seed in 0..20 {
        let found = tuned(World { seed, paired: true }, 3_000);
        let aims = aims();
        let back = Aims::usual(Tracked::Back, crate::experiment::tune::Releases::Good);
        let value = |it: &Candidate, aim| it.tally.value(aim, &CLASSES).unwrap();
        let fine = found.searched.candidates.iter().filter(|it| value(it, &back) <= LIMIT);
        let best =
            fine.min_by(|a, b| value(a, &aims.objective).total_cmp(&value(b, &aims.objective)));
        broken += u32::from(truth(&best.unwrap().point).0 > LIMIT);
    }
    assert!(broken >= 8, "only {broken} of 20: the truth is too easy");
}

/// With trials of their own, candidates differ by the chance of their releases.
#[test]
fn the_same_luck_for_all_finds_better_settings() {
    let mean = |paired: bool| {
        let regret = |seed| {
            let found = tuned(World { seed, paired }, 4_000);
            let best = found.searched.finalists[0];
            objective(&found.searched.candidates[best].point)
        };
        (0..25).map(regret).sum::<f64>() / 25.0
    };
    let (paired, own) = (mean(true), mean(false));
    assert!(paired < own - 0.2, "paired {paired}, with draws of their own {own}");
}

/// The best of many equal candidates looks as much better as the largest of as many normal variables
/// is (table `winners_curse_equal_means.csv`), and is no better on fresh seeds.
#[test]
fn the_best_of_equals_looks_better_than_it_is() {
    const WORLDS: u64 = 400;
    for (candidates, expected) in [(10, 1.538_752_730_83), (100, 2.507_593_636_44)] {
        let (mut searched, mut fresh) = (0.0, 0.0);
        for seed in 0..WORLDS {
            let mean = |candidate: u64, stage: u64| {
                let key = Key::of_bits(seed).child(stage).child(candidate);
                let draw = |it| math::normal_quantile(key.uniform(it));
                (0..25).map(draw).sum::<f64>() / 25.0
            };
            let values: Vec<f64> = (0..candidates).map(|it| mean(it, 0)).collect();
            let best = (0..candidates).min_by(|a, b| {
                let at = |it: u64| values[usize::try_from(it).unwrap()];
                at(*a).total_cmp(&at(*b))
            });
            let best = best.unwrap();
            // in units of the standard error, sd / sqrt(25)
            searched += -5.0 * values[usize::try_from(best).unwrap()] / WORLDS as f64;
            fresh += 5.0 * mean(best, 1) / WORLDS as f64;
        }
        assert!((searched - expected).abs() < 0.1, "{searched} instead of {expected}");
        assert!(fresh.abs() < 0.2, "{fresh}");
    }
}

#[test]
fn the_same_seed_takes_the_same_course() {
    let one = tuned(World { seed: 3, paired: true }, 2_000);
    let two = tuned(World { seed: 3, paired: true }, 2_000);
    let points = |it: &Found| -> Vec<Vec<f64>> {
        it.searched.candidates.iter().map(|it| it.point.clone()).collect()
    };
    assert_eq!(points(&one), points(&two));
    assert_eq!(one.decision, two.decision);
}

#[test]
fn somebody_who_stops_it_stops_it() {
    let (aims, budget) = (aims(), Budget::of(1_000, &CLASSES, 0, 0.01));
    let key = Key::of_bits(1);
    let question = Question { aims: &aims, classes: &CLASSES, budget: &budget, key, dimensions: 2 };
    let mut calls = 0;
    let mut play = |jobs: &[Job]| {
        calls += 1;
        (calls < 2).then(|| vec![vec![0.0; 6]; jobs.len()])
    };
    assert!(search(question, PRESENT.to_vec(), &mut |_| true, &mut play).is_none());
}

#[test]
fn steps_out_of_the_cube_come_back() {
    let back: Vec<f64> = [0.3, -0.2, 1.3, 2.1].map(reflected).to_vec();
    for (got, expected) in back.iter().zip([0.3, 0.2, 0.7, 0.1]) {
        assert!((got - expected).abs() < 1e-12, "{back:?}");
    }
}
