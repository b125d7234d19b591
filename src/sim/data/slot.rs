//! A slot: the place of one instance in the world, from its creation until nothing refers to it.

use crate::{
    model::{Cohort, GroupId, ReleaseId},
    sim::{
        control::ProbePlace,
        faults::AtInstance,
        ids::{AttemptId, WorkerId},
    },
    units::Bytes,
};

/// Where an instance stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sim) enum State {
    /// Empty.
    Vacant,
    /// Created, waits for a machine.
    Pending,
    /// Created, waits for its turn to start.
    Waiting,
    /// Its process starts.
    Starting,
    /// Its process answers.
    Up,
    /// To be restarted in place because a probe failed: ordered to stop, still takes new requests.
    Stopping,
    /// To be restarted in place: takes nothing new, finishes what it has.
    Finishing,
    /// Crashed or ended, waits out its back-off.
    Backoff,
    /// Ordered to stop, still takes new requests.
    Draining,
    /// Takes nothing new, finishes what it has.
    Closing,
    /// Gone, but the balancer may not know yet.
    Gone,
}

impl State {
    /// It exists and is not being stopped.
    pub(in crate::sim) const fn counts(self) -> bool {
        matches!(
            self,
            Self::Pending
                | Self::Waiting
                | Self::Starting
                | Self::Up
                | Self::Stopping
                | Self::Finishing
                | Self::Backoff
        )
    }

    /// It starts or stops.
    pub(in crate::sim) const fn is_on_its_way(self) -> bool {
        matches!(
            self,
            Self::Pending
                | Self::Waiting
                | Self::Starting
                | Self::Stopping
                | Self::Finishing
                | Self::Draining
                | Self::Closing
        )
    }

    /// It has a process that works on requests.
    pub(in crate::sim) const fn serves(self) -> bool {
        matches!(self, Self::Up | Self::Stopping | Self::Finishing | Self::Draining | Self::Closing)
    }

    /// It takes new requests.
    pub(in crate::sim) const fn accepts(self) -> bool {
        matches!(self, Self::Up | Self::Stopping | Self::Draining)
    }

    /// It takes nothing new and ends when it has nothing left in hand.
    pub(in crate::sim) const fn is_closing(self) -> bool {
        matches!(self, Self::Finishing | Self::Closing)
    }

    /// It uses a machine that is paid for.
    pub(in crate::sim) const fn costs(self) -> bool {
        !matches!(self, Self::Vacant | Self::Pending | Self::Gone)
    }
}

/// One instance, as far as it serves. Its life is the control plane's.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, not one state")]
pub(in crate::sim) struct Slot {
    pub(in crate::sim) state: State,
    pub(in crate::sim) group: GroupId,
    pub(in crate::sim) release: ReleaseId,
    /// What users meet here who have the feature on, where there is one.
    pub(in crate::sim) cohort: Cohort,
    pub(in crate::sim) zone: u16,
    /// Number of the instance, counted from the start of the trial.
    pub(in crate::sim) pod: u32,
    /// What chance knows the instance by: its release and its number within the release.
    pub(in crate::sim) entity: u64,
    /// Part of its requests that fail on a normal day.
    pub(super) errors: f64,
    /// Counts starts and stops of processes here; events of an earlier epoch are stale.
    pub(in crate::sim) epoch: u32,
    /// The balancer believes in it.
    pub(in crate::sim) endpoint: bool,
    /// The balancer sends new connections to it.
    pub(super) pooled: bool,
    /// Attempts that failed here since the last scrape.
    pub(in crate::sim) failures: u64,

    /// Workers without a request.
    pub(in crate::sim) idle: Vec<WorkerId>,
    pub(super) queue_head: AttemptId,
    pub(super) queue_tail: AttemptId,
    pub(in crate::sim) queue_len: u32,
    /// Probes and checks that wait in the queue.
    pub(super) in_line: u32,
    /// Nanoseconds of work since the last scrape.
    pub(in crate::sim) busy_nanos: u64,
    /// Nanoseconds of work since the process started.
    pub(super) busy_of_process: u64,
    /// Requests begun since the process started.
    pub(in crate::sim) served: u64,

