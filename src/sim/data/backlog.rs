//! Requests that do not go straight to the balancer: smoke tests go past it; where the channel keeps a user's requests
//! in order, one waits for the one before; where workers fetch them, they wait until one is idle.

use std::collections::{VecDeque, btree_map::Entry};

use super::{
    attempts::{Attempt, Failure},
    balancer::member,
    draws,
    events::DataEvent,
    proxy_state::Passage,
    slot::Slot,
};
use crate::{
    model::{Cohort, ReleaseId},
    sim::{
        ids::{AttemptId, OperationId, RequestRecordId, SlotId},
        world::{Event, World},
    },
    units::Span,
};

impl World<'_> {
    /// What becomes of an attempt that is not simply sent by the balancer; false if it may go there.
    #[cold]
    pub(super) fn goes_apart(&mut self, index: AttemptId) -> bool {
        let attempt = self.data.attempts[index];
        if attempt.has(Attempt::SMOKE) {
            self.shared_as_of_now();
            self.send_smoke(index);
            return true;
        }
        if attempt.has(Attempt::ORDERED)
            && !attempt.has(Attempt::HAS_TURN)
            && !self.gets_turn(index)
        {
            return true;
        }
        if !attempt.has(Attempt::PULLED) {
            return false;
        }
        self.shared_as_of_now();
        self.data.backlog.ready.push_back(index);
        self.books.queue.joins(self.now);
        if let Some(slot) = self.idle_consumer() {
            self.fetch(slot);
        }
        true
    }

    /// A smoke test of an operation: a request of its own, beyond all that users send.
    pub(in crate::sim) fn offer_smoke(&mut self, number: u32, operation: OperationId) {
        let request = 1 << 59 | u64::from(number);
        let index = self.data.attempts.insert(Attempt {
            arrived: self.now,
            first: self.now,
            request,
            service: draws::service(request, operation, self.plan, &self.keys),
            user: 0,
            generation: 0,
            next: AttemptId::NONE,
            slot: SlotId::NONE,
            request_record: RequestRecordId::NONE,
            cohort: Cohort::EXPOSED,
            operation,
            flags: Attempt::SMOKE,
        });
        self.send(index);
    }

    /// A smoke test goes past the balancer, to each ready instance of the candidate in turn.
    fn send_smoke(&mut self, index: AttemptId) {
        let meant =
            |it: &(SlotId, &Slot)| it.1.release == ReleaseId::CANDIDATE && self.is_ready(it.0);
        let slots: Vec<SlotId> = self.data.slots.entries().filter(meant).map(|it| it.0).collect();
        let Some(nth) = self.data.attempts[index].request.checked_rem(slots.len() as u64) else {
            self.fail(index, Failure::Refused);
            return;
        };
        let slot = slots[member(nth)];
        self.data.attempts[index].slot = slot;
        self.deliver(index, slot);
    }

    /// Whether no earlier request of the same user is under way; else it waits for its turn.
    fn gets_turn(&mut self, index: AttemptId) -> bool {
        let line = self.operation_of(&self.data.attempts[index]).line;
        let attempt = &mut self.data.attempts[index];
        match self.data.backlog.turns.entry((line, attempt.user)) {
            Entry::Vacant(turn) => {
                turn.insert(VecDeque::new());
                attempt.flags |= Attempt::HAS_TURN;
                true
            }
            Entry::Occupied(mut turn) => {
                turn.get_mut().push_back(index);
                false
            }
        }
    }

    /// A good answer to an attempt that is not simply sent by the balancer; says whether it was no user's.
    #[cold]
    pub(super) fn succeeds_apart(&mut self, index: AttemptId) -> bool {
        let attempt = self.data.attempts[index];
        if attempt.has(Attempt::SMOKE) {
            self.smoke_answered(true);
        } else if attempt.has(Attempt::ORDERED) {
            self.turn_is_over(&attempt);
        }
        attempt.has(Attempt::SMOKE)
    }

    /// A request is over: the next one of its user is sent.
    #[cold]
    pub(super) fn turn_is_over(&mut self, attempt: &Attempt) {
        let line = self.operation_of(attempt).line;
        let Entry::Occupied(mut turn) = self.data.backlog.turns.entry((line, attempt.user)) else {
            unreachable!("a request that is over had its turn")
        };
        match turn.get_mut().pop_front() {
            Some(index) => {
                self.data.attempts[index].flags |= Attempt::HAS_TURN;
                self.schedule(Span::ZERO, Event::Data(DataEvent::InTurn(index)));
            }
            None => {
                turn.remove();
            }
        }
    }

    /// The request before is over.
    pub(super) fn comes_in_turn(&mut self, index: AttemptId) {
        self.data.attempts[index].arrived = self.now;
        self.send(index);
    }

    /// An instance with an idle worker that fetches: the next one in turn.
    fn idle_consumer(&mut self) -> Option<SlotId> {
        let first = self.data.backlog.first;
        let mut in_turn =
            self.data.slots.ids().skip(first).chain(self.data.slots.ids().take(first));
        let found = in_turn.find(|it| fetches(&self.data.slots[*it]))?;
        self.data.backlog.first = (found.index() + 1) % self.data.slots.len();
        Some(found)
    }

    /// The idle workers of an instance fetch what waits.
    pub(in crate::sim) fn fetch_all(&mut self, slot: SlotId) {
        while !self.data.backlog.ready.is_empty() && fetches(&self.data.slots[slot]) {
            self.fetch(slot);
        }
    }

    /// An idle worker of an instance takes up what has waited longest. Only now its deadline begins.
    fn fetch(&mut self, slot: SlotId) {
        let worker = self.data.slots[slot].idle.pop().expect("a worker that fetches is idle");
        let index = self.data.backlog.ready.pop_front().expect("there is something to fetch");
        self.books.queue.leave(1, self.now);
        let cohort = self.cohort_at(slot, self.data.attempts[index].user);
        let attempt = &mut self.data.attempts[index];
        let waited = self.now - attempt.arrived;
        attempt.slot = slot;
        attempt.cohort = cohort;
        attempt.arrived = self.now;
        if attempt.has(Attempt::COUNTED) {
            self.books.ledger.attempt_begins();
            self.books.ledger.waited_before(cohort, waited);
        }
        if self.data.proxy.on {
            self.data.proxy.begin(index, Passage { reached: self.now, ..Passage::default() });
        }
        self.begin(index, worker, slot);
    }
}

/// Whether an idle worker of this instance asks for work. A process that hangs asks for none.
fn fetches(slot: &Slot) -> bool {
    slot.state.accepts() && !slot.hung && !slot.idle.is_empty()
}
