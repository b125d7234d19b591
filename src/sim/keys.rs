//! What the trial draws from: one family of streams for each purpose.

use crate::kernel::{Key, Purpose, Streams};

/// The families of streams that the trial draws from, one for each purpose.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keys {
    pub(super) user: Key,
    pub(super) operation: Key,
    pub(super) service: Key,
    pub(super) luck: Key,
    pub(super) routing: Key,
    pub(super) sticky: Key,
    pub(super) attribute: Key,
    pub(super) retry: Key,
    pub(super) patience: Key,
    pub(super) startup: Key,
    pub(super) probe: Key,
    pub(super) fault: Key,
    pub(super) onset: Key,
    pub(super) operator: Key,
    pub(super) complaint: Key,
    pub(super) database: Key,
    pub(super) dependency: Key,
    pub(super) cohort: Key,
    /// Which users a flag is on for.
    pub(super) exposure: Key,
    pub(super) instance: Key,
    pub(super) machine: Key,
    pub(super) propagation: Key,
    pub(super) network: Key,
    pub(super) check: Key,
}

impl Keys {
    pub(super) fn new(streams: Streams) -> Self {
        Self {
            user: streams.key(Purpose::User),
            operation: streams.key(Purpose::Operation),
            service: streams.key(Purpose::Service),
            luck: streams.key(Purpose::Luck),
            routing: streams.key(Purpose::Routing),
            sticky: streams.key(Purpose::Sticky),
            attribute: streams.key(Purpose::Attribute),
            retry: streams.key(Purpose::Retry),
            patience: streams.key(Purpose::Patience),
            startup: streams.key(Purpose::Startup),
            probe: streams.key(Purpose::Probe),
            fault: streams.key(Purpose::Fault),
            onset: streams.key(Purpose::FaultOnset),
            operator: streams.key(Purpose::Operator),
            complaint: streams.key(Purpose::Complaint),
            database: streams.key(Purpose::Database),
            dependency: streams.key(Purpose::Dependency),
            cohort: streams.key(Purpose::Cohort),
            exposure: streams.key(Purpose::Cohort).child(1),
            instance: streams.key(Purpose::Instance),
            machine: streams.key(Purpose::Machine),
            propagation: streams.key(Purpose::Propagation),
            network: streams.key(Purpose::Network),
            check: streams.key(Purpose::Check),
        }
    }
}
