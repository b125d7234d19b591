//! What happens with the trials of a study while it is simulated.

use std::{
    io,
    ops::{ControlFlow, Range},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use super::parallel::in_order;

/// Keeps what is simulated, knows what was simulated before, and says whether to go on.
pub trait Keep<T> {
    /// What was kept of the next job before; none where it is to be simulated. An error where what
    /// was kept does not fit: it is of another study.
    fn before(&mut self, fits: &dyn Fn(&T) -> bool) -> io::Result<Option<T>>;

    /// Keeps what was just simulated. The study ends when it cannot be kept.
    fn keep(&mut self, it: &T) -> io::Result<()>;

    /// So many there are in all, as far as is known by now.
    fn planned(&mut self, most: u64);

    /// Which of the jobs of which nothing is known are simulated here.
    fn part(&self) -> Part {
        Part::All
    }

    /// What was merged of the next job in the rounds before this one, of a shard; none where it is of this round.
    fn merged(&mut self, _fits: &dyn Fn(&T) -> bool) -> io::Result<Option<T>> {
        Ok(None)
    }

    /// A shard has simulated its share of the round.
    fn shared(&mut self) {}

    /// What becomes true when it should stop, seen from any thread.
    fn stop(&self) -> Stop;

    /// Whether it should stop.
    fn stopped(&self) -> bool {
        self.stop().load(Ordering::Relaxed)
    }
}

/// A part of a study: which of the jobs that are not known are simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    All,
    /// None as long as all are known from the rounds before.
    Merged,
    /// Every `of`-th of the round.
    Share(Shard),
    /// None: what is not known is missing.
    Nothing,
}

/// One of several parts into which each round of a study is split. What a study simulates next may depend on what it
/// found: a round is what it asks for at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 0.
    pub index: u64,
    pub of: u64,
}

impl Shard {
    /// Jobs of so many that fall to it.
    pub const fn share(self, jobs: u64) -> u64 {
        (jobs + self.of - 1 - self.index) / self.of
    }

    /// Whether the job of this number in a round falls to it.
    pub const fn has(self, job: u64) -> bool {
        job % self.of == self.index
    }
}

/// True once it should stop.
pub type Stop = Arc<AtomicBool>;

/// What is to be simulated: what is known of each job from before, and the jobs that one thread does
/// in a row.
#[derive(Debug)]
pub(super) struct Jobs<T> {
    before: Vec<Option<T>>,
    chunks: Vec<Range<usize>>,
    part: Part,
}

impl<T> Jobs<T> {
    /// Each by itself.
    pub(super) fn single(before: Vec<Option<T>>) -> Self {
        let chunks = (0..before.len()).map(|it| it..it + 1).collect();
        Self { before, chunks, part: Part::All }
    }

    /// In chunks, which follow each other.
    pub(super) const fn in_chunks(before: Vec<Option<T>>, chunks: Vec<Range<usize>>) -> Self {
        Self { before, chunks, part: Part::All }
    }

    /// A part of them.
    pub(super) fn of(self, part: Part) -> Self {
        Self { part, ..self }
    }
}

/// Simulates the jobs of which nothing is known, and keeps and takes all of them in their order; of a shard, its share
/// of them. Whether all of them are known then.
pub(super) fn play_all<T: Send>(
    pool: &rayon::ThreadPool,
    keeper: &mut dyn Keep<T>,
    jobs: Jobs<T>,
    work: impl Fn(&[usize]) -> Vec<T> + Sync,
    mut take: impl FnMut(usize, T),
) -> io::Result<bool> {
    let Jobs { mut before, chunks, part } = jobs;
    let is_mine = |job: &usize| match part {
        Part::Share(shard) => shard.has(*job as u64),
        Part::All => true,
        Part::Merged | Part::Nothing => false,
    };
    if part == Part::Nothing && before.iter().any(Option::is_none) {
        return Ok(false);
    }
    let left = |it: &Range<usize>| {
        it.clone().filter(|job| before[*job].is_none() && is_mine(job)).collect()
    };
    let left: Vec<Vec<usize>> = chunks.iter().map(left).collect();
    let at = |chunk: u64| usize::try_from(chunk).unwrap_or(usize::MAX);
    let all = before.len();
    let mut ended = Ok(true);
    let play = |chunk: u64| work(&left[at(chunk)]);
    in_order(pool, chunks.len() as u64, play, |chunk, played| {
        let mut played = played.into_iter();
        for job in chunks[at(chunk)].clone() {
            if matches!(part, Part::Share(_)) && !is_mine(&job) {
                continue;
            }
            let Some(it) = before[job].take().or_else(|| played.next()) else {
                // it was stopped in the middle of this one
                ended = Ok(false);
                return ControlFlow::Break(());
            };
            let kept = if part == Part::Merged { Ok(()) } else { keeper.keep(&it) };
            take(job, it);
            if let Err(error) = kept {
                ended = Err(error);
                return ControlFlow::Break(());
            }
            if keeper.stopped() {
                ended = Ok(job + 1 == all);
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    });
    let ended = ended?;
    if ended && matches!(part, Part::Share(_)) {
        keeper.shared();
        return Ok(false);
    }
    Ok(ended)
}
