//! Serving: queues, workers, service times, and what an instance makes of a request.

use super::{
    attempts::{Attempt, Failure},
    execution::Execution,
    slot::{Work, Worker},
};
use crate::{
    model::ProbePath,
    sim::{
        books::Served,
        control::ProbePlace,
        ids::{AttemptId, RequestRecordId, SlotId, WorkerId},
        world::World,
    },
    units::{Instant, narrow},
};

impl World<'_> {
    pub(super) fn slot_of(&self, worker: WorkerId) -> SlotId {
        SlotId::new(worker.number() / self.workers_each())
    }

    /// The workers of a slot; they lie next to each other.
    pub(super) fn workers_of(
        &self,
        slot: SlotId,
    ) -> impl DoubleEndedIterator<Item = WorkerId> + Clone + use<> {
        let each = self.workers_each();
        let first = slot.number() * each;
        (first..first + each).map(WorkerId::new)
    }

    /// Hands an attempt to an instance.
    pub(super) fn deliver(&mut self, index: AttemptId, slot: SlotId) {
        let queue_max = self.plan.scenario.fleet.queue;
        let instance = &mut self.data.slots[slot];
        if !instance.state.accepts() {
            let state = instance.state;
            self.not_taken(index, state);
        } else if let Some(worker) = instance.idle.pop() {
            self.begin(index, worker, slot);
        } else if instance.queue_len < queue_max {
            instance.queue_len += 1;
            self.books.queue.joins(self.now);
            let tail = instance.queue_tail;
            instance.queue_tail = index;
            if tail == AttemptId::NONE {
                instance.queue_head = index;
            } else {
                self.data.attempts[tail].next = index;
            }
            let attempt = &mut self.data.attempts[index];
            attempt.next = AttemptId::NONE;
            attempt.flags |= Attempt::QUEUED;
            self.arm(index);
            self.draw_patience(index);
            if self.data.slots[slot].memory.tight {
                self.is_out_of_memory(slot);
            }
        } else {
            self.reject(index);
        }
    }

    /// A worker takes an attempt up.
    pub(super) fn begin(&mut self, index: AttemptId, worker: WorkerId, slot: SlotId) {
        let attempt = self.data.attempts[index];
        if attempt.has(Attempt::COUNTED) {
            let reached = self.data.proxy.reached(index, &attempt);
            self.books.ledger.waited(attempt.cohort, self.now - reached);
        }
        if attempt.cohort.is_exposed() && !attempt.has(Attempt::SMOKE) {
            self.books.ledger.user_meets(attempt.user, self.is_meant(attempt.user));
        }
        let operation = &self.plan.operations[attempt.operation.index()];
        let deadline = operation.deadline.nanos();
        if attempt.service > deadline {
            // too long for its client even where nothing is wrong
            self.data.attempts[index].flags |= Attempt::NORMAL;
        }
        let queries = operation.database.is_some();
        let instance = &mut self.data.slots[slot];
        instance.served += 1;
        let execution = if instance.regular && operation.calls.is_empty() && !queries {
            Some(Execution::regular(&attempt, instance.errors))
        } else {
            self.irregular_execution(&attempt, slot)
        };
        let Some(execution) = execution else {
            // the instance did not survive taking it up
            self.data.slots[slot].idle.push(worker);
            self.cut_off(index, false, true);
            return;
        };
        // what takes longer than the trial never ends in it, however much longer
        let service = execution.service.saturating_add(execution.besides);
        let mut luck = self.keys.luck.stream(attempt.entity());
        let roll = luck.uniform();
        let error = roll < execution.error;
        let wrong = execution.wrong > 0.0 && luck.chance(execution.wrong);
        // a request that kills does so however often it is repeated
        let kills = execution.kill > 0.0
            && self.keys.of_request(attempt.number()).luck.child(1).uniform(attempt.number())
                < execution.kill;
        let normal = roll < execution.error_base;
        let turn = self.data.workers[worker].turn.wrapping_add(1);
        self.data.workers[worker] = Worker {
            work: Work::Service,
            error,
            normal,
            wrong,
            kills,
            attempt: index,
            turn,
            began: self.now,
            service,
            ordinary: execution.ordinary,
            since: self.now,
            left: 0,
        };
        if queries {
            self.arm(index);
            self.query(worker);
        } else {
            self.work_for(worker, slot, service);
            if self.now.saturating_add(service) > attempt.arrived + deadline {
                self.arm(index);
            } else if attempt.has(Attempt::ARMED) && !attempt.has(Attempt::GONE) {
                self.disarm(index);
            }
        }
    }

    /// The completion is known and lies before the deadline: what was armed is stale.
    fn disarm(&mut self, index: AttemptId) {
        self.data.attempts.renew(index);
        self.data.attempts[index].flags &= !Attempt::ARMED;
    }

    /// The present work of an instance's worker takes this long; while the instance hangs, it does not begin.
    #[inline]
    pub(super) fn work_for(&mut self, worker: WorkerId, slot: SlotId, nanos: u64) {
        if self.data.slots[slot].hung {
            self.data.workers[worker].left = nanos;
            let index = self.data.workers[worker].attempt;
            if !self.data.attempts[index].has(Attempt::GONE) {
                self.arm(index);
            }
        } else {
            self.due(worker, nanos);
        }
    }

    /// The worker's present work will be done after this many nanoseconds.
    pub(super) fn due(&mut self, worker: WorkerId, nanos: u64) {
        // the tree's keys are bounded; the end of the trial is always within them
        let at = self.now.saturating_add(nanos).min(self.end + 1);
        self.data.work.set(worker.index(), Instant::from_nanos(at));
    }

    /// The worker that is due has done what it was doing.
    pub(in crate::sim) fn work_done(&mut self) {
        let worker = WorkerId::new(narrow(self.data.work.min_source()));
        let record = self.data.workers[worker];
        match record.work {
            Work::Database => {
                self.data.workers[worker].work = Work::Service;
                self.data.work.clear(worker.index());
                self.work_for(worker, self.slot_of(worker), record.service);
                self.end_query();
            }
            Work::Service => {
                if record.kills {
                    // before it is answered: the request that kills is cut off with all others
                    let slot = self.slot_of(worker);
                    self.crash(slot, "crashed", |_| "a request killed it".to_owned());
                } else {
                    self.release_worker(worker);
                }
            }
            Work::Idle | Work::DatabaseWait => unreachable!("an idle worker is never due"),
        }
    }

    /// The worker's request is answered; it takes the next one up.
    pub(super) fn release_worker(&mut self, worker: WorkerId) {
        self.data.work.clear(worker.index());
        let slot = self.slot_of(worker);
        let record = self.data.workers[worker];
        let index = record.attempt;
        let attempt = self.data.attempts[index];
        if attempt.has(Attempt::COUNTED) {
            let reached = self.data.proxy.reached(index, &attempt);
            self.books.ledger.served(self.now - reached);
        }
        if !record.error
            && attempt.request_record != RequestRecordId::NONE
            && self.data.attempts.served_again(index)
        {
            self.books.ledger.duplicated(&attempt);
        }
        self.idle_again(worker, slot);
        if self.data.proxy.on && !record.error {
            self.answer_passes(&attempt);
        }
        if attempt.has(Attempt::GONE) {
            self.forget(index);
        } else if record.error {
            if record.normal {
                self.data.attempts[index].flags |= Attempt::NORMAL;
            }
            self.fail(index, Failure::Error);
        } else if attempt.has(Attempt::APART) && self.succeeds_apart(index) {
            self.forget(index);
        } else {
            let took = self.now - record.since;
            let served = Served { wrong: record.wrong, ordinary: record.ordinary, took };
            self.request_succeeds(index, served);
            self.forget(index);
        }
        self.take_up_next(slot);
    }

    /// Frees a worker and books its work.
    #[inline]
    fn idle_again(&mut self, worker: WorkerId, slot: SlotId) {
        let record = &mut self.data.workers[worker];
        let worked = self.now - record.began;
        self.books.ledger.works(record.began, self.now);
        record.work = Work::Idle;
        record.attempt = AttemptId::NONE;
        record.turn = record.turn.wrapping_add(1);
        let instance = &mut self.data.slots[slot];
        instance.busy_nanos += worked;
        instance.busy_of_process += worked;
        instance.idle.push(worker);
        if instance.faults.is_metered() {
            self.load_changes(slot);
        }
    }

    /// The answer of a process to a probe, where it comes at once, else where the probe waits for it.
    pub(in crate::sim) fn reach(
        &self,
        slot: SlotId,
        through: ProbePath,
    ) -> Result<bool, ProbePlace> {
        let instance = &self.data.slots()[slot];
        let free = through == ProbePath::Beside || !instance.idle.is_empty();
        if free {
            if instance.hung { Err(ProbePlace::InHand) } else { Ok(true) }
        } else if instance.queue_len >= self.plan.scenario.fleet.queue {
            Ok(false)
        } else {
            Err(instance.end_of_queue())
        }
    }

    /// An idle worker takes the longest waiting request; a closing instance without any is done.
    fn take_up_next(&mut self, slot: SlotId) {
        loop {
            let instance = &mut self.data.slots[slot];
            if !instance.state.serves() {
                return;
            }
            if instance.in_line > 0 && !instance.idle.is_empty() {
                self.reach_probes(slot);
            }
            let instance = &mut self.data.slots[slot];
            let head = instance.queue_head;
            if head == AttemptId::NONE {
                break;
            }
            let Some(worker) = instance.idle.pop() else { return };
            if instance.in_line > 0 {
                self.control.platform.instances[slot].probing.move_up(head);
            }
            instance.queue_head = self.data.attempts[head].next;
            if instance.queue_head == AttemptId::NONE {
                instance.queue_tail = AttemptId::NONE;
            }
            let attempt = &mut self.data.attempts[head];
            let hung_up = attempt.has(Attempt::HUNG_UP);
            attempt.flags &= !Attempt::QUEUED;
            if hung_up {
                // its place in the queue was freed when the client left
                self.data.slots[slot].idle.push(worker);
                self.forget(head);
                continue;
            }
            instance.queue_len -= 1;
            self.books.queue.leave(1, self.now);
            self.begin(head, worker, slot);
        }
        if self.data.slots[slot].state.is_closing() {
            self.end_if_done(slot);
        } else if self.data.ingress.pulls {
            self.fetch_all(slot);
        }
    }

    /// The process of an instance ends: everything that it has in hand is cut off.
    pub(in crate::sim) fn kill(&mut self, slot: SlotId, stopped: bool) {
        for worker in self.workers_of(slot) {
            let record = self.data.workers[worker];
            if record.work == Work::Idle {
                continue;
            }
            self.data.work.clear(worker.index());
            self.idle_again(worker, slot);
            self.cut_off(record.attempt, stopped, true);
            if record.work == Work::Database {
                self.end_query();
            }
        }
        let instance = &mut self.data.slots[slot];
        self.books.queue.leave(u64::from(instance.queue_len), self.now);
        let mut head = instance.queue_head;
        instance.queue_head = AttemptId::NONE;
        instance.queue_tail = AttemptId::NONE;
        instance.queue_len = 0;
        while head != AttemptId::NONE {
            let next = self.data.attempts[head].next;
            self.cut_off(head, stopped, false);
            head = next;
        }
    }

    /// Ends an attempt at an instance without an answer; `begun` where a worker had it.
    fn cut_off(&mut self, index: AttemptId, stopped: bool, begun: bool) {
        if stopped {
            self.data.attempts[index].flags |= Attempt::STOPPED;
        }
        self.is_cut(index, begun);
        self.fail(index, Failure::Refused);
    }
}
