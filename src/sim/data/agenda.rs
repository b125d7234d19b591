//! The agenda of the data plane: each event goes to what handles it.

use super::events::DataEvent;
use crate::sim::world::World;

impl World<'_> {
    /// What was on the agenda for the data plane happens.
    pub(in crate::sim) fn data_happens(&mut self, event: DataEvent) {
        match event {
            DataEvent::Retry(attempt) => self.retry_arrives(attempt),
            DataEvent::InTurn(attempt) => self.comes_in_turn(attempt),
            DataEvent::Patience(ticket) => self.patience_ends(ticket),
            DataEvent::Deadline(ticket) => self.deadline_passes(ticket),
            DataEvent::Memory { slot, epoch } => self.memory_fills(slot, epoch),
            DataEvent::ProxyTry(ticket) => self.proxy_tries(ticket),
            DataEvent::ConnectTimesOut(ticket) => self.connect_times_out(ticket),
            DataEvent::Check { slot, number } => self.check_is_due(slot, number),
            DataEvent::CheckTimesOut { slot, number } => self.check_times_out(slot, number),
            DataEvent::EjectionsEnd => self.ejections_end(),
        }
    }

    /// A deadline in the ring is due; a stale one never moves the clock.
    pub(in crate::sim) fn deadline_due(&mut self, at: u64) {
        if let Some(ticket) = self.data.pop_deadline() {
            self.now = at;
            self.deadline_passes(ticket);
        }
    }
}
