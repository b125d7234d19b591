//! The life of an instance: start, warm-up, crash and back-off, drain and end.

use super::{
    LifeState, Topic,
    attempts::NONE,
    slot::{Memory, State, Work},
    world::{Event, World},
};
use crate::{model::ReleaseId, units::Span};

impl World<'_> {
    /// An instance that has run for long: warm, ready, known to the balancer.
    pub(super) fn place_standing_instance(&mut self) {
        let slot = self.take_slot(ReleaseId::Stable);
        self.slots[slot as usize].launched_at = self.now;
        self.set_state(slot, State::Up);
        self.open_for_work(slot);
        let instance = &mut self.slots[slot as usize];
        instance.placed = true;
        instance.ready = true;
        instance.endpoint = true;
        let pool = self.traffic.pool_of(ReleaseId::Stable);
        self.pools[pool].join(slot);
        self.ledger.life(slot, &self.slots[slot as usize], LifeState::Ready, self.now);
        self.start_probes(slot, true);
        self.set_off_at_start(slot);
        self.refresh_plain(slot);
    }

    pub(super) fn create_instance(&mut self, release: ReleaseId) {
        let slot = self.take_slot(release);
        self.find_machine(slot);
    }

    pub(super) fn wait_for_turn(&mut self, slot: u32) {
        let epoch = self.slots[slot as usize].epoch;
        self.platform.waiting.push_back((slot, epoch));
        self.start_those_in_turn();
    }

    /// Starts waiting instances while fewer than allowed are starting.
    fn start_those_in_turn(&mut self) {
        while self.platform.starting < self.plan.scenario.fleet.restart.at_once {
            let Some((slot, epoch)) = self.platform.waiting.pop_front() else { return };
            let instance = &self.slots[slot as usize];
            if instance.epoch == epoch && instance.state == State::Waiting {
                self.start_process(slot);
            }
        }
    }

    fn start_process(&mut self, slot: u32) {
        self.slots[slot as usize].reset_process();
        let instance = &mut self.slots[slot as usize];
        instance.launched_at = self.now;
        if instance.restarts == 0 {
            instance.started_at = self.now;
        }
        self.set_state(slot, State::Starting);
        let (epoch, run) = (self.slots[slot as usize].epoch, self.slots[slot as usize].restarts);
        let entity = self.slots[slot as usize].entity << 20 | u64::from(run);
        let mut stream = self.keys.startup.stream(entity);
        let time = Span::from_nanos(self.plan.samplers.startup.sample(&mut stream));
        let (failure, factor) = self.start_disorder(slot);
        let fails = failure > 0.0 && stream.chance(failure);
        let event = if fails {
            Event::StartFails { slot, epoch }
        } else {
            Event::ProcessUp { slot, epoch }
        };
        self.schedule(time.scale(factor), event);
    }

    fn is_current(&self, slot: u32, epoch: u32) -> bool {
        self.slots[slot as usize].epoch == epoch
    }

    pub(super) fn process_up(&mut self, slot: u32, epoch: u32) {
        if !self.is_current(slot, epoch) || self.slots[slot as usize].state != State::Starting {
            return;
        }
        self.set_state(slot, State::Up);
        self.open_for_work(slot);
        let warm_up = self.plan.scenario.fleet.warm_up;
        let instance = &mut self.slots[slot as usize];
        instance.up_at = self.now;
        if !warm_up.duration.is_zero() {
            instance.warm_at = self.now + warm_up.duration.nanos();
        }
        instance.flag = self.flags.latest();
        self.start_probes(slot, false);
        self.set_off_at_start(slot);
        self.refresh_plain(slot);
        self.start_those_in_turn();
    }

    fn open_for_work(&mut self, slot: u32) {
        let each = self.workers_each();
        let now = self.now;
        let workers = &self.workers[(slot * each) as usize..((slot + 1) * each) as usize];
        assert!(workers.iter().all(|it| it.work == Work::Idle), "a new process has no old work");
        let instance = &mut self.slots[slot as usize];
        instance.memory = Memory::fresh(now);
        instance.warm_at = 0;
        instance.idle.clear();
        // the lowest worker is taken first
        instance.idle.extend((slot * each..(slot + 1) * each).rev());
        instance.queue_head = NONE;
        instance.queue_tail = NONE;
        instance.queue_len = 0;
    }

    pub(super) fn start_fails(&mut self, slot: u32, epoch: u32) {
        if self.is_current(slot, epoch) && self.slots[slot as usize].state == State::Starting {
            self.crash(slot, "failed to start", |_| String::new());
        }
    }

    /// The process ends by itself; it comes back after its back-off.
    pub(super) fn crash(&mut self, slot: u32, how: &str, why: impl FnOnce(&Self) -> String) {
        let state = self.slots[slot as usize].state;
        if !(state.serves() || state == State::Starting) {
            return;
        }
        self.note(Topic::Instance, |it| (format!("{} {how}", it.instance_name(slot)), why(it)));
        if matches!(state, State::Draining | State::Closing) {
            self.drop_work(slot, true);
            self.gone(slot);
            return;
        }
        let ran = self.now - self.slots[slot as usize].launched_at;
        self.set_state(slot, State::Backoff);
        self.drop_work(slot, false);
        let spec = self.plan.scenario.fleet.restart;
        let now = self.now;
        let instance = &mut self.slots[slot as usize];
        if instance.ready {
            instance.ready_since = now;
        }
        instance.reset_process();
        instance.restarts += 1;
        instance.restarts_new += 1;
        if ran >= spec.reset_after.nanos() {
            instance.backoff = 0;
        }
        let wait = backoff(instance.backoff, spec.backoff, spec.backoff_max);
        instance.backoff += 1;
        self.ledger.restarts += 1;
        let epoch = self.slots[slot as usize].epoch;
        self.announce(slot, false);
        self.schedule(wait, Event::Restart { slot, epoch });
        self.refresh_shared();
        self.start_those_in_turn();
    }

    pub(super) fn restart(&mut self, slot: u32, epoch: u32) {
        if self.is_current(slot, epoch) && self.slots[slot as usize].state == State::Backoff {
            self.set_state(slot, State::Waiting);
            self.wait_for_turn(slot);
        }
    }

    /// Ordered to stop: it leaves the endpoints while it still takes requests for a moment.
    pub(super) fn stop_instance(&mut self, slot: u32) {
        let state = self.slots[slot as usize].state;
        if state != State::Up {
            self.slots[slot as usize].reset_process();
            self.gone(slot);
            self.start_those_in_turn();
            return;
        }
        self.set_state(slot, State::Draining);
        self.slots[slot as usize].ready = false;
        self.announce(slot, false);
        let epoch = self.slots[slot as usize].epoch;
        let drain = self.plan.scenario.fleet.drain;
        self.schedule(drain.pre_stop, Event::PreStopOver { slot, epoch });
        self.schedule(drain.grace, Event::Kill { slot, epoch });
    }

    pub(super) fn pre_stop_over(&mut self, slot: u32, epoch: u32) {
        if self.is_current(slot, epoch) && self.slots[slot as usize].state == State::Draining {
            self.set_state(slot, State::Closing);
            self.maybe_gone(slot);
        }
    }

    /// A closing instance with nothing left in hand ends.
    pub(super) fn maybe_gone(&mut self, slot: u32) {
        let instance = &self.slots[slot as usize];
        let idle = instance.idle.len() == self.workers_each() as usize;
        if idle && instance.queue_head == NONE {
            self.gone(slot);
        }
    }

    pub(super) fn kill(&mut self, slot: u32, epoch: u32) {
        let state = self.slots[slot as usize].state;
        if self.is_current(slot, epoch) && matches!(state, State::Draining | State::Closing) {
            self.note(Topic::Instance, |it| {
                let text = format!("{} killed with requests in progress", it.instance_name(slot));
                (text, "its grace period has expired")
            });
            self.drop_work(slot, true);
            self.gone(slot);
        }
    }

    /// Nothing is left of it but, perhaps, the balancer's belief.
    pub(super) fn gone(&mut self, slot: u32) {
        self.slots[slot as usize].reset_process();
        self.set_state(slot, State::Gone);
        self.leave_machine(slot);
        self.vacate_if_forgotten(slot);
        self.refresh_shared();
        self.view_changed = true;
    }

    pub(super) fn vacate_if_forgotten(&mut self, slot: u32) {
        let instance = &mut self.slots[slot as usize];
        if instance.state == State::Gone && !instance.endpoint {
            instance.state = State::Vacant;
            self.platform.vacant.push(slot);
        }
    }

    /// Moves an instance to a state, with everything that counts states.
    pub(super) fn set_state(&mut self, slot: u32, state: State) {
        let before = self.slots[slot as usize].state;
        self.platform.starting -= u32::from(before == State::Starting);
        self.platform.starting += u32::from(state == State::Starting);
        self.slots[slot as usize].state = state;
        self.ledger.instance_moves(before, state, self.now);
        let life = match state {
            State::Vacant => return,
            State::Pending | State::Waiting | State::Starting => LifeState::Starting,
            State::Up => LifeState::Up,
            State::Backoff => LifeState::Crashed,
            State::Draining | State::Closing => LifeState::Draining,
            State::Gone => LifeState::Gone,
        };
        self.ledger.life(slot, &self.slots[slot as usize], life, self.now);
        self.view_changed = true;
    }

    pub(super) fn instance_name(&self, slot: u32) -> String {
        let instance = &self.slots[slot as usize];
        format!("instance {} ({})", instance.pod, self.version(instance.release))
    }

    /// Notifies the balancer, which applies it after the propagation delay.
    pub(super) fn announce(&mut self, slot: u32, joins: bool) {
        let pod = self.slots[slot as usize].pod;
        let delay = self.plan.scenario.fleet.propagation;
        self.schedule(delay, Event::Endpoint { slot, pod, joins });
        self.view_changed = true;
    }

    pub(super) fn change_endpoint(&mut self, slot: u32, pod: u32, joins: bool) {
        let instance = &self.slots[slot as usize];
        if instance.pod != pod || instance.endpoint == joins {
            return;
        }
        // one that has crashed or been stopped meanwhile is not let in any more
        if joins && !(instance.ready && instance.state == State::Up) {
            return;
        }
        if !joins && self.active_faults.stale_endpoints {
            return;
        }
        let pool = self.traffic.pool_of(instance.release);
        self.slots[slot as usize].endpoint = joins;
        if joins {
            self.pools[pool].join(slot);
        } else {
            self.pools[pool].leave(slot);
            self.vacate_if_forgotten(slot);
        }
        let ready = self.ready_endpoints();
        self.ledger.endpoints_change(ready);
        self.weight_reached();
        self.view_changed = true;
    }

    /// Endpoints that would answer.
    pub(super) fn ready_endpoints(&self) -> u32 {
        let answers = |slot: &&u32| self.slots[**slot as usize].state.accepts();
        let count = |pool: usize| self.pools[pool].members().iter().filter(answers).count();
        crate::units::narrow(count(0) + count(1))
    }

    /// The balancer hears again: endpoints that should have left do.
    pub(super) fn clear_stale_endpoints(&mut self) {
        for slot in 0..crate::units::narrow(self.slots.len()) {
            let instance = &self.slots[slot as usize];
            if instance.endpoint && !(instance.ready && instance.state == State::Up) {
                let pod = instance.pod;
                self.change_endpoint(slot, pod, false);
            }
        }
    }
}

/// The kubelet's back-off: none before the first restart, then doubling up to the most.
fn backoff(step: u32, base: Span, max: Span) -> Span {
    if step == 0 {
        return Span::ZERO;
    }
    let factor = 1_u64 << (step - 1).min(40);
    Span::from_nanos(base.nanos().saturating_mul(factor)).min(max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restarts_wait_as_the_kubelet_makes_them() {
        let waits: Vec<u64> = (0..9)
            .map(|step| backoff(step, Span::from_secs(10), Span::from_secs(300)))
            .map(|it| it.nanos() / 1_000_000_000)
            .collect();
        assert_eq!(waits, [0, 10, 20, 40, 80, 160, 300, 300, 300]);
    }
}
