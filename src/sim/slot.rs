//! A slot: the place of one instance in the world, from its creation until nothing refers to it.

use super::{
    control::{ProbePlace, Probing},
    faults::AtInstance,
    ids::{AttemptId, WorkerId},
};
use crate::{
    model::{GroupId, ReleaseId},
    units::Bytes,
};

/// Where an instance stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
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
    pub(super) const fn counts(self) -> bool {
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
    pub(super) const fn is_on_its_way(self) -> bool {
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
    pub(super) const fn serves(self) -> bool {
        matches!(self, Self::Up | Self::Stopping | Self::Finishing | Self::Draining | Self::Closing)
    }

    /// It takes new requests.
    pub(super) const fn accepts(self) -> bool {
        matches!(self, Self::Up | Self::Stopping | Self::Draining)
    }

    /// It takes nothing new and ends when it has nothing left in hand.
    pub(super) const fn is_closing(self) -> bool {
        matches!(self, Self::Finishing | Self::Closing)
    }

    /// It uses a machine that is paid for.
    pub(super) const fn costs(self) -> bool {
        !matches!(self, Self::Vacant | Self::Pending | Self::Gone)
    }
}

/// One instance.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, not one state")]
pub(super) struct Slot {
    pub(super) state: State,
    pub(super) group: GroupId,
    pub(super) release: ReleaseId,
    pub(super) zone: u16,
    /// Number of the instance, counted from the start of the trial.
    pub(super) pod: u32,
    /// What chance knows the instance by: its release and its number within the release.
    pub(super) entity: u64,
    /// Part of its requests that fail on a normal day.
    pub(super) errors: f64,
    /// Counts starts and stops of processes here; events of an earlier epoch are stale.
    pub(super) epoch: u32,
    /// There is room for it on a machine.
    pub(super) placed: bool,
    /// The platform takes it for ready, and since when it does or does not.
    pub(super) ready: bool,
    pub(super) ready_since: u64,
    /// The balancer believes in it.
    pub(super) endpoint: bool,
    /// The balancer sends new connections to it.
    pub(super) pooled: bool,
    pub(super) news: News,
    /// The operator keeps requests away from it.
    pub(super) drained: bool,
    /// Attempts that failed here since the last scrape.
    pub(super) failures: u64,
    pub(super) probing: Probing,
    /// A probe has failed: the process is to end and to be started again.
    pub(super) killed: bool,
    /// When its process was launched; the start-up follows.
    pub(super) launched_at: u64,
    /// When the first process of the instance was launched.
    pub(super) started_at: u64,
    /// Since when its process answers.
    pub(super) up_at: u64,
    pub(super) restarts: u32,
    pub(super) restarts_new: u32,
    /// Position in the sequence of restart back-offs.
    pub(super) backoff: u32,

    /// Workers without a request.
    pub(super) idle: Vec<WorkerId>,
    pub(super) queue_head: AttemptId,
    pub(super) queue_tail: AttemptId,
    pub(super) queue_len: u32,
    /// Nanoseconds of work since the last scrape.
    pub(super) busy_nanos: u64,
    /// Nanoseconds of work since the process started.
    pub(super) busy_of_process: u64,
    /// Requests begun since the process started.
    pub(super) served: u64,

    /// Nothing special holds: no warm-up, no fault or wait for one, no load that is metered, memory for all. Of an
    /// instance, the only thing that is asked for a request that it takes up.
    pub(super) regular: bool,
    pub(super) hung: bool,
    /// What a fault makes the readiness probe say.
    pub(super) readiness: Option<bool>,
    /// Full speed from here on.
    pub(super) warm_at: u64,
    pub(super) memory: Memory,
    pub(super) faults: AtInstance,
    /// Which version of the flag's rule it has heard of.
    pub(super) flag: u16,
}

impl Slot {
    /// Whether it gets requests and answers.
    pub(super) const fn answers(&self) -> bool {
        self.pooled && self.state.accepts()
    }
}

/// What the balancer hears of an instance, in the order in which it happened.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct News {
    pub(super) count: u32,
    /// When the last of it arrives, in nanoseconds.
    pub(super) arrives: u64,
}

/// Memory that an instance has lost, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Memory {
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

    pub(super) fn bytes(used: f64) -> Bytes {
        Bytes::new(crate::units::round_u64(used))
    }
}

impl Slot {
    pub(super) fn vacant() -> Self {
        Self {
            state: State::Vacant,
            group: GroupId::STABLE,
            release: ReleaseId::Stable,
            zone: 0,
            pod: 0,
            entity: 0,
            errors: 0.0,
            epoch: 0,
            placed: false,
            ready: false,
            ready_since: 0,
            endpoint: false,
            pooled: false,
            news: News::default(),
            drained: false,
            failures: 0,
            probing: Probing::default(),
            killed: false,
            launched_at: 0,
            started_at: 0,
            up_at: 0,
            restarts: 0,
            restarts_new: 0,
            backoff: 0,
            idle: Vec::new(),
            queue_head: AttemptId::NONE,
            queue_tail: AttemptId::NONE,
            queue_len: 0,
            busy_nanos: 0,
            busy_of_process: 0,
            served: 0,
            regular: true,
            hung: false,
            readiness: None,
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
        self.killed = false;
        self.served = 0;
        self.busy_of_process = 0;
        self.hung = false;
        self.readiness = None;
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
