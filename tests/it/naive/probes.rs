//! Probes: results in a row against thresholds.

use rollsim::{kernel::Purpose, model::ProbeSpec};

use super::{Event, Naive, scaled};

impl Naive<'_> {
    /// Probes begin with the process. An instance that has stood for long was started at any time.
    pub(super) fn start_probes(&mut self, slot: usize, standing: bool) {
        let it = &self.fleet.slots[slot];
        let (life, luck) = (it.life, self.key(Purpose::Probe).uniform(it.entity));
        let first = |it: ProbeSpec| {
            if standing { scaled(it.period.nanos(), luck) } else { it.initial_delay.nanos() }
        };
        let fleet = &self.plan.scenario.fleet;
        self.schedule(first(fleet.readiness), Event::Readiness { slot, life });
        if let Some(liveness) = fleet.liveness {
            self.schedule(first(liveness), Event::Liveness { slot, life });
        }
    }

    /// A probe waits in line: it is answered unless the first in the queue has waited for too long.
    fn answers(&self, slot: usize, spec: ProbeSpec) -> bool {
        let queue = self.fleet.slots[slot].queue.iter();
        let counts =
            |it: &&usize| self.rules.probes_wait_for_who_hung_up || !self.attempts[**it].hung_up;
        let waited = |it: &usize| self.now - self.attempts[*it].arrived;
        queue.filter(counts).map(waited).next().unwrap_or(0) <= spec.timeout.nanos()
    }

    fn probed(&self, slot: usize, life: u64) -> bool {
        let it = &self.fleet.slots[slot];
        it.life == life && it.is_up()
    }

    pub(super) fn probe_readiness(&mut self, slot: usize, life: u64) {
        if !self.probed(slot, life) {
            return;
        }
        let spec = self.plan.scenario.fleet.readiness;
        let passes = self.answers(slot, spec);
        let it = &mut self.fleet.slots[slot];
        if passes {
            (it.passed, it.missed) = (it.passed + 1, 0);
        } else {
            (it.passed, it.missed) = (0, it.missed + 1);
        }
        let enough = if it.ready {
            it.missed >= spec.failure_threshold
        } else {
            it.passed >= spec.success_threshold
        };
        if enough {
            it.ready = !it.ready;
            let ready = it.ready;
            self.tell_balancer(slot, ready);
        }
        self.schedule(spec.period.nanos(), Event::Readiness { slot, life });
    }

    pub(super) fn probe_liveness(&mut self, slot: usize, life: u64) {
        if !self.probed(slot, life) {
            return;
        }
        let spec = self.plan.scenario.fleet.liveness.unwrap();
        let passes = self.answers(slot, spec);
        let it = &mut self.fleet.slots[slot];
        it.dead = if passes { 0 } else { it.dead + 1 };
        if it.dead >= spec.failure_threshold {
            self.crash(slot);
        } else {
            self.schedule(spec.period.nanos(), Event::Liveness { slot, life });
        }
    }
}
