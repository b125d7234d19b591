//! The life of an instance: its start, a crash and the wait for the restart, its end.

use std::collections::VecDeque;

use rollsim::{
    channel::RetryOn,
    kernel::{Purpose, math},
};

use super::{
    Event, Naive,
    faults::Onset,
    memory::Lost,
    probes::{Container, Watch},
    scaled,
    serving::{Waiter, Work},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nobody is here.
    Vacant,
    /// Waits for its turn to start.
    Waiting,
    Starting,
    Up,
    /// Crashed, waits for its restart.
    Crashed,
    /// Ordered to stop, still takes requests.
    Draining,
    /// Takes no more requests, finishes what it has.
    Closing,
    /// Gone, though the balancer may not know.
    Gone,
}

/// The place of an instance, and the instance in it.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) state: State,
    /// 0 for the stable release, 1 for the candidate.
    pub(super) release: usize,
    /// Number of the instance since the start of the trial.
    pub(super) pod: u64,
    /// What chance knows it by: its release and its number within the release.
    pub(super) entity: u64,
    pub(super) zone: usize,
    /// Part of its requests that fail on a normal day.
    pub(super) errors: f64,
    /// Processes that have begun or ended here.
    pub(super) life: u64,
    pub(super) ready: bool,
    /// Its probes, and the container that the kubelet has seen.
    pub(super) watches: [Option<Watch>; 3],
    pub(super) container: Option<Container>,
    /// A probe has failed: the process ends, and another is started in its place.
    pub(super) returns: bool,
    pub(super) launched: u64,
    restarts: u64,
    /// Crashes since the back-off began afresh.
    crashes: u32,
    /// When its process is warm.
    pub(super) warm: u64,
    pub(super) workers: Vec<Option<Work>>,
    /// Workers without work; the last is taken first.
    pub(super) idle: Vec<usize>,
    pub(super) queue: VecDeque<Waiter>,
    /// Requests that the process has taken up.
    pub(super) served: u64,
    pub(super) lost: Lost,
    pub(super) faults: Vec<Onset>,
}

impl Slot {
    fn vacant() -> Self {
        Self {
            state: State::Vacant,
            release: 0,
            pod: 0,
            entity: 0,
            zone: 0,
            errors: 0.0,
            life: 0,
            ready: false,
            watches: [None, None, None],
            container: None,
            returns: false,
            launched: 0,
            restarts: 0,
            crashes: 0,
            warm: 0,
            workers: Vec::new(),
            idle: Vec::new(),
            queue: VecDeque::new(),
            served: 0,
            lost: Lost::default(),
            faults: Vec::new(),
        }
    }

    pub(super) fn is_up(&self) -> bool {
        self.state == State::Up
    }

    pub(super) fn is_gone(&self) -> bool {
        self.state == State::Gone
    }

    /// Wanted, whether or not it runs.
    pub(super) fn exists(&self) -> bool {
        let runs =
            matches!(self.state, State::Waiting | State::Starting | State::Up | State::Crashed);
        runs || self.returns
    }

    pub(super) fn is_stopping(&self) -> bool {
        !self.returns && matches!(self.state, State::Draining | State::Closing)
    }

    /// Has a process that works on requests.
    pub(super) fn serves(&self) -> bool {
        self.is_up() || matches!(self.state, State::Draining | State::Closing)
    }

    pub(super) fn costs(&self) -> bool {
        self.exists() || self.is_stopping()
    }

    fn forget_process(&mut self) {
        self.life += 1;
        self.ready = false;
        self.returns = false;
        self.served = 0;
        self.lost = Lost::default();
        self.faults.clear();
    }
}

/// All instances.
#[derive(Debug, Default)]
pub(super) struct Fleet {
    pub(super) slots: Vec<Slot>,
    vacant: Vec<usize>,
    pods: u64,
    /// Instances created of each release.
    created: [u64; 2],
    /// Those that wait for their turn to start.
    waiting: VecDeque<(usize, u64)>,
}

