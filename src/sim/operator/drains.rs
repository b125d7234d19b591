//! Instances that the operator has taken out of the endpoints.

use std::collections::BTreeMap;

use crate::{
    model::DrainTarget,
    sim::{Topic, slot::Slot, world::World},
    units::{narrow, text},
};

impl World<'_> {
    /// Whether requests are kept away from an instance by hand.
    pub(in crate::sim) fn is_drained(&self, slot: u32) -> bool {
        let instance = &self.slots[slot as usize];
        let zone = self.operator.drains.zones.get(usize::from(instance.zone));
        instance.drained || zone.is_some_and(|it| *it)
    }

    pub(super) fn some_to_drain(&self, target: &DrainTarget) -> bool {
        match target {
            DrainTarget::Worst(_) => !self.worst().is_empty(),
            DrainTarget::Zone(name) => {
                self.zone_of(name).is_some_and(|it| !self.operator.drains.zones[it])
            }
        }
    }

    fn zone_of(&self, name: &str) -> Option<usize> {
        self.plan.scenario.fleet.zones.iter().position(|it| it == name)
    }

    /// Slots with failed attempts, as the monitoring shows them, the worst first.
    fn worst(&self) -> Vec<u32> {
        let mut failures: BTreeMap<u32, u64> = BTreeMap::new();
        for scrape in self.monitor.telemetry.observed(self.instant()).scrapes(DrainTarget::LOOK) {
            for gauges in &scrape.gauges {
                *failures.entry(gauges.instance).or_default() += gauges.failures;
            }
        }
        let seen = |slot: &Slot| failures.get(&slot.pod).copied().unwrap_or(0);
        let slots = (0..narrow(self.slots.len())).zip(&self.slots);
        let meant = slots.filter(|(_, it)| it.state.counts() && !it.drained && seen(it) > 0);
        let mut meant: Vec<(u32, u64, u32)> =
            meant.map(|(slot, it)| (slot, seen(it), it.pod)).collect();
        meant.sort_by_key(|&(_, seen, pod)| (std::cmp::Reverse(seen), pod));
        meant.into_iter().map(|it| it.0).collect()
    }

    pub(super) fn drain(&mut self, target: &DrainTarget, cause: String) {
        let drained: Vec<u32> = match target {
            DrainTarget::Worst(amount) => {
                let mut worst = self.worst();
                worst.truncate(amount.rounded_up(self.platform.fleet) as usize);
                worst
            }
            DrainTarget::Zone(name) => {
                let Some(zone) = self.zone_of(name) else { return };
                self.operator.drains.zones[zone] = true;
                let there = |it: &Slot| usize::from(it.zone) == zone && it.state.counts();
                let slots = (0..narrow(self.slots.len())).zip(&self.slots);
                slots.filter(|(_, it)| there(it)).map(|it| it.0).collect()
            }
        };
        let count = drained.len() as u64;
        self.note(Topic::Operator, |_| {
            let of = match target {
                DrainTarget::Worst(_) => String::new(),
                DrainTarget::Zone(name) => format!(" of zone {name}"),
            };
            let instances = text::counted(count, "instance");
            (format!("takes {instances}{of} out of the endpoints"), cause)
        });
        for slot in drained {
            if matches!(target, DrainTarget::Worst(_)) {
                self.slots[slot as usize].drained = true;
            }
            self.announce(slot, false);
        }
    }
}
