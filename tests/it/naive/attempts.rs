//! Requests and their attempts: arrival, sending, the end of an attempt, retries and their budget.

use rollsim::{
    channel::{Jitter, RetryOn},
    kernel::{Purpose, math},
    model::Activity,
    units::round_u64,
};

use super::{Event, Naive, place};

/// One attempt. Attempts are never thrown away.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, not one state")]
pub(super) struct Attempt {
    pub(super) request: u64,
    pub(super) user: u64,
    pub(super) operation: usize,
    /// Attempts of the request before this one.
    pub(super) tries: u64,
    /// When the first attempt arrived, and when this one did.
    pub(super) first: u64,
    pub(super) arrived: u64,
    /// The request arrived after the warm-up.
    pub(super) counted: bool,
    /// Its client has neither an answer nor given up.
    pub(super) wanted: bool,
    /// Its client hung up while it waited.
    pub(super) hung_up: bool,
    /// It is in an instance's queue.
    pub(super) queued: bool,
    /// The instance that the balancer counts it at: slot and number.
    pub(super) at: Option<(usize, u64)>,
    /// It was sent to the candidate.
    pub(super) candidate: bool,
    /// It, or an earlier attempt, was broken because an instance was stopped.
    pub(super) stopped: bool,
    /// It fails on a normal day too: too long for its client, or by the fleet's own errors.
    pub(super) normal: bool,
    /// Earlier attempts of its request all failed as on a normal day.
    pub(super) normal_before: bool,
}

impl Attempt {
    /// What chance knows it by.
    pub(super) fn entity(&self) -> u64 {
        self.number() * 16 + self.tries % 16
    }

    /// Its request's, with every sixteenth attempt far above those of all requests.
    pub(super) fn number(&self) -> u64 {
        self.tries / 16 * (1 << 41) + self.request
    }
}