impl Naive<'_> {
    pub(super) fn set_state(&mut self, slot: usize, state: State) {
        self.books.integrate(self.now);
        self.fleet.slots[slot].state = state;
        let count = |of: fn(&Slot) -> bool| self.fleet.slots.iter().filter(|it| of(it)).count();
        let here = [count(Slot::is_up), count(Slot::serves), count(Slot::costs)];
        self.books.instances(here, count(Slot::exists));
    }

    fn take_slot(&mut self, release: usize) -> usize {
        let slot = self.fleet.vacant.pop().unwrap_or_else(|| {
            self.fleet.slots.push(Slot::vacant());
            self.fleet.slots.len() - 1
        });
        let nth = self.fleet.created[release];
        self.fleet.created[release] += 1;
        let entity = ((release as u64) << 40) + nth;
        let spec = &self.plan.scenario.fleet;
        let spread = spec.errors_spread.get();
        let deviation = math::normal_quantile(self.key(Purpose::Instance).uniform(entity));
        let life = self.fleet.slots[slot].life + 1;
        self.fleet.slots[slot] = Slot {
            release,
            pod: self.fleet.pods,
            entity,
            zone: super::place(nth) % spec.zones.len(),
            errors: (spec.errors.get() * math::exp(spread * deviation)).min(1.0),
            life,
            ..Slot::vacant()
        };
        self.fleet.pods += 1;
        slot
    }

    /// An instance that has been there for long.
    pub(super) fn place_standing_instance(&mut self) {
        let slot = self.take_slot(0);
        self.set_state(slot, State::Up);
        self.open_for_work(slot, 0);
        self.fleet.slots[slot].ready = true;
        self.balancer.members.push(slot);
        self.take_on(slot, true);
        self.faults_at_start(slot);
    }

    pub(super) fn create_instance(&mut self, release: usize) {
        let slot = self.take_slot(release);
        self.set_state(slot, State::Waiting);
        self.take_on(slot, false);
        self.wait_for_turn(slot);
    }

    fn wait_for_turn(&mut self, slot: usize) {
        self.set_state(slot, State::Waiting);
        self.fleet.waiting.push_back((slot, self.fleet.slots[slot].life));
        self.start_who_is_next();
    }

    /// No more than so many start at the same time.
    pub(super) fn start_who_is_next(&mut self) {
        let most = self.plan.scenario.fleet.restart.at_once as usize;
        while self.fleet.slots.iter().filter(|it| it.state == State::Starting).count() < most {
            let Some((slot, life)) = self.fleet.waiting.pop_front() else { return };
            let it = &self.fleet.slots[slot];
            if it.life == life && it.state == State::Waiting {
                self.start_process(slot);
            }
        }
    }

    fn start_process(&mut self, slot: usize) {
        self.fleet.slots[slot].forget_process();
        self.fleet.slots[slot].launched = self.now;
        self.set_state(slot, State::Starting);
        let it = &self.fleet.slots[slot];
        let life = it.life;
        let mut draw = self.key(Purpose::Startup).stream((it.entity << 20) + it.restarts);
        let time = self.plan.samplers.startup.sample(&mut draw);
        let (failure, factor) = self.faults_of_the_start(slot);
        let fails = failure > 0.0 && draw.uniform() < failure;
        let event =
            if fails { Event::StartFails { slot, life } } else { Event::ProcessUp { slot, life } };
        self.schedule(scaled(time, factor), event);
        if self.rules.probes_begin_with_the_container {
            self.schedule(0, Event::ContainerSeen { slot, life });
        }
    }

    fn is_at(&self, slot: usize, life: u64, state: State) -> bool {
        let it = &self.fleet.slots[slot];
        it.life == life && it.state == state
    }

    pub(super) fn process_up(&mut self, slot: usize, life: u64) {
        if !self.is_at(slot, life, State::Starting) {
            return;
        }
        let returns = self.fleet.slots[slot].returns;
        self.set_state(slot, if returns { State::Draining } else { State::Up });
        let warm = self.now + self.plan.scenario.fleet.warm_up.duration.nanos();
        self.open_for_work(slot, warm);
        if !self.rules.probes_begin_with_the_container {
            self.schedule(0, Event::ContainerSeen { slot, life });
        }
        if !self.rules.readiness_begins_anew {
            self.fleet.slots[slot].ready = true;
            self.tell_balancer(slot, true);
        }
        self.faults_at_start(slot);
        self.start_who_is_next();
        if !self.rules.crash_loses_the_queue {
            self.take_up_next(slot);
        }
    }

    fn open_for_work(&mut self, slot: usize, warm: u64) {
        let workers = self.plan.scenario.fleet.workers as usize;
        let it = &mut self.fleet.slots[slot];
        it.workers = vec![None; workers];
        it.idle = (0..workers).rev().collect();
        it.lost = Lost::at(self.now);
        it.warm = warm;
    }

    pub(super) fn start_fails(&mut self, slot: usize, life: u64) {
        if self.is_at(slot, life, State::Starting) {
            self.crash(slot);
        }
    }

    /// The process ends by itself: what it had is lost, and it comes back after its back-off, unless
    /// it was being stopped.
    pub(super) fn crash(&mut self, slot: usize) {
        let it = &self.fleet.slots[slot];
        if !it.serves() && it.state != State::Starting {
            return;
        }
        if it.is_stopping() {
            self.lose_work(slot, true);
            self.end(slot);
            return;
        }
        self.comes_back(slot);
    }

    /// The process has ended, and is started again after its back-off.
    pub(super) fn comes_back(&mut self, slot: usize) {
        let ran = self.now - self.fleet.slots[slot].launched;
        self.set_state(slot, State::Crashed);
        self.lose_work(slot, false);
        self.container_ends(slot);
        let spec = self.plan.scenario.fleet.restart;
        let it = &mut self.fleet.slots[slot];
        it.forget_process();
        it.restarts += 1;
        if ran > spec.reset_after.nanos() {
            it.crashes = 0;
        }
        let wait = match it.crashes {
            0 => 0,
            1 => spec.backoff.nanos(),
            _ if !self.rules.back_off_doubles => spec.backoff.nanos(),
            more => spec.backoff.nanos().saturating_mul(1 << (more - 1).min(30)),
        };
        it.crashes += 1;
        let life = it.life;
        self.books.restarts += 1;
        self.tell_balancer(slot, false);
        self.schedule(wait.min(spec.backoff_max.nanos()), Event::Restart { slot, life });
        self.refresh_shared();
        self.start_who_is_next();
    }

    pub(super) fn restart(&mut self, slot: usize, life: u64) {
        if self.is_at(slot, life, State::Crashed) {
            self.wait_for_turn(slot);
        }
    }

    pub(super) fn end(&mut self, slot: usize) {
        self.fleet.slots[slot].forget_process();
        self.fleet.slots[slot].watches = [None, None, None];
        self.set_state(slot, State::Gone);
        self.vacate_if_forgotten(slot);
        self.refresh_shared();
    }

    pub(super) fn vacate_if_forgotten(&mut self, slot: usize) {
        let known = self.balancer.members.contains(&slot) || self.in_hand(slot) > 0;
        if self.fleet.slots[slot].is_gone() && !known {
            self.fleet.slots[slot].state = State::Vacant;
            self.fleet.vacant.push(slot);
        }
    }

    /// The balancer hears of it after the propagation.
    pub(super) fn tell_balancer(&mut self, slot: usize, joins: bool) {
        let pod = self.fleet.slots[slot].pod;
        let after = self.plan.scenario.fleet.propagation.nanos();
        self.schedule(after, Event::Endpoint { slot, pod, joins });
    }

    /// Everything that an instance has in hand is cut off.
    pub(super) fn lose_work(&mut self, slot: usize, stopped: bool) {
        for worker in 0..self.fleet.slots[slot].workers.len() {
            if let Some(work) = self.leave_worker(slot, worker) {
                self.attempts[work.attempt].stopped |= stopped;
                self.fail(work.attempt, Some(RetryOn::Refused));
                self.leave_database(&work);
            }
        }
        if !stopped && !self.rules.crash_loses_the_queue {
            return;
        }
        while let Some(waiter) = self.fleet.slots[slot].queue.pop_front() {
            let Waiter::Attempt(attempt) = waiter else { continue };
            self.attempts[attempt].queued = false;
            self.attempts[attempt].stopped |= stopped;
            self.fail(attempt, Some(RetryOn::Refused));
        }
    }
}
