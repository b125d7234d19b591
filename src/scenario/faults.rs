//! The checks of faults: their scope, what is drawn, and their shape.

use super::{
    Problem,
    check::{Check, SECOND},
    path::below,
};
use crate::{
    fault::{Course, FaultSpec, Noun, SeveritySpec, TriggerSpec},
    model::ScopeSpec,
    units::{Ratio, Span},
};

impl Check<'_> {
    pub(super) fn release(&mut self) {
        let scenario = self.scenario;
        for (index, fault) in scenario.release.defects.iter().enumerate() {
            self.fault(&format!("release.defects[{index}]"), fault, true);
        }
        for (index, fault) in scenario.incidents.iter().enumerate() {
            self.fault(&format!("incidents[{index}]"), fault, false);
        }
    }

    pub(super) fn fault(&mut self, path: &str, fault: &FaultSpec, defect: bool) {
        let scenario = self.scenario;
        for (scope, path) in scopes(path, fault) {
            self.scope(&path, scope);
        }
        if !fault.scope_one_of.is_empty() && fault.scope != ScopeSpec::default() {
            let message = "a fault has either `scope` or `scope_one_of`, not both";
            self.refuse(format!("{path}.scope_one_of"), message);
        }
        for used in fault.effect.kind().names() {
            let (noun, names) = match used.noun {
                Noun::Dependency => ("dependency", scenario.dependencies.keys()),
            };
            let path = format!("{path}.effect.{}.{}", fault.effect.name(), used.key);
            self.known(path, noun, used.name, names);
        }
        for misfit in fault.misfits(defect) {
            let problem = if misfit.harmless { Problem::warning } else { Problem::error };
            let problem = problem(misfit.message).path(format!("{path}.{}", misfit.field));
            self.problems.push(problem.hint(misfit.hint));
        }
        self.fault_draws(path, fault);
        self.fault_shape(path, fault);
        self.never_struck(path, fault, defect);
    }

    fn fault_shape(&mut self, path: &str, fault: &FaultSpec) {
        if let TriggerSpec::Random(mean) = fault.when {
            self.at_least(&format!("{path}.when.random"), mean, SECOND);
        }
        if let TriggerSpec::LoadOver { over, .. } = fault.when {
            self.at_least(&format!("{path}.when.load_over.over"), over, SECOND);
        }
        if let Some(lasts) = fault.lasts {
            self.at_least(&format!("{path}.lasts"), lasts, Span::from_millis(1));
        }
        if let Some(repeat) = fault.repeat {
            self.at_least(&format!("{path}.repeat"), repeat, SECOND);
            match fault.lasts {
                None => {
                    self.refuse(
                        format!("{path}.repeat"),
                        "a fault without `lasts` is permanent and cannot repeat",
                    );
                }
                Some(lasts) if repeat <= lasts => {
                    let message = format!("`{repeat}` is not longer than `lasts`, `{lasts}`");
                    self.refuse(format!("{path}.repeat"), message);
                }
                Some(_) => {}
            }
        }
        let over_at_once = fault.effect.kind().course() == Course::Momentary;
        if matches!(fault.when, TriggerSpec::Random(_)) && fault.lasts.is_none() && !over_at_once {
            self.refuse(path, "a random fault needs `lasts`, or it happens only once");
        }
    }

    fn scope(&mut self, path: &str, scope: &ScopeSpec) {
        let scenario = self.scenario;
        if let Some(zone) = &scope.zone {
            self.known(format!("{path}.zone"), "zone", zone, scenario.fleet.zones.iter());
        }
        if let Some(operation) = &scope.operation {
            let names = scenario.operations.keys();
            self.known(format!("{path}.operation"), "operation", operation, names);
            if scenario.operations.get(operation).is_some_and(|it| it.share.is_zero()) {
                let message = format!("no request is of `{operation}`: its share is `0%`");
                self.refuse_allowing(format!("{path}.operation"), message, "one with a share");
            }
        }
        self.user_match(&format!("{path}.users"), &scope.users);
        for (name, value) in &scope.users {
            let share = scenario.users.attributes.get(name).and_then(|it| it.get(value));
            if share.is_some_and(|it| it.is_zero()) {
                let message = format!("no user has the {name} `{value}`: its share is `0%`");
                let path = below(&format!("{path}.users"), name);
                self.refuse_allowing(path, message, "one with a share");
            }
        }
        if scope.feature && !scenario.any_flag() {
            let problem = Problem::error("no strategy has a feature flag")
                .path(format!("{path}.feature"))
                .hint(
                    "leave `feature` out: without a flag, the feature is on for every user of the \
                     release",
                );
            self.problems.push(problem);
        }
    }

    fn fault_draws(&mut self, path: &str, fault: &FaultSpec) {
        match fault.severity {
            None => {}
            Some(SeveritySpec::Is(part)) => self.some(&format!("{path}.severity.is"), part),
            Some(SeveritySpec::Uniform { from, to }) => {
                self.in_order(&format!("{path}.severity.uniform.from"), from, to);
                self.some(&format!("{path}.severity.uniform.to"), to);
            }
            Some(SeveritySpec::LogUniform { from, to }) => {
                let path = format!("{path}.severity.log_uniform.from");
                self.in_order(&path, from, to);
                self.some(&path, from);
            }
        }
        if let TriggerSpec::AgeBetween { from, to } = fault.when {
            let path = format!("{path}.when.age_between.from");
            self.in_order(&path, from, to);
            if from.is_zero() {
                self.refuse_allowing(path, "a log-uniform range cannot start at `0s`", "above 0s");
            }
        }
    }

    fn in_order<T: PartialOrd + std::fmt::Display + Copy>(&mut self, path: &str, from: T, to: T) {
        if from > to {
            let message = format!("`{from}` is more than `to`, `{to}`");
            self.refuse_allowing(path, message, format!("at most `{to}`"));
        }
    }

    fn some(&mut self, path: &str, part: Ratio) {
        if part.is_zero() {
            self.refuse_allowing(path, "a fault at `0%` of its strength has no effect", "above 0%");
        }
    }
}

/// Every scope that a fault may have, with its path.
pub(super) fn scopes<'f>(path: &str, fault: &'f FaultSpec) -> Vec<(&'f ScopeSpec, String)> {
    let own = (&fault.scope, format!("{path}.scope"));
    let drawn = fault.scope_one_of.iter().enumerate();
    let drawn = drawn.map(|(index, it)| (it, format!("{path}.scope_one_of[{index}]")));
    std::iter::once(own).chain(drawn).collect()
}
