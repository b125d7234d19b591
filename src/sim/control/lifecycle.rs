//! The life of an instance: start, warm-up, crash and back-off, and what the balancer hears of it.

use super::instance::News;
use crate::{
    model::{GroupId, RestartSpec},
    sim::{
        LifeState, Topic,
        data::State,
        ids::SlotId,
        waits::Law,
        world::{Event, World},
    },
    units::Span,
};
impl World<'_> {
    /// An instance that has run for long: warm, ready, known to the balancer.
    pub(in crate::sim) fn place_standing_instance(&mut self) {
        let slot = self.take_slot(GroupId::STABLE);
        self.control.platform.instances[slot].launched_at = self.now;
        self.set_state(slot, State::Up);
        self.open_for_work(slot);
        self.control.platform.instances[slot].placed = true;
        self.mark_ready(slot, true);
        self.endpoint_stands(slot);
        self.books.ledger.life_goes_on(slot, &self.data.slots()[slot], LifeState::Ready, self.now);
        self.begin_probing(slot, true);
        self.set_off_at_start(slot);
        self.refresh_regular(slot);
    }

    pub(super) fn create_instance(&mut self, group: GroupId) {
        let slot = self.take_slot(group);
        self.list_server(slot);
        self.begin_probing(slot, false);
        self.find_machine(slot);
    }

    pub(super) fn wait_for_turn(&mut self, slot: SlotId) {
        let epoch = self.data.slots()[slot].epoch;
        self.control.platform.waiting.push_back((slot, epoch));
        self.start_those_in_turn();
    }

    /// Starts waiting instances while fewer than allowed are starting.
    pub(super) fn start_those_in_turn(&mut self) {
        while self.control.platform.starting < self.plan.scenario.fleet.restart.at_once {
            let Some((slot, epoch)) = self.control.platform.waiting.pop_front() else { return };
            let instance = &self.data.slots()[slot];
            if instance.epoch == epoch && instance.state == State::Waiting {
                self.start_process(slot);
            }
        }
    }

    fn start_process(&mut self, slot: SlotId) {
        self.reset_process(slot);
        let instance = &mut self.control.platform.instances[slot];
        instance.launched_at = self.now;
        if instance.restarts == 0 {
            instance.started_at = self.now;
        }
        self.set_state(slot, State::Starting);
        self.phase_checks(slot);
        let epoch = self.data.slots()[slot].epoch;
        let mut stream = self.keys.startup.stream(self.process_entity(slot));
        let time = Span::from_nanos(self.plan.samplers.startup.sample(&mut stream));
        let fault = self.disruption_of_start(slot);
        self.control.platform.instances[slot].readiness = fault.readiness;
        let fails = fault.start_failure > 0.0 && stream.chance(fault.start_failure);
        let event = if fails {
            Event::StartFails { slot, epoch }
        } else {
            Event::ProcessUp { slot, epoch }
        };
        let law = Law::Startup { factor: fault.start_factor, failure: fault.start_failure };
        self.schedule_chance(
            time.scale(fault.start_factor),
            event,
            law.of(self.data.slots()[slot].entity),
        );
        // after the process, where that takes no time to start
        self.schedule(Span::ZERO, Event::ContainerRuns { slot, epoch });
    }

    /// Forgets everything of the process that ran here.
    pub(super) fn reset_process(&mut self, slot: SlotId) {
        self.data.reset_process(slot);
        self.control.platform.instances[slot].reset_process();
    }

    /// What chance knows the process of an instance by.
    pub(in crate::sim) fn process_entity(&self, slot: SlotId) -> u64 {
        self.data.slots()[slot].entity << 20
            | u64::from(self.control.platform.instances[slot].restarts)
    }

    pub(super) fn is_current(&self, slot: SlotId, epoch: u32) -> bool {
        self.data.slots()[slot].epoch == epoch
    }

    pub(in crate::sim) fn process_up(&mut self, slot: SlotId, epoch: u32) {
        if !self.is_current(slot, epoch) || self.data.slots()[slot].state != State::Starting {
            return;
        }
        let killed = self.control.platform.instances[slot].killed;
        self.set_state(slot, if killed { State::Stopping } else { State::Up });
        self.open_for_work(slot);
        let warm_up = self.plan.scenario.fleet.warm_up;
        self.control.platform.instances[slot].up_at = self.now;
        let warm_at =
            if warm_up.duration.is_zero() { 0 } else { self.now + warm_up.duration.nanos() };
        self.data.begin_process(slot, warm_at, self.control.flags.latest());
        self.set_off_at_start(slot);
        self.refresh_regular(slot);
        self.fetch_all(slot);
        self.start_those_in_turn();
    }

    pub(in crate::sim) fn start_fails(&mut self, slot: SlotId, epoch: u32) {
        if self.is_current(slot, epoch) && self.data.slots()[slot].state == State::Starting {
            self.crash(slot, "failed to start", |_| String::new());
        }
    }

    /// The process ends by itself; it comes back after its back-off.
    pub(in crate::sim) fn crash(
        &mut self,
        slot: SlotId,
        how: &str,
        why: impl FnOnce(&Self) -> String,
    ) {
        let state = self.data.slots()[slot].state;
        if !(state.serves() || state == State::Starting) {
            return;
        }
        self.note(Topic::Instance, |it| (format!("{} {how}", it.instance_name(slot)), why(it)));
        if matches!(state, State::Draining | State::Closing) {
            self.kill(slot, true);
            self.gone(slot);
            return;
        }
        self.exit_in_place(slot);
    }

    /// The process has ended; the kubelet starts it again after its back-off.
    pub(super) fn exit_in_place(&mut self, slot: SlotId) {
        let ran = self.now - self.control.platform.instances[slot].launched_at;
        self.set_state(slot, State::Backoff);
        self.kill(slot, false);
        self.container_ends(slot);
        let spec = self.plan.scenario.fleet.restart;
        if self.control.platform.instances[slot].ready {
            self.mark_ready(slot, false);
        }
        self.faults_end_with_process(slot);
        self.reset_process(slot);
        let instance = &mut self.control.platform.instances[slot];
        instance.restarts += 1;
        instance.restarts_new += 1;
        let wait = back_off(&mut instance.backoff, ran, spec);
        self.books.ledger.restart();
        let epoch = self.data.slots()[slot].epoch;
        self.announce(slot, false);
        self.schedule(wait, Event::Restart { slot, epoch });
        self.refresh_shared();
        self.start_those_in_turn();
    }

    pub(in crate::sim) fn restart(&mut self, slot: SlotId, epoch: u32) {
        if self.is_current(slot, epoch) && self.data.slots()[slot].state == State::Backoff {
            self.set_state(slot, State::Waiting);
            self.wait_for_turn(slot);
        }
    }

    #[cold]
    pub(in crate::sim) fn vacate_if_forgotten(&mut self, slot: SlotId) {
        // what was sent there and never answered is not the next instance's
        if self.data.is_forgotten(slot) {
            self.data.set_state(slot, State::Vacant);
            self.control.platform.vacant.push(slot);
        }
    }

    /// Moves an instance to a state, with everything that counts states.
    pub(super) fn set_state(&mut self, slot: SlotId, state: State) {
        let before = self.data.slots()[slot].state;
        let group = self.data.slots()[slot].group;
        self.control.instance_moves(group, before, state);
        let answered = self.data.slots()[slot].answers();
        self.data.set_state(slot, state);
        self.answering_moves(slot, answered);
        self.books.fleet.instance_moves(before, state, self.now);
        let life = match state {
            State::Vacant => return,
            State::Pending | State::Waiting | State::Starting => LifeState::Starting,
            State::Up if self.control.platform.instances[slot].ready => LifeState::Ready,
            State::Up => LifeState::Up,
            State::Backoff => LifeState::Crashed,
            State::Stopping | State::Finishing | State::Draining | State::Closing => {
                LifeState::Draining
            }
            State::Gone => LifeState::Gone,
        };
        self.books.ledger.life_goes_on(slot, &self.data.slots()[slot], life, self.now);
    }

    pub(in crate::sim) fn instance_name(&self, slot: SlotId) -> String {
        let instance = &self.data.slots()[slot];
        format!("instance {} ({})", instance.pod, self.name_of(instance.group))
    }

    /// Notifies the balancer, which applies it after the propagation delay.
    pub(super) fn announce(&mut self, slot: SlotId, joins: bool) {
        if self.has_fixed_list() {
            return;
        }
        let plan = self.plan;
        let samplers = &plan.samplers;
        let law = if joins { &samplers.joining } else { &samplers.leaving };
        let (pod, entity) = (self.data.slots()[slot].pod, self.data.slots()[slot].entity);
        let instance = &mut self.control.platform.instances[slot];
        let nth = u64::from(instance.news.count);
        let delay = law.as_ref().map_or(plan.scenario.fleet.propagation, |law| {
            let key = self.keys.propagation.child(entity);
            Span::from_nanos(law.sample(&mut key.stream(nth)))
        });
        // what is heard of one endpoint is heard in order
        let arrives = self.now.saturating_add(delay.nanos()).max(instance.news.arrives);
        instance.news = News { count: instance.news.count + 1, arrives };
        let delay = Span::from_nanos(arrives - self.now);
        let event = Event::Endpoint { slot, pod, joins };
        if law.is_some() {
            self.schedule_chance(delay, event, Law::Propagation { joins }.of(entity << 20 | nth));
        } else {
            self.schedule(delay, event);
        }
    }

    pub(in crate::sim) fn change_endpoint(&mut self, slot: SlotId, pod: u32, joins: bool) {
        let instance = &self.data.slots()[slot];
        if instance.pod != pod || instance.endpoint == joins {
            return;
        }
        // one that has crashed or been stopped meanwhile is not let in any more
        if joins && (!self.control.platform.instances[slot].ready || self.is_drained(slot)) {
            return;
        }
        if !joins && self.faults.keep_endpoints() {
            return;
        }
        self.endpoint_moves(slot, joins);
        if !joins {
            self.vacate_if_forgotten(slot);
        }
        self.pool_changed();
    }

    /// Books an instance that the balancer sends requests to and that has begun or ceased to answer.
    pub(in crate::sim) fn answering_moves(&mut self, slot: SlotId, answered: bool) {
        let answers = self.data.slots()[slot].answers();
        if answers != answered {
            self.control.platform.answering -= u32::from(answered);
            self.control.platform.answering += u32::from(answers);
            self.books.ledger.answering_changes(self.control.platform.answering);
        }
    }

    /// The balancer hears again: endpoints that should have left do.
    pub(in crate::sim) fn clear_stale_endpoints(&mut self) {
        if self.has_fixed_list() {
            return;
        }
        for slot in self.data.slots().ids() {
            let instance = &self.data.slots()[slot];
            if instance.endpoint
                && (!self.control.platform.instances[slot].ready || self.is_drained(slot))
            {
                let pod = instance.pod;
                self.change_endpoint(slot, pod, false);
            }
        }
    }
}

