//! Faults that can affect nothing, as far as the file alone says it: what they would change is not there,
//! they never start, or fewer instances exist than they count on. It does not prevent a simulation.

use super::{
    Scenario,
    check::Check,
    faults::scopes,
    size::{in_zone, most_instances},
};
use crate::{
    fault::{DependencyDisruption, Disruption, FaultSpec, Needed, TriggerSpec},
    model::{Amount, ScopeSpec},
    units::{Span, text},
};

impl Check<'_> {
    pub(super) fn never_struck(&mut self, path: &str, fault: &FaultSpec, defect: bool) {
        self.no_effect(path, fault);
        self.no_onset(path, fault, defect);
        for (scope, path) in scopes(path, fault) {
            self.too_few(&path, scope);
        }
    }

    fn no_effect(&mut self, path: &str, fault: &FaultSpec) {
        let name = fault.effect.name();
        let path = format!("{path}.effect.{name}");
        if is_neutral(&fault.effect.kind().disrupt(1.0)) {
            let message = format!("`{name}` as it is written changes nothing");
            self.warn(path, message, format!("`rollsim explain {name}` lists its settings"));
        } else if let Some((missing, hint)) = missing(self.scenario, fault) {
            self.warn(path, format!("`{name}` has no effect: {missing}"), hint);
        }
    }

    /// A fault that never starts.
    fn no_onset(&mut self, path: &str, fault: &FaultSpec, defect: bool) {
        let length = self.scenario.length;
        let begins = if defect { self.scenario.rollout_at } else { Span::ZERO };
        let oldest = length.saturating_sub(begins);
        let too_old = |age: Span| {
            let whose = if defect { "of the release " } else { "" };
            let message = format!("no instance {whose}gets as old as `{age}` within the trial");
            (message, format!("less than `{oldest}`"))
        };
        let (key, (message, hint)) = match fault.when {
            TriggerSpec::At(at) if at >= length => {
                let message = format!("at `{at}` the trial is over: it ends after `{length}`");
                ("at", (message, format!("less than `{length}`")))
            }
            TriggerSpec::Age(age) if age >= oldest => ("age", too_old(age)),
            TriggerSpec::AgeBetween { from, .. } if from >= oldest => {
                ("age_between.from", too_old(from))
            }
            TriggerSpec::Load(above) if above.get() >= 1.0 => ("load", all_busy()),
            TriggerSpec::LoadOver { above, .. } if above.get() >= 1.0 => {
                ("load_over.above", all_busy())
            }
            TriggerSpec::Weight(_) if !self.scenario.strategy.kind().ships() => {
                let message = "nothing is shipped that has a weight".to_owned();
                (
                    "weight",
                    (message, "choose a `strategy` that ships, or start it `at` a time".to_owned()),
                )
            }
            TriggerSpec::Start
            | TriggerSpec::At(_)
            | TriggerSpec::Age(_)
            | TriggerSpec::AgeBetween { .. }
            | TriggerSpec::Requests(_)
            | TriggerSpec::Load(_)
            | TriggerSpec::LoadOver { .. }
            | TriggerSpec::Weight(_)
            | TriggerSpec::Random(_) => return,
        };
        self.warn(format!("{path}.when.{key}"), format!("the fault never starts: {message}"), hint);
    }

    /// Fewer instances than a scope counts on.
    fn too_few(&mut self, path: &str, scope: &ScopeSpec) {
        let fleet = most_instances(self.scenario);
        let there = self.instances_of(scope, fleet);
        let all = text::counted(u64::from(fleet), "instance");
        match (&scope.zone, scope.instances) {
            (Some(zone), _) if there == 0 => {
                let zones = self.scenario.fleet.zones.len();
                let message = format!(
                    "no instance is in zone `{zone}` at first: {all} are spread over {zones} zones in turn"
                );
                let hint =
                    format!("a zone with an instance, or at least {zones} `fleet.instances`");
                self.warn(format!("{path}.zone"), message, hint);
            }
            (zone, Some(Amount::Count(count))) if count > there => {
                let here = match zone {
                    None => format!("the fleet has {all}"),
                    Some(zone) => format!("{there} of {all} are in zone `{zone}`"),
                };
                let message = format!(
                    "`{count}` is more than there are outside of a rollout: {here}, and no more are affected"
                );
                let hint = format!("at most `{there}`, or more `fleet.instances`");
                self.warn(format!("{path}.instances"), message, hint);
            }
            _ => {}
        }
    }

    /// How many instances of a fleet of so many are in the zone of a scope.
    fn instances_of(&self, scope: &ScopeSpec, fleet: u32) -> u32 {
        let zones = &self.scenario.fleet.zones;
        let zone = scope.zone.as_ref().and_then(|name| zones.iter().position(|it| it == name));
        zone.map_or(fleet, |zone| in_zone(fleet, zone, zones.len()))
    }
}

