//! Simulating a comparison: on all cores, in order, until it is enough or interrupted.

use std::io;

use super::{
    ComparisonRun, Keep, Rollout, Schedule, Study, Turn,
    comparison_run::ROUND,
    keep::{Jobs, play_all},
    schedule::first_shares,
};

/// Simulates on from where the run is, until it is complete or stopped.
pub fn play(
    study: &Study,
    run: &mut ComparisonRun<'_>,
    pool: &rayon::ThreadPool,
    keeper: &mut dyn Keep<(u64, Rollout)>,
) -> io::Result<()> {
    while let Some(round) = run.round() {
        let turns: Vec<(u64, Turn)> = (round.first..).zip(round.turns).collect();
        if !play_turns(study, &turns, pool, keeper, &mut |it| run.take(it))? {
            break;
        }
    }
    Ok(())
}

/// One of several parts of a comparison with a fixed number of rollouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 0.
    pub index: u64,
    pub of: u64,
}

impl Shard {
    /// Rollouts of so many that fall to it.
    pub const fn share(self, trials: u64) -> u64 {
        (trials + self.of - 1 - self.index) / self.of
    }
}

/// Simulates the rollouts of one shard, every `of`-th of all; says whether it is complete.
pub fn play_shard(
    study: &Study,
    (shard, trials): (Shard, u64),
    pool: &rayon::ThreadPool,
    keeper: &mut dyn Keep<(u64, Rollout)>,
) -> io::Result<bool> {
    let mut schedule = Schedule::new(first_shares(&study.protocol.chances()));
    let mut mine = (0..trials).filter_map(|trial| {
        let turn = schedule.turn();
        (trial % shard.of == shard.index).then_some((trial, turn))
    });
    loop {
        let turns: Vec<(u64, Turn)> = mine.by_ref().take(ROUND as usize).collect();
        if turns.is_empty() {
            return Ok(true);
        }
        if !play_turns(study, &turns, pool, keeper, &mut |_| ())? {
            return Ok(false);
        }
    }
}

/// Simulates these rollouts, each with its number, in order; whether it came to the end of them.
fn play_turns(
    study: &Study,
    turns: &[(u64, Turn)],
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
    play_all(pool, keeper, Jobs::single(before), work, |_, it: (u64, Rollout)| take(&it.1))
}
