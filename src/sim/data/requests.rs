//! The path of a request: arrival, release, endpoint, and its one end, with an answer or without.

use super::{
    attempts::{Attempt, Failed, Failure, Ticket},
    draws,
    events::DataEvent,
    slot::State,
};
use crate::{
    channel::{FailedAttempt, Wait},
    model::{Cohort, GroupId},
    scenario::Operation,
    sim::{
        books::Served,
        ids::{AttemptId, RequestRecordId, SlotId},
        waits::Law,
        world::{Event, World},
    },
    units::Span,
};

impl<'a> World<'a> {
    pub(in crate::sim) fn request_arrives(&mut self) {
        let request = self.data.arrivals.request;
        self.data.arrivals.advance(&self.plan.rates);
        let plan = self.plan;
        let demand = self.data.demands.of(request, plan, &self.keys);
        let counted = self.books.ledger.request_arrives(self.now);
        let marks = if self.data.ingress.asks {
            self.data.ingress.arrives(plan.operations[demand.operation.index()].line)
        } else {
            0
        };
        let index = self.data.attempts.insert(Attempt {
            arrived: self.now,
            first: self.now,
            request,
            service: demand.service,
            user: demand.user,
            generation: 0,
            next: AttemptId::NONE,
            slot: SlotId::NONE,
            request_record: RequestRecordId::NONE,
            cohort: Cohort::STABLE,
            operation: demand.operation,
            flags: marks | if counted { Attempt::COUNTED } else { 0 },
        });
        self.send(index);
    }

    pub(super) fn retry_arrives(&mut self, index: AttemptId) {
        let service = draws::service_again(&self.data.attempts[index], self.plan, &self.keys);
        let attempt = &mut self.data.attempts[index];
        attempt.arrived = self.now;
        attempt.service = service;
        self.send(index);
    }

    /// Finds an endpoint for an attempt and hands it over.
    pub(super) fn send(&mut self, index: AttemptId) {
        let attempt = self.data.attempts[index];
        if attempt.has(Attempt::APART) && self.goes_apart(index) {
            return;
        }
        if attempt.has(Attempt::COUNTED) {
            self.books.ledger.attempt_begins();
        }
        self.shared_as_of_now();
        let pool = self.pool_for(&attempt);
        if self.data.proxy.on {
            self.proxy_sends(index, pool);
            return;
        }
        let endpoints = &mut self.data.pools[pool];
        let (routing, sticky) = (self.keys.routing, self.keys.sticky);
        let luck = || routing.stream(attempt.entity());
        let Some(slot) = endpoints.pick(luck, || sticky.bits(u64::from(attempt.user))) else {
            self.no_endpoint(index, pool);
            return;
        };
        let cohort = self.cohort_at(slot, attempt.user);
        let record = &mut self.data.attempts[index];
        record.slot = slot;
        record.cohort = cohort;
        self.deliver(index, slot);
    }

    /// There is no endpoint that an attempt could go to.
    #[cold]
    pub(super) fn no_endpoint(&mut self, index: AttemptId, pool: GroupId) {
        let release = self.control.platform.release_of(pool);
        self.data.attempts[index].cohort = Cohort::of(pool, release);
        self.end_badly(index, Failure::Refused);
    }

    /// The group to whose pool an attempt goes.
    #[inline]
    fn pool_for(&mut self, attempt: &Attempt) -> GroupId {
        if self.data.traffic.away() <= 0.0 {
            return GroupId::STABLE;
        }
        let nobody_else = self.data.pools[GroupId::STABLE].len() == 0;
        if nobody_else && self.data.traffic.by_attributes() {
            let luck = || self.keys.sticky.uniform(u64::from(attempt.user));
            return self.data.traffic.other_group_for(luck);
        }
        self.data.traffic.group_for(
            || self.keys.cohort.uniform(attempt.entity()),
            |attribute| draws::attribute(self.plan, &self.keys, attempt.user, attribute),
            || self.keys.sticky.uniform(u64::from(attempt.user)),
        )
    }

    /// What a user meets at this instance.
    pub(super) fn cohort_at(&self, slot: SlotId, user: u32) -> Cohort {
        let slot = &self.data.slots[slot];
        if !self.control.rollout.flagged || !slot.cohort.is_new() {
            return slot.cohort;
        }
        let share = || self.keys.exposure.uniform(u64::from(user));
        let on = self.control.flags.is_on(slot.flag, share, |it| self.attribute_of(user, it));
        if on { slot.cohort } else { slot.cohort.switched_off() }
    }

    /// Whether the rollout, as it stands, selects this user for the candidate. Where a flag or a
    /// weight has been withdrawn, some users still meet it until the change has propagated.
    pub(super) fn is_meant(&self, user: u32) -> bool {
        if self.control.rollout.flagged {
            let share = || self.keys.exposure.uniform(u64::from(user));
            self.control
                .flags
                .is_on(self.control.flags.latest(), share, |it| self.attribute_of(user, it))
        } else {
            self.data.traffic.shared() || self.data.traffic.asks_for_new()
        }
    }

