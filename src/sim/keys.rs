//! What the trial draws from: one family of streams for each purpose.

use crate::{
    kernel::{Key, Purpose, Streams},
    model::{ByGroup, GroupId},
};

/// The families of streams that the trial draws from, one for each purpose.
#[derive(Clone, Debug)]
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
    /// Those of what was there before a fork.
    before: Option<Box<Before>>,
}

/// What was there when a trial was forked, and what it drew from.
#[derive(Clone, Debug)]
struct Before {
    keys: Keys,
    /// Instances created in each group.
    created: ByGroup<u64>,
    requests: u64,
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
            before: None,
        }
    }

    /// Fresh ones for what has not happened yet. Who the users are stays, and what an instance is that has been
    /// created, in each group, and a request that has arrived.
    pub(super) fn forked(self, streams: Streams, created: ByGroup<u64>, requests: u64) -> Self {
        let (attribute, sticky, exposure) = (self.attribute, self.sticky, self.exposure);
        let before = Some(Box::new(Before { keys: self, created, requests }));
        Self { sticky, attribute, exposure, before, ..Self::new(streams) }
    }

    /// Those that an instance's own draws come from, by what chance knows it by.
    pub(super) fn of_instance(&self, entity: u64) -> &Self {
        let nth = entity & (Self::GROUP - 1);
        let group = u32::try_from(entity / Self::GROUP).expect("groups are few");
        let group = GroupId::new(group);
        match &self.before {
            Some(it) if nth < it.created[group] => it.keys.of_instance(entity),
            Some(_) | None => self,
        }
    }

    /// Those that a request's own draws come from, by its number.
    pub(super) fn of_request(&self, number: u64) -> &Self {
        match &self.before {
            Some(it) if number < it.requests => it.keys.of_request(number),
            Some(_) | None => self,
        }
    }

    /// By so much are the numbers apart by which chance knows the instances of two groups.
    pub(super) const GROUP: u64 = 1 << 40;
}
