//! Attempts in flight: a slab of flat records, so that a request costs no allocation.

use crate::{model::Cohort, units::narrow};

/// No attempt, no worker, no slot.
pub(super) const NONE: u32 = u32::MAX;

/// One attempt of a request to get an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt {
    /// When it reached the balancer, in nanoseconds.
    pub(super) arrived: u64,
    /// When the request's first attempt did.
    pub(super) first: u64,
    pub(super) request: u64,
    /// Its request's service demand where nothing is wrong, in nanoseconds.
    pub(super) service: u64,
    pub(super) user: u32,
    /// Counts the lives of this record, so that what refers to an earlier one is known as stale.
    pub(super) generation: u32,
    /// Next in an instance's queue, or in the list of free records.
    pub(super) next: u32,
    /// The instance that has it; `NONE` while none has.
    pub(super) slot: u32,
    /// What it has in common with the request's other attempts; `NONE` while it is the only one.
    pub(super) tally: u32,
    pub(super) cohort: Cohort,
    pub(super) operation: u8,
    /// Attempts before this one.
    pub(super) tries: u8,
    pub(super) flags: u8,
}

impl Attempt {
    /// The request counts: it arrived after the warm-up.
    pub(super) const COUNTED: u8 = 1;
    /// The client has gone: timed out or hung up. The server may still work on it.
    pub(super) const GONE: u8 = 2;
    /// Waits in an instance's queue.
    pub(super) const QUEUED: u8 = 4;
    /// A smoke test, not a user's request.
    pub(super) const SMOKE: u8 = 8;
    /// Broken because an instance was stopped.
    pub(super) const STOPPED: u8 = 16;
    /// Its time-out has been armed.
    pub(super) const ARMED: u8 = 32;
    /// The client hung up while it waited, which freed its place in the queue.
    pub(super) const HUNG_UP: u8 = 64;
    /// Failed as some requests do on a normal day.
    pub(super) const NORMAL: u8 = 128;

    pub(super) const fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// What chance knows this attempt by: its request and which try it is.
    pub(super) const fn entity(&self) -> u64 {
        self.request << 4 | self.tries as u64
    }
}

/// A reference to an attempt that knows when it has become stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    pub(super) attempt: u32,
    pub(super) generation: u32,
}

/// The number of an operation, of which a plan has few.
pub(super) fn operation_number(index: usize) -> u8 {
    u8::try_from(index).expect("a plan has at most 256 operations")
}

/// What has become of a request of more than one attempt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tally {
    /// Attempts that a client or a server still has; the next free tally once there are none.
    attempts: u32,
    /// Attempts that were served well, whether or not a client waited for the answer.
    served: u32,
    /// An attempt was answered, be it with an error.
    answered: bool,
}

#[derive(Debug)]
pub(super) struct Attempts {
    records: Vec<Attempt>,
    free: u32,
    tallies: Vec<Tally>,
    tally_free: u32,
}

impl Attempts {
    pub(super) fn new() -> Self {
        Self { records: Vec::with_capacity(64), free: NONE, tallies: Vec::new(), tally_free: NONE }
    }

    /// Takes a record in; its generation is the record's own.
    pub(super) fn insert(&mut self, mut attempt: Attempt) -> u32 {
        if self.free == NONE {
            attempt.generation = 0;
            self.records.push(attempt);
            return narrow(self.records.len() - 1);
        }
        let index = self.free;
        let record = &mut self.records[index as usize];
        self.free = record.next;
        attempt.generation = record.generation;
        *record = attempt;
        index
    }

    /// Another attempt of a request follows this one; gives what the two have in common.
    pub(super) fn share(&mut self, index: u32, answered: bool) -> u32 {
        let mut tally = self.records[index as usize].tally;
        if tally == NONE {
            tally = self.new_tally();
            self.records[index as usize].tally = tally;
        }
        let record = &mut self.tallies[tally as usize];
        record.attempts += 1;
        record.answered |= answered;
        tally
    }

    fn new_tally(&mut self) -> u32 {
        let fresh = Tally { attempts: 1, served: 0, answered: false };
        if self.tally_free == NONE {
            self.tallies.push(fresh);
            return narrow(self.tallies.len() - 1);
        }
        let tally = self.tally_free;
        self.tally_free = self.tallies[tally as usize].attempts;
        self.tallies[tally as usize] = fresh;
        tally
    }

    /// An attempt has been served well; says whether that makes its request a duplicated one.
    pub(super) fn served_again(&mut self, index: u32) -> bool {
        let Some(tally) = self.tallies.get_mut(self.records[index as usize].tally as usize) else {
            return false;
        };
        tally.served += 1;
        tally.served == 2
    }

    /// Whether an earlier attempt of the same request was answered.
    pub(super) fn answered_before(&self, attempt: &Attempt) -> bool {
        self.tallies.get(attempt.tally as usize).is_some_and(|it| it.answered)
    }

    fn leave_tally(&mut self, tally: u32) {
        let record = &mut self.tallies[tally as usize];
        record.attempts -= 1;
        if record.attempts == 0 {
            record.attempts = self.tally_free;
            self.tally_free = tally;
        }
    }

    pub(super) fn free(&mut self, index: u32) {
        let tally = std::mem::replace(&mut self.records[index as usize].tally, NONE);
        if tally != NONE {
            self.leave_tally(tally);
        }
        let free = self.free;
        let record = &mut self.records[index as usize];
        record.generation = record.generation.wrapping_add(1);
        record.next = free;
        record.slot = NONE;
        self.free = index;
    }

    /// Makes every ticket of a record stale while it lives on.
    pub(super) fn renew(&mut self, index: u32) {
        let record = &mut self.records[index as usize];
        record.generation = record.generation.wrapping_add(1);
    }

    /// Requests that no one has answered or given up on: records whose client has not gone.
    pub(super) fn open(&self) -> u64 {
        let open = |it: &&Attempt| !it.has(Attempt::GONE) && !it.has(Attempt::SMOKE);
        self.records.iter().filter(open).count() as u64
    }

    pub(super) fn ticket(&self, index: u32) -> Ticket {
        Ticket { attempt: index, generation: self.records[index as usize].generation }
    }

    pub(super) fn is_current(&self, ticket: Ticket) -> bool {
        self.records[ticket.attempt as usize].generation == ticket.generation
    }
}

impl std::ops::Index<u32> for Attempts {
    type Output = Attempt;

    fn index(&self, index: u32) -> &Attempt {
        &self.records[index as usize]
    }
}

impl std::ops::IndexMut<u32> for Attempts {
    fn index_mut(&mut self, index: u32) -> &mut Attempt {
        &mut self.records[index as usize]
    }
}
