//! Clients that wait too long: their deadline, and their patience with a queue.

use rollsim::{channel::RetryOn, kernel::Purpose};

use super::{Event, Naive};

impl Naive<'_> {
    /// The client waits for its deadline from now on.
    pub(super) fn watch_deadline(&mut self, attempt: usize) {
        let deadline = self.plan.scenario.client.deadline.nanos();
        self.schedule(deadline, Event::Deadline { attempt });
    }

    /// The client has waited too long. The server does not notice.
    pub(super) fn deadline_passes(&mut self, attempt: usize) {
        self.client_gives_up(attempt, Some(RetryOn::Timeout));
        if self.nobody_has(attempt) {
            self.leave_balancer(attempt);
        }
    }

    /// It was sent to an instance that is gone.
    fn nobody_has(&self, attempt: usize) -> bool {
        self.attempts[attempt].at.is_some_and(|(slot, _)| self.fleet.slots[slot].is_gone())
    }

    /// The client of an attempt in the queue waits for as long as its patience lasts.
    pub(super) fn watch_patience(&mut self, attempt: usize) {
        if let Some(patience) = &self.plan.lines[0].patience {
            let entity = self.attempts[attempt].entity();
            let nanos = patience.sample(&mut self.key(Purpose::Patience).stream(entity));
            self.schedule(nanos, Event::Patience { attempt });
        }
    }

    /// The client hangs up if it still waits in the queue, which frees its place.
    pub(super) fn patience_ends(&mut self, attempt: usize) {
        let it = self.attempts[attempt];
        if !it.queued || !it.wanted {
            return;
        }
        self.attempts[attempt].hung_up = true;
        self.attempts[attempt].queued = false;
        if it.counted {
            self.books.abandoned += 1;
            self.books.waited(self.now - it.arrived);
        }
        self.fail(attempt, None);
    }
}
