//! One fault of the plan, as a trial has it.

use std::cell::Cell;

use crate::{
    fault::{Disruption, FaultDraws, FaultSpec, Target},
    kernel::Key,
    model::Amount,
    scenario::{Plan, is_idle},
    sim::{data::compile_match, ids::OperationId},
    units::{Span, text},
};

/// A fault of the plan, compiled.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, not one state")]
pub(super) struct Fault {
    /// As this trial has it.
    pub(super) spec: FaultSpec,
    target: Target,
    /// Share of the effect that it has at full strength.
    severity: f64,
    /// What it does at full strength.
    pub(super) full: Disruption,
    /// Neither ramp nor end: at full strength from its onset on.
    steady: bool,
    /// Travels with the candidate; otherwise it affects the environment.
    pub(super) defect: bool,
    /// Affects instances one by one, not what all share.
    pub(super) at_instances: bool,
    /// At random it starts at each instance by itself, not everywhere at once.
    pub(super) strikes_each: bool,
    pub(super) strikes_shared: bool,
    pub(super) zone: Option<u16>,
    pub(super) operation: Option<OperationId>,
    pub(super) users: Vec<(usize, usize)>,
    /// Exactly so many instances, drawn each time that it starts.
    pub(super) exactly: Option<u32>,
    /// Those that were drawn, by what chance knows them by.
    pub(super) drawn: Vec<u64>,
    /// How often it has started.
    pub(super) starts: u64,
    /// Time until it starts again, where its instances are then drawn again.
    pub(super) again: Option<Span>,
    /// When it set in everywhere, in nanoseconds.
    pub(super) since: Option<u64>,
    /// Its present start is a mark of the outcome.
    pub(super) told: bool,
    /// Its present start is an entry of the timeline.
    pub(super) shown: bool,
    /// It has had something to act on, whatever chance then made of it: a request in its scope was taken
    /// up, or made the call that it concerns, while it was active; it was active at an instance that ran;
    /// an instance started meanwhile; or, of what all share, it was active at all.
    pub(super) struck: Cell<bool>,
    /// It can change nothing in this scenario.
    idle: bool,
}

impl Fault {
    pub(super) fn new(plan: &Plan, spec: &FaultSpec, defect: bool, key: Key) -> Self {
        let draw = |n: u64| key.child(n).uniform(0);
        let draws = FaultDraws { severity: draw(0), onset: draw(1), scope: draw(2) };
        let (mut spec, severity) = spec.drawn(draws);
        let exactly = match spec.scope.instances {
            Some(Amount::Count(count)) => Some(count),
            Some(Amount::Part(_)) | None => None,
        };
        // each repetition is a start of its own, at other instances
        let again = exactly.and_then(|_| spec.repeat.take());
        let effect = spec.effect.kind();
        let (full, target) = (effect.disrupt(severity), effect.target());
        let strikes_shared = full.is_shared();
        let idle = is_idle(&plan.scenario, &spec);
        let scope = &spec.scope;
        let zone = scope.zone.as_ref().map(|name| {
            let zones = &plan.scenario.fleet.zones;
            index_u16(zones.iter().position(|it| it == name).expect("a plan knows its zones"))
        });
        let operation = scope
            .operation
            .as_ref()
            .map(|it| OperationId::at(plan.operation(it).expect("a plan knows its operations")));
        Self {
            steady: spec.ramp.is_zero() && spec.lasts.is_none() && spec.repeat.is_none(),
            at_instances: defect || !strikes_shared,
            strikes_each: spec.strikes_each(),
            zone,
            operation,
            users: compile_match(plan, &scope.users),
            exactly,
            drawn: Vec::new(),
            starts: 0,
            again,
            target,
            severity,
            full,
            spec,
            defect,
            strikes_shared,
            since: None,
            told: false,
            shown: false,
            struck: Cell::new(false),
            idle,
        }
    }

    /// Notes that it has something of this kind to act on.
    pub(super) fn strikes(&self, target: Target) {
        if self.acts_on(target) && !self.idle {
            self.struck.set(true);
        }
    }

    pub(super) fn acts_on(&self, target: Target) -> bool {
        self.target == target
    }

    /// Part of what it does at full strength, from its shape.
    #[inline]
    pub(super) fn strength(&self, onset: u64, now: u64) -> f64 {
        if self.steady { 1.0 } else { self.spec.strength(Span::from_nanos(now - onset)) }
    }

    /// Seconds at full strength that come to as much as it has done since its onset.
    pub(super) fn exposure(&self, onset: u64, until: u64) -> f64 {
        self.spec.exposure(Span::from_nanos(until - onset))
    }

    pub(super) const fn kind(&self) -> &'static str {
        if self.defect { "defect" } else { "incident" }
    }

    pub(super) fn name(&self) -> &str {
        self.spec.shown_name()
    }

    /// What was drawn of its strength, in words; empty where nothing was.
    pub(super) fn drawn_severity(&self) -> String {
        let drawn = self
            .spec
            .severity
            .map(|_| format!("severity {} of its full strength", text::share(self.severity)));
        drawn.unwrap_or_default()
    }

    /// Calls `with` with what the fault does at a strength above zero.
    #[inline]
    pub(super) fn at<T>(&self, strength: f64, with: impl FnOnce(&Disruption) -> T) -> Option<T> {
        if strength <= 0.0 {
            None
        } else if strength >= 1.0 {
            Some(with(&self.full))
        } else {
            let strength = (strength * self.severity).max(f64::MIN_POSITIVE);
            Some(with(&self.spec.effect.kind().disrupt(strength)))
        }
    }
}

/// The number of a fault or a zone. A scenario has at most 20,000 values in all.
pub(in crate::sim) fn index_u16(number: impl TryInto<u16>) -> u16 {
    number.try_into().unwrap_or_else(|_| panic!("a scenario is bounded"))
}
