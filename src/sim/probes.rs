//! Probes in Kubernetes' arithmetic: consecutive results against thresholds.

use super::{
    LifeState, Topic,
    attempts::NONE,
    slot::State,
    world::{Event, World},
};
use crate::{model::ProbeSpec, units::Span};

impl World<'_> {
    /// Probes begin with the process. Those of an instance that has stood for long are spread over
    /// their period, as if it had been started at any time.
    pub(super) fn start_probes(&mut self, slot: u32, standing: bool) {
        let (epoch, entity) = (self.slots[slot as usize].epoch, self.slots[slot as usize].entity);
        let fleet = &self.plan.scenario.fleet;
        let phase = |spec: ProbeSpec| {
            if standing {
                spec.period.scale(self.keys.probe.uniform(entity))
            } else {
                spec.initial_delay
            }
        };
        let readiness = phase(fleet.readiness);
        let liveness = fleet.liveness.map(phase);
        self.schedule(readiness, Event::Readiness { slot, epoch });
        if let Some(delay) = liveness {
            self.schedule(delay, Event::Liveness { slot, epoch });
        }
    }

    /// A probe is answered unless the process hangs or its queue is too long: it waits in line.
    fn answers(&self, slot: u32, timeout: Span) -> bool {
        let instance = &self.slots[slot as usize];
        let head = instance.queue_head;
        let waited = if head == NONE { 0 } else { self.now - self.attempts[head].arrived };
        !instance.hung && waited <= timeout.nanos()
    }

    pub(super) fn probe_readiness(&mut self, slot: u32, epoch: u32) {
        let instance = &self.slots[slot as usize];
        if instance.epoch != epoch || instance.state != State::Up {
            return;
        }
        let spec = self.plan.scenario.fleet.readiness;
        let passes = instance.readiness.unwrap_or_else(|| self.answers(slot, spec.timeout));
        let instance = &mut self.slots[slot as usize];
        if passes {
            instance.probes.ready_passes += 1;
            instance.probes.ready_failures = 0;
        } else {
            instance.probes.ready_failures += 1;
            instance.probes.ready_passes = 0;
        }
        let becomes_ready =
            !instance.ready && instance.probes.ready_passes >= spec.success_threshold;
        let becomes_unready =
            instance.ready && instance.probes.ready_failures >= spec.failure_threshold;
        if becomes_ready || becomes_unready {
            self.set_ready(slot, becomes_ready);
        }
        self.schedule(spec.period, Event::Readiness { slot, epoch });
    }

    fn set_ready(&mut self, slot: u32, ready: bool) {
        let now = self.now;
        let instance = &mut self.slots[slot as usize];
        instance.ready = ready;
        instance.ready_since = now;
        let state = if ready { LifeState::Ready } else { LifeState::Up };
        self.ledger.life(slot, &self.slots[slot as usize], state, now);
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

    pub(super) fn probe_liveness(&mut self, slot: u32, epoch: u32) {
        let instance = &self.slots[slot as usize];
        if instance.epoch != epoch || instance.state != State::Up {
            return;
        }
        let Some(spec) = self.plan.scenario.fleet.liveness else { return };
        let passes = self.answers(slot, spec.timeout);
        let failures = &mut self.slots[slot as usize].probes.live_failures;
        *failures = if passes { 0 } else { *failures + 1 };
        if *failures >= spec.failure_threshold {
            self.crash(slot, "restarted", |_| "its liveness probe failed".to_owned());
        } else {
            self.schedule(spec.period, Event::Liveness { slot, epoch });
        }
    }
}
