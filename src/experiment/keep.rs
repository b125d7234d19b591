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

    /// What becomes true when it should stop, seen from any thread.
    fn stop(&self) -> Stop;

    /// Whether it should stop.
    fn stopped(&self) -> bool {
        self.stop().load(Ordering::Relaxed)
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
}

impl<T> Jobs<T> {
    /// Each by itself.
    pub(super) fn single(before: Vec<Option<T>>) -> Self {
        let chunks = (0..before.len()).map(|it| it..it + 1).collect();
        Self { before, chunks }
    }

    /// In chunks, which follow each other.
    pub(super) const fn in_chunks(before: Vec<Option<T>>, chunks: Vec<Range<usize>>) -> Self {
        Self { before, chunks }
    }
}

/// Simulates the jobs of which nothing is known, and keeps and takes all of them in their order.
/// Whether it came to the end.
pub(super) fn play_all<T: Send>(
    pool: &rayon::ThreadPool,
    keeper: &mut dyn Keep<T>,
    jobs: Jobs<T>,
    work: impl Fn(&[usize]) -> Vec<T> + Sync,
    mut take: impl FnMut(usize, T),
) -> io::Result<bool> {
    let Jobs { mut before, chunks } = jobs;
    let left = |it: &Range<usize>| it.clone().filter(|job| before[*job].is_none()).collect();
    let left: Vec<Vec<usize>> = chunks.iter().map(left).collect();
    let at = |chunk: u64| usize::try_from(chunk).unwrap_or(usize::MAX);
    let all = before.len();
    let mut ended = Ok(true);
    let play = |chunk: u64| work(&left[at(chunk)]);
    in_order(pool, chunks.len() as u64, play, |chunk, played| {
        let mut played = played.into_iter();
        for job in chunks[at(chunk)].clone() {
            let Some(it) = before[job].take().or_else(|| played.next()) else {
                // it was stopped in the middle of this one
                ended = Ok(false);
                return ControlFlow::Break(());
            };
            let kept = keeper.keep(&it);
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
    ended
}
