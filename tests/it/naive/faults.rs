//! Faults: when they set in and where, how strong they are, and what they do to a request.

use std::collections::BTreeSet;

use rollsim::{
    fault::{EffectSpec, FaultSpec, TriggerSpec},
    kernel::{Key, Purpose},
    model::Amount,
    scenario::Plan,
    units::Span,
};

use super::{Event, Naive};

/// A fault of the release or of the environment.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) spec: FaultSpec,
    pub(super) defect: bool,
    /// Its number among the defects or among the incidents.
    nth: u64,
    /// When it set in everywhere.
    pub(super) since: Option<u64>,
    /// Where exactly so many instances are struck: those that are, and how often it struck.
    struck: BTreeSet<u64>,
    strikes: u64,
}

/// A fault that has set in at an instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Onset {
    pub(super) fault: usize,
    pub(super) at: u64,
}

/// The defects, then the incidents.
pub(super) fn of(plan: &Plan) -> Vec<Fault> {
    let of = |specs: &[FaultSpec], defect: bool| -> Vec<Fault> {
        specs.iter().for_each(assert_covered);
        let fault = |(spec, nth): (&FaultSpec, u64)| {
            let (struck, strikes) = (BTreeSet::new(), 0);
            Fault { spec: spec.clone(), defect, nth, since: None, struck, strikes }
        };
        specs.iter().zip(0..).map(fault).collect()
    };
    let mut faults = of(&plan.scenario.release.defects, true);
    faults.extend(of(&plan.scenario.incidents, false));
    faults
}

/// The naive engine plays no fault that it does not know.
fn assert_covered(spec: &FaultSpec) {
    let trigger = matches!(
        spec.when,
        TriggerSpec::Start | TriggerSpec::At(_) | TriggerSpec::Age(_) | TriggerSpec::Requests(_)
    );
    let effect = matches!(
        spec.effect,
        EffectSpec::Errors(_)
            | EffectSpec::WrongAnswers(_)
            | EffectSpec::Latency(_)
            | EffectSpec::Leak(_)
            | EffectSpec::Crash(_)
            | EffectSpec::Poison(_)
            | EffectSpec::StartupFailure(_)
            | EffectSpec::SlowStart(_)
            | EffectSpec::DatabaseLock(_)
            | EffectSpec::DatabaseSlow(_)
            | EffectSpec::Dependency(_)
    );
    let fixed = spec.severity.is_none() && spec.scope_one_of.is_empty();
    assert!(trigger && effect && fixed, "not covered: {spec:?}");
}

impl Fault {
    /// It strikes what all share.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self.spec.effect, EffectSpec::DatabaseLock(_) | EffectSpec::DatabaseSlow(_))
    }

    fn crashes(&self) -> bool {
        matches!(self.spec.effect, EffectSpec::Crash(_))
    }

    /// A number of instances is drawn at each strike, so that its repetitions are strikes of their own.
    const fn exactly(&self) -> Option<u32> {
        match self.spec.scope.instances {
            Some(Amount::Count(count)) => Some(count),
            Some(Amount::Part(_)) | None => None,
        }
    }

    fn repeat_in_place(&self) -> u64 {
        self.spec.repeat.filter(|_| self.exactly().is_none()).map_or(0, Span::nanos)
    }

    /// From 0 to 1, so long after its onset.
    pub(super) fn strength(&self, since: u64) -> f64 {
        let lasts = self.spec.lasts.map(Span::nanos);
        let repeat = self.repeat_in_place();
        let round = if lasts.is_some() && repeat > 0 { since % repeat } else { since };
        let ramp = self.spec.ramp.nanos();
        if lasts.is_some_and(|it| round >= it) {
            0.0
        } else if round >= ramp {
            1.0
        } else {
            (round as f64 / ramp as f64).max(f64::MIN_POSITIVE)
        }
    }

    /// Nanoseconds until it next goes off or on again, so long after its onset.
    fn next_turn(&self, since: u64) -> Option<u64> {
        let lasts = self.spec.lasts?.nanos();
        let repeat = self.repeat_in_place();
        if lasts == 0 || (repeat > 0 && repeat <= lasts) {
            return None;
        }
        if repeat == 0 {
            return lasts.checked_sub(since).filter(|&it| it > 0);
        }
        let round = since % repeat;
        Some(if round < lasts { lasts - round } else { repeat - round })
    }
}

