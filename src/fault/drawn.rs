//! What is drawn for a fault once a trial: its severity, the age of an instance at which it starts,
//! and what it affects.

use super::{FaultSpec, SeveritySpec, TriggerSpec};
use crate::{kernel::math, units::Span};

/// Uniform draws in (0, 1) that decide what a fault is like in one trial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FaultDraws {
    pub severity: f64,
    pub onset: f64,
    pub scope: f64,
}

impl SeveritySpec {
    /// The quantile at a uniform draw: above 0, at most 1.
    pub fn at(self, uniform: f64) -> f64 {
        let part = match self {
            Self::Is(part) => part.get(),
            Self::Uniform { from, to } => from.get() + (to.get() - from.get()) * uniform,
            Self::LogUniform { from, to } => log_uniform(from.get(), to.get(), uniform),
        };
        part.clamp(f64::MIN_POSITIVE, 1.0)
    }
}

impl FaultSpec {
    /// The fault as one trial has it: nothing is left to be drawn but its severity, which is
    /// separate and 1 by default.
    pub fn drawn(&self, draws: FaultDraws) -> (Self, f64) {
        let mut fault = self.clone();
        if let TriggerSpec::AgeBetween { from, to } = self.when {
            let age = log_uniform(from.as_secs_f64(), to.as_secs_f64(), draws.onset);
            fault.when = TriggerSpec::Age(Span::from_secs_f64(age));
        }
        if let Some(scope) = one_of(&self.scope_one_of, draws.scope) {
            fault.scope = scope.clone();
            fault.scope_one_of.clear();
        }
        (fault, self.severity.map_or(1.0, |it| it.at(draws.severity)))
    }

    /// Every scope that it may have.
    pub fn scopes(&self) -> &[crate::model::ScopeSpec] {
        if self.scope_one_of.is_empty() {
            std::slice::from_ref(&self.scope)
        } else {
            &self.scope_one_of
        }
    }
}

/// Quantile of the distribution whose logarithm is uniform: `from (to / from)^u`.
fn log_uniform(from: f64, to: f64, uniform: f64) -> f64 {
    if from <= 0.0 || to <= from {
        return from;
    }
    (from * math::exp(uniform * math::ln(to / from))).clamp(from, to)
}

/// The entry that a uniform draw falls on, all equally likely.
fn one_of<T>(entries: &[T], uniform: f64) -> Option<&T> {
    entries.iter().enumerate().rev().find_map(|(index, entry)| {
        (uniform * entries.len() as f64 >= index as f64).then_some(entry)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn severity(value: serde_json::Value) -> SeveritySpec {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_severity_is_drawn_by_its_quantiles() {
        let check = |spec: serde_json::Value, expected: &[(f64, f64)]| {
            for &(uniform, part) in expected {
                let got = severity(spec.clone()).at(uniform);
                assert!((got - part).abs() < 1e-12, "{spec} at {uniform}: {got}");
            }
        };
        check(json!({"is": "40%"}), &[(0.01, 0.4), (0.99, 0.4)]);
        check(json!({"uniform": {"from": "20%", "to": "60%"}}), &[(0.0, 0.2), (0.5, 0.4)]);
        // a hundredth is two orders of magnitude, and half of them is a tenth
        let orders = json!({"log_uniform": {"from": "1%", "to": "100%"}});
        check(orders, &[(0.0, 0.01), (0.5, 0.1), (0.75, 0.316_227_766_016_838), (1.0, 1.0)]);
        check(json!({"log_uniform": {"from": "5%", "to": "5%"}}), &[(0.3, 0.05)]);
    }

    #[test]
    fn a_fault_that_leaves_nothing_to_chance_is_itself() {
        let draws = FaultDraws { severity: 0.5, onset: 0.5, scope: 0.5 };
        let fault: FaultSpec =
            serde_json::from_value(json!({"when": {"age": "1m"}, "effect": {"crash": {}}}))
                .unwrap();
        assert_eq!(fault.drawn(draws), (fault.clone(), 1.0));
    }

    #[test]
    fn onset_and_scope_are_drawn_apart_from_severity() {
        let fault: FaultSpec = serde_json::from_value(json!({
            "when": {"age_between": {"from": "1m", "to": "100m"}},
            "scope_one_of": [{"zone": "a"}, {"zone": "b"}, {"zone": "c"}],
            "severity": {"uniform": {"from": "0%", "to": "100%"}},
            "effect": {"errors": {"rate": "100%"}},
        }))
        .unwrap();
        let drawn = |severity, onset, scope| {
            let (it, part) = fault.drawn(FaultDraws { severity, onset, scope });
            assert!(it.scope_one_of.is_empty());
            (it.when, it.scope.zone.unwrap(), part)
        };
        let age = |secs| TriggerSpec::Age(Span::from_secs(secs));
        let (when, zone, part) = drawn(0.25, 0.5, 0.5);
        let TriggerSpec::Age(got) = when else { panic!("{when:?}") };
        assert!((got.as_secs_f64() - 600.0).abs() < 1e-6, "{got}");
        assert_eq!((zone.as_str(), part.to_bits()), ("b", 0.25_f64.to_bits()));
        assert_eq!(drawn(0.25, 0.0, 0.0).0, age(60));
        assert_eq!(drawn(0.25, 1.0, 0.33).1, "a");
        assert_eq!(drawn(0.25, 1.0, 0.34).1, "b");
        assert_eq!(drawn(0.25, 1.0, 0.999).1, "c");
    }
}
