//! Probes, by the manual: for each a watch that ticks as long as its instance exists, the answers that it
//! gets, and what follows from so many of a kind in a row.

use rollsim::{
    kernel::Purpose,
    model::{ProbePath, ProbeSpec},
};

use super::{
    Event, Naive,
    lifecycle::{Slot, State},
    scaled,
    serving::Waiter,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Readiness,
    Liveness,
    Startup,
}

/// In the order in which they come in one nanosecond.
const KINDS: [Kind; 3] = [Kind::Readiness, Kind::Liveness, Kind::Startup];

/// A container that the kubelet has seen, by the life that its process is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Container {
    life: u64,
    /// When it was launched; none where that was long ago.
    since: Option<u64>,
}

/// One probe of an instance.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    spec: ProbeSpec,
    /// The life whose container it has looked at.
    life: Option<u64>,
    /// What holds of that container; unknown at first where it is about the start.
    healthy: Option<bool>,
    /// Results, whichever container they are of.
    results: Vec<bool>,
    /// It has said all that it has to say about the container.
    done: bool,
    /// The number of the probe that is on its way.
    asked: Option<u64>,
    /// A tick came, or a probe out of turn was wanted, while one was on its way.
    late: bool,
    wanted: bool,
    /// Ticks of an earlier round do not count.
    round: u64,
}

impl Watch {
    fn new(spec: ProbeSpec) -> Self {
        Self {
            spec,
            life: None,
            healthy: None,
            results: Vec::new(),
            done: false,
            asked: None,
            late: false,
            wanted: false,
            round: 0,
        }
    }

    /// Enough results like the last in a row.
    fn has_enough(&self) -> bool {
        let last = self.results[self.results.len() - 1];
        let row = self.results.iter().rev().take_while(|&&it| it == last).count();
        let enough = if last { self.spec.success_threshold } else { self.spec.failure_threshold };
        row >= enough as usize
    }
}

impl Slot {
    fn watch(&mut self, kind: Kind) -> &mut Watch {
        self.watches[kind as usize].as_mut().unwrap()
    }

    /// No such probe, or it is content with the container that runs.
    fn passes(&self, kind: Kind) -> bool {
        let life = self.container.map(|it| it.life);
        let content = |it: &Watch| it.life == life && it.healthy == Some(true);
        self.watches[kind as usize].as_ref().is_none_or(content)
    }

    fn has_started(&self) -> bool {
        self.container.is_some() && self.passes(Kind::Startup)
    }
}

