//! What is on the agenda for the data plane: all that happens there and is neither work, nor a wait for the database, nor an
//! arrival, nor a deadline in its ring.

use super::attempts::Ticket;
use crate::sim::ids::{AttemptId, SlotId};

/// Something irregular that can happen in the data plane. Epochs and numbers tell stale events from current ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::sim) enum DataEvent {
    Retry(AttemptId),
    InTurn(AttemptId),
    Patience(Ticket),
    Deadline(Ticket),
    Memory { slot: SlotId, epoch: u32 },
    ProxyTry(Ticket),
    ConnectTimesOut(Ticket),
    Check { slot: SlotId, number: u32 },
    CheckTimesOut { slot: SlotId, number: u32 },
    EjectionsEnd,
}