    /// The value of an attribute that a user has.
    pub(in crate::sim) fn attribute_of(&self, user: u32, attribute: usize) -> usize {
        draws::attribute(self.plan, &self.keys, user, attribute)
    }

    /// The operation that an attempt is of.
    #[inline]
    pub(super) fn operation_of(&self, attempt: &Attempt) -> &'a Operation {
        &self.plan.operations[attempt.operation.index()]
    }

    /// The client's time-out of this attempt may be reached: watch it.
    pub(super) fn arm(&mut self, index: AttemptId) {
        let ticket = self.data.attempts.ticket(index);
        let attempt = &mut self.data.attempts[index];
        if attempt.has(Attempt::ARMED) {
            return;
        }
        attempt.flags |= Attempt::ARMED;
        let operation = &self.plan.operations[attempt.operation.index()];
        if attempt.arrived == self.now {
            self.data.ingress.arm(operation.line, self.now, ticket);
        } else {
            // armed late, because an instance began to hang: no longer in the ring's order
            let deadline = operation.deadline.nanos();
            let left = (attempt.arrived + deadline).saturating_sub(self.now);
            self.schedule(Span::from_nanos(left), Event::Data(DataEvent::Deadline(ticket)));
        }
    }

    pub(super) fn deadline_passes(&mut self, ticket: Ticket) {
        if !self.data.attempts.is_current(ticket) {
            return;
        }
        let attempt = self.data.attempts[ticket.attempt];
        if attempt.has(Attempt::GONE) {
            return;
        }
        let held = self.data.proxy.lets_go(ticket.attempt);
        let (slot, lost) = (attempt.slot, held || !self.server_has(ticket.attempt));
        self.connection_closes(&attempt);
        self.client_leaves(ticket.attempt, Failure::Timeout);
        if lost {
            // there will be no answer: it was sent to an instance that is gone
            self.data.attempts[ticket.attempt].slot = slot;
            self.forget(ticket.attempt);
        }
    }

    fn server_has(&self, index: AttemptId) -> bool {
        let attempt = &self.data.attempts[index];
        attempt.slot != SlotId::NONE && self.data.slots[attempt.slot].state != State::Gone
    }

    /// The client gives up on an attempt that the server may still work on.
    pub(super) fn client_leaves(&mut self, index: AttemptId, failure: Failure) {
        assert!(!self.data.attempts[index].has(Attempt::GONE), "a client leaves once");
        self.data.attempts[index].flags |= Attempt::GONE;
        self.settle_failure(index, failure);
    }

    /// An attempt fails and is over, for the client and for the server, unless the proxy tries it again.
    pub(super) fn fail(&mut self, index: AttemptId, failure: Failure) {
        let waits = !self.data.attempts[index].has(Attempt::GONE);
        if !(waits && self.is_tried_again(index, failure)) {
            self.end_badly(index, failure);
        }
    }

    /// The queue is full.
    pub(super) fn reject(&mut self, index: AttemptId) {
        let attempt = self.data.attempts[index];
        if !attempt.has(Attempt::GONE) && self.is_tried_again(index, Failure::Refused) {
            return;
        }
        if attempt.has(Attempt::COUNTED) {
            self.books.ledger.rejected();
        }
        self.end_badly(index, Failure::Refused);
    }

    fn end_badly(&mut self, index: AttemptId, failure: Failure) {
        if !self.data.attempts[index].has(Attempt::GONE) {
            self.settle_failure(index, failure);
        }
        self.forget(index);
    }

    /// Lets go of a record: the balancer has one request fewer in hand.
    pub(super) fn forget(&mut self, index: AttemptId) {
        self.unhand(index);
        self.data.attempts.free(index);
    }

    #[inline]
    pub(super) fn unhand(&mut self, index: AttemptId) {
        let attempt = &mut self.data.attempts[index];
        let slot = std::mem::replace(&mut attempt.slot, SlotId::NONE);
        if slot != SlotId::NONE && !attempt.has(Attempt::PAST_PROXY) {
            let instance = &self.data.slots[slot];
            let pool = self.data.traffic.pool_of(instance.group);
            let gone = instance.state == State::Gone;
            if let Some(pool) = self.data.pools.get_mut(pool) {
                pool.release(slot);
            }
            if gone {
                self.vacate_if_forgotten(slot);
            }
        }
    }

    /// Books a failed attempt; tries again where the client would, else the request has failed.
    fn settle_failure(&mut self, index: AttemptId, failure: Failure) {
        let attempt = self.data.attempts[index];
        if attempt.has(Attempt::SMOKE) {
            self.smoke_answered(false);
            return;
        }
        let normally = self.fails_normally(index, failure);
        self.books.monitor.attempt_failed(attempt.cohort);
        if let Some(slot) = self.data.slots.get_mut(attempt.slot) {
            slot.failures += 1;
        }
        if let Some(wait) = self.wait_after(&attempt, failure) {
            let flags = attempt.flags & Attempt::OF_REQUEST;
            let failed = Failed { answered: failure == Failure::Error, normally };
            let request_record = self.data.attempts.share(index, failed);
            let mut next = Attempt { slot: SlotId::NONE, request_record, flags, ..attempt };
            next.next_try();
            let index = self.data.attempts.insert(next);
            let law = Law::Jitter { wait: wait.longest, least: wait.least };
            self.schedule_chance(
                wait.takes,
                Event::Data(DataEvent::Retry(index)),
                law.of(next.entity()),
            );
        } else {
            let answered =
                failure == Failure::Error || self.data.attempts.answered_before(&attempt);
            let normally = normally && !self.data.attempts.abnormal_before(&attempt);
            let normal = if normally { Attempt::NORMAL } else { 0 };
            let flags = attempt.flags & !Attempt::NORMAL | normal;
            self.request_fails(&Attempt { flags, ..attempt }, failure, answered);
            if attempt.has(Attempt::ORDERED) {
                self.turn_is_over(&attempt);
            }
        }
    }

    /// How long it takes until there is another attempt after one that failed; none where there is none.
    fn wait_after(&mut self, attempt: &Attempt, failure: Failure) -> Option<Wait> {
        let failed = FailedAttempt {
            failure,
            before: attempt.tries(),
            took: Span::from_nanos(self.now - attempt.arrived),
            since_first: Span::from_nanos(self.now - attempt.first),
        };
        let line = self.operation_of(attempt).line;
        let retry = self.keys.retry;
        self.data.ingress.after(line, &failed, &mut || retry.uniform(attempt.entity()))
    }

    /// The client's patience with a queue ends.
    pub(super) fn patience_ends(&mut self, ticket: Ticket) {
        if !self.data.attempts.is_current(ticket) {
            return;
        }
        let attempt = self.data.attempts[ticket.attempt];
        if !attempt.has(Attempt::QUEUED) || attempt.has(Attempt::GONE) {
            return;
        }
        if attempt.has(Attempt::COUNTED) {
            self.books.ledger.abandoned();
            let reached = self.data.proxy.reached(ticket.attempt, &attempt);
            self.books.ledger.waited(attempt.cohort, self.now - reached);
        }
        self.connection_closes(&attempt);
        let slot = &mut self.data.slots[attempt.slot];
        slot.queue_len -= 1;
        self.books.queue.leave(1, self.now);
        self.data.attempts[ticket.attempt].flags |= Attempt::HUNG_UP;
        // the connection is closed: the balancer counts it no longer
        self.unhand(ticket.attempt);
        self.client_leaves(ticket.attempt, Failure::Abandoned);
    }

    pub(super) fn draw_patience(&mut self, index: AttemptId) {
        let line = self.operation_of(&self.data.attempts[index]).line;
        let Some(sampler) = &self.plan.lines[line].patience else { return };
        if self.data.proxy.on && !self.data.attempts[index].has(Attempt::SMOKE) {
            // it does not begin again with the proxy's next try
            let impatient = &mut self.data.proxy.passage(index).impatient;
            if std::mem::replace(impatient, true) {
                return;
            }
        }
        let mut stream = self.keys.patience.stream(self.data.attempts[index].entity());
        let patience = Span::from_nanos(sampler.sample(&mut stream));
        let ticket = self.data.attempts.ticket(index);
        self.schedule_chance(
            patience,
            Event::Data(DataEvent::Patience(ticket)),
            Law::Patience(line).of(self.data.attempts[index].entity()),
        );
    }

    /// A request ends without a good answer.
    fn request_fails(&mut self, attempt: &Attempt, failure: Failure, answered: bool) {
        #[cfg(test)]
        self.witness(attempt, crate::sim::witness::Fate::Failed(failure));
        let first_hurt = self.books.ledger.request_fails(attempt, failure, answered, self.now);
        if first_hurt {
            self.user_is_hurt(attempt.user);
        }
    }

    /// A request ends with an answer that looks good.
    pub(super) fn request_succeeds(&mut self, index: AttemptId, served: Served) {
        let attempt = self.data.attempts[index];
        self.books.monitor.attempt_succeeded(attempt.cohort, self.now - attempt.arrived);
        #[cfg(test)]
        self.witness(&attempt, crate::sim::witness::Fate::of_good(served.wrong));
        let first_hurt = self.books.ledger.request_succeeds(&attempt, served, self.now);
        if first_hurt {
            self.user_is_hurt(attempt.user);
        }
    }
}
