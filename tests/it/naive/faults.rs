//! Faults: when they set in and where, how strong they are, and what they do to a request.

use rollsim::{
    fault::{EffectSpec, FaultSpec, TriggerSpec},
    kernel::{Key, Purpose},
    scenario::Plan,
    units::{Factor, Span},
};

use super::{Event, Naive, either};

/// A fault of the release or of the environment.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    spec: FaultSpec,
    defect: bool,
    /// Its number among the defects or among the incidents.
    nth: u64,
    /// When it set in everywhere.
    since: Option<u64>,
}

/// A fault that has set in at an instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Onset {
    fault: usize,
    at: u64,
}

/// What all faults of an instance do to a request.
pub(super) struct Impact {
    pub(super) error: f64,
    pub(super) wrong: f64,
    pub(super) kill: f64,
    pub(super) factor: f64,
    /// Nanoseconds.
    pub(super) delay: u64,
    /// Bytes.
    pub(super) leak: f64,
}

/// The defects, then the incidents.
pub(super) fn of(plan: &Plan) -> Vec<Fault> {
    let of = |specs: &[FaultSpec], defect: bool| -> Vec<Fault> {
        let fault =
            |(spec, nth): (&FaultSpec, u64)| Fault { spec: spec.clone(), defect, nth, since: None };
        specs.iter().zip(0..).map(fault).collect()
    };
    let mut faults = of(&plan.scenario.release.defects, true);
    faults.extend(of(&plan.scenario.incidents, false));
    faults
}

/// From 1 at no strength to the factor at full strength.
fn grown(factor: Factor, strength: f64) -> f64 {
    1.0 + (factor.get() - 1.0) * strength
}

impl Fault {
    /// It strikes what all share.
    fn is_shared(&self) -> bool {
        matches!(self.spec.effect, EffectSpec::DatabaseLock(_) | EffectSpec::DatabaseSlow(_))
    }

    fn crashes(&self) -> bool {
        matches!(self.spec.effect, EffectSpec::Crash(_))
    }

