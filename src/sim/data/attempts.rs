//! Attempts in flight: a slab of flat records, so that a request costs no allocation.

pub(in crate::sim) use crate::model::Failure;
use crate::{
    channel::ATTEMPTS_MAX,
    model::Cohort,
    sim::ids::{AttemptId, ByAttempt, ByRequestRecord, OperationId, RequestRecordId, SlotId},
};

/// One attempt of a request to get an answer.
#[derive(Clone, Copy, Debug)]
pub(in crate::sim) struct Attempt {
    /// When it reached the balancer, in nanoseconds.
    pub(super) arrived: u64,
    /// When the request's first attempt did.
    pub(in crate::sim) first: u64,
    /// The request's number, and above it which of the proxy's further tries this is, and how many times sixteen
    /// attempts there were before.
    pub(super) request: u64,
    /// Its request's service demand where nothing is wrong, in nanoseconds.
    pub(super) service: u64,
    pub(in crate::sim) user: u32,
    /// Counts the lives of this record, so that what refers to an earlier one is known as stale.
    pub(super) generation: u32,
    /// Next in an instance's queue, or in the list of free records.
    pub(super) next: AttemptId,
    /// The instance that has it; `NONE` while none has.
    pub(in crate::sim) slot: SlotId,
    /// What it has in common with the request's other attempts; `NONE` while it is the only one.
    pub(super) request_record: RequestRecordId,
    pub(in crate::sim) cohort: Cohort,
    pub(in crate::sim) operation: OperationId,
    /// What holds of it, and in the highest bits how many attempts there were before, without the sixteens.
    pub(super) flags: u16,
}

const _: () = assert!(
    (ATTEMPTS_MAX as u64 / 16) << Attempt::SIXTEEN_TRIES == 1 << Attempt::PROXY_TRY,
    "all tries have their room"
);
const _: () = assert!(size_of::<Attempt>() == 56, "an attempt is seven words");

impl Attempt {
    /// The request counts: it arrived after the warm-up.
    pub(in crate::sim) const COUNTED: u16 = 1;
    /// The client has gone: timed out or hung up. The server may still work on it.
    pub(super) const GONE: u16 = 2;
    /// Waits in an instance's queue.
    pub(super) const QUEUED: u16 = 4;
    /// A smoke test, not a user's request.
    pub(in crate::sim) const SMOKE: u16 = 8;
    /// Broken because an instance was stopped.
    pub(in crate::sim) const STOPPED: u16 = 16;
    /// Its time-out has been armed.
    pub(super) const ARMED: u16 = 32;
    /// The client hung up while it waited, which freed its place in the queue.
    pub(super) const HUNG_UP: u16 = 64;
    /// Fails as some requests do on a normal day.
    pub(in crate::sim) const NORMAL: u16 = 128;

    /// Fetched by a worker, not sent by the balancer.
    pub(super) const PULLED: u16 = 256;
    /// Waits for the request before of the same user to be over.
    pub(super) const ORDERED: u16 = 512;
    /// That one is over.
    pub(super) const HAS_TURN: u16 = 1024;

    /// What may be done to it before the balancer, if anything does.
    pub(super) const APART: u16 = Self::SMOKE | Self::PULLED | Self::ORDERED;
    /// It does not pass through balancer and proxy.
    pub(super) const PAST_PROXY: u16 = Self::SMOKE | Self::PULLED;
    /// What each attempt at the request has of the one before.
    pub(super) const OF_REQUEST: u16 =
        Self::COUNTED | Self::STOPPED | Self::PULLED | Self::ORDERED | Self::HAS_TURN | Self::TRIES;
    /// Where attempts are counted up to sixteen.
    const TRIES: u16 = 15 << Self::TRY;
    const TRY: u32 = 12;

    pub(in crate::sim) const fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    /// Where the proxy's tries are counted: above any number of a request and its tries, below the mark of smoke tests.
    const PROXY_TRY: u32 = 50;
    /// Most further tries of the proxy: those of `retries`, and one more of a kept connection.
    pub(super) const PROXY_TRIES_MAX: u32 = 15;

    /// Where every sixteenth attempt is counted: above any number of a request, below the proxy's tries.
    const SIXTEEN_TRIES: u32 = 41;
    /// Requests of a trial have numbers below this. A plan expects at most two billion, which is a thousandth of it.
    pub(super) const REQUESTS_MAX: u64 = 1 << Self::SIXTEEN_TRIES;
    /// What the number of a request has no part in.
    const COUNTS: u64 = (Self::PROXY_TRIES_MAX as u64) << Self::PROXY_TRY
        | (ATTEMPTS_MAX as u64 / 16 - 1) << Self::SIXTEEN_TRIES;

