//! The checks of what the operator does.

use super::{
    Problem,
    check::Check,
    listed,
    size::{in_zone, most_instances},
};
use crate::{
    model::{ActionSpec, Amount, Drain, Mitigation, Phase, ReleaseId, Size},
    units::{Span, text},
};

/// Why an action is never done.
struct Never {
    /// Path within the action.
    field: &'static str,
    /// A clause.
    why: String,
    hint: String,
}

impl Never {
    fn new(field: &'static str, why: String, hint: impl Into<String>) -> Self {
        Self { field, why, hint: hint.into() }
    }
}

/// Where a rollout may stand, in the words of a file.
const PHASES: [(Phase, &str); 7] = [
    (Phase::Pending, "pending"),
    (Phase::Progressing, "progressing"),
    (Phase::Paused, "paused"),
    (Phase::RollingBack, "rolling_back"),
    (Phase::Completed, "completed"),
    (Phase::RolledBack, "rolled_back"),
    (Phase::Failed, "failed"),
];

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
        let mut before = None;
        for (index, action) in actions.iter().enumerate() {
            let path = format!("operator.actions[{index}]");
            self.condition(&path, index, action);
            self.mitigation(&format!("{path}.do"), &action.mitigation);
            let never = self.never_done(action, before);
            before = never.is_some().then(|| action.mitigation.name());
            if let Some(Never { field, why, hint }) = never {
                let message = format!("`{}` is never done: {why}", action.mitigation.name());
                self.warn(format!("{path}.{field}"), message, hint);
            }
        }
    }

    /// Why an action has no occasion, if it follows from the file; `before` is the action before it where that
    /// has none.
    fn never_done(&self, action: &ActionSpec, before: Option<&str>) -> Option<Never> {
        let it = &action.mitigation;
        let phases = &action.when.rollout;
        if let (Some(_), Some(before)) = (action.when.still_firing, before) {
            return Some(Never::new(
                "when.still_firing",
                format!("it waits for the `{before}` before it, which is never done"),
                "leave `still_firing` out, or change the action before it",
            ));
        }
        if !phases.is_empty() && !phases.iter().any(|phase| self.may_be_done(it, *phase)) {
            let names = |wanted: &dyn Fn(Phase) -> bool| {
                listed(PHASES.iter().filter(|it| wanted(it.0)).map(|it| it.1))
            };
            let given = names(&|phase| phases.contains(&phase));
            let possible = names(&|phase| self.may_be_done(it, phase));
            return Some(Never::new(
                "when.rollout",
                format!("while the rollout is {given} there is nothing that it could change"),
                format!("{possible}; without `rollout`, it is done in any of them"),
            ));
        }
        self.nothing_to_change(it)
    }

    /// Whether an action may change something while the rollout is in a phase, as `operator.actions` has it.
    fn may_be_done(&self, mitigation: &Mitigation, phase: Phase) -> bool {
        let ships = self.scenario.strategy.kind().ships();
        let is_there = ships || phase == Phase::Pending;
        is_there
            && match mitigation {
                Mitigation::Undo | Mitigation::SwitchOff => {
                    !matches!(phase, Phase::Pending | Phase::RollingBack)
                }
                Mitigation::Freeze(_) => matches!(phase, Phase::Progressing | Phase::Paused),
                Mitigation::RollForward(it) if it.build.is_some() => {
                    !matches!(phase, Phase::Pending | Phase::RollingBack)
                }
                Mitigation::RollForward(_) => {
                    matches!(phase, Phase::Progressing | Phase::Paused | Phase::Failed)
                }
                Mitigation::Restart(it) => {
                    it.release != Some(ReleaseId::CANDIDATE) || phase != Phase::Pending
                }
                Mitigation::Drain(_) | Mitigation::Scale(_) => true,
            }
    }

    /// What an action would act on and the scenario does not have.
    fn nothing_to_change(&self, mitigation: &Mitigation) -> Option<Never> {
        let scenario = self.scenario;
        let strategy = scenario.strategy.kind();
        match mitigation {
            Mitigation::SwitchOff if scenario.any_flag() && !strategy.uses_flag() => {
                let flagged = scenario.strategies.iter().find(|it| it.1.kind().uses_flag());
                let flagged = flagged.map_or("", |it| it.0.as_str());
                let why =
                    format!("`strategy` has no feature flag, only `strategies.{flagged}` has");
                Some(Never::new(
                    "do",
                    why,
                    "it is for `rollsim compare` alone, or choose another `strategy`",
                ))
            }
            Mitigation::Restart(it)
                if it.release == Some(ReleaseId::CANDIDATE) && !strategy.ships() =>
            {
                let why = "nothing is shipped, so that there is no candidate".to_owned();
                Some(Never::new("do.restart.release", why, "leave `release` out"))
            }
            Mitigation::Drain(Drain { zone: Some(zone), .. }) => {
                let zones = &scenario.fleet.zones;
                let index = zones.iter().position(|it| it == zone)?;
                let most = most_instances(scenario);
                (in_zone(most, index, zones.len()) == 0).then_some(())?;
                let instances = text::counted(u64::from(most), "instance");
                let why = format!(
                    "zone `{zone}` has no instance, as {instances} are spread over {} zones in turn",
                    zones.len()
                );
                Some(Never::new("do.drain.zone", why, "a zone with an instance"))
            }
            Mitigation::Scale(size) => self.same_size(*size),
            Mitigation::Undo
            | Mitigation::Restart(_)
            | Mitigation::Drain(_)
            | Mitigation::Freeze(_)
            | Mitigation::SwitchOff
            | Mitigation::RollForward(_) => None,
        }
    }

    /// A size that the fleet has already, where nothing else changes it.
    fn same_size(&self, size: Size) -> Option<Never> {
        let fleet = &self.scenario.fleet;
        let actions = &self.scenario.operator.actions;
        let scales = actions.iter().filter(|it| matches!(it.mitigation, Mitigation::Scale(_)));
        let room = fleet.machines.as_ref().and_then(|it| it.room).unwrap_or(u32::MAX);
        let wanted = size.of(fleet.instances);
        let reached = wanted.min(room.max(fleet.instances));
        if fleet.autoscaler.is_some() || scales.count() > 1 || reached != fleet.instances {
            return None;
        }
        let has = text::counted(u64::from(fleet.instances), "instance");
        let (why, hint) = if wanted == reached {
            (format!("the fleet has {has} already"), "another size than `fleet.instances`")
        } else {
            let why = format!("the fleet has {has}, and `fleet.machines` have room for {room}");
            (why, "a larger `room` for machines")
        };
        Some(Never::new("do.scale", why, hint))
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
            Mitigation::Drain(it) => self.drain(&format!("{path}.drain"), it),
            Mitigation::Scale(Size::By(factor)) if (factor.get() - 1.0).abs() < f64::EPSILON => {
                self.refuse(format!("{path}.scale.by"), "`1x` changes nothing");
            }
            Mitigation::Freeze(it) => self.lasting(&format!("{path}.freeze.lasts"), it.lasts),
            Mitigation::Undo
            | Mitigation::Scale(_)
            | Mitigation::SwitchOff
            | Mitigation::RollForward(_) => {}
        }
    }

    /// What is over as soon as it begins is not done.
    fn lasting(&mut self, path: &str, lasts: Option<Span>) {
        if lasts.is_some_and(Span::is_zero) {
            let allowed = "more than `0s`; without it, the rest of the trial";
            self.refuse_allowing(path, "it would be over at once", allowed);
        }
    }

    fn drain(&mut self, path: &str, drain: &Drain) {
        if drain.worst.is_some() == drain.zone.is_some() {
            self.refuse_allowing(path, "it is not clear which instances", "`worst` or `zone`");
        }
        self.lasting(&format!("{path}.lasts"), drain.lasts);
        if let Some(amount) = drain.worst {
            self.some_of(&format!("{path}.worst"), amount);
        }
        if let Some(zone) = &drain.zone {
            let zones = self.scenario.fleet.zones.iter();
            self.known(format!("{path}.zone"), "zone", zone, zones);
        }
    }

    fn some_of(&mut self, path: &str, amount: Amount) {
        if amount.rounded_up(1) == 0 {
            self.refuse_allowing(path, format!("`{amount}` is no instance"), "at least 1");
        }
    }
}