/// Wait before the next restart of a process that ran for this many nanoseconds: none before the first,
/// then doubling up to the most, and from the start again after a long run. `step` counts restarts.
///
/// A process that ends as soon as it starts is not started again at the same instant for ever: from the second
/// restart on the kubelet finds it at its next look, once a second (`genericPlegRelistPeriod`).
fn back_off(step: &mut u32, ran: u64, spec: RestartSpec) -> Span {
    const AT_ONCE: u64 = 1_000_000;
    if ran > spec.reset_after.nanos().max(AT_ONCE) {
        *step = 0;
    }
    let doublings = step.checked_sub(1);
    *step += 1;
    let Some(doublings) = doublings else { return Span::ZERO };
    let factor = 1_u64 << doublings.min(40);
    let wait = Span::from_nanos(spec.backoff.nanos().saturating_mul(factor)).min(spec.backoff_max);
    if ran.saturating_add(wait.nanos()) < AT_ONCE { Span::from_secs(1) } else { wait }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::sim::control::prober_traces::golden;

    /// A container that ends again and again, in seconds.
    #[derive(Deserialize)]
    #[expect(clippy::struct_field_names, reason = "the columns of the table")]
    struct CrashLoop {
        initial_s: u64,
        max_s: u64,
        run_s: Vec<u64>,
        wait_s: Vec<u64>,
    }

    fn waits(it: &CrashLoop, reset_after: u64) -> Vec<u64> {
        let spec = RestartSpec {
            backoff: Span::from_secs(it.initial_s),
            backoff_max: Span::from_secs(it.max_s),
            reset_after: Span::from_secs(reset_after),
            ..RestartSpec::default()
        };
        let mut step = 0;
        let wait = |&ran: &u64| back_off(&mut step, Span::from_secs(ran).nanos(), spec);
        it.run_s.iter().map(wait).map(|it| it.nanos() / 1_000_000_000).collect()
    }

    #[test]
    fn restarts_wait_as_in_every_crash_loop_of_the_kubelets_own_code() {
        let loops: Vec<CrashLoop> = golden("crashloop_backoff", &["crashloop_backoff"]);
        assert!(loops.len() >= 150, "{} loops", loops.len());
        let wrong = |seconds| loops.iter().filter(|it| waits(it, seconds) != it.wait_s).count();
        assert_eq!(wrong(600), 0);
        // a run of exactly 600 s does not reset the wait, one of 601 s does
        assert!(wrong(599) > 10 && wrong(601) > 10);
    }
}
