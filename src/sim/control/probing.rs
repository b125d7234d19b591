//! The probes of one instance: their clocks, and which of them are on their way.

use super::prober::{Probe, Prober};
use crate::sim::ids::AttemptId;

/// Its probes and when they come. Survives restarts in place, as the kubelet's workers do.
#[derive(Clone, Debug, Default)]
pub(in crate::sim) struct Probing {
    pub(super) prober: Prober,
    pub(super) clocks: [ProbeClock; 3],
    /// Probes that have been sent and not yet answered.
    pub(super) waiting: [Option<WaitingProbe>; 3],
    /// A check of the balancer's that has not been answered either.
    pub(in crate::sim) check: Option<WaitingProbe>,
    /// Events written so far: numbers tell stale ones from current ones, whatever instance is here.
    pub(super) events: u32,
}

/// When a probe comes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ProbeClock {
    /// One of its ticks, in nanoseconds; the others are whole periods away.
    pub(super) tick: u64,
    /// Number of the event of the next tick; none is on the agenda while it is 0.
    pub(super) event: u32,
    /// A tick came while the last probe was not yet answered.
    pub(super) missed: bool,
    /// The kubelet asked for a probe meanwhile.
    pub(super) triggered: bool,
}

/// A probe on its way.
#[derive(Clone, Copy, Debug)]
pub(in crate::sim) struct WaitingProbe {
    pub(in crate::sim) place: ProbePlace,
    /// Number of the event of its time-out.
    pub(in crate::sim) event: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sim) enum ProbePlace {
    /// In the queue, right behind this attempt.
    Behind(AttemptId),
    /// At the head of the queue.
    Next,
    /// Taken up by a process that hangs.
    InHand,
}

impl Probing {
    /// The kubelet probes nothing here any more; what the balancer does is its own affair. Gives how many still wait
    /// for a worker.
    pub(super) fn stop(&mut self) -> u32 {
        *self = Self { events: self.events, check: self.check, ..Self::default() };
        u32::from(self.check.is_some_and(|it| it.place != ProbePlace::InHand))
    }

    /// A new instance is here.
    pub(super) fn renew(&mut self) {
        *self = Self { events: self.events, ..Self::default() };
    }

    /// The number of a new event; never 0.
    pub(in crate::sim) fn new_event(&mut self) -> u32 {
        self.events = self.events.wrapping_add(1).max(1);
        self.events
    }

    /// The attempt at the head of the queue is taken up: who waits right behind it is next.
    pub(in crate::sim) fn move_up(&mut self, head: AttemptId) {
        let check = std::iter::once(&mut self.check);
        for probe in self.waiting.iter_mut().chain(check).flatten() {
            if probe.place == ProbePlace::Behind(head) {
                probe.place = ProbePlace::Next;
            }
        }
    }

    /// A process that hangs takes a probe up, and does not answer it.
    pub(super) fn take_in_hand(&mut self, probe: Probe) {
        if let Some(waiting) = &mut self.waiting[probe.index()] {
            waiting.place = ProbePlace::InHand;
        }
    }

    /// The probes that a worker which has become free gets to.
    pub(super) fn next_in_line(&self) -> Option<Probe> {
        self.find(|it| it == ProbePlace::Next)
    }

    pub(super) fn in_hand(&self) -> Option<Probe> {
        self.find(|it| it == ProbePlace::InHand)
    }

    fn find(&self, place: impl Fn(ProbePlace) -> bool) -> Option<Probe> {
        let waits = |it: &Probe| self.waiting[it.index()].is_some_and(|it| place(it.place));
        Probe::ALL.into_iter().find(waits)
    }
}
