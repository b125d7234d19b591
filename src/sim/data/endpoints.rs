//! Endpoints: which instances the balancer believes in, and which of them it sends requests to by all that it knows.

use crate::sim::{ids::SlotId, world::World};

impl World<'_> {
    /// The balancer knows an instance that has stood for long.
    pub(in crate::sim) fn endpoint_stands(&mut self, slot: SlotId) {
        self.data.slots[slot].endpoint = true;
        if self.data.proxy.watches {
            self.server_stands(slot);
        } else {
            self.pool(slot, true);
        }
    }

    /// The balancer hears of an endpoint that joins or leaves.
    pub(in crate::sim) fn endpoint_moves(&mut self, slot: SlotId, joins: bool) {
        self.data.slots[slot].endpoint = joins;
        if self.data.proxy.watches {
            self.server_moves(slot, joins);
        } else {
            self.pool(slot, joins);
        }
    }

    /// Adds an endpoint to the pool of its group or takes it out.
    fn pool(&mut self, slot: SlotId, joins: bool) {
        let pool = self.data.traffic.pool_of(self.data.slots[slot].group);
        if joins {
            let share = self.share_of(slot);
            self.data.pools[pool].join(slot, share);
        } else {
            self.data.pools[pool].leave(slot);
        }
        let answered = self.data.slots[slot].answers();
        self.data.slots[slot].pooled = joins;
        self.answering_moves(slot, answered);
    }

    /// Endpoints of the pool that an instance is in, healthy or not.
    pub(super) fn endpoints_beside(&self, slot: SlotId) -> Vec<SlotId> {
        let pool = self.data.traffic.pool_of(self.data.slots[slot].group);
        let slots = self.data.slots.entries();
        let ours =
            slots.filter(|(_, it)| it.endpoint && self.data.traffic.pool_of(it.group) == pool);
        ours.map(|(slot, _)| slot).collect()
    }

    /// Brings the pool of an instance, of which something has changed, up to date: its healthy endpoints, or all
    /// where too few are.
    pub(super) fn fill_pool(&mut self, slot: SlotId) {
        let instance = &self.data.slots[slot];
        let server = &mut self.data.proxy.servers[slot];
        let endpoint = instance.endpoint.then(|| server.is_healthy());
        let census = &mut self.data.proxy.censuses[self.data.traffic.pool_of(instance.group)];
        census.recount(std::mem::replace(&mut server.counted, endpoint), endpoint);
        // there is no share of no endpoints
        let panics = census.share() < self.data.proxy.rules.panic_threshold.get();
        if std::mem::replace(&mut census.panics, panics) != panics {
            for other in self.endpoints_beside(slot) {
                self.fill_place(other, panics);
            }
        }
        self.fill_place(slot, panics);
    }

    /// Puts an instance into its pool where it belongs there, else takes it out.
    fn fill_place(&mut self, slot: SlotId, panics: bool) {
        let instance = &self.data.slots[slot];
        let healthy = self.data.proxy.servers[slot].is_healthy();
        let wanted = instance.endpoint && (panics || healthy);
        if wanted != instance.pooled {
            self.pool(slot, wanted);
        }
    }

    /// Whether the balancer sends new connections to an instance.
    pub(super) fn is_in_pool(&self, slot: SlotId) -> bool {
        self.data.slots[slot].pooled
    }
}
