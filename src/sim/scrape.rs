//! A scrape: what monitoring finds at the instances, and who looks at it.

use super::{
    data::Memory,
    ids::SlotId,
    world::{Event, World},
};
use crate::{
    model::{ByRelease, Gauges, GroupId, ReleaseId, ScrapeSpec},
    units::Bytes,
};

impl World<'_> {
    /// Scrapes, unless who looks has brought it forward within this instant.
    pub(super) fn scrape(&mut self) {
        if self.books.monitor.has_scraped(self.now) {
            return;
        }
        self.tell_symptom();
        self.books.told.progress(self.instant());
        self.shared_as_of_now();
        self.settle_busy_workers();
        let (interval, mut gauges) = self.books.monitor.begin_scrape(self.now);
        for slot in self.data.slots().ids() {
            // also those that do not serve: their restarts are what monitoring sees of them
            if self.data.slots()[slot].state.costs() {
                gauges.push(self.gauges_of(slot, interval));
            }
        }
        self.data.busy_is_seen();
        self.books.monitor.gauges_are(gauges);
        let lost = self.faults.lose_scrapes();
        if self.books.add_to_series(self.now, lost) {
            let mut ready = ByRelease::of(self.control.platform.releases().len());
            for (slot, _) in self.control.platform.instances.entries().filter(|it| it.1.ready) {
                ready[self.data.slots()[slot].release] += 1;
            }
            self.books.close_point(self.now, self.candidate_share(), ready);
        }
        // counters are cumulative: what a lost scrape missed, the next one finds
        if !lost {
            self.data.failures_are_seen();
            for instance in &mut self.control.platform.instances {
                instance.restarts_new = 0;
            }
            self.books.monitor.hand_over(self.now);
        }
        self.evaluate_alerts();
        self.schedule(self.plan.scenario.telemetry.interval, Event::Scrape);
    }

    fn gauges_of(&self, slot: SlotId, interval: u64) -> Gauges {
        let (instance, known) = (&self.data.slots()[slot], &self.control.platform.instances[slot]);
        let serves = instance.state.serves();
        let limit = self.plan.scenario.fleet.memory.filter(|_| serves).map(|it| it.limit);
        Gauges {
            instance: instance.pod,
            group: instance.group,
            release: instance.release,
            memory: Memory::bytes(self.memory_used(slot)),
            memory_limit: limit.unwrap_or(Bytes::ZERO),
            restarts: known.restarts,
            restarts_new: known.restarts_new,
            failures: instance.failures,
            busy: instance.busy_nanos as f64 / interval.max(1) as f64,
            workers: if serves { self.workers_each() } else { 0 },
        }
    }

    /// Where scrapes can be queried at once, who asks at the instant of one finds it.
    pub(super) fn scrape_before_a_look(&mut self) {
        let ScrapeSpec { interval, delay } = self.plan.scenario.telemetry;
        if delay.is_zero() && self.now > 0 && self.now.is_multiple_of(interval.nanos()) {
            self.scrape();
        }
    }

    /// Share of the traffic that is assigned to the candidate.
    pub(super) fn candidate_share(&self) -> f64 {
        if !self.data.traffic().shared() {
            return self.share_of_release(ReleaseId::CANDIDATE);
        }
        let members = self.data.endpoints_of(GroupId::STABLE);
        let of = |it: &&SlotId| self.data.slots()[**it].release == ReleaseId::CANDIDATE;
        members.iter().filter(of).count() as f64 / (members.len() as f64).max(1.0)
    }
}
