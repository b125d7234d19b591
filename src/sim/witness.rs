//! A witness of every request as it is booked, for tests alone: which user asked what of which instance, and
//! what came of it.

use std::cell::RefCell;

use super::{
    data::{Attempt, Failure},
    ids::OperationId,
    world::World,
};
use crate::model::Cohort;

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Good,
    Wrong,
    Failed(Failure),
}

/// One request, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Booked {
    pub(super) arrived: u64,
    pub(super) ended: u64,
    pub(super) user: u32,
    pub(super) operation: OperationId,
    pub(super) cohort: Cohort,
    /// Number of the instance that had it last; none where there was no endpoint.
    pub(super) pod: Option<u32>,
    pub(super) fate: Fate,
}

thread_local! {
    static BOOKED: RefCell<Option<Vec<Booked>>> = const { RefCell::new(None) };
}

/// What `play` gives, and every request that this thread has booked meanwhile.
pub(super) fn witnessed<T>(play: impl FnOnce() -> T) -> (T, Vec<Booked>) {
    BOOKED.set(Some(Vec::new()));
    let played = play();
    (played, BOOKED.take().expect("no one else watches this thread"))
}

impl Fate {
    pub(super) const fn of_good(wrong: bool) -> Self {
        if wrong { Self::Wrong } else { Self::Good }
    }
}

impl World<'_> {
    pub(super) fn witness(&self, attempt: &Attempt, fate: Fate) {
        let pod = self.data.slots().get(attempt.slot).map(|it| it.pod);
        BOOKED.with_borrow_mut(|booked| {
            if let Some(booked) = booked {
                booked.push(Booked {
                    arrived: attempt.first,
                    ended: self.now,
                    user: attempt.user,
                    operation: attempt.operation,
                    cohort: attempt.cohort,
                    pod,
                    fate,
                });
            }
        });
    }
}
