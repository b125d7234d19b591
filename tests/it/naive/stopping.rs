//! The way out: the order to stop, the hook, the grace period, and for some a restart.

use super::{Event, Naive, lifecycle::State, serving::Waiter};

impl Naive<'_> {
    /// The order to stop: one that runs takes requests for as long as its `pre_stop` lasts, then
    /// finishes what it has, and is killed after its grace period.
    pub(super) fn stop(&mut self, slot: usize) {
        self.fleet.slots[slot].returns = false;
        if !self.fleet.slots[slot].serves() {
            self.end(slot);
            self.start_who_is_next();
            return;
        }
        let closes = self.fleet.slots[slot].state == State::Closing;
        let accepts = self.rules.draining_takes_requests && !closes;
        self.set_state(slot, if accepts { State::Draining } else { State::Closing });
        self.fleet.slots[slot].watches = [None, None, None];
        self.fleet.slots[slot].queue.retain(|it| matches!(it, Waiter::Attempt(_)));
        self.fleet.slots[slot].ready = false;
        self.tell_balancer(slot, false);
        self.order_to_stop(slot);
    }

    /// A probe has failed: the order to stop, and then a restart.
    pub(super) fn restart_in_place(&mut self, slot: usize) {
        if self.fleet.slots[slot].returns {
            return;
        }
        if !self.rules.kills_grant_the_grace {
            self.crash(slot);
            return;
        }
        self.fleet.slots[slot].returns = true;
        if self.fleet.slots[slot].is_up() {
            self.set_state(slot, State::Draining);
        }
        self.order_to_stop(slot);
    }

    fn order_to_stop(&mut self, slot: usize) {
        let life = self.fleet.slots[slot].life;
        let drain = self.plan.scenario.fleet.drain;
        let (hook, grace) = (drain.pre_stop.nanos(), drain.grace.nanos());
        // in whole seconds, and never less than two for the process itself
        let second = 1_000_000_000;
        let rest = grace.saturating_sub(hook / second * second).max(2 * second);
        self.schedule(hook, Event::PreStopOver { slot, life });
        self.schedule(hook + rest, Event::GraceOver { slot, life });
    }

    pub(super) fn pre_stop_over(&mut self, slot: usize, life: u64) {
        let it = &self.fleet.slots[slot];
        if it.life != life {
            return;
        }
        if it.state == State::Starting {
            self.comes_back(slot);
        } else if matches!(it.state, State::Draining | State::Closing) {
            self.set_state(slot, State::Closing);
            self.end_if_done(slot);
        }
    }

    pub(super) fn end_if_done(&mut self, slot: usize) {
        let it = &self.fleet.slots[slot];
        let idle = it.workers.iter().all(Option::is_none);
        if it.state == State::Closing && idle && it.queue.is_empty() {
            self.end_or_come_back(slot);
        }
    }

    pub(super) fn grace_over(&mut self, slot: usize, life: u64) {
        let it = &self.fleet.slots[slot];
        if it.life == life && matches!(it.state, State::Draining | State::Closing) {
            let stopped = it.is_stopping();
            self.lose_work(slot, stopped);
            self.end_or_come_back(slot);
        }
    }

    fn end_or_come_back(&mut self, slot: usize) {
        if self.fleet.slots[slot].returns {
            self.comes_back(slot);
        } else {
            self.end(slot);
        }
    }
}