    /// From 0 to 1, so long after its onset.
    fn strength(&self, since: u64) -> f64 {
        let lasts = self.spec.lasts.map(Span::nanos);
        let repeat = self.spec.repeat.map_or(0, Span::nanos);
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
        let repeat = self.spec.repeat.map_or(0, Span::nanos);
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
    fn strength_at(&self, onset: Onset) -> f64 {
        self.faults[onset.fault].strength(self.now - onset.at)
    }

    /// What chance knows a fault by.
    fn key_of(&self, purpose: Purpose, fault: usize) -> Key {
        let (key, it) = (self.key(purpose), &self.faults[fault]);
        if it.defect { key.child(it.nth) } else { key.child(1 << 32).child(it.nth) }
    }

    /// Whether a fault may strike an instance.
    fn concerns(&self, fault: usize, slot: usize) -> bool {
        let (it, instance) = (&self.faults[fault], &self.fleet.slots[slot]);
        let scope = &it.spec.scope;
        let zones = &self.plan.scenario.fleet.zones;
        let drawn = self.key_of(Purpose::Fault, fault).uniform(instance.entity);
        (it.defect || !it.is_shared())
            && (!it.defect || instance.release == 1)
            && scope.zone.as_ref().is_none_or(|zone| *zone == zones[instance.zone])
            && scope.instances.is_none_or(|part| drawn < part.get())
    }

    /// What is known to come, and what is there from the start.
    pub(super) fn schedule_incidents(&mut self) {
        for fault in 0..self.faults.len() {
            match self.faults[fault].spec.when {
                TriggerSpec::At(at) => self.schedule(at.nanos(), Event::FaultStrikes { fault }),
                TriggerSpec::Start if !self.faults[fault].defect => self.fault_strikes(fault),
                _ => {}
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
                _ => {}
            }
            if self.fleet.slots[slot].life != life {
                return;
            }
        }
        self.refresh_leak(slot);
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
        for slot in 0..self.fleet.slots.len() {
            if self.fleet.slots[slot].serves() && self.concerns(fault, slot) {
                self.attach(slot, fault, self.now);
                self.refresh_leak(slot);
            }
        }
    }

    pub(super) fn fault_strikes_one(&mut self, slot: usize, life: u64, fault: usize) {
        let it = &self.fleet.slots[slot];
        if it.life == life && it.serves() {
            self.attach(slot, fault, self.now);
            self.refresh_leak(slot);
        }
    }

    fn attach(&mut self, slot: usize, fault: usize, at: u64) {
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
        self.refresh_leak(slot);
        self.refresh_shared();
    }

    /// What faults make of the database. A defect strikes it while an instance that has it runs.
    pub(super) fn refresh_shared(&mut self) {
        (self.database.locked, self.database.factor) = (false, 1.0);
        for (fault, it) in self.faults.iter().enumerate().filter(|(_, it)| it.is_shared()) {
            let everywhere = it.since.filter(|_| !it.defect).map(|at| Onset { fault, at });
            let running = self.fleet.slots.iter().filter(|it| it.is_up());
            let onsets = running.flat_map(|it| it.faults.iter().copied()).chain(everywhere);
            let ours = onsets.filter(|it| it.fault == fault).map(|it| self.strength_at(it));
            let strength = ours.fold(0.0, f64::max);
            match &it.spec.effect {
                EffectSpec::DatabaseLock(_) => self.database.locked |= strength > 0.0,
                EffectSpec::DatabaseSlow(it) => self.database.factor *= grown(it.factor, strength),
                _ => {}
            }
        }
        self.run_queries();
    }

    /// Bytes that faults make an instance lose each hour.
    pub(super) fn leak_per_hour(&self, slot: usize) -> f64 {
        let leak = |onset: &Onset| match &self.faults[onset.fault].spec.effect {
            EffectSpec::Leak(it) => it.per_hour.get() as f64 * self.strength_at(*onset),
            _ => 0.0,
        };
        self.fleet.slots[slot].faults.iter().map(leak).sum()
    }

    /// Chance that a start fails, and what becomes of its time, as a multiple.
    pub(super) fn faults_of_the_start(&self, slot: usize) -> (f64, f64) {
        let (mut failure, mut factor) = (0.0, 1.0);
        for (fault, it) in self.faults.iter().enumerate() {
            let starts = matches!(it.spec.when, TriggerSpec::Start);
            if !(starts || it.since.is_some()) || !self.concerns(fault, slot) {
                continue;
            }
            let strength = it.strength(it.since.map_or(0, |since| self.now - since));
            match &it.spec.effect {
                EffectSpec::StartupFailure(it) => {
                    failure = either(failure, it.rate.get() * strength);
                }
                EffectSpec::SlowStart(it) => factor *= grown(it.factor, strength),
                _ => {}
            }
        }
        (failure, factor)
    }

    fn in_scope(&self, fault: usize, attempt: usize) -> bool {
        let (scope, it) = (&self.faults[fault].spec.scope, &self.attempts[attempt]);
        let operation = &self.plan.operations[it.operation].name;
        let user_has = |(name, value): (&String, &String)| {
            let (attribute, value) = self.plan.attribute_value(name, value).unwrap();
            let draw = self.key(Purpose::Attribute).child(attribute as u64).uniform(it.user);
            self.plan.attributes[attribute].value(draw) == value
        };
        scope.operation.as_ref().is_none_or(|it| it == operation)
            && (!scope.feature || it.candidate)
            && scope.users.iter().all(user_has)
    }

    /// The faults of an instance that concern an attempt, each with its strength.
    fn faults_on(&self, attempt: usize, slot: usize) -> impl Iterator<Item = (&EffectSpec, f64)> {
        let onsets = self.fleet.slots[slot].faults.iter();
        let concerned = onsets.filter(move |it| self.in_scope(it.fault, attempt));
        concerned.map(|&it| (&self.faults[it.fault].spec.effect, self.strength_at(it)))
    }

    pub(super) fn impact(&self, attempt: usize, slot: usize) -> Impact {
        let mut impact =
            Impact { error: 0.0, wrong: 0.0, kill: 0.0, factor: 1.0, delay: 0, leak: 0.0 };
        for (effect, strength) in self.faults_on(attempt, slot) {
            match effect {
                EffectSpec::Errors(it) => {
                    impact.error = either(impact.error, it.rate.get() * strength);
                }
                EffectSpec::WrongAnswers(it) => {
                    impact.wrong = either(impact.wrong, it.rate.get() * strength);
                }
                EffectSpec::Poison(it) => {
                    impact.kill = either(impact.kill, it.rate.get() * strength);
                }
                EffectSpec::Latency(it) => {
                    impact.factor *= grown(it.factor, strength);
                    impact.delay += it.delay.scale(strength).nanos();
                }
                EffectSpec::Leak(it) => impact.leak += it.per_request.get() as f64 * strength,
                _ => {}
            }
        }
        impact
    }

    /// Chance that a call of a dependency fails, and what becomes of its time, as a multiple.
    pub(super) fn impact_on_call(&self, attempt: usize, slot: usize, name: &str) -> (f64, f64) {
        let (mut error, mut factor) = (0.0, 1.0);
        for (effect, strength) in self.faults_on(attempt, slot) {
            let EffectSpec::Dependency(it) = effect else { continue };
            if it.name.as_ref().is_none_or(|it| it == name) {
                error = either(error, it.errors.get() * strength);
                factor *= grown(it.factor, strength);
            }
        }
        (error, factor)
    }
}
