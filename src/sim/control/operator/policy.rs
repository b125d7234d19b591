//! What the operator does after a page: which actions are called for, when each is carried out, and what it
//! changes.

use super::state::{Duty, Lack};
use crate::{
    kernel::Sampler,
    model::{ActionWhen, Mitigation, Phase, ReleaseId, Size},
    sim::{
        Topic,
        waits::Law,
        world::{Event, World},
    },
    units::{Span, text},
};

/// Children of the operator's key that belong to actions begin here; the first is that of approvals.
const ACTIONS: u64 = 2;

impl World<'_> {
    /// An operator at work begins with whatever is called for and has not been begun.
    pub(in crate::sim) fn operator_reconsiders(&mut self) {
        if !self.control.operator.at_work {
            return;
        }
        for index in 0..self.control.operator.policy.len() {
            let it = &self.control.operator.policy[index];
            if it.under_way || it.done >= it.spec.times {
                continue;
            }
            if let Some(lack) = self.lack_of(index) {
                let it = &mut self.control.operator.policy[index];
                it.lacked = it.lacked.max(Some(lack));
                continue;
            }
            self.control.operator.policy[index].under_way = true;
            let wait = self.time_until(index);
            let number = u16::try_from(index).expect("a list of actions is short");
            let law = Law::Action(number);
            self.schedule_chance(wait, Event::Operator(Duty::Act(number)), law.of(index as u64));
        }
    }

    /// Time that an action takes from now on.
    fn time_until(&mut self, index: usize) -> Span {
        let plan = self.plan;
        let samplers = &plan.samplers;
        let after = samplers.actions.get(index).and_then(|it| it.after.as_ref());
        let of_undo = self.control.operator.policy[index].spec.mitigation == Mitigation::Undo;
        match after {
            Some(after) => self.action_span(index, after),
            None if of_undo => {
                let diagnose = self.operator_span(&samplers.diagnose);
                diagnose.saturating_add(self.operator_span(&samplers.prepare))
            }
            None => {
                let diagnose = self.action_span(index, &samplers.diagnose);
                diagnose.saturating_add(self.action_span(index, &samplers.prepare))
            }
        }
    }

    fn action_span(&mut self, index: usize, sampler: &Sampler) -> Span {
        let key = self.keys.operator.child(ACTIONS + index as u64);
        let it = &mut self.control.operator.policy[index];
        it.draws += 1;
        Span::from_nanos(sampler.sample(&mut key.stream(it.draws)))
    }

    /// What an action lacks; none where its conditions hold and it would change something.
    fn lack_of(&self, index: usize) -> Option<Lack> {
        let spec = &self.control.operator.policy[index].spec;
        let lack = self.condition_that_fails(index, &spec.when);
        lack.or_else(|| (!self.would_change(&spec.mitigation)).then_some(Lack::Change))
    }

    fn condition_that_fails(&self, index: usize, when: &ActionWhen) -> Option<Lack> {
        let fires = self.fires(when.alert.as_deref());
        let still = match when.still_firing {
            None => true,
            Some(span) => {
                let before =
                    index.checked_sub(1).and_then(|it| self.control.operator.policy[it].done_at);
                let due = before.map(|it| it.saturating_add(span.nanos()));
                fires && due.is_some_and(|it| it <= self.now)
            }
        };
        if when.alert.is_some() && !fires {
            Some(Lack::Alert)
        } else if !still {
            Some(Lack::StillFiring)
        } else {
            let in_phase =
                when.rollout.is_empty() || when.rollout.contains(&self.control.rollout.phase);
            (!in_phase).then_some(Lack::Rollout)
        }
    }

    /// Whether the alert of this name fires, or any.
    fn fires(&self, name: Option<&str>) -> bool {
        let alerts = self.plan.scenario.alerts.iter().zip(&self.control.operator.alerts);
        let meant = |alert: &str| name.is_none_or(|name| name == alert);
        alerts.filter(|(spec, _)| meant(&spec.name)).any(|(_, state)| state.firing)
    }

    fn would_change(&self, mitigation: &Mitigation) -> bool {
        let phase = self.control.rollout.phase;
        let orders = self.control.rollout.seen.orders();
        let code_serves = self.control.platform.desired_of(ReleaseId::CANDIDATE) > 0;
        match mitigation {
            Mitigation::Undo => self.can_be_undone(),
            Mitigation::SwitchOff => {
                let settles = matches!(phase, Phase::Pending | Phase::RollingBack);
                self.control.rollout.flagged
                    && self.control.flags.is_on_for_some()
                    && !settles
                    && !orders.switch_off
            }
            Mitigation::Freeze(_) => {
                let goes_on = matches!(phase, Phase::Progressing | Phase::Paused);
                goes_on && !orders.freeze && !orders.undo
            }
            Mitigation::RollForward(it) if it.build.is_some() => {
                let fixed =
                    self.control.operator.building || self.control.operator.fixed_from.is_some();
                code_serves && phase != Phase::RollingBack && !orders.undo && !fixed
            }
            Mitigation::RollForward(_) => {
                let half_way =
                    phase == Phase::Failed && self.books.ledger.course().way_home_from.is_none();
                let goes_on = matches!(phase, Phase::Progressing | Phase::Paused);
                (goes_on || half_way) && !orders.undo && !orders.roll_forward
            }
            Mitigation::Restart(it) => self.some_to_restart(it),
            Mitigation::Drain(it) => self.some_to_drain(it),
            Mitigation::Scale(size) => self.size_by_hand(*size) != self.control.platform.fleet(),
        }
    }

    /// The time of an action has come.
    pub(super) fn carry_out(&mut self, index: usize) {
        self.control.operator.policy[index].under_way = false;
        if self.lack_of(index).is_some() {
            self.control.operator.policy[index].lapsed = true;
        } else {
            let cause = self.cause_of(index);
            let spec = self.control.operator.policy[index].spec.clone();
            let it = &mut self.control.operator.policy[index];
            it.done += 1;
            it.done_at = Some(self.now);
            self.control.operator.actions += 1;
            self.mitigate(index, &spec.mitigation, cause);
        }
        self.control.operator.at_work = self.control.operator.any_alert();
    }

    /// Why it is done: the alerts that fire, and what it waited for.
    fn cause_of(&self, index: usize) -> String {
        let scenario = &self.plan.scenario;
        if scenario.operator.actions.is_empty() {
            return String::new();
        }
        let when = &self.control.operator.policy[index].spec.when;
        let alerts = scenario.alerts.iter().zip(&self.control.operator.alerts);
        let firing = alerts.filter(|(spec, state)| {
            state.firing && when.alert.as_ref().is_none_or(|it| *it == spec.name)
        });
        let names: Vec<String> = firing.map(|(spec, _)| format!("`{}`", spec.name)).collect();
        let (verb, still) = match when.still_firing {
            None => (if names.len() == 1 { "fires" } else { "fire" }, String::new()),
            Some(it) => (
                if names.len() == 1 { "still fires" } else { "still fire" },
                format!(", {} after the action before", text::span(it)),
            ),
        };
        if names.is_empty() {
            return String::new();
        }
        format!("{} {verb}{still}", names.join(", "))
    }

    fn mitigate(&mut self, index: usize, mitigation: &Mitigation, cause: String) {
        match mitigation {
            Mitigation::Undo => {
                self.control.rollout.seen.order(|it| it.undo = true);
                self.note(Topic::Operator, |_| ("orders a rollback", cause));
                self.end_freeze();
            }
            Mitigation::SwitchOff => {
                self.control.rollout.seen.order(|it| it.switch_off = true);
                self.note(Topic::Operator, |_| ("switches the feature off", cause));
                self.end_freeze();
            }
            Mitigation::Freeze(it) => {
                self.note(Topic::Operator, |_| ("freezes the rollout", cause));
                self.freeze_rollout(it.lasts);
            }
            Mitigation::RollForward(_) => {
                let plan = self.plan;
                let build = plan.samplers.actions.get(index).and_then(|it| it.build.as_ref());
                match build {
                    None => self.order_remaining_steps(cause),
                    Some(build) => {
                        let time = self.action_span(index, build);
                        self.build_fix(index, time, cause);
                    }
                }
            }
            Mitigation::Restart(it) => self.begin_restart(*it, cause),
            Mitigation::Drain(it) => self.drain(it, cause),
            Mitigation::Scale(size) => {
                let (from, to) = (self.control.platform.fleet(), self.size_by_hand(*size));
                self.note(Topic::Operator, |_| {
                    (format!("scales the fleet from {from} to {to}"), cause)
                });
                self.scale_by_hand(to);
            }
        }
    }

    /// The size that the operator gives the fleet: no more than machines have room for.
    fn size_by_hand(&self, size: Size) -> u32 {
        let machines = self.plan.scenario.fleet.machines.as_ref();
        let room = machines.and_then(|it| it.room).unwrap_or(u32::MAX);
        size.of(self.control.platform.fleet()).min(room.max(self.control.platform.fleet()))
    }

    /// Takes the strategy's remaining steps.
    pub(super) fn order_remaining_steps(&mut self, cause: String) {
        self.control.rollout.seen.order(|it| it.roll_forward = true);
        self.note(Topic::Operator, |_| ("orders the remaining steps at once", cause));
        self.end_freeze();
    }

    fn freeze_rollout(&mut self, lasts: Option<Span>) {
        self.control.rollout.seen.order(|it| it.freeze = true);
        self.control.rollout.frozen_since = self.now;
        self.control.rollout.freezes += 1;
        if let Some(lasts) = lasts {
            let number = self.control.rollout.freezes;
            self.schedule(lasts, Event::Operator(Duty::Thaw(number)));
        }
    }

    pub(super) fn thaw(&mut self, number: u32) {
        if self.control.rollout.seen.orders().freeze && self.control.rollout.freezes == number {
            self.note(Topic::Operator, |_| ("lets the rollout go on", "the freeze is over"));
            self.end_freeze();
        }
    }

    fn end_freeze(&mut self) {
        if self.control.rollout.seen.orders().freeze {
            let frozen = Span::from_nanos(self.now - self.control.rollout.frozen_since);
            self.control.rollout.seen.thaw(frozen);
        }
    }
}
