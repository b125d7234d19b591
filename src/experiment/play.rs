//! Simulating a comparison: on all cores, in order, until it is enough or interrupted.

use std::io;

use super::{
    ComparisonRun, Keep, Part, Rollout, Study, Turn,
    comparison_run::ROUND,
    keep::{Jobs, play_all},
};

/// Simulates on from where the run is, until it is complete or stopped; of a shard, its share of the next round.
pub fn play(
    study: &Study,
    run: &mut ComparisonRun<'_>,
    pool: &rayon::ThreadPool,
    keeper: &mut dyn Keep<(u64, Rollout)>,
) -> io::Result<()> {
    if matches!(keeper.part(), Part::Merged | Part::Share(_)) {
        return play_share(study, run, pool, keeper);
    }
    while let Some(round) = run.round() {
        let turns: Vec<(u64, Turn)> = (round.first..).zip(round.turns).collect();
        let part = keeper.part();
        if !play_turns(study, (&turns, part), pool, keeper, &mut |it| run.take(it))? {
            break;
        }
    }
    Ok(())
}

/// Simulates a shard's share of the next round, every `of`-th rollout up to where the results are looked at.
fn play_share(
    study: &Study,
    run: &mut ComparisonRun<'_>,
    pool: &rayon::ThreadPool,
    keeper: &mut dyn Keep<(u64, Rollout)>,
) -> io::Result<()> {
    while take_merged(study, run, keeper)? {}
    let Part::Share(shard) = keeper.part() else { return Ok(()) };
    let first = run.played();
    let mut mine = (first..).zip(run.until_look()).filter(|it| shard.has(it.0 - first));
    loop {
        let turns: Vec<(u64, Turn)> = mine.by_ref().take(ROUND as usize).collect();
        if turns.is_empty() {
            keeper.shared();
            return Ok(());
        }
        if !play_turns(study, (&turns, Part::All), pool, keeper, &mut |_| ())? {
            return Ok(());
        }
    }
}

/// Takes the next rollout where it was merged before.
fn take_merged(
    study: &Study,
    run: &mut ComparisonRun<'_>,
    keeper: &mut dyn Keep<(u64, Rollout)>,
) -> io::Result<bool> {
    let trial = run.played();
    let Some(turn) = run.until_look().next() else { return Ok(false) };
    let fits = |it: &(u64, Rollout)| it.0 == trial && study.protocol.is_of(&it.1, turn);
    let merged = keeper.merged(&fits)?;
    merged.iter().for_each(|it| run.take(&it.1));
    Ok(merged.is_some())
}

/// Simulates these rollouts, each with its number, in order; whether it came to the end of them.
fn play_turns(
    study: &Study,
    (turns, part): (&[(u64, Turn)], Part),
    pool: &rayon::ThreadPool,
    keeper: &mut dyn Keep<(u64, Rollout)>,
    take: &mut dyn FnMut(&Rollout),
) -> io::Result<bool> {
    let mut before = Vec::with_capacity(turns.len());
    for (trial, turn) in turns {
        let fits = |it: &(u64, Rollout)| it.0 == *trial && study.protocol.is_of(&it.1, *turn);
        before.push(keeper.before(&fits)?);
    }
    let stop = keeper.stop();
    let play = |job: &usize| Some((turns[*job].0, study.play_unless(turns[*job].1, &stop)?));
    let work = |left: &[usize]| left.iter().map_while(play).collect();
    let jobs = Jobs::single(before).of(part);
    play_all(pool, keeper, jobs, work, |_, it: (u64, Rollout)| take(&it.1))
}
