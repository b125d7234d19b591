//! The numbers that things of a trial go by.

use crate::kernel::{Id, Table};

/// Declares kinds of things, the numbers that they go by, and tables by those numbers.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident, $id:ident, $table:ident;)+) => { $(
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum $kind {}
        $(#[$doc])*
        pub(super) type $id = Id<$kind>;
        pub(super) type $table<T> = Table<$kind, T>;
    )+ };
}

kinds! {
    /// A place for an instance, which one takes after the other.
    ASlot, SlotId, BySlot;
    /// A worker; those of a slot lie next to each other.
    AWorker, WorkerId, ByWorker;
    /// The record of an attempt in flight, used again after it has ended.
    AnAttempt, AttemptId, ByAttempt;
    /// What the attempts of a request have in common; only a request of several attempts has one.
    ARequestRecord, RequestRecordId, ByRequestRecord;
}

/// An operation of the plan, which has at most 256; the first by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct OperationId(u8);

impl OperationId {
    #[cfg(test)]
    pub(super) const FIRST: Self = Self(0);

    /// The one at this place in the plan.
    #[inline]
    pub(super) fn at(place: usize) -> Self {
        Self(u8::try_from(place).expect("a plan has at most 256 operations"))
    }

    #[inline]
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}
