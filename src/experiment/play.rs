//! Simulating a comparison: on all cores, in order, until it is enough or interrupted.

use std::{io, ops::ControlFlow};

use super::{
    ComparisonRun, Rollout, Schedule, Study, Turn, comparison_run::ROUND, parallel::in_order,
    schedule::first_shares,
};

/// What happens with each rollout, and whether to go on.
pub trait Record {
    /// Keeps a rollout. The comparison ends when it cannot be kept.
    fn keep(&mut self, trial: u64, rollout: &Rollout) -> io::Result<()>;

    /// Whether it should stop.
    fn stopped(&self) -> bool;
}

/// Simulates on from where the run is, until it is complete or stopped.
pub fn play(
    study: &Study,
    run: &mut ComparisonRun<'_>,
    pool: &rayon::ThreadPool,
    record: &mut impl Record,
) -> io::Result<()> {
    while let Some(round) = run.round() {
        let turn = |job: u64| round.turns[usize::try_from(job).unwrap_or(usize::MAX)];
        let played = play_all(study, pool, round.turns.len() as u64, turn, |job, rollout| {
            run.take(rollout);
            record.keep(round.first + job, rollout)?;
            Ok(record.stopped())
        })?;
        if played.is_break() {
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

/// Simulates the rollouts of one shard, every `of`-th of all, after those that are `done` already.
pub fn play_shard(
    study: &Study,
    (shard, trials): (Shard, u64),
    done: u64,
    pool: &rayon::ThreadPool,
    record: &mut impl Record,
) -> io::Result<()> {
    let mut schedule = Schedule::new(first_shares(&study.protocol.chances()));
    let mut mine = (0..trials).filter_map(|trial| {
        let turn = schedule.turn();
        (trial % shard.of == shard.index).then_some((trial, turn))
    });
    for _ in 0..done {
        mine.next();
    }
    loop {
        let round: Vec<(u64, Turn)> = mine.by_ref().take(ROUND as usize).collect();
        if round.is_empty() {
            return Ok(());
        }
        let at = |job: u64| round[usize::try_from(job).unwrap_or(usize::MAX)];
        let turn = |job: u64| at(job).1;
        let played = play_all(study, pool, round.len() as u64, turn, |job, rollout| {
            record.keep(at(job).0, rollout)?;
            Ok(record.stopped())
        })?;
        if played.is_break() {
            return Ok(());
        }
    }
}

/// Simulates jobs in order; `keep` says whether to stop.
fn play_all(
    study: &Study,
    pool: &rayon::ThreadPool,
    jobs: u64,
    turn: impl Fn(u64) -> Turn + Sync,
    mut keep: impl FnMut(u64, &Rollout) -> io::Result<bool>,
) -> io::Result<ControlFlow<()>> {
    let mut ended = Ok(ControlFlow::Continue(()));
    in_order(
        pool,
        jobs,
        |job| study.play(turn(job)),
        |job, rollout| {
            match keep(job, &rollout) {
                Ok(false) => return ControlFlow::Continue(()),
                Ok(true) => ended = Ok(ControlFlow::Break(())),
                Err(error) => ended = Err(error),
            }
            ControlFlow::Break(())
        },
    );
    ended
}
