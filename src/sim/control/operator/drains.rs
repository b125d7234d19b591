//! Instances that the operator has taken out of the endpoints.

use std::collections::BTreeMap;

use super::state::{Drained, Duty};
use crate::{
    model::Drain,
    sim::{
        Topic,
        data::Slot,
        ids::SlotId,
        world::{Event, World},
    },
    units::{narrow, text},
};

impl World<'_> {
    /// Whether requests are kept away from an instance by hand.
    pub(in crate::sim) fn is_drained(&self, slot: SlotId) -> bool {
        let instance = &self.data.slots()[slot];
        let zone = self.control.operator.drains.zones.get(usize::from(instance.zone));
        self.control.platform.instances[slot].drained || zone.is_some_and(|it| *it)
    }

    pub(super) fn some_to_drain(&self, drain: &Drain) -> bool {
        match self.zone_of(drain) {
            Some(zone) => !self.control.operator.drains.zones[zone],
            None => !self.worst().is_empty(),
        }
    }

    fn zone_of(&self, drain: &Drain) -> Option<usize> {
        let name = drain.zone.as_ref()?;
        self.plan.scenario.fleet.zones.iter().position(|it| it == name)
    }

    /// Slots with failed attempts, as the monitoring shows them, the worst first.
    fn worst(&self) -> Vec<SlotId> {
        let mut failures: BTreeMap<u32, u64> = BTreeMap::new();
        for scrape in self.books.monitor.observed(self.instant()).scrapes(Drain::LOOK) {
            for gauges in &scrape.gauges {
                *failures.entry(gauges.instance).or_default() += gauges.failures;
            }
        }
        let seen = |slot: &Slot| failures.get(&slot.pod).copied().unwrap_or(0);
        let slots = self.data.slots().entries();
        let meant = slots.filter(|(slot, it)| {
            it.state.counts() && !self.control.platform.instances[*slot].drained && seen(it) > 0
        });
        let mut meant: Vec<(SlotId, u64, u32)> =
            meant.map(|(slot, it)| (slot, seen(it), it.pod)).collect();
        meant.sort_by_key(|&(_, seen, pod)| (std::cmp::Reverse(seen), pod));
        meant.into_iter().map(|it| it.0).collect()
    }

    pub(super) fn drain(&mut self, drain: &Drain, cause: String) {
        let target = match self.zone_of(drain) {
            Some(zone) => {
                self.control.operator.drains.zones[zone] = true;
                Drained::Zone(zone)
            }
            None => Drained::Pods(self.drain_worst(drain)),
        };
        let drained = self.drained_slots(&target);
        let words = self.drained_words(drained.len() as u64, &target);
        self.note(Topic::Operator, |_| (format!("takes {words} out of the endpoints"), cause));
        for slot in drained {
            self.announce(slot, false);
        }
        if let Some(lasts) = drain.lasts {
            let number = narrow(self.control.operator.drains.timed.len());
            self.control.operator.drains.timed.push(target);
            self.schedule(lasts, Event::Operator(Duty::Undrain(number)));
        }
    }

    /// Keeps requests away from the worst instances; says which.
    fn drain_worst(&mut self, drain: &Drain) -> Vec<u32> {
        let mut worst = self.worst();
        let most = drain.worst.map_or(0, |it| it.rounded_up(self.control.platform.fleet()));
        worst.truncate(most as usize);
        for &slot in &worst {
            self.control.platform.instances[slot].drained = true;
        }
        worst.iter().map(|it| self.data.slots()[*it].pod).collect()
    }

    /// Where the instances of a drain are now, as far as they still are.
    fn drained_slots(&self, target: &Drained) -> Vec<SlotId> {
        let meant = |it: &Slot| match target {
            Drained::Zone(zone) => usize::from(it.zone) == *zone,
            Drained::Pods(pods) => pods.contains(&it.pod),
        };
        let slots = self.data.slots().entries();
        slots.filter(|(_, it)| it.state.counts() && meant(it)).map(|it| it.0).collect()
    }

    fn drained_words(&self, count: u64, target: &Drained) -> String {
        let instances = text::counted(count, "instance");
        match target {
            Drained::Zone(zone) => {
                format!("{instances} of zone {}", self.plan.scenario.fleet.zones[*zone])
            }
            Drained::Pods(_) => instances,
        }
    }

    /// A drain is over: those that are ready, and not drained otherwise, take requests again.
    pub(super) fn undrain(&mut self, number: u32) {
        let target = self.control.operator.drains.timed[number as usize].clone();
        let drained = self.drained_slots(&target);
        match &target {
            Drained::Zone(zone) => self.control.operator.drains.zones[*zone] = false,
            Drained::Pods(_) => {
                for &slot in &drained {
                    self.control.platform.instances[slot].drained = false;
                }
            }
        }
        let words = self.drained_words(drained.len() as u64, &target);
        self.note(Topic::Operator, |_| {
            (format!("puts {words} back into the endpoints"), "the drain is over")
        });
        for slot in drained {
            if self.control.platform.instances[slot].ready && !self.is_drained(slot) {
                self.announce(slot, true);
            }
        }
    }
}
