//! The state of the data plane.

use super::{
    arrivals::Arrivals,
    attempts::Attempts,
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
    pub(in crate::sim) arrivals: Arrivals,
    pub(in crate::sim) demands: Demands,
    /// When each worker's present work is done.
    pub(in crate::sim) work: WinnerTree,
    pub(in crate::sim) ingress: Ingress,
    pub(in crate::sim) backlog: Backlog,

    pub(in crate::sim) attempts: Attempts,
    pub(in crate::sim) slots: BySlot<Slot>,
    pub(in crate::sim) workers: ByWorker<Worker>,
    /// Endpoints of each group; all in the first when instances share.
    pub(in crate::sim) pools: ByGroup<Pool>,
    pub(in crate::sim) proxy: Proxy,
    pub(in crate::sim) database: Database,
    pub(in crate::sim) traffic: Traffic,
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
}
