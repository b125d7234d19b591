//! What the metrics pipeline shows the autoscaler of each instance: means over a window, some time
//! after it has ended.

use std::collections::VecDeque;

use crate::{
    model::CpuSpec,
    units::{Span, round_u64},
};

/// A process younger than this has no value yet (`metrics-server`:
/// `freshContainerMinMetricsResolution`).
const FRESH: Span = Span::from_secs(10);

/// The values on their way and the newest that can be seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Metrics {
    /// Totals of each slot when the last window ended.
    marks: Vec<Mark>,
    /// Requests that had arrived by then.
    arrivals: u64,
    sampled_at: u64,
    /// Oldest first, each with the moment from which it can be seen.
    coming: VecDeque<(u64, Scrape)>,
    seen: Scrape,
}

/// Totals of a process.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    pod: u32,
    epoch: u32,
    busy: u64,
    served: u64,
}

/// Values of one window.
#[derive(Clone, Debug, Default)]
struct Scrape {
    /// When the window ended.
    at: u64,
    slots: Vec<Option<Values>>,
    /// Thousandths of a request a second that users sent.
    arrivals: Option<u64>,
}

/// Values of one instance, in thousandths.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values {
    pod: u32,
    /// Of the workers' time; nothing before the process answers, and so with the requests.
    pub(super) busy: Option<u64>,
    /// Of a request a second.
    pub(super) requests: Option<u64>,
    /// Of a core.
    pub(super) cpu: Option<u64>,
    /// Windows of the first two and of the last.
    pub(super) window: Span,
    pub(super) cpu_window: Span,
}

/// A process as the pipeline finds it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Process {
    pub(super) pod: u32,
    pub(super) epoch: u32,
    pub(super) launched: u64,
    /// When it began to answer, if it has.
    pub(super) answers_since: Option<u64>,
    /// It has run since long before the trial.
    pub(super) standing: bool,
    /// Nanoseconds of work since its launch, and requests taken up.
    pub(super) busy: u64,
    pub(super) served: u64,
}

/// What makes values of totals.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scales {
    pub(super) resolution: Span,
    pub(super) workers: u32,
    pub(super) cpu: Option<CpuSpec>,
}

impl Metrics {
    /// Ends a window: the values of every process, by slot, can be seen from `visible` on.
    pub(super) fn sample(
        &mut self,
        (now, visible): (u64, u64),
        scales: Scales,
        arrivals: u64,
        processes: impl Iterator<Item = Option<Process>>,
    ) {
        let mut slots = Vec::new();
        for (slot, process) in processes.enumerate() {
            if self.marks.len() == slot {
                self.marks.push(Mark::default());
            }
            let known = self.marks[slot];
            slots.push(process.and_then(|it| self.values(&it, known, scales, now)));
            if let Some(it) = process {
                self.marks[slot] =
                    Mark { pod: it.pod, epoch: it.epoch, busy: it.busy, served: it.served };
            }
        }
        let rate = a_second(arrivals - self.arrivals, now - self.sampled_at);
        self.arrivals = arrivals;
        self.sampled_at = now;
        self.coming.push_back((visible, Scrape { at: now, slots, arrivals: rate }));
    }

    fn values(&self, it: &Process, known: Mark, scales: Scales, now: u64) -> Option<Values> {
        let fresh = FRESH.min(scales.resolution).nanos();
        if !it.standing && now - it.launched < fresh {
            return None;
        }
        let same = known.pod == it.pod && known.epoch == it.epoch && self.sampled_at > 0;
        let before = if same { known } else { Mark::default() };
        let since = |start: u64| if same { start.max(self.sampled_at) } else { start };
        let (busy, served) = (it.busy - before.busy, it.served - before.served);
        let answers = it.answers_since.map(since);
        let window = now - answers.unwrap_or(now);
        let cpu_window = now - since(it.launched);
        let capacity = u128::from(window) * u128::from(scales.workers);
        let cpu = scales.cpu.and_then(|cpu| {
            let idle = window as f64 * cpu.idle;
            let starting = (cpu_window - window) as f64 * cpu.starting;
            let requests = served as f64 * cpu.per_request.nanos() as f64;
            let thousandths = (idle + starting + requests) * 1000.0 / cpu_window as f64;
            (cpu_window > 0).then(|| round_u64(thousandths))
        });
        Some(Values {
            pod: it.pod,
            busy: (1000 * u128::from(busy)).checked_div(capacity).map(saturated),
            requests: a_second(served, window),
            cpu,
            window: Span::from_nanos(window),
            cpu_window: Span::from_nanos(cpu_window),
        })
    }

    /// Brings what has become visible into sight.
    pub(super) fn look(&mut self, now: u64) {
        while self.coming.front().is_some_and(|it| it.0 <= now) {
            self.seen = self.coming.pop_front().map(|it| it.1).unwrap_or_default();
        }
    }

    /// The newest visible values of an instance, and their age.
    pub(super) fn of(&self, slot: usize, pod: u32, now: u64) -> Option<(Values, Span)> {
        let values = (*self.seen.slots.get(slot)?)?;
        (values.pod == pod).then(|| (values, Span::from_nanos(now - self.seen.at)))
    }

    /// Thousandths of a request a second that users sent, in the newest visible window.
    pub(super) fn arrivals(&self) -> Option<u64> {
        self.seen.arrivals
    }
}

/// Thousandths a second; nothing where no time has passed.
fn a_second(count: u64, nanos: u64) -> Option<u64> {
    (u128::from(count) * 1_000_000_000_000).checked_div(u128::from(nanos)).map(saturated)
}

fn saturated(value: u128) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}
