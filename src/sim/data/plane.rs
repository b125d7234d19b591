//! The state of the data plane.

use super::{
    arrivals::Arrivals,
    attempts::{Attempts, Ticket},
    balancer::Pool,
    database::Database,
    draws::Demands,
    ingress::{Backlog, Ingress},
    proxy_state::Proxy,
    slot::{Slot, Worker},
    traffic::Traffic,
};
use crate::{
    kernel::{Purpose, Streams, WinnerTree},
    model::{ByGroup, GroupSpec},
    scenario::Plan,
    sim::ids::{BySlot, ByWorker},
    strategy::Routing,
};

/// What arrives, waits, is served, and where it goes.
#[derive(Clone)]
pub(in crate::sim) struct DataPlane {
    pub(super) arrivals: Arrivals,
    pub(super) demands: Demands,
    /// When each worker's present work is done.
    pub(super) work: WinnerTree,
    pub(super) ingress: Ingress,
    pub(super) backlog: Backlog,

    pub(super) attempts: Attempts,
    pub(super) slots: BySlot<Slot>,
    pub(super) workers: ByWorker<Worker>,
    /// Endpoints of each group; all in the first when instances share.
    pub(super) pools: ByGroup<Pool>,
    pub(super) proxy: Proxy,
    pub(super) database: Database,
    pub(super) traffic: Traffic,
}

impl DataPlane {
    /// Nothing has arrived yet, and no instance stands.
    pub(in crate::sim) fn new(
        plan: &Plan,
        streams: Streams,
        routing: Routing,
        groups: &[GroupSpec],
    ) -> Self {
        let scenario = &plan.scenario;
        let fleet = &scenario.fleet;
        let arrivals = Arrivals::new(
            &plan.rates,
            scenario.traffic.bursts,
            streams.key(Purpose::Arrival),
            streams.key(Purpose::Burst),
        )
        .until(&plan.rates, scenario.length.nanos());
        let pool = || Pool::new(fleet.balancer, !fleet.share_spread.is_zero());
        Self {
            arrivals,
            demands: Demands::new(),
            work: WinnerTree::new(1),
            ingress: Ingress::new(plan),
            backlog: Backlog::default(),
            attempts: Attempts::new(),
            slots: BySlot::new(),
            workers: ByWorker::new(),
            pools: std::iter::repeat_with(pool).take(groups.len()).collect(),
            proxy: Proxy::new(&fleet.proxy, scenario.users.count, groups.len()),
            database: Database::new(scenario.database),
            traffic: Traffic::new(plan, routing, groups),
        }
    }

    /// When the next worker has done its present work; this and the next three in nanoseconds, `u64::MAX` for never.
    #[inline]
    pub(in crate::sim) fn next_work(&self) -> u64 {
        self.work.min_nanos()
    }

    /// When the next wait for the database has lasted too long.
    #[inline]
    pub(in crate::sim) fn next_timeout(&self) -> u64 {
        self.database.next_timeout()
    }

    /// When the next client times out.
    #[inline]
    pub(in crate::sim) const fn next_deadline(&self) -> u64 {
        self.ingress.next_deadline()
    }

    /// When the next request arrives.
    #[inline]
    pub(in crate::sim) const fn next_arrival(&self) -> u64 {
        self.arrivals.next
    }

    /// The attempt that times out next; none where it is over by now.
    #[inline]
    pub(in crate::sim) fn pop_deadline(&mut self) -> Option<Ticket> {
        let ticket = self.ingress.pop_deadline();
        self.attempts.is_current(ticket).then_some(ticket)
    }
}
