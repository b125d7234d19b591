//! When faults set in and how long they last: by time, age, load, weight, or chance.

use super::{at_instance::Onset, load_meter::LoadMeter};
use crate::{
    fault::{Target, TriggerSpec},
    kernel::math,
    model::{Amount, ReleaseId},
    sim::{
        ids::SlotId,
        waits::{Drawn, Law},
        world::{Event, World},
    },
    units::{Span, narrow, round_u64},
};

/// A gap between onsets of a fault, everywhere or at one instance.
fn gap_of(mean: Span, fault: u16, entity: u64) -> Drawn {
    Law::Gap(mean).of(u64::from(fault) << 48 | entity)
}

impl World<'_> {
    /// Incidents that are there from the start, that have a time, or that come at random.
    pub(in crate::sim) fn set_off_incidents(&mut self) {
        for index in self.faults.numbers() {
            let it = self.faults.fault(index);
            match it.spec.when {
                TriggerSpec::At(at) => self.schedule(at, Event::FaultStrikes(index)),
                TriggerSpec::Start if !it.defect => self.fault_strikes(index),
                TriggerSpec::Random(mean) if !it.strikes_each => {
                    let gap = self.random_gap(index, 0, 0, mean);
                    self.schedule_chance(gap, Event::FaultStrikes(index), gap_of(mean, index, 0));
                }
                TriggerSpec::Start
                | TriggerSpec::Age(_)
                | TriggerSpec::AgeBetween { .. }
                | TriggerSpec::Requests(_)
                | TriggerSpec::Load(_)
                | TriggerSpec::LoadOver { .. }
                | TriggerSpec::Weight(_)
                | TriggerSpec::Random(_) => {}
            }
        }
    }

    /// Exponential time until the `nth` random fault at an entity.
    fn random_gap(&self, fault: u16, entity: u64, nth: u64, mean: Span) -> Span {
        let key = self.faults.key(self.keys.onset, fault).child(entity);
        Span::from_nanos(round_u64(-math::ln(key.uniform(nth)) * mean.nanos() as f64))
    }

    /// Whether a fault may affect an instance at all.
    pub(super) fn concerns(&self, fault: u16, slot: SlotId) -> bool {
        let it = self.faults.fault(fault);
        let entity = self.data.slots()[slot].entity;
        let drawn = || match it.spec.scope.instances {
            None => true,
            Some(Amount::Part(part)) => {
                let key = self.keys.of_instance(entity).fault;
                self.faults.key(key, fault).uniform(entity) < part.get()
            }
            Some(Amount::Count(_)) => it.drawn.contains(&entity),
        };
        self.may_concern(fault, slot) && drawn()
    }

    /// Whether a fault concerns instances of this release and zone.
    fn may_concern(&self, fault: u16, slot: SlotId) -> bool {
        let it = self.faults.fault(fault);
        let instance = &self.data.slots()[slot];
        it.at_instances
            && (!it.defect || instance.release == ReleaseId::CANDIDATE && !self.is_fixed(slot))
            && it.zone.is_none_or(|zone| zone == instance.zone)
    }

    /// Draws the instances of a fault that has a number of them, in place of those that it had.
    fn draw_instances(&mut self, fault: u16, exactly: u32) {
        for slot in self.data.slots().ids() {
            if self.data.slots()[slot].faults.has(fault) {
                self.detach(slot, fault);
            }
        }
        let it = self.faults.fault(fault);
        let key = self.faults.key(self.keys.fault, fault).child(it.starts);
        let meant = self.data.slots().ids().filter(|slot| {
            self.data.slots()[*slot].state.serves() && self.may_concern(fault, *slot)
        });
        let mut lots: Vec<(u64, u64)> = meant
            .map(|slot| self.data.slots()[slot].entity)
            .map(|entity| (key.bits(entity), entity))
            .collect();
        lots.sort_unstable();
        lots.truncate(exactly as usize);
        let it = &mut self.faults.faults[usize::from(fault)];
        it.starts += 1;
        it.drawn = lots.into_iter().map(|it| it.1).collect();
        if let Some(again) = it.again {
            self.schedule(again, Event::FaultStrikes(fault));
        } else if let (TriggerSpec::Random(mean), None) = (it.spec.when, it.spec.lasts) {
            // what is over at once has no end to wait for
            let gap = self.random_gap(fault, 0, self.now, mean);
            self.schedule_chance(gap, Event::FaultStrikes(fault), gap_of(mean, fault, 0));
        }
    }

    /// A process has come up: what is wrong with it, and what will be.
    pub(in crate::sim) fn set_off_at_start(&mut self, slot: SlotId) {
        let epoch = self.data.slots()[slot].epoch;
        for fault in self.faults.numbers() {
            if !self.concerns(fault, slot) {
                continue;
            }
            let it = self.faults.fault(fault);
            let strikes = Event::FaultStrikesOne { slot, epoch, fault };
            match (it.spec.when, it.since) {
                (_, Some(since)) => self.attach(slot, fault, since),
                (TriggerSpec::Start, None) => self.attach(slot, fault, self.now),
                (TriggerSpec::Age(age), None) => self.schedule(age, strikes),
                (TriggerSpec::Requests(count), None) => {
                    let faults = self.data.faults_at(slot);
                    faults.next_requests_trigger = faults.next_requests_trigger.min(count);
                }
                (TriggerSpec::Random(mean), None) if it.strikes_each => {
                    let gap = self.next_random_gap(slot, fault, mean);
                    let entity = self.data.slots()[slot].entity;
                    self.schedule_chance(gap, strikes, gap_of(mean, fault, entity));
                }
                (TriggerSpec::Load(_) | TriggerSpec::LoadOver { .. }, None) => {
                    self.meter_load(slot, fault);
                }
                (TriggerSpec::AgeBetween { .. }, None) => {
                    panic!("a trial has drawn the age");
                }
                (TriggerSpec::At(_) | TriggerSpec::Weight(_) | TriggerSpec::Random(_), None) => {}
            }
            if self.data.slots()[slot].epoch != epoch {
                // it did not survive
                return;
            }
        }
        self.refresh_slot(slot);
    }

    fn next_random_gap(&mut self, slot: SlotId, fault: u16, mean: Span) -> Span {
        let incident = usize::from(!self.faults.fault(fault).defect);
        let strikes = &mut self.data.faults_at(slot).strikes[incident];
        *strikes += 1;
        let nth = u64::from(*strikes);
        let entity = self.data.slots()[slot].entity;
        self.random_gap(fault, entity, nth, mean)
    }

    /// Whether an instance outlives what the number of its requests sets off, the present one included.
    pub(in crate::sim) fn outlives_its_requests(&mut self, slot: SlotId) -> bool {
        let instance = &self.data.slots()[slot];
        if instance.served >= instance.faults.next_requests_trigger {
            self.requests_trigger(slot);
        }
        self.data.slots()[slot].state.serves()
    }

    /// An instance has served as many requests as some fault waits for.
    fn requests_trigger(&mut self, slot: SlotId) {
        let served = self.data.slots()[slot].served;
        let mut next = u64::MAX;
        let mut due = Vec::new();
        for fault in self.faults.numbers() {
            let TriggerSpec::Requests(count) = self.faults.fault(fault).spec.when else {
                continue;
            };
            let known = self.data.slots()[slot].faults.has(fault);
            if known || !self.concerns(fault, slot) {
                continue;
            }
            if served >= count { due.push(fault) } else { next = next.min(count) }
        }
        self.data.faults_at(slot).next_requests_trigger = next;
        for fault in due {
            let at = self.now;
            self.attach(slot, fault, at);
        }
        self.refresh_slot(slot);
    }

    /// The traffic that is meant for the candidate has reached a part that some fault waits for.
    pub(in crate::sim) fn weight_reached(&mut self) {
        if !self.faults.any_weight {
            return;
        }
        let share = self.candidate_share();
        for fault in self.faults.numbers() {
            let it = self.faults.fault(fault);
            let TriggerSpec::Weight(part) = it.spec.when else { continue };
            if it.since.is_none() && share > 0.0 && share + 1e-12 >= part.get() {
                self.fault_strikes(fault);
            }
        }
    }

    /// A fault waits for an instance to be busy.
    fn meter_load(&mut self, slot: SlotId, fault: u16) {
        let Some((above, over)) = self.faults.fault(fault).spec.when.load() else { return };
        let meter = LoadMeter::new(above.get(), self.workers_each(), over.nanos(), self.now);
        self.data.faults_at(slot).loads.push((fault, meter));
        self.data.is_special(slot);
    }

    /// The number of busy workers of an instance has changed.
    pub(in crate::sim) fn load_changes(&mut self, slot: SlotId) {
        let busy = self.workers_each() - narrow(self.data.slots()[slot].idle.len());
        for nth in 0..self.data.slots()[slot].faults.loads.len() {
            let (_, meter) = &mut self.data.faults_at(slot).loads[nth];
            meter.step(self.now, busy);
            self.arm_load(slot, nth);
        }
    }

    /// Puts the next instant at which a load may be reached or left on the agenda.
    fn arm_load(&mut self, slot: SlotId, nth: usize) {
        let epoch = self.data.slots()[slot].epoch;
        let (fault, meter) = &mut self.data.faults_at(slot).loads[nth];
        let Some(after) = meter.next_change() else { return };
        let at = self.now.saturating_add(after);
        // one that comes too early looks again
        if at < meter.armed {
            meter.armed = at;
            let event = Event::Load { slot, epoch, fault: *fault };
            self.schedule(Span::from_nanos(after), event);
        }
    }

    /// A load that some fault waits for may have been reached, or left.
    pub(in crate::sim) fn look_at_load(&mut self, slot: SlotId, epoch: u32, fault: u16) {
        let now = self.now;
        if self.data.slots()[slot].epoch != epoch {
            return;
        }
        let faults = self.data.faults_at(slot);
        let Some(nth) = faults.loads.iter().position(|it| it.0 == fault) else { return };
        let (_, meter) = &mut faults.loads[nth];
        if meter.armed != now {
            return;
        }
        meter.armed = u64::MAX;
        let above = meter.is_above(now);
        let active = faults.has(fault);
        if above && !active {
            self.attach(slot, fault, now);
            self.refresh_slot(slot);
        } else if !above && active {
            self.detach(slot, fault);
        }
        if self.data.slots()[slot].epoch == epoch {
            self.arm_load(slot, nth);
        }
    }

    /// A fault is over at an instance, until it is set off again.
    fn detach(&mut self, slot: SlotId, fault: u16) {
        self.settle_memory(slot);
        self.data.faults_at(slot).onsets.retain(|it| it.fault != fault);
        self.refresh_slot(slot);
        self.refresh_shared();
        self.show_end_with_last(fault);
    }

    /// A fault starts everywhere.
    pub(in crate::sim) fn fault_strikes(&mut self, fault: u16) {
        let at = self.now;
        self.faults.faults[usize::from(fault)].since = Some(at);
        if !self.faults.fault(fault).at_instances {
            self.faults.shared.retain(|it| it.fault != fault);
            self.faults.shared.push(Onset { fault, at });
            self.tell(fault);
            self.schedule_change(fault, at, Event::FaultChanges { fault });
            self.refresh_shared();
            return;
        }
        if let Some(exactly) = self.faults.fault(fault).exactly {
            self.draw_instances(fault, exactly);
        }
        for slot in self.data.slots().ids() {
            if self.data.slots()[slot].state.serves() && self.concerns(fault, slot) {
                self.attach(slot, fault, at);
                self.refresh_slot(slot);
            }
        }
        self.schedule_change(fault, at, Event::FaultChanges { fault });
    }

    pub(in crate::sim) fn fault_strikes_one(&mut self, slot: SlotId, epoch: u32, fault: u16) {
        if self.data.slots()[slot].epoch == epoch && self.data.slots()[slot].state.serves() {
            let at = self.now;
            self.attach(slot, fault, at);
            self.refresh_slot(slot);
        }
    }

    /// Sets a fault off at an instance.
    fn attach(&mut self, slot: SlotId, fault: u16, at: u64) {
        // an instance that comes later meets what is left of it
        let it = self.faults.fault(fault);
        if at == self.now || !it.full.crash && it.strength(at, self.now) > 0.0 {
            self.tell(fault);
        }
        self.settle_memory(slot);
        let faults = self.data.faults_at(slot);
        faults.onsets.retain(|it| it.fault != fault);
        faults.onsets.push(Onset { fault, at });
        self.data.is_special(slot);
        let epoch = self.data.slots()[slot].epoch;
        self.schedule_change(fault, at, Event::FaultChangesOne { slot, epoch, fault });
        let it = self.faults.fault(fault);
        // a process that starts while it lasts is not affected by an earlier onset
        let crashes = it.full.crash && at == self.now;
        if it.strikes_shared {
            self.refresh_shared();
        }
        if crashes {
            self.crash_by(slot, fault);
        }
    }

    fn crash_by(&mut self, slot: SlotId, fault: u16) {
        self.faults.fault(fault).strikes(Target::Instances);
        self.crash(slot, "crashed", |it| it.faults.fault(fault).name().to_owned());
    }

    /// Books the next moment at which a fault begins or ends by its shape.
    fn schedule_change(&mut self, fault: u16, onset: u64, event: Event) {
        let it = self.faults.fault(fault);
        let since = Span::from_nanos(self.now - onset);
        if let Some(next) = it.spec.next_change(since) {
            self.schedule(next.saturating_sub(since), event);
        }
    }

    /// What starts everywhere at once goes off or on again.
    pub(in crate::sim) fn fault_changes(&mut self, fault: u16) {
        let it = self.faults.fault(fault);
        let Some(onset) = it.since else { return };
        let over = it.strength(onset, self.now) <= 0.0;
        let of_instances = it.at_instances;
        if let (TriggerSpec::Random(mean), true) = (it.spec.when, over) {
            // its next onset takes the place of its own repetitions, or they would multiply
            self.faults.shared.retain(|it| it.fault != fault);
            self.faults.faults[usize::from(fault)].since = None;
            let gap = self.random_gap(fault, 0, self.now, mean);
            self.schedule_chance(gap, Event::FaultStrikes(fault), gap_of(mean, fault, 0));
        } else {
            self.schedule_change(fault, onset, Event::FaultChanges { fault });
        }
        let shows = !of_instances || self.is_anywhere(fault);
        if over {
            self.tell_end(fault);
        } else if shows {
            self.tell(fault);
        }
        self.refresh_shared();
    }

    pub(in crate::sim) fn fault_changes_one(&mut self, slot: SlotId, epoch: u32, fault: u16) {
        let instance = &self.data.slots()[slot];
        if instance.epoch != epoch {
            return;
        }
        let Some(onset) = instance.faults.onsets.iter().find(|it| it.fault == fault).copied()
        else {
            return;
        };
        let it = self.faults.fault(fault);
        let strength = it.strength(onset.at, self.now);
        if let (TriggerSpec::Random(mean), true) = (it.spec.when, strength <= 0.0) {
            let each = it.strikes_each;
            self.detach(slot, fault);
            if each {
                let gap = self.next_random_gap(slot, fault, mean);
                let event = Event::FaultStrikesOne { slot, epoch, fault };
                let entity = self.data.slots()[slot].entity;
                self.schedule_chance(gap, event, gap_of(mean, fault, entity));
            }
            return;
        }
        if it.full.crash && strength > 0.0 {
            self.crash_by(slot, fault);
            return;
        }
        self.schedule_change(fault, onset.at, Event::FaultChangesOne { slot, epoch, fault });
        self.refresh_slot(slot);
        if strength > 0.0 {
            self.tell(fault);
        } else {
            self.show_end_with_last(fault);
        }
        self.refresh_shared();
    }
}
