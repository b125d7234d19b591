//! The checks of what the operator does.

use super::{Problem, check::Check};
use crate::model::{ActionSpec, Amount, DrainTarget, Mitigation, Size};

impl Check<'_> {
    pub(super) fn actions(&mut self) {
        let scenario = self.scenario;
        let actions = &scenario.operator.actions;
        if !actions.is_empty() && !scenario.operator.undoes {
            let problem = Problem::error("`actions` alone say what is done")
                .path("operator.undoes")
                .hint("leave `undoes` out, and `undo` out of the `actions`");
            self.problems.push(problem);
        }
        if !actions.is_empty() && scenario.alerts.is_empty() {
            let problem =
                Problem::warning("no alert pages the operator, so that no action is ever taken")
                    .path("operator.actions")
                    .hint("add `alerts`");
            self.problems.push(problem);
        }
        for (index, action) in actions.iter().enumerate() {
            let path = format!("operator.actions[{index}]");
            self.condition(&path, index, action);
            self.mitigation(&format!("{path}.do"), &action.mitigation);
        }
    }

    fn condition(&mut self, path: &str, index: usize, action: &ActionSpec) {
        let scenario = self.scenario;
        if let Some(name) = &action.when.alert {
            let names: Vec<String> = scenario.alerts.iter().map(|it| it.name.clone()).collect();
            self.known(format!("{path}.when.alert"), "alert", name, names.iter());
        }
        if index == 0 && action.when.still_firing.is_some() {
            let message = "no action comes before the first";
            self.refuse(format!("{path}.when.still_firing"), message);
        }
    }

    fn mitigation(&mut self, path: &str, mitigation: &Mitigation) {
        let scenario = self.scenario;
        let of_rollout = match mitigation {
            Mitigation::Undo
            | Mitigation::Freeze(_)
            | Mitigation::SwitchOff
            | Mitigation::RollForward(_) => true,
            Mitigation::Restart(_) | Mitigation::Drain(_) | Mitigation::Scale(_) => false,
        };
        if of_rollout && !scenario.strategy.kind().ships() {
            let name = mitigation.name();
            self.refuse(path, format!("nothing is shipped that `{name}` could act on"));
        } else if *mitigation == Mitigation::SwitchOff && !scenario.any_flag() {
            self.refuse(path, "no strategy has a feature flag to switch off");
        }
        match mitigation {
            Mitigation::Restart(it) => self.some_of(&format!("{path}.restart.at_once"), it.at_once),
            Mitigation::Drain(DrainTarget::Worst(amount)) => {
                self.some_of(&format!("{path}.drain.worst"), *amount);
            }
            Mitigation::Drain(DrainTarget::Zone(zone)) => {
                let zones = scenario.fleet.zones.iter();
                self.known(format!("{path}.drain.zone"), "zone", zone, zones);
            }
            Mitigation::Scale(Size::By(factor)) if (factor.get() - 1.0).abs() < f64::EPSILON => {
                self.refuse(format!("{path}.scale.by"), "`1x` changes nothing");
            }
            Mitigation::Undo
            | Mitigation::Scale(_)
            | Mitigation::Freeze(_)
            | Mitigation::SwitchOff
            | Mitigation::RollForward(_) => {}
        }
    }

    fn some_of(&mut self, path: &str, amount: Amount) {
        if amount.rounded_up(1) == 0 {
            self.refuse_allowing(path, format!("`{amount}` is no instance"), "at least 1");
        }
    }

    /// Most instances that the operator may make of a fleet of so many.
    pub(super) fn scaled_by_hand(&self, fleet: u32) -> u32 {
        let mut most = fleet;
        for action in &self.scenario.operator.actions {
            let Mitigation::Scale(size) = &action.mitigation else { continue };
            most = (0..action.times).fold(most, |most, _| most.max(size.of(most)));
        }
        most
    }
}
