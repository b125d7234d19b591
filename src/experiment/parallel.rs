//! Jobs on many threads, results in the order of the jobs.

use std::{
    collections::BTreeMap,
    ops::ControlFlow,
    sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc},
};

/// Results that may wait for an earlier one, for each thread: enough that a long job holds no
/// thread up, and so few that memory does not grow with the number of jobs.
const AHEAD: u64 = 32;

/// Which job is next, and how far the results have been taken.
struct Desk {
    state: Mutex<State>,
    moved: Condvar,
    ahead: u64,
}

struct State {
    next: u64,
    end: u64,
    taken: u64,
}

impl Desk {
    fn state(&self) -> MutexGuard<'_, State> {
        // a state of three numbers is whole even if its last holder panicked
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A job to do, when it is not too far ahead; none when all are given out.
    fn job(&self) -> Option<u64> {
        let mut state = self.state();
        while state.next < state.end && state.next >= state.taken + self.ahead {
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        (state.next < state.end).then(|| {
            state.next += 1;
            state.next - 1
        })
    }

    fn take(&self) {
        self.state().taken += 1;
        self.moved.notify_all();
    }

    /// Gives out no more jobs.
    fn close(&self) {
        self.state().end = 0;
        self.moved.notify_all();
    }
}

/// Closes the desk also when its holder panics: no thread may wait for a result that never comes.
struct Closing<'d>(&'d Desk);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.close();
        }
    }
}

/// Does the jobs `0..jobs` in the pool and hands the results to `fold` in the order of the jobs, on
/// this thread. What `fold` sees does not depend on the number of threads. When it breaks, no further
/// job begins. A job that panics panics here.
pub(super) fn in_order<T: Send>(
    pool: &rayon::ThreadPool,
    jobs: u64,
    work: impl Fn(u64) -> T + Sync,
    mut fold: impl FnMut(u64, T) -> ControlFlow<()>,
) {
    let threads = pool.current_num_threads() as u64;
    let state = Mutex::new(State { next: 0, end: jobs, taken: 0 });
    let desk = Desk { state, moved: Condvar::new(), ahead: AHEAD * threads };
    let (sender, results) = mpsc::channel();
    pool.in_place_scope(|scope| {
        let _closing = Closing(&desk);
        for _ in 0..threads {
            let (sender, desk, work) = (sender.clone(), &desk, &work);
            scope.spawn(move |_| {
                let _closing = Closing(desk);
                let results = std::iter::from_fn(|| desk.job().map(|job| (job, work(job))));
                // no receiver is left once it was closed
                let _ = results.map(|it| sender.send(it)).find(Result::is_err);
            });
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        for (job, result) in results {
            waiting.insert(job, result);
            let ready = std::iter::from_fn(|| {
                let result = waiting.remove(&next)?;
                next += 1;
                desk.take();
                Some((next - 1, result))
            });
            if ready.map(|(job, result)| fold(job, result)).any(|it| it.is_break()) {
                desk.close();
                return;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(threads: usize) -> rayon::ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
    }

    /// Work whose length differs wildly, so that results come out of order.
    fn uneven(job: u64) -> u64 {
        let rounds = if job.is_multiple_of(7) { 20_000 } else { 10 };
        (0..rounds).fold(job, |sum, it| std::hint::black_box(sum ^ (it & 1)))
    }

    #[test]
    fn results_come_in_the_order_of_the_jobs_on_any_number_of_threads() {
        for threads in [1, 2, 5] {
            let mut seen = Vec::new();
            in_order(&pool(threads), 500, uneven, |job, _| {
                seen.push(job);
                ControlFlow::Continue(())
            });
            assert_eq!(seen, (0..500).collect::<Vec<_>>());
        }
    }

    #[test]
    fn no_job_begins_long_before_its_results_are_wanted() {
        let begun = Mutex::new(0);
        let mut taken = 0;
        in_order(
            &pool(2),
            1_000,
            |_| *begun.lock().unwrap() += 1,
            |_, ()| {
                // the one that is being taken counts as taken
                taken += 1;
                assert!(*begun.lock().unwrap() <= taken + 2 * AHEAD);
                ControlFlow::Continue(())
            },
        );
        assert_eq!(taken, 1_000);
    }

    #[test]
    fn a_break_ends_it_after_the_jobs_that_have_begun() {
        let mut seen = 0;
        in_order(&pool(3), u64::MAX, uneven, |_, _| {
            seen += 1;
            if seen == 10 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(seen, 10);
    }

    #[test]
    fn a_job_that_panics_is_no_hang() {
        let all = std::panic::catch_unwind(|| {
            in_order(
                &pool(2),
                1_000,
                |job| assert!(job != 20, "the job that fails"),
                |_, ()| ControlFlow::Continue(()),
            );
        });
        assert!(all.is_err());
    }

    #[test]
    fn nothing_to_do_is_done_at_once() {
        in_order(&pool(2), 0, uneven, |_, _| unreachable!("there is no job"));
    }
}
