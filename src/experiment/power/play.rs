//! Simulating a survey: on all cores, in order, until it is done or interrupted.

use std::io;

use super::{PowerRow, Survey, row, survey::Job};
use crate::experiment::{
    Keep,
    keep::{Jobs, play_all},
};

/// Simulates a survey; says whether it is complete.
pub fn play_survey(
    survey: &mut Survey,
    pool: &rayon::ThreadPool,
    keeper: &mut dyn Keep<PowerRow>,
) -> io::Result<bool> {
    while let Some(jobs) = survey.next_stage() {
        keeper.planned(survey.planned());
        let mut before = Vec::with_capacity(jobs.len());
        for job in &jobs {
            let (key, seed) = (&survey.cells[job.cell].key, survey.seed_of(job.trial));
            let fits = |it: &PowerRow| (&it.cell, it.trial, it.seed) == (key, job.trial, seed);
            before.push(keeper.before(&fits)?);
        }
        let mut rows = std::mem::take(&mut survey.rows);
        let play = |job: &usize| {
            let Job { cell, trial } = jobs[*job];
            let it = &survey.cells[cell];
            let release = it.class.as_ref().map_or(0, |it| it.1);
            row::play(&it.plan, release, (&it.key, trial, survey.seed_of(trial)))
        };
        let work = |left: &[usize]| left.iter().map(play).collect();
        let take = |job: usize, row| rows[jobs[job].cell].push(row);
        let part = Jobs::single(before).of(keeper.part());
        let complete = play_all(pool, keeper, part, work, take);
        survey.rows = rows;
        if !complete? {
            return Ok(false);
        }
    }
    Ok(true)
}
