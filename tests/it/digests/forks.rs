//! The fork: a clone of a trial under way goes on as the trial itself does, at any event, and so does what it was
//! cloned from.

use rayon::prelude::*;
use rollsim::{
    kernel::{Key, Seed},
    scenario::Plan,
    sim::{Fork, Outcome, Running, Trial},
    units::Instant,
};

use super::{Job, digest::Digest, jobs, pinned, planned};

/// Forks made of each trial.
const FORKS: usize = 5;

/// Every strategy and class of each n-th pinned scenario.
fn sample(nth: usize) -> Vec<Job> {
    let chosen = pinned::scenarios().into_iter().filter(|(number, _)| number % nth == 0);
    chosen.flat_map(|(number, text)| jobs(number, &planned(&text).unwrap())).collect()
}

/// Numbers of events at which a trial of so many is forked, in their order.
fn places(events: u64, of: u64) -> Vec<u64> {
    let mut stream = Key::of_bits(of).stream(0);
    let mut places: Vec<u64> = (0..FORKS).map(|_| stream.below(events + 1)).collect();
    places.sort_unstable();
    places
}

/// The outcomes of the forks, and of what they were forked from; and how many were made between two events of one
/// nanosecond.
fn forked(job: &Job, fork: impl Fn(&Running<'_>) -> Outcome) -> (Vec<Outcome>, usize) {
    let mut counted = job.trial().start();
    let mut events = 0;
    while counted.step() {
        events += 1;
    }
    let mut running = job.trial().start();
    let (mut done, mut simultaneous) = (0, 0);
    let mut outcomes = Vec::new();
    for place in places(events, events ^ job.plan.scenario.seed) {
        while done < place {
            running.step();
            done += 1;
        }
        let mut next = running.clone();
        simultaneous += usize::from(next.step() && next.now() == running.now());
        outcomes.push(fork(&running));
    }
    outcomes.push(running.finish());
    (outcomes, simultaneous)
}

#[test]
fn a_fork_with_the_same_luck_leaves_the_same_bytes() {
    let check = |job: &Job| {
        let plain = Digest::of(&job.trial().run());
        let (outcomes, simultaneous) = forked(job, |it| it.clone().finish());
        for outcome in &outcomes {
            assert_eq!(Digest::of(outcome), plain, "{}", job.name);
        }
        simultaneous
    };
    let jobs = sample(1);
    let simultaneous: usize = jobs.par_iter().map(check).sum();
    assert!(jobs.len() > 1_200 && simultaneous > 160, "{} trials, {simultaneous}", jobs.len());
}

/// How many of these plans go on from what comes before the rollout of the first one, each as if simulated whole.
fn shipped_from_one_past(first: &Plan, plans: &[Plan], release: usize) -> usize {
    let seed = Seed::new(first.scenario.seed);
    let Some(past) = Trial::new(first, seed).release(release).past() else { return 0 };
    let same = |plan: &&Plan| {
        let Some(shipped) = past.shipped_by(plan) else { return false };
        let whole = Trial::new(plan, seed).release(release).run();
        let names = (&first.name, first.scenario.strategy.name(), plan.scenario.strategy.name());
        assert_eq!(Digest::of(&shipped), Digest::of(&whole), "{names:?}");
        true
    };
    plans.iter().filter(same).count()
}

/// Each strategy goes on from what comes before the rollout of another one, with what the release may be.
#[test]
fn what_comes_before_a_rollout_is_the_same_whatever_ships_it() {
    let check = |(number, text): &(usize, String)| -> usize {
        let plan = planned(text).unwrap();
        let plans: Vec<Plan> =
            plan.scenario.strategies().into_iter().map(|it| plan.with_strategy(it.1)).collect();
        let classes = plan.lottery.iter().flat_map(|it| &it.classes).map(|it| it.release);
        let first = |release: usize| &plans[(number + release) % plans.len()];
        classes.chain([0]).map(|it| shipped_from_one_past(first(it), &plans, it)).sum()
    };
    let same: usize = pinned::scenarios().par_iter().map(check).sum();
    assert!(same > 1_500, "{same} trials have the past of another one");
}

#[test]
fn a_trial_that_is_played_until_an_instant_goes_on_from_there() {
    for job in sample(60) {
        let plain = Digest::of(&job.trial().run());
        let mut running = job.trial().start();
        for seconds in 0..90 {
            let at = Instant::from_nanos(seconds * 1_000_000_000);
            running.until(at);
            assert!(running.now() <= at);
        }
        assert_eq!(Digest::of(&running.finish()), plain, "{}", job.name);
    }
}

/// Forks with fresh draws, of every kind of strategy and fault: the books balance after them, and who looks on changes
/// nothing.
#[test]
fn a_trial_with_forks_leaves_the_same_bytes_whether_or_not_it_is_observed() {
    let mut others = 0;
    let jobs = sample(60);
    for job in &jobs {
        let length = job.plan.scenario.length.nanos();
        let mut stream = Key::of_bits(job.plan.scenario.seed).stream(1);
        let mut instants = [0; 2].map(|_: u64| stream.below(length));
        instants.sort_unstable();
        let forks = instants.map(|at| Fork { at: Instant::from_nanos(at), luck: at });
        let trial = job.trial().forked(&forks);
        let outcome = trial.run();
        assert_eq!(outcome.forks, forks, "{}", job.name);
        let observed = Digest::of(&trial.run_watched(&mut |_| {}));
        assert_eq!(Digest::of(&outcome), observed, "{}", job.name);
        others += usize::from(Digest::of(&job.trial().run()) != observed);
    }
    assert!(others > jobs.len() * 9 / 10, "{others} of {} go on otherwise", jobs.len());
}

/// The law can fail: a fork that went on with other luck would leave other bytes.
#[test]
fn a_fork_that_goes_on_with_another_seed_is_found_out() {
    let other = |job: &Job| {
        let seed = Seed::new(job.plan.scenario.seed + 1);
        let plain = Digest::of(&job.trial().run());
        let fork = |_: &Running<'_>| Trial::new(&job.plan, seed).release(job.release).run();
        forked(job, fork).0.iter().filter(|it| Digest::of(it) != plain).count()
    };
    let jobs = sample(60);
    let found: usize = jobs.iter().map(other).sum();
    assert!(found > (FORKS - 1) * jobs.len(), "{found} of {}", FORKS * jobs.len());
}