    /// Nothing special holds: no warm-up, no fault or wait for one, no load that is metered, memory for all. Of an
    /// instance, the only thing that is asked for a request that it takes up.
    pub(super) regular: bool,
    pub(in crate::sim) hung: bool,
    /// Full speed from here on.
    pub(super) warm_at: u64,
    pub(super) memory: Memory,
    pub(in crate::sim) faults: AtInstance,
    /// Which version of the flag's rule it has heard of.
    pub(in crate::sim) flag: u16,
}

impl Slot {
    /// Whether it gets requests and answers.
    pub(in crate::sim) const fn answers(&self) -> bool {
        self.pooled && self.state.accepts()
    }
}

/// Memory that an instance has lost, in bytes.
#[derive(Clone, Copy, Debug)]
pub(in crate::sim) struct Memory {
    /// Lost until `mark`, and what requests have left behind since.
    pub(super) lost: f64,
    pub(super) mark: u64,
    /// So much is lost that what it works on decides whether the rest is enough.
    pub(super) tight: bool,
    /// The next instant at which it may be short of memory, for which an event is on the agenda.
    pub(super) armed: u64,
}

impl Memory {
    pub(super) const fn fresh(now: u64) -> Self {
        Self { lost: 0.0, mark: now, tight: false, armed: u64::MAX }
    }

    pub(in crate::sim) fn bytes(used: f64) -> Bytes {
        Bytes::new(crate::units::round_u64(used))
    }
}

impl Slot {
    pub(super) fn vacant() -> Self {
        Self {
            state: State::Vacant,
            group: GroupId::STABLE,
            release: ReleaseId::STABLE,
            cohort: Cohort::STABLE,
            zone: 0,
            pod: 0,
            entity: 0,
            errors: 0.0,
            epoch: 0,
            endpoint: false,
            pooled: false,
            failures: 0,
            idle: Vec::new(),
            queue_head: AttemptId::NONE,
            queue_tail: AttemptId::NONE,
            queue_len: 0,
            in_line: 0,
            busy_nanos: 0,
            busy_of_process: 0,
            served: 0,
            regular: true,
            hung: false,
            warm_at: 0,
            memory: Memory::fresh(0),
            faults: AtInstance::new(),
            flag: 0,
        }
    }

    /// Where a probe that comes now waits for a worker.
    pub(super) const fn end_of_queue(&self) -> ProbePlace {
        match self.queue_tail {
            AttemptId::NONE => ProbePlace::Next,
            tail => ProbePlace::Behind(tail),
        }
    }

    /// Forgets everything of the process that ran here.
    pub(super) fn reset_process(&mut self) {
        self.epoch = self.epoch.wrapping_add(1);
        self.served = 0;
        self.busy_of_process = 0;
        self.hung = false;
        self.memory = Memory::fresh(0);
        self.faults.end_process();
        self.regular = true;
    }
}

/// What a worker is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    Idle,
    /// Waits for its query to get its turn.
    DatabaseWait,
    Database,
    Service,
}

/// One worker of an instance.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, not one state")]
pub(super) struct Worker {
    pub(super) work: Work,
    /// The attempt failed, as its answer will say.
    pub(super) error: bool,
    /// As it would on a normal day.
    pub(super) normal: bool,
    /// The answer is wrong, though it looks right.
    pub(super) wrong: bool,
    /// The request kills the instance when it is done.
    pub(super) kills: bool,
    pub(super) attempt: AttemptId,
    /// Counts what it has done, so that waits of an earlier one are known as stale.
    pub(super) turn: u32,
    pub(super) began: u64,
    /// Service that follows the query.
    pub(super) service: u64,
    /// Work on the attempt where nothing is wrong, its query and its calls included.
    pub(super) ordinary: u64,
    /// When it took the attempt up, or its turn at the database came, where nothing but other queries had it wait.
    pub(super) since: u64,
    /// What was left of its present work when the instance began to hang.
    pub(super) left: u64,
}

impl Worker {
    pub(super) const fn idle() -> Self {
        Self {
            work: Work::Idle,
            error: false,
            normal: false,
            wrong: false,
            kills: false,
            attempt: AttemptId::NONE,
            turn: 0,
            began: 0,
            service: 0,
            ordinary: 0,
            since: 0,
            left: 0,
        }
    }
}