impl Naive<'_> {
    pub(super) fn next_arrival(&mut self) {
        let rate = self.plan.scenario.traffic.rate.as_per_second();
        let gap = -math::ln(self.key(Purpose::Arrival).uniform(self.request)) * (1e9 / rate);
        self.schedule(round_u64(gap), Event::Arrival);
    }

    pub(super) fn request_arrives(&mut self) {
        let (plan, request) = (self.plan, self.request);
        let users = u64::from(plan.scenario.users.count);
        let mut draw = self.key(Purpose::User).stream(request);
        let user = match plan.scenario.users.activity {
            Activity::InTurn => request % users,
            Activity::Equal => draw.below(users),
            Activity::Zipf(_) => plan.user_choice.as_ref().unwrap().pick(&mut draw) as u64,
        };
        let mut draw = self.key(Purpose::Operation).stream(request);
        let operation = plan.operation_choice.as_ref().map_or(0, |it| it.pick(&mut draw));
        let counted = self.now >= plan.scenario.warm_up.nanos();
        self.attempts.push(Attempt {
            request,
            user,
            operation,
            tries: 0,
            first: self.now,
            arrived: self.now,
            counted,
            wanted: true,
            hung_up: false,
            queued: false,
            at: None,
            candidate: false,
            stopped: false,
            normal: false,
            normal_before: true,
        });
        self.books.requests += u64::from(counted);
        if let Some(budget) = plan.scenario.client.retries.budget {
            self.tokens = (self.tokens + budget.get()).min(100.0);
        }
        self.request += 1;
        self.next_arrival();
        self.send(self.attempts.len() - 1);
    }

    /// An attempt reaches the balancer.
    pub(super) fn send(&mut self, attempt: usize) {
        self.books.attempts += u64::from(self.attempts[attempt].counted);
        self.attempts[attempt].arrived = self.now;
        self.attempts[attempt].candidate = false;
        let Some(slot) = self.pick(attempt) else {
            self.fail(attempt, Some(RetryOn::Refused));
            return;
        };
        self.attempts[attempt].candidate = self.fleet.slots[slot].release == 1;
        if self.rules.sent_is_met {
            self.user_meets(attempt);
        }
        self.deliver(attempt, slot);
    }

    pub(super) fn user_meets(&mut self, attempt: usize) {
        let it = &self.attempts[attempt];
        if it.candidate {
            self.books.met.insert(it.user);
        }
    }

    /// The client has a good answer, or one that looks so.
    pub(super) fn succeed(&mut self, attempt: usize, wrong: bool) {
        self.attempts[attempt].wanted = false;
        let it = self.attempts[attempt];
        let took = self.now - it.first;
        self.books.ends(self.now, false);
        let slow = took > self.plan.scenario.client.slow_after.nanos();
        self.books.good(took, it.counted, slow, wrong);
        if wrong {
            self.hurt(attempt);
        }
    }

    /// An attempt is over without a good answer, for the client and for the server.
    pub(super) fn fail(&mut self, attempt: usize, how: Option<RetryOn>) {
        self.client_gives_up(attempt, how);
        self.leave_balancer(attempt);
    }

    /// The client gives up an attempt, if it has not yet; it tries again, or the request has failed.
    pub(super) fn client_gives_up(&mut self, attempt: usize, how: Option<RetryOn>) {
        if !self.attempts[attempt].wanted {
            return;
        }
        self.attempts[attempt].wanted = false;
        let normal = self.attempts[attempt].normal || self.would_fail(attempt, how);
        self.attempts[attempt].normal = normal && self.attempts[attempt].normal_before;
        let it = self.attempts[attempt];
        if how == Some(RetryOn::Error) {
            self.books.answered.insert(it.request);
        }
        let retries = &self.plan.scenario.client.retries;
        let may =
            it.tries < u64::from(retries.most()) && how.is_some_and(|it| retries.on.contains(&it));
        if may && self.spend() {
            let wait = self.back_off(&it);
            let tries = it.tries + 1;
            self.attempts.push(Attempt {
                tries,
                wanted: true,
                hung_up: false,
                queued: false,
                at: None,
                normal: false,
                normal_before: it.normal,
                ..it
            });
            self.schedule(wait, Event::Retry { attempt: self.attempts.len() - 1 });
            return;
        }
        self.books.ends(self.now, !it.normal);
        self.books.failed(&it, how);
        self.hurt(attempt);
    }

    /// An attempt that got no answer might have got an error, or have been too long for its client, on a normal day.
    fn would_fail(&self, attempt: usize, how: Option<RetryOn>) -> bool {
        let it = &self.attempts[attempt];
        if how == Some(RetryOn::Error) {
            return false;
        }
        let mut good = 1.0 - self.plan.scenario.fleet.errors.get();
        for &called in &self.plan.operations[it.operation].calls {
            good *= 1.0 - self.plan.dependencies[called].errors.get();
        }
        let roll = self.key(Purpose::Luck).stream(it.entity()).uniform();
        roll < 1.0 - good || self.demand(attempt) > self.plan.scenario.client.deadline.nanos()
    }

    /// The user of this attempt got no good answer, which is hurt beyond a normal day.
    fn hurt(&mut self, attempt: usize) {
        let it = self.attempts[attempt];
        if !it.counted || it.normal {
            return;
        }
        if it.candidate {
            self.books.hurt_by_release.insert(it.user);
        }
        *self.books.hurts.entry(it.user).or_default() += 1;
        if self.books.hurts[&it.user] > 1 {
            return;
        }
        let mut draw = self.key(Purpose::Complaint).stream(it.user);
        if draw.chance(self.plan.scenario.users.complain.get()) {
            let after = self.plan.samplers.complain_after.sample(&mut draw);
            self.schedule(after, Event::Complaint);
        }
    }

    fn spend(&mut self) -> bool {
        if self.plan.scenario.client.retries.budget.is_none() {
            return true;
        }
        let may = self.tokens >= 1.0;
        if may && self.rules.retries_cost_a_token {
            self.tokens -= 1.0;
        }
        may
    }

    /// Nanoseconds until the attempt after this one.
    fn back_off(&self, attempt: &Attempt) -> u64 {
        let spec = &self.plan.scenario.client.retries.backoff;
        let mut wait = spec.base.as_secs_f64();
        for _ in 0..attempt.tries {
            wait *= spec.factor.get();
        }
        let wait = wait.min(spec.max.as_secs_f64());
        let luck = self.key(Purpose::Retry).uniform(attempt.entity());
        let seconds = match spec.jitter {
            Jitter::None => wait,
            Jitter::Full => wait * luck,
            Jitter::Equal => wait * (0.5 + 0.5 * luck),
        };
        round_u64(seconds * 1e9)
    }

    /// A draw of a place among so many.
    pub(super) fn one_of(draw: &mut rollsim::kernel::Stream, count: usize) -> usize {
        place(draw.below(count as u64))
    }
}