fn all_busy() -> (String, String) {
    ("no more than all workers are ever busy".to_owned(), "less than `100%`".to_owned())
}

/// Whether a fault can change nothing, whatever happens: it is written so, or what it acts on is not there.
pub(crate) fn is_idle(scenario: &Scenario, fault: &FaultSpec) -> bool {
    is_neutral(&fault.effect.kind().disrupt(1.0)) || missing(scenario, fault).is_some()
}

/// What an effect acts on and the scenario does not have, and what to do about it.
fn missing(scenario: &Scenario, fault: &FaultSpec) -> Option<(String, &'static str)> {
    let fleet = &scenario.fleet;
    let ships = scenario.strategy.kind().ships();
    let (missing, hint) = match fault.effect.kind().needs()? {
        Needed::MemoryLimit if fleet.memory.is_none() => {
            ("without `fleet.memory` there is no limit to reach", "set `fleet.memory`")
        }
        Needed::Readiness if fleet.readiness.is_none() => {
            ("there is no readiness probe", "set `fleet.readiness`")
        }
        Needed::Queries if !scenario.queries_database() => {
            ("no operation queries the database", "set the `database` of an operation")
        }
        Needed::Weight if !ships => {
            ("nothing is shipped that has a weight", "choose a `strategy` that ships")
        }
        Needed::Calls(name) if !is_called(scenario, fault, name) => {
            let what = name.map_or("a dependency".to_owned(), |it| format!("`{it}`"));
            let missing = format!("no operation in its scope calls {what}");
            return Some((missing, "set the `calls` of an operation"));
        }
        Needed::MemoryLimit
        | Needed::Readiness
        | Needed::Queries
        | Needed::Weight
        | Needed::Calls(_) => return None,
    };
    Some((missing.to_owned(), hint))
}

/// Whether any request that a fault may concern calls a dependency, or the one of a name.
fn is_called(scenario: &Scenario, fault: &FaultSpec, name: Option<&str>) -> bool {
    let operations = scenario.operations.iter().filter(|it| !it.1.share.is_zero());
    let calling = operations.filter(|(_, it)| match name {
        Some(name) => it.calls.iter().any(|call| call == name),
        None => !it.calls.is_empty(),
    });
    let calling: Vec<&String> = calling.map(|it| it.0).collect();
    let meant = |it: &ScopeSpec| {
        calling.iter().any(|name| it.operation.as_ref().is_none_or(|only| only == *name))
    };
    fault.scopes().iter().any(meant)
}

/// Whether it changes nothing at all.
fn is_neutral(it: &Disruption) -> bool {
    let calls = it.dependencies.iter();
    let mut calls = calls.map(|it| {
        *it == DependencyDisruption { name: it.name.clone(), ..DependencyDisruption::NONE }
    });
    calls.all(|neutral| neutral)
        && Disruption { dependencies: Vec::new(), ..it.clone() } == Disruption::NONE
}
