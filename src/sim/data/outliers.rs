//! Outlier detection: endpoints that fail requests in a row are left alone for a while.

use super::events::DataEvent;
use crate::{
    model::OutlierDetectionSpec,
    sim::{
        Topic,
        ids::SlotId,
        world::{Event, World},
    },
};

impl World<'_> {
    pub(in crate::sim) fn watch_for_outliers(&mut self) {
        if let Some(spec) = self.data.proxy.rules.outlier_detection {
            self.schedule(spec.interval, Event::Data(DataEvent::EjectionsEnd));
        }
    }

    /// An endpoint has served a request well, or failed it.
    pub(super) fn server_answers(&mut self, slot: SlotId, well: bool) {
        let Some(spec) = self.data.proxy.rules.outlier_detection else { return };
        let Some(server) = self.data.proxy.servers.get_mut(slot) else { return };
        server.failures = if well { 0 } else { server.failures + 1 };
        if server.failures < spec.consecutive_failures {
            return;
        }
        server.failures = 0;
        if server.ejected_at.is_none() && self.data.slots[slot].pooled {
            self.eject(slot, spec);
        }
    }

    fn eject(&mut self, slot: SlotId, spec: OutlierDetectionSpec) {
        let endpoints = self.endpoints_beside(slot);
        let ejected = |it: &&SlotId| self.data.proxy.servers[**it].ejected_at.is_some();
        let count = endpoints.iter().filter(ejected).count();
        let first = count == 0 && spec.always_eject_one_host;
        // a share of 29 % of 100 endpoints is 29 of them
        let most = spec.max_ejected.get() * endpoints.len() as f64 + 1e-9;
        if !first && (count + 1) as f64 > most {
            return;
        }
        let now = self.now;
        let server = &mut self.data.proxy.servers[slot];
        server.ejected_at = Some(now);
        server.ejections += 1;
        self.note(Topic::Instance, |it| {
            (format!("{} ejected", it.instance_name(slot)), "failed requests in a row")
        });
        self.fill_pool(slot);
        self.pool_changed();
    }

    /// Those ejected for long enough return.
    pub(super) fn ejections_end(&mut self) {
        let Some(spec) = self.data.proxy.rules.outlier_detection else { return };
        self.schedule(spec.interval, Event::Data(DataEvent::EjectionsEnd));
        for slot in self.data.slots.ids() {
            let server = &mut self.data.proxy.servers[slot];
            let Some(since) = server.ejected_at else {
                server.ejections = server.ejections.saturating_sub(1);
                continue;
            };
            let length = spec.base_ejection.scale(f64::from(server.ejections));
            if self.now - since >= length.min(spec.max_ejection).nanos() {
                self.end_ejection(slot);
            }
        }
    }

    /// An endpoint is no longer ejected.
    fn end_ejection(&mut self, slot: SlotId) {
        self.data.proxy.servers[slot].ejected_at = None;
        self.note(Topic::Instance, |it| {
            (format!("{} no longer ejected", it.instance_name(slot)), "")
        });
        self.fill_pool(slot);
        self.pool_changed();
    }
}
