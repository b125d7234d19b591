//! Users complain, some time after they were hurt; the monitoring counts complaints.

use crate::{
    sim::{
        Topic,
        waits::Law,
        world::{Event, World},
    },
    units::Span,
};

impl World<'_> {
    /// Some users who are hurt for the first time will complain.
    pub(in crate::sim) fn user_is_hurt(&mut self, user: u32) {
        let mut stream = self.keys.complaint.stream(u64::from(user));
        if stream.chance(self.plan.scenario.users.complain.get()) {
            let delay = self.plan.samplers.complain_after.sample(&mut stream);
            self.schedule_chance(
                Span::from_nanos(delay),
                Event::Complaint,
                Law::Complaint.of(u64::from(user)),
            );
        }
    }

    pub(in crate::sim) fn complaint_arrives(&mut self) {
        self.books.monitor.complaint();
        if self.books.ledger.complaint() == 1 {
            self.note(Topic::Users, |_| ("first user complaint", ""));
        }
    }
}
