//! Serving: what becomes of an attempt at an instance, its queue and its workers.

use rollsim::{channel::RetryOn, kernel::Purpose};

use super::{
    Event, Naive,
    database::Stage,
    lifecycle::{Slot, State},
    probes::Kind,
};

/// Who waits in the queue of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waiter {
    Attempt(usize),
    Probe(Kind),
}

/// What a worker is at.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, not one state")]
pub(super) struct Work {
    pub(super) attempt: usize,
    pub(super) began: u64,
    pub(super) stage: Stage,
    /// When its present stage is done.
    pub(super) due: Option<u64>,
    /// Nanoseconds of service after the query.
    service: u64,
    pub(super) error: bool,
    /// As it would on a normal day.
    normal: bool,
    wrong: bool,
    kills: bool,
}

impl Naive<'_> {
    /// Hands an attempt to an instance.
    pub(super) fn deliver(&mut self, attempt: usize, slot: usize) {
        match self.fleet.slots[slot].state {
            State::Up | State::Draining => self.accept(attempt, slot),
            State::Gone if self.rules.gone_is_silent => {
                self.attempts[attempt].stopped = true;
                self.watch_deadline(attempt);
            }
            State::Closing if self.fleet.slots[slot].returns => {
                self.fail(attempt, Some(RetryOn::Refused));
            }
            State::Gone | State::Closing => {
                self.attempts[attempt].stopped = true;
                self.fail(attempt, Some(RetryOn::Refused));
            }
            State::Vacant | State::Waiting | State::Starting | State::Crashed => {
                self.fail(attempt, Some(RetryOn::Refused));
            }
        }
    }

    fn accept(&mut self, attempt: usize, slot: usize) {
        if let Some(worker) = self.fleet.slots[slot].idle.pop() {
            self.watch_deadline(attempt);
            self.begin(attempt, slot, worker);
        } else if self.waiting_at(slot) < self.plan.scenario.fleet.queue as usize {
            self.fleet.slots[slot].queue.push_back(Waiter::Attempt(attempt));
            self.attempts[attempt].queued = true;
            self.books.queue(self.waiting(), self.now);
            self.watch_deadline(attempt);
            self.watch_patience(attempt);
            if !self.is_full(slot) {
                self.watch_memory(slot);
            }
        } else {
            self.books.rejected += u64::from(self.attempts[attempt].counted);
            self.fail(attempt, Some(RetryOn::Refused));
        }
    }

    /// Attempts that take a place in the queue.
    pub(super) fn waiting_at(&self, slot: usize) -> usize {
        let queue = &self.fleet.slots[slot].queue;
        let takes_a_place = |it: &&Waiter| match it {
            Waiter::Attempt(attempt) => !self.attempts[*attempt].hung_up,
            Waiter::Probe(_) => false,
        };
        queue.iter().filter(takes_a_place).count()
    }

    /// Attempts that wait at all instances together.
    pub(super) fn waiting(&self) -> usize {
        (0..self.fleet.slots.len()).map(|slot| self.waiting_at(slot)).sum()
    }

    /// A worker takes an attempt up.
    fn begin(&mut self, attempt: usize, slot: usize, worker: usize) {
        let it = self.attempts[attempt];
        if it.counted {
            self.books.waited(self.now - it.arrived);
        }
        if !self.rules.sent_is_met {
            self.user_meets(attempt);
        }
        let Some(course) = self.course(attempt, slot) else {
            // the instance did not survive taking it up
            self.fail(attempt, Some(RetryOn::Refused));
            return;
        };
        let mut luck = self.key(Purpose::Luck).stream(it.entity());
        let roll = luck.uniform();
        let wrong = course.wrong > 0.0 && luck.uniform() < course.wrong;
        let whose =
            if self.rules.poison_is_drawn_for_each_attempt { it.entity() } else { it.request };
        let kills = self.key(Purpose::Luck).child(1).uniform(whose) < course.kill;
        self.fleet.slots[slot].workers[worker] = Some(Work {
            attempt,
            began: self.now,
            stage: Stage::Service,
            due: None,
            service: course.service,
            error: roll < course.error,
            normal: roll < course.error_base,
            wrong,
            kills,
        });
        if self.plan.operations[it.operation].database.is_some() {
            self.query(slot, worker);
        } else {
            self.work_for(slot, worker, course.service);
        }
    }

    /// The worker's present stage takes this long.
    pub(super) fn work_for(&mut self, slot: usize, worker: usize, nanos: u64) {
        let due = self.now.saturating_add(nanos);
        let number = self.number_of(slot, worker);
        let work = self.fleet.slots[slot].workers[worker].as_mut().unwrap();
        work.due = Some(due);
        // of those that are done in the same nanosecond, the first worker comes first
        self.events.insert((due, 0, number), Event::Done { slot, worker });
    }

    fn number_of(&self, slot: usize, worker: usize) -> u64 {
        (slot * self.plan.scenario.fleet.workers as usize + worker) as u64
    }

    pub(super) fn work_done(&mut self, slot: usize, worker: usize) {
        let mut work = self.fleet.slots[slot].workers[worker].unwrap();
        if work.stage == Stage::Query {
            let query = work;
            work.stage = Stage::Service;
            self.fleet.slots[slot].workers[worker] = Some(work);
            self.work_for(slot, worker, work.service);
            self.leave_database(&query);
        } else if work.kills {
            self.crash(slot);
        } else {
            self.answer(slot, worker);
        }
    }

    /// The worker's request is answered; it takes up the next.
    pub(super) fn answer(&mut self, slot: usize, worker: usize) {
        let work = self.leave_worker(slot, worker).unwrap();
        let it = self.attempts[work.attempt];
        if it.counted {
            self.books.served(self.now - it.arrived);
            if !work.error {
                *self.books.served_well.entry(it.request).or_default() += 1;
            }
        }
        if work.error && it.wanted {
            self.attempts[work.attempt].normal |= work.normal;
            self.fail(work.attempt, Some(RetryOn::Error));
        } else if it.wanted {
            self.succeed(work.attempt, work.wrong);
        }
        self.leave_balancer(work.attempt);
        self.take_up_next(slot);
    }

    /// Frees a worker and books its work.
    pub(super) fn leave_worker(&mut self, slot: usize, worker: usize) -> Option<Work> {
        let work = self.fleet.slots[slot].workers[worker].take()?;
        if let Some(due) = work.due {
            self.events.remove(&(due, 0, self.number_of(slot, worker)));
        }
        self.books.works(work.began, self.now);
        self.fleet.slots[slot].idle.push(worker);
        Some(work)
    }

    /// Idle workers take up who has waited longest; a closing instance without any work ends.
    pub(super) fn take_up_next(&mut self, slot: usize) {
        while self.fleet.slots[slot].serves() {
            let it: &mut Slot = &mut self.fleet.slots[slot];
            if it.idle.is_empty() {
                return;
            }
            let Some(waiter) = it.queue.pop_front() else { break };
            let attempt = match waiter {
                Waiter::Attempt(attempt) => attempt,
                Waiter::Probe(kind) => {
                    // which takes no time
                    self.late_result(slot, kind, true);
                    continue;
                }
            };
            if self.attempts[attempt].hung_up {
                continue;
            }
            self.attempts[attempt].queued = false;
            let worker = self.fleet.slots[slot].idle.pop().unwrap();
            self.begin(attempt, slot, worker);
        }
        self.end_if_done(slot);
    }
}
