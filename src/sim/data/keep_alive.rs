//! Connections of users that are kept: the endpoint is chosen once for each.

use super::{attempts::Attempt, proxy_state::Connection};
use crate::model::GroupId;
use crate::sim::{
    ids::{AttemptId, SlotId},
    world::World,
};

impl World<'_> {
    /// The endpoint that an attempt's user has a connection to, for one request more.
    pub(super) fn connection_of(&mut self, index: AttemptId, pool: GroupId) -> Option<SlotId> {
        let spec = self.data.proxy.rules.keep_alive?;
        let user = self.data.attempts[index].user;
        let kept = (*self.data.proxy.connections.of(user, pool))?;
        let idle = kept.in_hand == 0 && self.now - kept.rested > spec.idle.nanos();
        let instance = &self.data.slots[kept.slot];
        let process = instance.pod == kept.pod && instance.epoch == kept.epoch;
        let open = process && instance.state.accepts();
        let stays = spec.outlives_endpoint || self.is_in_pool(kept.slot);
        let usable = !idle && kept.left > 0 && open && stays;
        let with_this = || Connection { left: kept.left - 1, in_hand: kept.in_hand + 1, ..kept };
        let kept = usable.then(with_this);
        *self.data.proxy.connections.of(user, pool) = kept;
        kept.map(|it| it.slot)
    }

    /// Keeps the new connection that an attempt goes over.
    pub(super) fn keep_connection(&mut self, index: AttemptId, pool: GroupId, slot: SlotId) {
        let Some(spec) = self.data.proxy.rules.keep_alive else { return };
        let instance = &self.data.slots[slot];
        let connection = Connection {
            slot,
            pod: instance.pod,
            epoch: instance.epoch,
            left: spec.requests.map_or(u32::MAX, |it| it - 1),
            in_hand: 1,
            rested: self.now,
        };
        let user = self.data.attempts[index].user;
        *self.data.proxy.connections.of(user, pool) = Some(connection);
    }

    /// An attempt was answered: its connection is free again.
    pub(super) fn connection_rests(&mut self, attempt: &Attempt) {
        let now = self.now;
        if let Some(kept) = self.connection_under(attempt) {
            kept.in_hand = kept.in_hand.saturating_sub(1);
            kept.rested = now;
        }
    }

    /// The connection of an attempt has broken, or its client has closed it.
    pub(super) fn connection_closes(&mut self, attempt: &Attempt) {
        if let Some(kept) = self.connection_under(attempt) {
            kept.left = 0;
        }
    }

    /// The connection that an attempt went over, unless its user has a newer one by now.
    fn connection_under(&mut self, attempt: &Attempt) -> Option<&mut Connection> {
        self.data.proxy.rules.keep_alive.filter(|_| !attempt.has(Attempt::PULLED))?;
        let instance = self.data.slots.get(attempt.slot)?;
        let pool = self.data.traffic.pool_of(instance.group);
        let pod = instance.pod;
        let kept = self.data.proxy.connections.of(attempt.user, pool).as_mut();
        kept.filter(|it| it.slot == attempt.slot && it.pod == pod)
    }
}
