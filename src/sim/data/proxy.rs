//! What the proxy does with an attempt between the balancer's choice and the instance: the way there, its own
//! further tries, and what a connection to an instance without a process meets.

use super::{
    attempts::{Attempt, Failure, Ticket},
    events::DataEvent,
    proxy_state::{Passage, Server},
    slot::State,
};
use crate::{
    model::{GroupId, ProxyRetriesSpec, ProxyRetryOn, Redispatch},
    sim::{
        ids::{AttemptId, SlotId},
        waits::Law,
        world::{Event, World},
    },
    units::Span,
};

impl World<'_> {
    /// An attempt for the endpoints of a group comes to the proxy.
    pub(super) fn proxy_sends(&mut self, index: AttemptId, pool: GroupId) {
        self.data.proxy.begin(index, Passage { pool, last: SlotId::NONE, ..Passage::default() });
        match self.connection_of(index, pool) {
            Some(slot) => {
                self.data.proxy.passage(index).reused = true;
                self.data.pools[pool].take(slot);
                self.pass_to(index, slot);
            }
            None => self.connect(index),
        }
    }

    /// Chooses an endpoint and opens a connection to it.
    fn connect(&mut self, index: AttemptId) {
        let Passage { pool, last, other, .. } = *self.data.proxy.passage(index);
        let attempt = self.data.attempts[index];
        let (routing, sticky) = (self.keys.routing, self.keys.sticky);
        let luck = || routing.stream(attempt.entity());
        let user = || sticky.bits(u64::from(attempt.user));
        let endpoints = &mut self.data.pools[pool];
        let picked = if last == SlotId::NONE {
            endpoints.pick(luck, user)
        } else if other || !endpoints.members().contains(&last) {
            endpoints.pick_other(last, luck, user)
        } else {
            endpoints.take(last);
            Some(last)
        };
        let Some(slot) = picked else {
            self.no_endpoint(index, pool);
            return;
        };
        self.keep_connection(index, pool, slot);
        self.pass_to(index, slot);
    }

    /// Sends an attempt on its way to an instance.
    fn pass_to(&mut self, index: AttemptId, slot: SlotId) {
        let cohort = self.cohort_at(slot, self.data.attempts[index].user);
        let record = &mut self.data.attempts[index];
        record.slot = slot;
        record.cohort = cohort;
        let Some(overhead) = &self.plan.samplers.overhead else {
            self.data.proxy.passage(index).reached = self.now;
            self.deliver(index, slot);
            return;
        };
        let attempt = self.data.attempts[index];
        let way = overhead.sample(&mut self.keys.network.stream(attempt.entity()));
        let deadline = attempt.arrived + self.operation_of(&attempt).deadline.nanos();
        if self.now.saturating_add(way) >= deadline {
            self.arm(index);
        }
        let (ticket, pod) = (self.data.attempts.ticket(index), self.data.slots[slot].pod);
        let event = Event::HandOver { ticket, pod };
        self.schedule_chance(Span::from_nanos(way), event, Law::Overhead.of(attempt.entity()));
    }

    pub(in crate::sim) fn handed_over(&mut self, ticket: Ticket, pod: u32) {
        if !self.data.attempts.is_current(ticket) {
            return;
        }
        let index = ticket.attempt;
        let attempt = self.data.attempts[index];
        let instance = &self.data.slots[attempt.slot];
        let there = instance.pod == pod;
        if attempt.has(Attempt::GONE) && !(there && instance.state.accepts()) {
            self.forget(index);
            return;
        }
        self.data.proxy.passage(index).reached = self.now;
        if there {
            self.deliver(index, attempt.slot);
        } else {
            // another instance has its place by now
            self.data.attempts[index].slot = SlotId::NONE;
            self.not_taken(index, State::Gone);
        }
    }

    /// An instance in this state takes no requests: its host refuses the connection, or never answers.
    pub(super) fn not_taken(&mut self, index: AttemptId, state: State) {
        if matches!(state, State::Vacant | State::Gone | State::Closing) {
            self.data.attempts[index].flags |= Attempt::STOPPED;
        }
        if !self.data.proxy.is_silent(state) {
            self.fail(index, Failure::Refused);
            return;
        }
        self.arm(index);
        if self.data.proxy.on && !self.data.attempts[index].has(Attempt::PAST_PROXY) {
            self.data.proxy.passage(index).held = true;
            if let Some(timeout) = self.data.proxy.rules.connect_timeout {
                let ticket = self.data.attempts.ticket(index);
                self.schedule(timeout, Event::Data(DataEvent::ConnectTimesOut(ticket)));
            }
        }
    }

    pub(super) fn connect_times_out(&mut self, ticket: Ticket) {
        if self.data.attempts.is_current(ticket) && self.data.proxy.lets_go(ticket.attempt) {
            self.fail(ticket.attempt, Failure::Timeout);
        }
    }

    /// The connection of an attempt is cut, perhaps with work on it begun.
    pub(super) fn is_cut(&mut self, index: AttemptId, begun: bool) {
        if self.data.proxy.on && !self.data.attempts[index].has(Attempt::PAST_PROXY) {
            let passage = self.data.proxy.passage(index);
            (passage.cut, passage.begun) = (true, begun);
        }
    }

    /// Whether an attempt that has failed, and whose client does not know of it yet, is sent again.
    pub(super) fn is_tried_again(&mut self, index: AttemptId, failure: Failure) -> bool {
        let attempt = self.data.attempts[index];
        if !self.data.proxy.on || attempt.has(Attempt::PAST_PROXY) {
            return false;
        }
        let passage = *self.data.proxy.passage(index);
        let kind = match failure {
            Failure::Refused if passage.cut => ProxyRetryOn::Reset,
            Failure::Refused => ProxyRetryOn::Refused,
            Failure::Timeout => ProxyRetryOn::Timeout,
            Failure::Error => ProxyRetryOn::Error,
            Failure::Abandoned => return false,
        };
        self.server_answers(attempt.slot, false);
        if kind == ProxyRetryOn::Error {
            self.connection_rests(&attempt);
        } else {
            self.connection_closes(&attempt);
        }
        let Some((next, wait)) = self.next_try(&attempt, passage, kind) else { return false };
        if passage.begun {
            self.data.attempts.served_in_part(index);
        }
        let anew = passage.begun || kind == ProxyRetryOn::Error;
        let abnormal = !self.fails_normally(index, failure);
        *self.data.proxy.passage(index) = Passage { abnormal, ..next };
        self.data.attempts[index].flags &= !Attempt::NORMAL;
        self.hold_for_try(index, anew, wait);
        true
    }

    /// How a failed attempt passes the next time, and after which wait; none where it is not sent again.
    fn next_try(
        &self,
        attempt: &Attempt,
        passage: Passage,
        kind: ProxyRetryOn,
    ) -> Option<(Passage, Span)> {
        let next = Passage {
            last: attempt.slot,
            other: true,
            held: true,
            cut: false,
            begun: false,
            reused: false,
            // once it was taken up, its client waits for the next queue as for the first
            impatient: passage.impatient && !passage.begun && kind != ProxyRetryOn::Error,
            ..passage
        };
        let keep_alive = self.data.proxy.rules.keep_alive.filter(|it| it.resend && passage.reused);
        if keep_alive.is_some() && matches!(kind, ProxyRetryOn::Refused | ProxyRetryOn::Reset) {
            // a new connection is balanced as any is
            return Some((Passage { last: SlotId::NONE, ..next }, Span::ZERO));
        }
        let retries: &ProxyRetriesSpec = self.data.proxy.rules.retries.as_ref()?;
        let nth = passage.retries + 1;
        if u32::from(nth) > retries.max || !retries.on.contains(&kind) {
            return None;
        }
        let other = match retries.redispatch {
            Redispatch::Never => false,
            Redispatch::Last => u32::from(nth) == retries.max,
            Redispatch::Always => true,
        };
        let wait = if other { Span::ZERO } else { retries.wait };
        Some((Passage { retries: nth, other, ..next }, wait))
    }

    /// Keeps an attempt until its next try; the client's deadline runs on.
    fn hold_for_try(&mut self, index: AttemptId, anew: bool, wait: Span) {
        self.unhand(index);
        let record = &mut self.data.attempts[index];
        record.flags &= Attempt::OF_REQUEST | Attempt::ARMED;
        record.next_proxy_try();
        if anew {
            let service =
                super::draws::service_again(&self.data.attempts[index], self.plan, &self.keys);
            self.data.attempts[index].service = service;
        }
        self.arm(index);
        let ticket = self.data.attempts.ticket(index);
        self.schedule(wait, Event::Data(DataEvent::ProxyTry(ticket)));
    }

    pub(super) fn proxy_tries(&mut self, ticket: Ticket) {
        if self.data.attempts.is_current(ticket) && self.data.proxy.lets_go(ticket.attempt) {
            self.connect(ticket.attempt);
        }
    }

    /// An attempt was served well while its client waited.
    pub(super) fn answer_passes(&mut self, attempt: &Attempt) {
        if !attempt.has(Attempt::GONE) && !attempt.has(Attempt::PAST_PROXY) {
            self.server_answers(attempt.slot, true);
            self.connection_rests(attempt);
        }
    }

    /// What the proxy knows of an instance's place is forgotten: a new instance has it.
    pub(in crate::sim) fn forget_server(&mut self, slot: SlotId) {
        if self.data.proxy.watches {
            let servers = &mut self.data.proxy.servers;
            servers.reach(slot, Server::default());
            servers[slot] = Server::default();
        }
    }
}
