//! Machines: room for instances, and the wait for more of it.

use std::collections::VecDeque;

use crate::{
    model::MachinesSpec,
    sim::{
        Topic,
        data::State,
        ids::SlotId,
        waits::Law,
        world::{Event, World},
    },
    units::{Span, narrow},
};
#[derive(Clone, Debug, Default)]
pub(super) struct Machines {
    /// Since when each free place has been free, longest first.
    free: Vec<u64>,
    /// Places in all, and those that are never given back.
    places: u32,
    base: u32,
    /// Machines that are on order, and how many have ever been.
    on_order: u32,
    ordered: u64,
    /// Instances without a place, with the epoch in which they are to be found.
    waiting: VecDeque<(SlotId, u32)>,
}

impl Machines {
    /// Whether another machine would be within the bounds.
    fn may_grow(&self, spec: &MachinesSpec) -> bool {
        let places =
            u64::from(self.places) + (u64::from(self.on_order) + 1) * u64::from(spec.per_machine);
        spec.room.is_none_or(|it| places <= u64::from(it))
    }
}

impl World<'_> {
    /// There is room for the fleet that stands, and some to spare.
    pub(in crate::sim) fn set_up_machines(&mut self) {
        let plan = self.plan;
        let Some(spec) = &plan.scenario.fleet.machines else { return };
        let machines = &mut self.control.platform.machines;
        machines.base = plan.scenario.fleet.instances + spec.spare;
        machines.places = machines.base;
        machines.free = vec![0; spec.spare as usize];
    }

    /// Finds a place for a new instance, or lets it wait for one.
    pub(super) fn find_machine(&mut self, slot: SlotId) {
        let epoch = self.data.slots()[slot].epoch;
        if self.plan.scenario.fleet.machines.is_none() {
            self.set_state(slot, State::Waiting);
            self.wait_for_turn(slot);
            return;
        }
        self.set_state(slot, State::Pending);
        self.control.platform.machines.waiting.push_back((slot, epoch));
        self.fill_machines();
        self.order_machines();
    }

    /// Gives free places to those who wait, in their order.
    fn fill_machines(&mut self) {
        while !self.control.platform.machines.free.is_empty() {
            let Some((slot, epoch)) = self.control.platform.machines.waiting.pop_front() else {
                return;
            };
            let instance = &self.data.slots()[slot];
            if instance.epoch == epoch && instance.state == State::Pending {
                self.control.platform.instances[slot].placed = true;
                self.control.platform.machines.free.pop();
                self.set_state(slot, State::Waiting);
                self.wait_for_turn(slot);
            }
        }
    }

    /// Orders machines until those on order have room for all who wait.
    fn order_machines(&mut self) {
        let plan = self.plan;
        let Some(spec) = &plan.scenario.fleet.machines else { return };
        let pending =
            narrow(self.data.slots().iter().filter(|it| it.state == State::Pending).count());
        while self.control.platform.machines.on_order * spec.per_machine < pending
            && self.control.platform.machines.may_grow(spec)
        {
            let machines = &mut self.control.platform.machines;
            let slower = 1.0 + spec.slower.get() * f64::from(machines.on_order);
            let number = machines.ordered;
            let mut stream = self.keys.machine.stream(number);
            machines.on_order += 1;
            machines.ordered += 1;
            let time = plan.samplers.provision.as_ref().map_or(0, |it| it.sample(&mut stream));
            let time = Span::from_nanos(time).scale(slower);
            self.schedule_chance(time, Event::MachineArrives, Law::Provision { slower }.of(number));
        }
    }

    pub(in crate::sim) fn machine_arrives(&mut self) {
        let plan = self.plan;
        let Some(spec) = &plan.scenario.fleet.machines else { return };
        let machines = &mut self.control.platform.machines;
        machines.on_order -= 1;
        machines.places += spec.per_machine;
        machines.free.extend((0..spec.per_machine).map(|_| self.now));
        self.note(Topic::Instance, |_| ("a machine has been provisioned", ""));
        self.fill_machines();
        self.watch_empty_machines();
    }

    /// An instance is gone: its place is free.
    pub(super) fn leave_machine(&mut self, slot: SlotId) {
        if !std::mem::take(&mut self.control.platform.instances[slot].placed)
            || self.plan.scenario.fleet.machines.is_none()
        {
            return;
        }
        self.control.platform.machines.free.push(self.now);
        self.fill_machines();
        self.watch_empty_machines();
    }

    fn watch_empty_machines(&mut self) {
        let plan = self.plan;
        let Some(spec) = &plan.scenario.fleet.machines else { return };
        if !self.control.platform.machines.free.is_empty() {
            self.schedule(spec.keep, Event::MachineIdle);
        }
    }

    /// Gives machines back that have been empty for long. What has been free for longest lies together on
    /// machines, since a new instance takes the place that was left last.
    pub(in crate::sim) fn give_back_machines(&mut self) {
        let plan = self.plan;
        let Some(spec) = &plan.scenario.fleet.machines else { return };
        let machines = &mut self.control.platform.machines;
        let size = spec.per_machine as usize;
        let long_since = self.now.saturating_sub(spec.keep.nanos());
        while machines.places >= machines.base + spec.per_machine
            && machines.free.get(size - 1).is_some_and(|&it| it <= long_since)
        {
            machines.free.drain(..size);
            machines.places -= spec.per_machine;
        }
    }
}