impl Naive<'_> {
    /// The kubelet takes an instance on. Its watches tick from a moment that chance decides.
    pub(super) fn take_on(&mut self, slot: usize, standing: bool) {
        let fleet = &self.plan.scenario.fleet;
        let specs = [fleet.readiness, fleet.liveness, fleet.startup_probe];
        let (life, entity) = (self.fleet.slots[slot].life, self.fleet.slots[slot].entity);
        let luck = self.key(Purpose::Probe).uniform(entity);
        for (kind, spec) in KINDS.into_iter().zip(specs) {
            let Some(spec) = spec else { continue };
            let mut watch = Watch::new(spec);
            if standing {
                watch.life = Some(life);
                watch.healthy = Some(true);
                watch.results = vec![true; 1_000];
                watch.done = kind == Kind::Startup;
            }
            self.fleet.slots[slot].watches[kind as usize] = Some(watch);
            self.next_tick(slot, kind, scaled(spec.period.nanos(), luck));
        }
        if standing {
            self.fleet.slots[slot].container = Some(Container { life, since: None });
        }
    }

    fn next_tick(&mut self, slot: usize, kind: Kind, after: u64) {
        let it = &mut self.fleet.slots[slot];
        let (pod, round) = (it.pod, it.watch(kind).round);
        self.schedule(after, Event::Tick { slot, pod, kind, round });
    }

    pub(super) fn tick(&mut self, slot: usize, pod: u64, kind: Kind, round: u64) {
        let it = &mut self.fleet.slots[slot];
        if it.pod != pod || !it.exists() || it.watch(kind).round != round {
            return;
        }
        if it.watch(kind).asked.is_some() {
            it.watch(kind).late = true;
        } else {
            self.look(slot, kind);
        }
        let watch = self.fleet.slots[slot].watch(kind);
        // a probe out of turn has begun a new round
        if watch.round == round {
            let period = watch.spec.period.nanos();
            self.next_tick(slot, kind, period);
        }
    }

    /// The container that was launched is seen.
    pub(super) fn container_is_seen(&mut self, slot: usize, life: u64) {
        if self.fleet.slots[slot].life == life {
            let since = Some(self.fleet.slots[slot].launched);
            self.fleet.slots[slot].container = Some(Container { life, since });
            self.update_status(slot);
        }
    }

    /// What was on its way to the process is cut off, which is a failure in its row.
    pub(super) fn container_ends(&mut self, slot: usize) {
        let it = &mut self.fleet.slots[slot];
        it.container = None;
        for (kind, watch) in KINDS.into_iter().zip(&mut it.watches) {
            let Some(watch) = watch else { continue };
            (watch.late, watch.wanted) = (false, false);
            if watch.asked.take().is_none() {
                continue;
            }
            watch.results.push(false);
            if watch.has_enough() && kind != Kind::Readiness {
                watch.results.clear();
            }
        }
    }

    /// A watch wakes up, and probes where it is time to.
    fn look(&mut self, slot: usize, kind: Kind) {
        let now = self.now;
        let it = &mut self.fleet.slots[slot];
        let Some(container) = it.container else { return };
        let started = it.has_started();
        let watch = it.watch(kind);
        let is_new = watch.life != Some(container.life);
        if is_new {
            watch.life = Some(container.life);
            watch.healthy = match kind {
                Kind::Readiness => Some(false),
                Kind::Liveness => Some(true),
                Kind::Startup => None,
            };
            watch.done = false;
        }
        let second = 1_000_000_000;
        let ran = container.since.map_or(u64::MAX, |it| now - it / second * second);
        let turn = started != (kind == Kind::Startup);
        let mut news = usize::from(is_new && kind != Kind::Liveness);
        if !watch.done && turn && ran >= watch.spec.initial_delay.nanos() {
            news += usize::from(self.probe(slot, kind));
        }
        for _ in 0..news {
            self.update_status(slot);
        }
    }

    /// Says whether there is news.
    fn probe(&mut self, slot: usize, kind: Kind) -> bool {
        let spec = self.fleet.slots[slot].watch(kind).spec;
        let it = &self.fleet.slots[slot];
        let listens = matches!(it.state, State::Up | State::Draining);
        let beside = spec.through == ProbePath::Beside || !self.rules.probes_wait_in_line;
        let free = beside || !it.idle.is_empty();
        if !listens || !free && self.waiting_at(slot) >= self.plan.scenario.fleet.queue as usize {
            return self.result(slot, kind, false);
        }
        if free {
            return self.result(slot, kind, true);
        }
        let probe = self.number;
        let it = &mut self.fleet.slots[slot];
        it.queue.push_back(Waiter::Probe(kind));
        it.watch(kind).asked = Some(probe);
        self.schedule(spec.timeout.nanos(), Event::ProbeTimesOut { slot, kind, probe });
        false
    }

    pub(super) fn probe_times_out(&mut self, slot: usize, kind: Kind, probe: u64) {
        let it = &mut self.fleet.slots[slot];
        let asked = it.watches[kind as usize].as_ref().and_then(|it| it.asked);
        if asked == Some(probe) {
            it.queue.retain(|it| *it != Waiter::Probe(kind));
            self.late_result(slot, kind, false);
        }
    }

    /// The answer to a probe that had to wait, or none.
    pub(super) fn late_result(&mut self, slot: usize, kind: Kind, good: bool) {
        self.fleet.slots[slot].watch(kind).asked = None;
        if self.result(slot, kind, good) {
            self.update_status(slot);
        }
        let watch = self.fleet.slots[slot].watch(kind);
        let (late, wanted) = (watch.late, watch.wanted);
        (watch.late, watch.wanted) = (false, false);
        if wanted {
            self.probe_out_of_turn(slot);
        } else if late {
            self.look(slot, kind);
        }
    }

    /// Says whether there is news.
    fn result(&mut self, slot: usize, kind: Kind, good: bool) -> bool {
        let watch = self.fleet.slots[slot].watch(kind);
        watch.results.push(good);
        if !watch.has_enough() {
            return false;
        }
        let news = watch.healthy != Some(good);
        watch.healthy = Some(good);
        if kind == Kind::Startup || kind == Kind::Liveness && !good {
            watch.done = true;
            watch.results.clear();
        }
        if news && !good && kind != Kind::Readiness {
            self.restart_in_place(slot);
        }
        news
    }

    fn update_status(&mut self, slot: usize) {
        let it = &mut self.fleet.slots[slot];
        let started = it.has_started();
        let ready = started && it.passes(Kind::Readiness);
        if it.ready != ready {
            it.ready = ready;
            self.tell_balancer(slot, ready);
        }
        if started && !ready {
            self.probe_out_of_turn(slot);
        }
    }

    /// Readiness is looked at at once, and its period begins anew.
    fn probe_out_of_turn(&mut self, slot: usize) {
        let watch = self.fleet.slots[slot].watch(Kind::Readiness);
        if watch.asked.is_some() {
            watch.wanted = true;
            return;
        }
        watch.round += 1;
        let (round, period) = (watch.round, watch.spec.period.nanos());
        self.look(slot, Kind::Readiness);
        if self.fleet.slots[slot].watch(Kind::Readiness).round == round {
            self.next_tick(slot, Kind::Readiness, period);
        }
    }
}
