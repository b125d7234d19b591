//! Simulating a survey: on all cores, in order, until it is done or interrupted.

use std::{
    io::{self, ErrorKind},
    ops::ControlFlow,
};

use super::{PowerRow, Survey, row, survey::Job};
use crate::experiment::parallel::in_order;

/// What happens with each trial, and whether to go on.
pub trait KeepPower {
    /// Keeps a trial that was just simulated; so many are planned in all.
    fn keep(&mut self, row: &PowerRow, planned: u64) -> io::Result<()>;

    /// Whether it should stop.
    fn stopped(&self) -> bool;
}

/// Simulates a survey after what was simulated of it `before`; says whether it is complete.
pub fn play_survey(
    survey: &mut Survey,
    before: Vec<PowerRow>,
    pool: &rayon::ThreadPool,
    keeper: &mut impl KeepPower,
) -> io::Result<bool> {
    let mut before = before.into_iter();
    while let Some(jobs) = survey.next_stage() {
        let mut left = jobs.as_slice();
        while let Some((job, rest)) = left.split_first() {
            let Some(row) = before.next() else { break };
            let seed = survey.seed_of(job.trial);
            if (row.cell.as_str(), row.trial, row.seed)
                != (survey.cells[job.cell].key.as_str(), job.trial, seed)
            {
                let why = "these are not the trials of this survey";
                return Err(io::Error::new(ErrorKind::InvalidData, why));
            }
            survey.rows[job.cell].push(row);
            left = rest;
        }
        if !play_stage(survey, left, pool, keeper)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether all of it was simulated.
fn play_stage(
    survey: &mut Survey,
    jobs: &[Job],
    pool: &rayon::ThreadPool,
    keeper: &mut impl KeepPower,
) -> io::Result<bool> {
    let planned = survey.planned();
    let mut rows = std::mem::take(&mut survey.rows);
    let mut ended = Ok(true);
    let job = |index: u64| jobs[usize::try_from(index).unwrap_or(usize::MAX)];
    let play = |index: u64| {
        let Job { cell, trial } = job(index);
        let it = &survey.cells[cell];
        let release = it.class.as_ref().map_or(0, |it| it.1);
        row::play(&it.plan, release, (&it.key, trial, survey.seed_of(trial)))
    };
    in_order(pool, jobs.len() as u64, play, |index, row| {
        let kept = keeper.keep(&row, planned);
        rows[job(index).cell].push(row);
        match kept {
            Err(error) => ended = Err(error),
            Ok(()) if keeper.stopped() => ended = Ok(index + 1 == jobs.len() as u64),
            Ok(()) => return ControlFlow::Continue(()),
        }
        ControlFlow::Break(())
    });
    survey.rows = rows;
    ended
}
