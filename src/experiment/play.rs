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
        keeper.planned(run.most());
        let turns: Vec<(u64, Turn)> = (round.first..).zip(round.turns).collect();
        let jobs = Asked { turns: &turns, playing: &round.playing, part: keeper.part() };
        if !play_turns(study, jobs, pool, keeper, &mut |it| run.take(it))? {
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
    let (first, playing) = (run.played(), run.playing());
    let mut mine = (first..).zip(run.until_look()).filter(|it| shard.has(it.0 - first));
    loop {
        let turns: Vec<(u64, Turn)> = mine.by_ref().take(ROUND as usize).collect();
        if turns.is_empty() {
            keeper.shared();
            return Ok(());
        }
        let jobs = Asked { turns: &turns, playing: &playing, part: Part::All };
        if !play_turns(study, jobs, pool, keeper, &mut |_| ())? {
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
    let (trial, playing) = (run.played(), run.playing());
    let Some(turn) = run.until_look().next() else { return Ok(false) };
    let fits = |it: &(u64, Rollout)| {
        it.0 == trial && study.protocol.is_of(&it.1, turn) && it.1.is_under(&playing)
    };
    let merged = keeper.merged(&fits)?;
    Ok(merged.map(|it| run.take(&it.1)).is_some())
}

/// Rollouts, each with its number, and the strategies that are still playing.
struct Asked<'t> {
    turns: &'t [(u64, Turn)],
    playing: &'t [bool],
    part: Part,
}

/// Simulates these rollouts in order, under those of the strategies that are still playing; whether it came to the end
/// of them.
fn play_turns(
    study: &Study,
    Asked { turns, playing, part }: Asked<'_>,
    pool: &rayon::ThreadPool,
    keeper: &mut dyn Keep<(u64, Rollout)>,
    take: &mut dyn FnMut(&Rollout),
) -> io::Result<bool> {
    let mut before = Vec::with_capacity(turns.len());
    for (trial, turn) in turns {
        let fits = |it: &(u64, Rollout)| {
            it.0 == *trial && study.protocol.is_of(&it.1, *turn) && it.1.is_under(playing)
        };
        before.push(keeper.before(&fits)?);
    }
    let stop = keeper.stop();
    let play =
        |job: &usize| Some((turns[*job].0, study.play_unless(turns[*job].1, playing, &stop)?));
    let work = |left: &[usize]| left.iter().map_while(play).collect();
    let jobs = Jobs::single(before).of(part);
    play_all(pool, keeper, jobs, work, |_, it: (u64, Rollout)| take(&it.1))
}