impl Naive<'_> {
    pub(super) fn strength_at(&self, onset: Onset) -> f64 {
        self.faults[onset.fault].strength(self.now - onset.at)
    }

    /// What chance knows a fault by.
    fn key_of(&self, purpose: Purpose, fault: usize) -> Key {
        let (key, it) = (self.key(purpose), &self.faults[fault]);
        if it.defect { key.child(it.nth) } else { key.child(1 << 32).child(it.nth) }
    }

    /// Whether a fault may strike an instance.
    pub(super) fn concerns(&self, fault: usize, slot: usize) -> bool {
        let (it, instance) = (&self.faults[fault], &self.fleet.slots[slot]);
        let scope = &it.spec.scope;
        let zones = &self.plan.scenario.fleet.zones;
        let drawn = self.key_of(Purpose::Fault, fault).uniform(instance.entity);
        (it.defect || !it.is_shared())
            && (!it.defect || instance.release == 1)
            && scope.zone.as_ref().is_none_or(|zone| *zone == zones[instance.zone])
            && match scope.instances {
                None => true,
                Some(Amount::Part(part)) => drawn < part.get(),
                Some(Amount::Count(_)) => it.struck.contains(&instance.entity),
            }
    }

    /// Draws which instances a fault strikes this time: the lots of all that run, and the lowest of them.
    fn draw(&mut self, fault: usize, exactly: u32) {
        let key = self.key_of(Purpose::Fault, fault).child(self.faults[fault].strikes);
        self.faults[fault].struck =
            (0..self.fleet.slots.len()).map(|slot| self.fleet.slots[slot].entity).collect();
        let mut running: Vec<(u64, u64)> = Vec::new();
        for slot in 0..self.fleet.slots.len() {
            self.settle_memory(slot);
            self.fleet.slots[slot].faults.retain(|it| it.fault != fault);
            self.watch_memory(slot);
            let entity = self.fleet.slots[slot].entity;
            if self.fleet.slots[slot].serves() && self.concerns(fault, slot) {
                running.push((key.bits(entity), entity));
            }
        }
        running.sort_unstable();
        let it = &mut self.faults[fault];
        it.struck = running.iter().take(exactly as usize).map(|it| it.1).collect();
        it.strikes += 1;
        if let Some(repeat) = it.spec.repeat {
            self.schedule(repeat.nanos(), Event::FaultStrikes { fault });
        }
    }

    /// What is known to come, and what is there from the start.
    pub(super) fn schedule_incidents(&mut self) {
        for fault in 0..self.faults.len() {
            let it = &self.faults[fault];
            if let TriggerSpec::At(at) = it.spec.when {
                self.schedule(at.nanos(), Event::FaultStrikes { fault });
            } else if it.spec.when == TriggerSpec::Start && !it.defect {
                self.fault_strikes(fault);
            }
        }
    }

    /// A process has come up, with what is wrong with it or will be.
    pub(super) fn faults_at_start(&mut self, slot: usize) {
        let life = self.fleet.slots[slot].life;
        for fault in 0..self.faults.len() {
            if !self.concerns(fault, slot) {
                continue;
            }
            let it = &self.faults[fault];
            match (&it.spec.when, it.since) {
                (_, Some(since)) => self.attach(slot, fault, since),
                (TriggerSpec::Start, None) => self.attach(slot, fault, self.now),
                (TriggerSpec::Age(age), None) => {
                    self.schedule(age.nanos(), Event::FaultStrikesOne { slot, life, fault });
                }
                (_, None) => {}
            }
            if self.fleet.slots[slot].life != life {
                return;
            }
        }
        self.watch_memory(slot);
    }

    /// Faults that wait for so many requests.
    pub(super) fn faults_by_requests(&mut self, slot: usize) {
        for fault in 0..self.faults.len() {
            let TriggerSpec::Requests(count) = self.faults[fault].spec.when else { continue };
            let it = &self.fleet.slots[slot];
            let known = it.faults.iter().any(|it| it.fault == fault);
            if it.serves() && it.served >= count && !known && self.concerns(fault, slot) {
                self.attach(slot, fault, self.now);
            }
        }
    }

    pub(super) fn fault_strikes(&mut self, fault: usize) {
        self.faults[fault].since = Some(self.now);
        if self.faults[fault].is_shared() && !self.faults[fault].defect {
            self.schedule_turn(fault, self.now, Event::FaultTurns { fault });
            self.refresh_shared();
            return;
        }
        if let Some(exactly) = self.faults[fault].exactly() {
            self.draw(fault, exactly);
        }
        for slot in 0..self.fleet.slots.len() {
            if self.fleet.slots[slot].serves() && self.concerns(fault, slot) {
                self.attach(slot, fault, self.now);
                self.watch_memory(slot);
            }
        }
    }

    pub(super) fn fault_strikes_one(&mut self, slot: usize, life: u64, fault: usize) {
        let it = &self.fleet.slots[slot];
        if it.life == life && it.serves() {
            self.attach(slot, fault, self.now);
            self.watch_memory(slot);
        }
    }

    fn attach(&mut self, slot: usize, fault: usize, at: u64) {
        self.settle_memory(slot);
        let it = &mut self.fleet.slots[slot];
        it.faults.retain(|it| it.fault != fault);
        it.faults.push(Onset { fault, at });
        let life = it.life;
        self.schedule_turn(fault, at, Event::FaultTurnsOne { slot, life, fault });
        if self.faults[fault].is_shared() {
            self.refresh_shared();
        }
        if self.faults[fault].crashes() && at == self.now {
            self.crash(slot);
        }
    }

    fn schedule_turn(&mut self, fault: usize, at: u64, event: Event) {
        if let Some(after) = self.faults[fault].next_turn(self.now - at) {
            self.schedule(after, event);
        }
    }

    pub(super) fn fault_turns(&mut self, fault: usize) {
        let at = self.faults[fault].since.unwrap();
        self.schedule_turn(fault, at, Event::FaultTurns { fault });
        self.refresh_shared();
    }

    pub(super) fn fault_turns_one(&mut self, slot: usize, life: u64, fault: usize) {
        let it = &self.fleet.slots[slot];
        let onset = it.faults.iter().find(|it| it.fault == fault).copied();
        let Some(onset) = onset.filter(|_| it.life == life) else { return };
        if self.faults[fault].crashes() && self.strength_at(onset) > 0.0 {
            self.crash(slot);
            return;
        }
        self.schedule_turn(fault, onset.at, Event::FaultTurnsOne { slot, life, fault });
        self.watch_memory(slot);
        self.refresh_shared();
    }
}
