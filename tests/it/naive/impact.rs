//! What faults do: to what all share, to a start, to a request and its calls.

use rollsim::{
    fault::{EffectSpec, TriggerSpec},
    kernel::Purpose,
    units::Factor,
};

use super::{Naive, either, faults::Onset};

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

/// From 1 at no strength to the factor at full strength.
fn grown(factor: Factor, strength: f64) -> f64 {
    1.0 + (factor.get() - 1.0) * strength
}

impl Naive<'_> {
    /// What faults make of the database now: whether it is locked, and the time of a query as a multiple.
    /// A defect strikes it while an instance that has it works.
    pub(super) fn shared_faults(&self) -> (bool, f64) {
        let (mut locked, mut factor) = (false, 1.0);
        for (fault, it) in self.faults.iter().enumerate().filter(|(_, it)| it.is_shared()) {
            let everywhere = it.since.filter(|_| !it.defect).map(|at| Onset { fault, at });
            let running = self.fleet.slots.iter().filter(|it| it.serves());
            let onsets = running.flat_map(|it| it.faults.iter().copied()).chain(everywhere);
            let ours = onsets.filter(|it| it.fault == fault).map(|it| self.strength_at(it));
            let strength = ours.fold(0.0, f64::max);
            if let EffectSpec::DatabaseSlow(it) = &it.spec.effect {
                factor *= grown(it.factor, strength);
            } else {
                locked |= strength > 0.0;
            }
        }
        (locked, factor)
    }

    /// A lock may have come or gone.
    pub(super) fn refresh_shared(&mut self) {
        self.database.locked = self.shared_faults().0;
        self.run_queries();
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
            if let EffectSpec::StartupFailure(it) = &it.spec.effect {
                failure = either(failure, it.rate.get() * strength);
            } else if let EffectSpec::SlowStart(it) = &it.spec.effect {
                factor *= grown(it.factor, strength);
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
            if let EffectSpec::Errors(it) = effect {
                impact.error = either(impact.error, it.rate.get() * strength);
            } else if let EffectSpec::WrongAnswers(it) = effect {
                impact.wrong = either(impact.wrong, it.rate.get() * strength);
            } else if let EffectSpec::Poison(it) = effect {
                impact.kill = either(impact.kill, it.rate.get() * strength);
            } else if let EffectSpec::Latency(it) = effect {
                impact.factor *= grown(it.factor, strength);
                impact.delay += it.delay.scale(strength).nanos();
            } else if let EffectSpec::Leak(it) = effect {
                impact.leak += it.per_request.get() as f64 * strength;
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