    /// The number of its request.
    pub(super) const fn number(&self) -> u64 {
        self.request & !Self::COUNTS
    }

    /// Makes it the client's next attempt at its request.
    pub(super) const fn next_try(&mut self) {
        let tries = self.tries() + 1;
        self.flags = self.flags & !Self::TRIES | ((tries % 16) as u16) << Self::TRY;
        self.request = self.number() | ((tries / 16) as u64) << Self::SIXTEEN_TRIES;
    }

    /// Attempts at its request before this one.
    #[inline]
    pub(in crate::sim) const fn tries(&self) -> u32 {
        let sixteens = (self.request >> Self::SIXTEEN_TRIES) as u32 & (ATTEMPTS_MAX / 16 - 1);
        sixteens << 4 | (self.flags >> Self::TRY) as u32
    }

    /// Makes it the proxy's next try. Its draws are others from here on, those of its request the same.
    pub(super) const fn next_proxy_try(&mut self) {
        self.request += 1 << Self::PROXY_TRY;
    }

    /// What chance knows this attempt by: its request and which try it is.
    pub(super) const fn entity(&self) -> u64 {
        self.request << 4 | (self.flags >> Self::TRY) as u64
    }
}

/// A reference to an attempt that knows when it has become stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sim) struct Ticket {
    pub(super) attempt: AttemptId,
    pub(super) generation: u32,
}

/// What has become of a request of more than one attempt.
#[derive(Clone, Copy, Debug)]
pub(super) struct RequestRecord {
    /// Attempts that a client or a server still has; the next free record once there are none.
    attempts: u32,
    /// Attempts that were served well, whether or not a client waited for the answer.
    served: u32,
    /// An attempt was answered, be it with an error.
    answered: bool,
    /// An attempt failed that would not have on a normal day.
    abnormal: bool,
}

/// How an attempt failed after which there is another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failed {
    /// With an answer, which was an error.
    pub(super) answered: bool,
    /// It would have failed on a normal day.
    pub(super) normally: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Attempts {
    records: ByAttempt<Attempt>,
    free: AttemptId,
    request_records: ByRequestRecord<RequestRecord>,
    request_record_free: RequestRecordId,
}

impl Attempts {
    pub(super) fn new() -> Self {
        Self {
            records: ByAttempt::with_capacity(64),
            free: AttemptId::NONE,
            request_records: ByRequestRecord::new(),
            request_record_free: RequestRecordId::NONE,
        }
    }

    /// Takes a record in; its generation is the record's own.
    #[inline]
    pub(super) fn insert(&mut self, mut attempt: Attempt) -> AttemptId {
        if self.free == AttemptId::NONE {
            attempt.generation = 0;
            return self.records.push(attempt);
        }
        let index = self.free;
        let record = &mut self.records[index];
        self.free = record.next;
        attempt.generation = record.generation;
        *record = attempt;
        index
    }

    /// Another attempt of a request follows this one; gives what the two have in common.
    pub(super) fn share(&mut self, index: AttemptId, failed: Failed) -> RequestRecordId {
        let mut request_record = self.records[index].request_record;
        if request_record == RequestRecordId::NONE {
            request_record = self.new_request_record();
            self.records[index].request_record = request_record;
        }
        let record = &mut self.request_records[request_record];
        record.attempts += 1;
        record.answered |= failed.answered;
        record.abnormal |= !failed.normally;
        request_record
    }

    /// Work on an attempt that is sent again had begun: it counts as served.
    pub(super) fn served_in_part(&mut self, index: AttemptId) {
        let mut request_record = self.records[index].request_record;
        if request_record == RequestRecordId::NONE {
            request_record = self.new_request_record();
            self.records[index].request_record = request_record;
        }
        self.request_records[request_record].served += 1;
    }

    fn new_request_record(&mut self) -> RequestRecordId {
        let fresh = RequestRecord { attempts: 1, served: 0, answered: false, abnormal: false };
        if self.request_record_free == RequestRecordId::NONE {
            return self.request_records.push(fresh);
        }
        let request_record = self.request_record_free;
        self.request_record_free =
            RequestRecordId::new(self.request_records[request_record].attempts);
        self.request_records[request_record] = fresh;
        request_record
    }

    /// An attempt has been served well; says whether that makes its request a duplicated one.
    pub(super) fn served_again(&mut self, index: AttemptId) -> bool {
        let Some(request_record) = self.request_records.get_mut(self.records[index].request_record)
        else {
            return false;
        };
        request_record.served += 1;
        request_record.served == 2
    }

