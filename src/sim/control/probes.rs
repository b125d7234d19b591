//! Probes as the world makes them: their ticks, how they reach the process, and what the kubelet does
//! about their results. What results in a row mean is the prober's.
//!
//! On purpose otherwise than a real kubelet: a container is seen at the instant at which it starts or ends
//! (in reality up to a second later), there is no extra probe of an unready instance every 60 to 90 s, and
//! the phase of the ticks against the start, which in reality comes from pulling the image, is drawn.

use super::{
    prober::{Probe, Prober},
    probing::{ProbePlace, WaitingProbe},
};
use crate::{
    model::ProbeSpec,
    sim::{
        LifeState, Topic,
        data::State,
        ids::SlotId,
        world::{Event, World},
    },
    units::Span,
};
impl World<'_> {
    /// The kubelet takes an instance on: its workers tick from now on, before any container runs.
    pub(super) fn begin_probing(&mut self, slot: SlotId, standing: bool) {
        let fleet = &self.plan.scenario.fleet;
        let probes = Probe::ALL.map(|it| it.spec(fleet));
        let now = self.now;
        let phase = self.keys.probe.uniform(self.data.slots()[slot].entity);
        let probing = &mut self.control.platform.instances[slot].probing;
        probing.prober = if standing { Prober::of_standing(probes) } else { Prober::new(probes) };
        for (clock, spec) in probing.clocks.iter_mut().zip(probes) {
            clock.tick = now + spec.map_or(0, |it| it.period.scale(phase).nanos());
        }
        self.keep_ticking(slot);
    }

    /// The kubelet sees the container that was started.
    pub(in crate::sim) fn container_runs(&mut self, slot: SlotId, epoch: u32) {
        if self.is_current(slot, epoch) {
            let instance = &mut self.control.platform.instances[slot];
            instance.probing.prober.container_runs(instance.launched_at);
            self.act_on_probes(slot);
            self.keep_ticking(slot);
        }
    }

    /// The container has ended, and with it the probes that were on their way to it.
    pub(super) fn container_ends(&mut self, slot: SlotId) {
        self.late_check(slot, false);
        let probing = &mut self.control.platform.instances[slot].probing;
        for probe in Probe::ALL {
            if probing.waiting[probe.index()].take().is_some() {
                // cut off: the run of results goes on with the next container
                probing.prober.answer(probe, false);
            }
            let clock = &mut probing.clocks[probe.index()];
            (clock.event, clock.missed, clock.triggered) = (0, false, false);
        }
        self.data.set_line(slot, 0);
        probing.prober.container_ends();
        while probing.prober.changes() > 0 {
            probing.prober.sync();
        }
    }

    /// The kubelet probes nothing here any more.
    pub(super) fn stop_probing(&mut self, slot: SlotId) {
        let in_line = self.control.platform.instances[slot].probing.stop();
        self.data.set_line(slot, in_line);
    }

    /// Writes the next tick of each probe on the agenda, if there is something to probe.
    fn keep_ticking(&mut self, slot: SlotId) {
        for probe in Probe::ALL {
            let now = self.now;
            let probing = &mut self.control.platform.instances[slot].probing;
            let Some(spec) = probing.prober.spec(probe) else { continue };
            if probing.clocks[probe.index()].event != 0 || !probing.prober.wants_ticks(probe) {
                continue;
            }
            let number = probing.new_event();
            let clock = &mut probing.clocks[probe.index()];
            clock.event = number;
            if clock.tick <= now {
                let period = spec.period.nanos();
                clock.tick += ((now - clock.tick) / period + 1) * period;
            }
            let wait = Span::from_nanos(clock.tick - now);
            self.schedule(wait, Event::Probe { slot, number, probe });
        }
    }

    pub(in crate::sim) fn probe_is_due(&mut self, slot: SlotId, number: u32, probe: Probe) {
        let probing = &mut self.control.platform.instances[slot].probing;
        let clock = &mut probing.clocks[probe.index()];
        if clock.event != number {
            return;
        }
        clock.event = 0;
        if probing.waiting[probe.index()].is_some() {
            clock.missed = true;
        } else {
            self.probe(slot, probe);
            self.act_on_probes(slot);
        }
        self.keep_ticking(slot);
    }

    /// A worker looks at its container and probes it, if it is to.
    fn probe(&mut self, slot: SlotId, probe: Probe) {
        let now = self.now;
        let prober = &mut self.control.platform.instances[slot].probing.prober;
        if !prober.look(probe, now) {
            return;
        }
        let Some(spec) = prober.spec(probe) else { return };
        match self.put_to(slot, probe, spec) {
            Ok(success) => self.take_answer(slot, probe, success),
            Err(place) => self.wait_for_answer(slot, probe, place, spec.timeout),
        }
    }

    /// The answer of the process where it comes at once, else where the probe waits for it.
    fn put_to(&self, slot: SlotId, probe: Probe, spec: ProbeSpec) -> Result<bool, ProbePlace> {
        let instance = &self.data.slots()[slot];
        let runs = instance.state.accepts() || instance.state == State::Starting;
        if let (Probe::Readiness, Some(lie), true) =
            (probe, self.control.platform.instances[slot].readiness, runs)
        {
            return Ok(lie);
        }
        if !instance.state.accepts() {
            // its port is not open yet, or no longer
            return Ok(false);
        }
        self.reach(slot, spec.through)
    }

    fn wait_for_answer(&mut self, slot: SlotId, probe: Probe, place: ProbePlace, timeout: Span) {
        let probing = &mut self.control.platform.instances[slot].probing;
        let number = probing.new_event();
        probing.waiting[probe.index()] = Some(WaitingProbe { place, event: number });
        self.data.joins_line(slot, place);
        self.schedule(timeout, Event::ProbeTimesOut { slot, number, probe });
    }

    pub(in crate::sim) fn probe_times_out(&mut self, slot: SlotId, number: u32, probe: Probe) {
        let waiting = self.control.platform.instances[slot].probing.waiting[probe.index()];
        if waiting.is_some_and(|it| it.event == number) {
            self.late_answer(slot, probe, false);
        }
    }

    /// A worker of the instance is free: probes at the head of the queue are answered, which takes no time.
    pub(in crate::sim) fn reach_probes(&mut self, slot: SlotId) {
        while let Some(probe) = self.control.platform.instances[slot].probing.next_in_line() {
            if self.data.slots()[slot].hung {
                self.data.leaves_line(slot, ProbePlace::Next);
                self.control.platform.instances[slot].probing.take_in_hand(probe);
            } else {
                self.late_answer(slot, probe, true);
            }
        }
        self.reach_check(slot);
    }

    /// The process no longer hangs: it answers what it had taken up, and sees an order to stop.
    pub(in crate::sim) fn answers_again(&mut self, slot: SlotId) {
        while let Some(probe) = self.control.platform.instances[slot].probing.in_hand() {
            self.late_answer(slot, probe, true);
        }
        self.answer_held_check(slot);
        if self.data.slots()[slot].state.is_closing() {
            self.end_if_done(slot);
        }
    }

    /// An answer, or none in time. A tick that came meanwhile is made up for at once.
    fn late_answer(&mut self, slot: SlotId, probe: Probe, success: bool) {
        let probing = &mut self.control.platform.instances[slot].probing;
        let Some(waiting) = probing.waiting[probe.index()].take() else { return };
        self.data.leaves_line(slot, waiting.place);
        self.take_answer(slot, probe, success);
        self.act_on_probes(slot);
        let clock = &mut self.control.platform.instances[slot].probing.clocks[probe.index()];
        let missed = std::mem::take(&mut clock.missed);
        if std::mem::take(&mut clock.triggered) {
            self.trigger_readiness(slot);
            self.act_on_probes(slot);
        } else if missed {
            self.probe(slot, probe);
            self.act_on_probes(slot);
        }
        self.keep_ticking(slot);
    }

    fn take_answer(&mut self, slot: SlotId, probe: Probe, success: bool) {
        if self.control.platform.instances[slot].probing.prober.answer(probe, success) {
            self.restart_in_place(slot, probe);
        }
    }

    /// The kubelet acts on what has changed.
    fn act_on_probes(&mut self, slot: SlotId) {
        while self.control.platform.instances[slot].probing.prober.changes() > 0 {
            let probing = &mut self.control.platform.instances[slot].probing;
            let triggered = probing.prober.sync();
            let ready = probing.prober.is_ready();
            if self.control.platform.instances[slot].ready != ready {
                self.set_ready(slot, ready);
            }
            if triggered {
                self.trigger_readiness(slot);
            }
        }
    }

    /// A readiness probe out of turn; its period begins again.
    fn trigger_readiness(&mut self, slot: SlotId) {
        let now = self.now;
        let probing = &mut self.control.platform.instances[slot].probing;
        let nth = Probe::Readiness.index();
        let clock = &mut probing.clocks[nth];
        if probing.waiting[nth].is_some() {
            clock.triggered = true;
            return;
        }
        (clock.tick, clock.event, clock.missed) = (now, 0, false);
        self.probe(slot, Probe::Readiness);
    }

    fn set_ready(&mut self, slot: SlotId, ready: bool) {
        self.mark_ready(slot, ready);
        let now = self.now;
        if matches!(self.data.slots()[slot].state, State::Starting | State::Up) {
            let state = if ready { LifeState::Ready } else { LifeState::Up };
            self.books.ledger.life_goes_on(slot, &self.data.slots()[slot], state, now);
        }
        if !ready {
            self.note(Topic::Instance, |it| {
                (
                    format!("{} no longer ready", it.instance_name(slot)),
                    "its readiness probe failed",
                )
            });
        }
        self.announce(slot, ready);
    }
}
