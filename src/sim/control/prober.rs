//! The kubelet's prober of one instance: a worker for each probe counts results in a row, and the results
//! together say whether the container has started, is ready, or must be killed.
//!
//! Rules of Kubernetes 1.36 (`pkg/kubelet/prober/worker.go`, `prober_manager.go`). It knows neither clocks
//! nor requests: its caller keeps the ticks, asks the process, and reports what a probe found. The traces of the
//! kubelet's own code in `tests/it/oracles/kubernetes` are reproduced by it.

use crate::{
    model::{FleetSpec, ProbeSpec},
    units::Span,
};

/// Which probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sim) enum Probe {
    Readiness,
    Liveness,
    Startup,
}

impl Probe {
    /// In the order in which they come in one instant.
    pub(super) const ALL: [Self; 3] = [Self::Readiness, Self::Liveness, Self::Startup];

    pub(super) const fn index(self) -> usize {
        self as usize
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Startup => "startup",
            Self::Liveness => "liveness",
            Self::Readiness => "readiness",
        }
    }

    pub(super) const fn spec(self, fleet: &FleetSpec) -> Option<ProbeSpec> {
        match self {
            Self::Startup => fleet.startup_probe,
            Self::Liveness => fleet.liveness,
            Self::Readiness => fleet.readiness,
        }
    }

    /// What holds of a new container before the first result.
    const fn initial(self) -> Verdict {
        match self {
            Self::Startup => Verdict::Unknown,
            Self::Liveness => Verdict::Success,
            Self::Readiness => Verdict::Failure,
        }
    }
}

/// What enough results in a row have come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Unknown,
    Success,
    Failure,
}

/// One probe of the instance.
#[derive(Clone, Copy, Debug)]
struct Worker {
    spec: ProbeSpec,
    /// The container that the verdict is about.
    container: u32,
    verdict: Verdict,
    /// The last result, and how many like it there were in a row. A restart of the container does not end
    /// the run.
    last: Option<bool>,
    run: u32,
    /// Does not probe again before the next container.
    on_hold: bool,
}

/// All probes of an instance.
#[derive(Clone, Debug, Default)]
pub(super) struct Prober {
    workers: [Option<Worker>; 3],
    /// The container as the kubelet sees it, counted from 1.
    container: u32,
    running: bool,
    /// Its start in nanoseconds, cut to whole seconds as in the status of a pod; none where that was long ago.
    started_at: Option<u64>,
    started: bool,
    ready: bool,
    /// Changes that the kubelet has not acted upon yet: it does so once for each.
    changes: u32,
}

impl Prober {
    /// Of an instance whose container is still to come.
    pub(super) fn new(probes: [Option<ProbeSpec>; 3]) -> Self {
        let worker = |spec| Worker {
            spec,
            container: 0,
            verdict: Verdict::Unknown,
            last: None,
            run: 0,
            on_hold: false,
        };
        Self { workers: probes.map(|it| it.map(worker)), ..Self::default() }
    }

    /// Of an instance that has long been started and ready.
    pub(super) fn of_standing(probes: [Option<ProbeSpec>; 3]) -> Self {
        let mut it = Self::new(probes);
        it.container_runs(0);
        it.started_at = None;
        for (worker, probe) in it.workers.iter_mut().zip(Probe::ALL) {
            let Some(worker) = worker else { continue };
            worker.container = it.container;
            worker.verdict = Verdict::Success;
            worker.last = Some(true);
            worker.run = worker.spec.success_threshold;
            worker.on_hold = probe == Probe::Startup;
        }
        it.sync();
        it
    }

    pub(super) fn spec(&self, probe: Probe) -> Option<ProbeSpec> {
        self.workers[probe.index()].map(|it| it.spec)
    }

    pub(super) const fn is_ready(&self) -> bool {
        self.ready
    }

    #[cfg(test)]
    pub(super) const fn is_started(&self) -> bool {
        self.started
    }

    /// Whether a probe is to be made at its ticks: one that is on hold does nothing at them.
    pub(super) fn wants_ticks(&self, probe: Probe) -> bool {
        let held = |it: &Worker| it.on_hold && it.container == self.container;
        self.running && self.workers[probe.index()].is_some_and(|it| !held(&it))
    }

    /// The kubelet sees a new container, which was started at this time.
    pub(super) fn container_runs(&mut self, started_at: u64) {
        self.container += 1;
        self.running = true;
        self.started_at = Some(started_at - started_at % Span::from_secs(1).nanos());
        self.changes += 1;
    }

    /// The kubelet sees that the container has ended.
    pub(super) fn container_ends(&mut self) {
        self.running = false;
        self.changes += 1;
    }

    /// A worker looks at its container; says whether it is to probe it.
    pub(super) fn look(&mut self, probe: Probe, now: u64) -> bool {
        let Some(worker) = &mut self.workers[probe.index()] else { return false };
        if worker.container != self.container {
            worker.container = self.container;
            worker.verdict = probe.initial();
            worker.on_hold = false;
            // the kubelet hears of a liveness result only when it is bad
            self.changes += u32::from(probe != Probe::Liveness);
        }
        let delay = worker.spec.initial_delay.nanos();
        let delayed = self.started_at.is_some_and(|it| now - it < delay);
        !worker.on_hold && self.running && !delayed && self.started != (probe == Probe::Startup)
    }

    /// A probe was answered well or badly; says whether the container must be killed.
    pub(super) fn answer(&mut self, probe: Probe, success: bool) -> bool {
        let Some(worker) = &mut self.workers[probe.index()] else { return false };
        worker.run = if worker.last == Some(success) { worker.run + 1 } else { 1 };
        worker.last = Some(success);
        let (threshold, verdict) = if success {
            (worker.spec.success_threshold, Verdict::Success)
        } else {
            (worker.spec.failure_threshold, Verdict::Failure)
        };
        if worker.run < threshold {
            return false;
        }
        let news = worker.verdict != verdict;
        worker.verdict = verdict;
        if probe == Probe::Startup || (probe == Probe::Liveness && !success) {
            worker.on_hold = true;
            worker.run = 0;
        }
        self.changes += u32::from(news);
        news && !success && probe != Probe::Readiness
    }

    pub(super) const fn changes(&self) -> u32 {
        self.changes
    }

    /// The kubelet brings the container's status up to date; says whether the readiness worker is to look
    /// out of turn, from where its period begins again.
    pub(super) fn sync(&mut self) -> bool {
        self.changes = self.changes.saturating_sub(1);
        self.started = self.running && self.passes(Probe::Startup);
        self.ready = self.started && self.passes(Probe::Readiness);
        self.started && !self.ready
    }

    /// There is no such probe, or it has succeeded with this container.
    fn passes(&self, probe: Probe) -> bool {
        self.workers[probe.index()]
            .is_none_or(|it| it.container == self.container && it.verdict == Verdict::Success)
    }
}