    /// Whether an earlier attempt of the same request was answered.
    pub(super) fn answered_before(&self, attempt: &Attempt) -> bool {
        self.request_records.get(attempt.request_record).is_some_and(|it| it.answered)
    }

    /// Whether an earlier attempt of the same request failed that would not have on a normal day.
    pub(super) fn abnormal_before(&self, attempt: &Attempt) -> bool {
        self.request_records.get(attempt.request_record).is_some_and(|it| it.abnormal)
    }

    fn leave_request_record(&mut self, request_record: RequestRecordId) {
        let record = &mut self.request_records[request_record];
        record.attempts -= 1;
        if record.attempts == 0 {
            record.attempts = self.request_record_free.number();
            self.request_record_free = request_record;
        }
    }

    /// Lets go of a record. Until another attempt has it, it is one whose client has gone.
    #[inline]
    pub(super) fn free(&mut self, index: AttemptId) {
        let record = &mut self.records[index];
        let request_record = std::mem::replace(&mut record.request_record, RequestRecordId::NONE);
        record.generation = record.generation.wrapping_add(1);
        record.next = self.free;
        record.slot = SlotId::NONE;
        record.flags = Attempt::GONE;
        self.free = index;
        if request_record != RequestRecordId::NONE {
            self.leave_request_record(request_record);
        }
    }

    /// Makes every ticket of a record stale while it lives on.
    pub(super) fn renew(&mut self, index: AttemptId) {
        let record = &mut self.records[index];
        record.generation = record.generation.wrapping_add(1);
    }

    /// Requests that no one has answered or given up on: records whose client has not gone.
    pub(super) fn open(&self) -> u64 {
        let open = |it: &&Attempt| !it.has(Attempt::GONE) && !it.has(Attempt::SMOKE);
        self.records.iter().filter(open).count() as u64
    }

    pub(super) fn ticket(&self, index: AttemptId) -> Ticket {
        Ticket { attempt: index, generation: self.records[index].generation }
    }

    pub(super) fn is_current(&self, ticket: Ticket) -> bool {
        self.records[ticket.attempt].generation == ticket.generation
    }
}

impl std::ops::Index<AttemptId> for Attempts {
    type Output = Attempt;

    fn index(&self, index: AttemptId) -> &Attempt {
        &self.records[index]
    }
}

impl std::ops::IndexMut<AttemptId> for Attempts {
    fn index_mut(&mut self, index: AttemptId) -> &mut Attempt {
        &mut self.records[index]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const FIRST: Attempt = Attempt {
        arrived: 0,
        first: 0,
        request: 0,
        service: 0,
        user: 0,
        generation: 0,
        next: AttemptId::NONE,
        slot: SlotId::NONE,
        request_record: RequestRecordId::NONE,
        cohort: Cohort::STABLE,
        operation: OperationId::FIRST,
        flags: 0,
    };

    /// Every attempt of a client at a request, the proxy's tries of each included.
    fn attempts_at(request: u64) -> impl Iterator<Item = Attempt> {
        let further = |it: &Attempt| {
            let mut next = *it;
            next.next_try();
            Some(next)
        };
        let by_proxy = |it: &Attempt| {
            let mut next = *it;
            next.next_proxy_try();
            Some(next)
        };
        let by_client = std::iter::successors(Some(Attempt { request, ..FIRST }), further);
        let tries = 1 + Attempt::PROXY_TRIES_MAX as usize;
        by_client
            .take(ATTEMPTS_MAX as usize)
            .flat_map(move |it| std::iter::successors(Some(it), by_proxy).take(tries))
    }

    #[test]
    fn chance_tells_all_attempts_apart() {
        let mut seen = BTreeSet::new();
        for request in [0, 1, Attempt::REQUESTS_MAX - 1, 1 << 59] {
            for attempt in attempts_at(request) {
                assert!(seen.insert(attempt.entity()));
                assert_eq!(attempt.number(), request);
            }
        }
    }

    /// The draws of a request that has no more are those that they always were.
    #[test]
    fn the_first_sixteen_attempts_keep_their_numbers() {
        let of_client = attempts_at(77).step_by(1 + Attempt::PROXY_TRIES_MAX as usize);
        let numbers: Vec<u64> = of_client.take(16).map(|it| it.entity()).collect();
        assert_eq!(numbers, (0..16).map(|nth| 77 << 4 | nth).collect::<Vec<_>>());
    }
}
