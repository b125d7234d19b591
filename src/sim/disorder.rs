//! Disorder: which faults have been set off, where, and what they do to requests and instances.

use super::{
    Topic,
    attempts::Attempt,
    platform::compile_match,
    requests::either,
    slot::{Onset, Slot, State, Work},
    world::{Event, World},
};
use crate::{
    fault::{Disruption, Effect, FaultSpec, TriggerSpec},
    kernel::math,
    model::{Cohort, ReleaseId},
    scenario::Plan,
    units::{Instant, Span, narrow, whole},
};

pub(super) struct Disorder {
    faults: Vec<Fault>,
    /// Incidents that strike what all share, once set off.
    shared: Vec<Onset>,
    any_shared: bool,
    any_dependency: bool,
    pub(super) weight_factor: f64,
    pub(super) stale_endpoints: bool,
    pub(super) scrapes_lost: bool,
}

/// A fault of the plan, compiled.
struct Fault {
    spec: FaultSpec,
    effect: Box<dyn Effect>,
    full: Disruption,
    /// Neither ramp nor end: at full strength from its onset on.
    steady: bool,
    /// Travels with the candidate; otherwise it strikes the environment.
    defect: bool,
    /// Strikes instances one by one, not what all share.
    at_instances: bool,
    strikes_shared: bool,
    zone: Option<u16>,
    operation: Option<u8>,
    users: Vec<(usize, usize)>,
    /// When it set in everywhere, in nanoseconds.
    since: Option<u64>,
    told: bool,
}

/// What faults do to one request at one instance.
pub(super) struct Strain {
    pub(super) error: f64,
    pub(super) wrong: f64,
    pub(super) service_factor: f64,
    /// Nanoseconds.
    pub(super) service_delay: u64,
    pub(super) kill: f64,
    /// Bytes left behind.
    pub(super) leak: f64,
}

impl Strain {
    /// Whether it is felt as slowness.
    pub(super) fn slows(&self) -> bool {
        self.service_factor > 1.05 || self.service_delay > 0
    }
}

impl Disorder {
    pub(super) fn new(plan: &Plan) -> Self {
        let defects = plan.scenario.release.defects.iter().map(|it| Fault::new(plan, it, true));
        let incidents = plan.scenario.incidents.iter().map(|it| Fault::new(plan, it, false));
        let faults: Vec<Fault> = defects.chain(incidents).collect();
        Self {
            any_shared: faults.iter().any(|it| it.strikes_shared),
            any_dependency: faults.iter().any(|it| !it.full.dependencies.is_empty()),
            faults,
            shared: Vec::new(),
            weight_factor: 1.0,
            stale_endpoints: false,
            scrapes_lost: false,
        }
    }
}

impl Fault {
    fn new(plan: &Plan, spec: &FaultSpec, defect: bool) -> Self {
        let effect = spec.effect.build();
        let full = effect.disrupt(1.0);
        let strikes_shared = strikes_shared(&full);
        let scope = &spec.scope;
        let zone = scope.zone.as_ref().map(|name| {
            let zones = &plan.scenario.fleet.zones;
            zones.iter().position(|it| it == name).expect("a plan knows its zones") as u16
        });
        let operation = scope
            .operation
            .as_ref()
            .map(|it| plan.operation(it).expect("a plan knows its operations") as u8);
        Self {
            steady: spec.ramp.is_zero() && spec.lasts.is_none() && spec.repeat.is_none(),
            at_instances: defect || !strikes_shared,
            zone,
            operation,
            users: compile_match(plan, &scope.users),
            effect,
            full,
            spec: spec.clone(),
            defect,
            strikes_shared,
            since: None,
            told: false,
        }
    }

    fn strength(&self, onset: u64, now: u64) -> f64 {
        if self.steady { 1.0 } else { self.spec.strength(Span::from_nanos(now - onset)) }
    }

    fn name(&self) -> &str {
        self.spec.name.as_deref().unwrap_or_else(|| self.spec.effect.name())
    }

    /// Calls `with` with what the fault does at a strength above zero.
    fn at<T>(&self, strength: f64, with: impl FnOnce(&Disruption) -> T) -> Option<T> {
        if strength <= 0.0 {
            None
        } else if strength >= 1.0 {
            Some(with(&self.full))
        } else {
            Some(with(&self.effect.disrupt(strength)))
        }
    }
}

/// Whether any of what it does strikes what all instances share.
#[expect(clippy::float_cmp, reason = "one is the neutral value, set as such")]
fn strikes_shared(it: &Disruption) -> bool {
    it.database_locked
        || it.database_factor != 1.0
        || it.stale_endpoints
        || it.weight_factor != 1.0
        || it.scrapes_lost
}

impl World<'_> {
    /// Incidents that are there from the start, that have a time, or that come at random.
    pub(super) fn set_off_incidents(&mut self) {
        for fault in 0..self.disorder.faults.len() {
            let index = fault as u16;
            let it = &self.disorder.faults[fault];
            match it.spec.when {
                TriggerSpec::At(at) => self.schedule(at, Event::FaultStrikes(index)),
                TriggerSpec::Start if !it.defect => self.fault_strikes(index),
                TriggerSpec::Random(mean) if !it.at_instances => {
                    let gap = self.random_gap(index, 0, 0, mean);
                    self.schedule(gap, Event::FaultStrikes(index));
                }
                TriggerSpec::Start
                | TriggerSpec::Age(_)
                | TriggerSpec::Requests(_)
                | TriggerSpec::Load(_)
                | TriggerSpec::Weight(_)
                | TriggerSpec::Random(_) => {}
            }
        }
    }

    /// Exponential time until the `nth` strike at an entity.
    fn random_gap(&self, fault: u16, entity: u64, nth: u64, mean: Span) -> Span {
        let key = self.keys.onset.child(u64::from(fault)).child(entity);
        Span::from_nanos(whole(-math::ln(key.uniform(nth)) * mean.nanos() as f64))
    }

    /// Whether a fault may strike an instance at all.
    fn concerns(&self, fault: u16, slot: u32) -> bool {
        let it = &self.disorder.faults[usize::from(fault)];
        let instance = &self.slots[slot as usize];
        let drawn = || {
            let key = self.keys.fault.child(u64::from(fault));
            it.spec.scope.instances.is_none_or(|part| key.uniform(instance.entity) < part.get())
        };
        it.at_instances
            && (!it.defect || instance.release == ReleaseId::Candidate)
            && it.zone.is_none_or(|zone| zone == instance.zone)
            && drawn()
    }

    /// A process has come up: what is wrong with it, and what will be.
    pub(super) fn set_off_at_start(&mut self, slot: u32) {
        let epoch = self.slots[slot as usize].epoch;
        for index in 0..self.disorder.faults.len() {
            let fault = index as u16;
            if !self.concerns(fault, slot) {
                continue;
            }
            let it = &self.disorder.faults[index];
            let strikes = Event::FaultStrikesOne { slot, epoch, fault };
            match (it.spec.when, it.since) {
                (_, Some(since)) => self.attach(slot, fault, since),
                (TriggerSpec::Start, None) => self.attach(slot, fault, self.now),
                (TriggerSpec::Age(age), None) => self.schedule(age, strikes),
                (TriggerSpec::Requests(count), None) => {
                    let instance = &mut self.slots[slot as usize];
                    instance.next_requests_trigger = instance.next_requests_trigger.min(count);
                }
                (TriggerSpec::Random(mean), None) => {
                    let gap = self.next_random_gap(slot, fault, mean);
                    self.schedule(gap, strikes);
                }
                (TriggerSpec::At(_) | TriggerSpec::Weight(_) | TriggerSpec::Load(_), None) => {}
            }
            if self.slots[slot as usize].epoch != epoch {
                // it did not survive
                return;
            }
        }
        self.refresh_slot(slot);
    }

    fn next_random_gap(&mut self, slot: u32, fault: u16, mean: Span) -> Span {
        let instance = &mut self.slots[slot as usize];
        instance.strikes += 1;
        let (entity, nth) = (instance.entity, u64::from(instance.strikes));
        self.random_gap(fault, entity, nth, mean)
    }

    /// An instance has served as many requests as some fault waits for.
    pub(super) fn requests_trigger(&mut self, slot: u32) {
        let served = self.slots[slot as usize].served;
        let mut next = u64::MAX;
        let mut due = Vec::new();
        for index in 0..self.disorder.faults.len() {
            let fault = index as u16;
            let TriggerSpec::Requests(count) = self.disorder.faults[index].spec.when else {
                continue;
            };
            let known = self.slots[slot as usize].faults.iter().any(|it| it.fault == fault);
            if known || !self.concerns(fault, slot) {
                continue;
            }
            if served >= count { due.push(fault) } else { next = next.min(count) }
        }
        self.slots[slot as usize].next_requests_trigger = next;
        for fault in due {
            let at = self.now;
            self.attach(slot, fault, at);
        }
    }

    /// The traffic that is meant for the candidate has reached a part that some fault waits for.
    pub(super) fn weight_reached(&mut self) {
        let share = if self.traffic.shared() {
            let members = self.pools[0].members();
            let of = |it: &&u32| self.slots[**it as usize].release == ReleaseId::Candidate;
            members.iter().filter(of).count() as f64 / (members.len() as f64).max(1.0)
        } else {
            self.traffic.weight()
        };
        for index in 0..self.disorder.faults.len() {
            let it = &self.disorder.faults[index];
            let TriggerSpec::Weight(part) = it.spec.when else { continue };
            if it.since.is_none() && share > 0.0 && share + 1e-12 >= part.get() {
                self.fault_strikes(index as u16);
            }
        }
    }

    /// Instances that are busier than some fault waits for, after a scrape.
    pub(super) fn load_triggers(&mut self, slot: u32, busy: f64) {
        for index in 0..self.disorder.faults.len() {
            let fault = index as u16;
            let TriggerSpec::Load(part) = self.disorder.faults[index].spec.when else { continue };
            if !self.concerns(fault, slot) {
                continue;
            }
            let active = self.slots[slot as usize].faults.iter().any(|it| it.fault == fault);
            if busy > part.get() && !active {
                let at = self.now;
                self.attach(slot, fault, at);
                self.refresh_slot(slot);
            } else if busy <= part.get() && active {
                self.slots[slot as usize].faults.retain(|it| it.fault != fault);
                self.refresh_slot(slot);
                self.refresh_shared();
            }
        }
    }

    /// A fault sets in everywhere.
    pub(super) fn fault_strikes(&mut self, fault: u16) {
        let at = self.now;
        self.disorder.faults[usize::from(fault)].since = Some(at);
        if !self.disorder.faults[usize::from(fault)].at_instances {
            self.disorder.shared.retain(|it| it.fault != fault);
            self.disorder.shared.push(Onset { fault, at });
            self.tell(fault);
            self.schedule_change(fault, at, Event::FaultChanges { fault });
            self.refresh_shared();
            return;
        }
        for slot in 0..narrow(self.slots.len()) {
            if self.slots[slot as usize].state.serves() && self.concerns(fault, slot) {
                self.attach(slot, fault, at);
                self.refresh_slot(slot);
            }
        }
    }

    pub(super) fn fault_strikes_one(&mut self, slot: u32, epoch: u32, fault: u16) {
        if self.slots[slot as usize].epoch == epoch && self.slots[slot as usize].state.serves() {
            let at = self.now;
            self.attach(slot, fault, at);
            self.refresh_slot(slot);
        }
    }

    /// Sets a fault off at an instance.
    fn attach(&mut self, slot: u32, fault: u16, at: u64) {
        self.tell(fault);
        let instance = &mut self.slots[slot as usize];
        instance.faults.retain(|it| it.fault != fault);
        instance.faults.push(Onset { fault, at });
        instance.plain = false;
        let epoch = instance.epoch;
        self.schedule_change(fault, at, Event::FaultChangesOne { slot, epoch, fault });
        let it = &self.disorder.faults[usize::from(fault)];
        let crashes = it.full.crash && it.strength(at, self.now) > 0.0;
        if it.strikes_shared {
            self.refresh_shared();
        }
        if crashes {
            let cause = self.disorder.faults[usize::from(fault)].name().to_owned();
            self.crash(slot, "crashed", cause);
        }
    }

    /// Books the next moment at which a fault begins or ends by its shape.
    fn schedule_change(&mut self, fault: u16, onset: u64, event: Event) {
        let it = &self.disorder.faults[usize::from(fault)];
        let since = Span::from_nanos(self.now - onset);
        if let Some(next) = it.spec.next_change(since) {
            self.schedule(next.saturating_sub(since), event);
        }
    }

    /// The first time that a fault shows is an entry of the timeline.
    fn tell(&mut self, fault: u16) {
        let it = &mut self.disorder.faults[usize::from(fault)];
        if !it.told {
            it.told = true;
            let kind = if it.defect { "defect" } else { "incident" };
            let text = format!("{kind} `{}` sets in", it.name());
            self.ledger.fault_sets_in(it.name(), it.defect, self.now);
            self.note(Topic::Fault, text, "");
        }
    }

    pub(super) fn fault_changes(&mut self, fault: u16) {
        let Some(onset) = self.disorder.shared.iter().find(|it| it.fault == fault).copied() else {
            return;
        };
        let it = &self.disorder.faults[usize::from(fault)];
        let over = it.strength(onset.at, self.now) <= 0.0;
        if let (TriggerSpec::Random(mean), true) = (it.spec.when, over) {
            let gap = self.random_gap(fault, 0, self.now, mean);
            self.schedule(gap, Event::FaultStrikes(fault));
        }
        if over {
            self.disorder.faults[usize::from(fault)].told = false;
        }
        self.schedule_change(fault, onset.at, Event::FaultChanges { fault });
        self.refresh_shared();
    }

    pub(super) fn fault_changes_one(&mut self, slot: u32, epoch: u32, fault: u16) {
        let instance = &self.slots[slot as usize];
        if instance.epoch != epoch {
            return;
        }
        let Some(onset) = instance.faults.iter().find(|it| it.fault == fault).copied() else {
            return;
        };
        let it = &self.disorder.faults[usize::from(fault)];
        let strength = it.strength(onset.at, self.now);
        if let (TriggerSpec::Random(mean), true) = (it.spec.when, strength <= 0.0) {
            self.slots[slot as usize].faults.retain(|it| it.fault != fault);
            let gap = self.next_random_gap(slot, fault, mean);
            self.schedule(gap, Event::FaultStrikesOne { slot, epoch, fault });
        } else if it.full.crash && strength > 0.0 {
            let cause = it.name().to_owned();
            self.crash(slot, "crashed", cause);
            return;
        } else {
            self.schedule_change(fault, onset.at, Event::FaultChangesOne { slot, epoch, fault });
        }
        self.refresh_slot(slot);
        self.refresh_shared();
    }

    /// Recomputes what faults make of an instance as a whole.
    pub(super) fn refresh_slot(&mut self, slot: u32) {
        let now = self.now;
        let (mut hung, mut readiness, mut leak) = (false, None, 0.0);
        for onset in &self.slots[slot as usize].faults {
            let it = &self.disorder.faults[usize::from(onset.fault)];
            it.at(it.strength(onset.at, now), |disruption| {
                hung |= disruption.hang;
                leak += disruption.leak_per_second;
                readiness = match (readiness, disruption.readiness) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (before, None) => before,
                    (_, now) => now,
                };
            });
        }
        let natural = self.plan.scenario.fleet.memory.map_or(0.0, |it| it.per_hour.get() as f64);
        let instance = &mut self.slots[slot as usize];
        instance.readiness = readiness;
        instance.memory.settle(now);
        instance.memory.per_nano = natural / 3.6e12 + leak / 1e9;
        self.set_hung(slot, hung);
        self.refresh_plain(slot);
    }

    fn set_hung(&mut self, slot: u32, hung: bool) {
        if self.slots[slot as usize].hung == hung {
            return;
        }
        self.slots[slot as usize].hung = hung;
        if hung && self.slots[slot as usize].release == ReleaseId::Candidate {
            self.ledger.symptom(self.now);
        }
        let first = slot * self.workers_each();
        for worker in first..first + self.workers_each() {
            let record = self.workers[worker as usize];
            if !matches!(record.work, Work::Database | Work::Service) {
                continue;
            }
            if hung {
                let due = self.work.at(worker as usize).map_or(self.now, Instant::nanos);
                self.workers[worker as usize].left = due - self.now;
                self.work.clear(worker as usize);
                if !self.attempts[record.attempt].has(Attempt::GONE) {
                    self.arm(record.attempt);
                }
            } else {
                self.due(worker, record.left);
            }
        }
    }

    pub(super) fn refresh_plain(&mut self, slot: u32) {
        let memory = self.plan.scenario.fleet.memory.is_some();
        let instance = &mut self.slots[slot as usize];
        instance.plain = !memory
            && instance.warm_at == 0
            && instance.faults.is_empty()
            && instance.next_requests_trigger == u64::MAX;
    }

    /// Recomputes what faults make of what all share. A defect strikes it while any instance that
    /// carries it runs. Ramps of these effects move with the scrapes.
    pub(super) fn refresh_shared(&mut self) {
        if !self.disorder.any_shared {
            return;
        }
        let now = self.now;
        let mut total = Disruption::NONE;
        for (index, it) in
            self.disorder.faults.iter().enumerate().filter(|(_, it)| it.strikes_shared)
        {
            let ours = |onset: &&Onset| usize::from(onset.fault) == index;
            let at_instances = self
                .slots
                .iter()
                .filter(|slot| slot.state == State::Up)
                .flat_map(|slot: &Slot| slot.faults.iter());
            let onsets = self.disorder.shared.iter().chain(at_instances).filter(ours);
            let strength = onsets.map(|it_at| it.strength(it_at.at, now)).fold(0.0, f64::max);
            it.at(strength, |disruption| total.combine(disruption));
        }
        self.apply_shared(&total);
    }

    fn apply_shared(&mut self, total: &Disruption) {
        let was_locked = self.database.locked();
        self.database.fault_locks = total.database_locked;
        self.database.fault_factor = total.database_factor;
        if total.database_locked && !was_locked {
            self.ledger.symptom(self.now);
        }
        self.database_opens();
        let healed = self.disorder.stale_endpoints && !total.stale_endpoints;
        self.disorder.stale_endpoints = total.stale_endpoints;
        self.disorder.scrapes_lost = total.scrapes_lost;
        self.disorder.weight_factor = total.weight_factor;
        self.traffic.apply(self.traffic.applied(), total.weight_factor);
        if healed {
            self.clear_stale_endpoints();
        }
    }

    /// What the faults of an instance do to a request.
    pub(super) fn strain_on(&self, attempt: &Attempt, slot: u32) -> Strain {
        let mut strain = Strain {
            error: 0.0,
            wrong: 0.0,
            service_factor: 1.0,
            service_delay: 0,
            kill: 0.0,
            leak: 0.0,
        };
        for onset in &self.slots[slot as usize].faults {
            let it = &self.disorder.faults[usize::from(onset.fault)];
            if !self.in_scope(it, attempt) {
                continue;
            }
            it.at(it.strength(onset.at, self.now), |disruption| {
                strain.error = either(strain.error, disruption.error);
                strain.wrong = either(strain.wrong, disruption.wrong);
                strain.kill = either(strain.kill, disruption.kill);
                strain.service_factor *= disruption.service_factor;
                strain.service_delay += disruption.service_delay.nanos();
                strain.leak += disruption.leak_per_request;
            });
        }
        strain
    }

    fn in_scope(&self, fault: &Fault, attempt: &Attempt) -> bool {
        fault.operation.is_none_or(|it| it == attempt.operation)
            && (!fault.spec.scope.feature || attempt.cohort == Cohort::Exposed)
            && fault.users.iter().all(|&(index, value)| {
                !attempt.has(Attempt::SMOKE) && self.attribute_of(attempt.user, index) == value
            })
    }

    /// What faults do to a call of a dependency: chance of failing, latency as a multiple.
    pub(super) fn dependency_disorder(
        &self,
        attempt: &Attempt,
        slot: u32,
        name: &str,
    ) -> (f64, f64) {
        let (mut error, mut factor) = (0.0, 1.0);
        if !self.disorder.any_dependency {
            return (error, factor);
        }
        for onset in &self.slots[slot as usize].faults {
            let it = &self.disorder.faults[usize::from(onset.fault)];
            if it.full.dependencies.is_empty() || !self.in_scope(it, attempt) {
                continue;
            }
            it.at(it.strength(onset.at, self.now), |disruption| {
                for call in &disruption.dependencies {
                    if call.name.as_deref().is_none_or(|it| it == name) {
                        error = either(error, call.error);
                        factor *= call.factor;
                    }
                }
            });
        }
        (error, factor)
    }

    /// What faults do to the start of an instance: chance of failing, time as a multiple.
    pub(super) fn start_disorder(&self, slot: u32) -> (f64, f64) {
        let (mut failure, mut factor) = (0.0, 1.0);
        for (index, it) in self.disorder.faults.iter().enumerate() {
            let at_start = matches!(it.spec.when, TriggerSpec::Start);
            if !(at_start || it.since.is_some()) || !self.concerns(index as u16, slot) {
                continue;
            }
            let onset = it.since.unwrap_or(self.now);
            it.at(it.strength(onset, self.now), |disruption| {
                failure = either(failure, disruption.start_failure);
                factor *= disruption.start_factor;
            });
        }
        (failure, factor)
    }
}
